from django.db import migrations

from qfce.kernel.tenancy.rls import (
    AppendOnly,
    LetDefinerRead,
    ProtectBy,
    ProtectByRegion,
    ProtectByTenant,
)

# A regulator reads the publications of its whole province: the source of a value that it
# holds may be a county next door, the provincial office or the national one.
IN_PROVINCE = (
    "region = '000000' AND (SELECT qfce_region_low()) IS NOT NULL OR region BETWEEN (SELECT rpad(left(qfce_region_low(), 2), 6, '0'))"
    " AND (SELECT rpad(left(qfce_region_high(), 2), 6, '9'))"
)
OWN = "owner_id = (SELECT qfce_bound_organization())"

# Policies of the parent do not bind a partition that is queried directly.
CLOSE_PARTITIONS = """
DO $$
DECLARE part regclass;
BEGIN
    FOR part IN SELECT inhrelid::regclass FROM pg_inherits
                WHERE inhparent = 'sharing_factorchange'::regclass
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM qfce_app, qfce_definer', part);
    END LOOP;
END
$$
"""

# A publication that has its number is part of the feed, and what was sent stays sent.
SEAL_PUBLICATIONS = """
CREATE FUNCTION sharing_keep_publication() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.number IS NOT NULL THEN
        RAISE EXCEPTION 'Publication % has its number and never changes again.', OLD.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN coalesce(NEW, OLD);
END
$$;
CREATE TRIGGER keep_publication BEFORE UPDATE OR DELETE ON sharing_publication
    FOR EACH ROW EXECUTE FUNCTION sharing_keep_publication();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("sharing", "0001_initial"),
        ("tenancy", "0003_regions"),
    ]

    operations = [
        ProtectByRegion("enterprise"),
        LetDefinerRead("enterprise"),
        ProtectBy(
            "publication",
            reads=f"owner_id = ANY ((SELECT qfce_readable())::uuid[]) OR {IN_PROVINCE}",
            inserts=OWN,
            updates=OWN,
        ),
        LetDefinerRead("publication"),
        migrations.RunSQL(
            sql=SEAL_PUBLICATIONS,
            reverse_sql="DROP TRIGGER keep_publication ON sharing_publication;"
            " DROP FUNCTION sharing_keep_publication();",
        ),
        ProtectByRegion("factorchange"),
        LetDefinerRead("factorchange"),
        AppendOnly("factorchange"),
        migrations.RunSQL(sql=CLOSE_PARTITIONS, reverse_sql=migrations.RunSQL.noop),
        ProtectByRegion("factorprofile"),
        LetDefinerRead("factorprofile"),
        migrations.RunSQL(
            sql="INSERT INTO sharing_feedcounter (id, n) VALUES (1, 0);"
            " REVOKE INSERT, DELETE ON sharing_feedcounter FROM qfce_app;"
            " GRANT SELECT, UPDATE ON sharing_feedcounter TO qfce_definer;",
            reverse_sql=migrations.RunSQL.noop,
        ),
        ProtectByTenant("importbatch"),
        LetDefinerRead("importbatch"),
        ProtectByTenant("importfinding"),
        ProtectByTenant("importkeys"),
        LetDefinerRead("importkeys"),
        ProtectByTenant("columnmapping"),
        ProtectByTenant("recordchange"),
    ]
