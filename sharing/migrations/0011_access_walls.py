from pathlib import Path

from django.db import migrations

from qfce.kernel.tenancy.rls import (
    DefinerFunction,
    LetDefinerRead,
    LetDefinerWrite,
    ProtectBy,
    ProtectByTenant,
)

SQL = Path(__file__).parent.parent / "sql"


def function(name):
    text = (SQL / f"{name}.sql").read_text(encoding="utf-8")
    return DefinerFunction(name=name, arguments="", sql=text)


OWN = "owner_id = (SELECT qfce_bound_organization())"
READS_OWN = "owner_id = ANY ((SELECT qfce_readable())::uuid[])"
# What a head office concludes is its branches' too, and what a branch concludes is seen above.
RECEIVES = (
    "(recipient_id = ANY ((SELECT qfce_readable())::uuid[])"
    " OR recipient_id = ANY ((SELECT qfce_lineage())::uuid[]))"
)
REGULATES = "(SELECT qfce_bound_kind()) = 'market_regulator'"
# By functions, since two tables whose policies read each other have no end.
OF_KEPT = "list_id = ANY ((SELECT qfce_kept_lists())::uuid[])"
SHOWN = "ANY ((SELECT qfce_shown_lists())::uuid[])"

# Rights of a time gone by are asked for long after: the spans in which something was active
# are kept by the database itself, on its own clock, which is that of `recorded_at`.
SPANS = """
ALTER TABLE sharing_agreement ADD COLUMN in_force tstzmultirange NOT NULL DEFAULT '{}';
ALTER TABLE sharing_consent ADD COLUMN in_force tstzmultirange NOT NULL DEFAULT '{}';

CREATE FUNCTION sharing_keep_spans() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was_active boolean := TG_OP = 'UPDATE' AND OLD.status = 'active';
BEGIN
    NEW.in_force := CASE WHEN TG_OP = 'UPDATE' THEN OLD.in_force ELSE '{}' END;
    IF NEW.status = 'active' AND NOT was_active THEN
        NEW.in_force := NEW.in_force + tstzmultirange(tstzrange(clock_timestamp(), NULL));
    ELSIF was_active AND NEW.status <> 'active' THEN
        NEW.in_force := NEW.in_force * tstzmultirange(tstzrange(NULL, clock_timestamp()));
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER keep_spans BEFORE INSERT OR UPDATE ON sharing_agreement
    FOR EACH ROW EXECUTE FUNCTION sharing_keep_spans();
CREATE TRIGGER keep_spans BEFORE INSERT OR UPDATE ON sharing_consent
    FOR EACH ROW EXECUTE FUNCTION sharing_keep_spans();

CREATE FUNCTION sharing_keep_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.activated_at IS NOT NULL AND (
        OLD.owner_id, OLD.recipient_id, OLD.factor_list, OLD.categories, OLD.purposes,
        OLD.regions, OLD.enterprise_list_ids, OLD.items, OLD.consent_items,
        OLD.withheld_items, OLD.list_version, OLD.starts_on, OLD.activated_at
    ) IS DISTINCT FROM (
        NEW.owner_id, NEW.recipient_id, NEW.factor_list, NEW.categories, NEW.purposes,
        NEW.regions, NEW.enterprise_list_ids, NEW.items, NEW.consent_items,
        NEW.withheld_items, NEW.list_version, NEW.starts_on, NEW.activated_at
    ) THEN
        RAISE EXCEPTION 'The terms of an agreement do not change once it is active.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.status = 'ended' AND NEW.status <> 'ended' THEN
        RAISE EXCEPTION 'An agreement that has ended stays ended.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER keep_terms BEFORE UPDATE ON sharing_agreement
    FOR EACH ROW EXECUTE FUNCTION sharing_keep_terms();

CREATE FUNCTION sharing_keep_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.uscc, OLD.recipient_id, OLD.items, OLD.purposes, OLD.starts_on, OLD.ends_on,
        OLD.text_version, OLD.requested_at, OLD.requested_by_id)
       IS DISTINCT FROM
       (NEW.uscc, NEW.recipient_id, NEW.items, NEW.purposes, NEW.starts_on, NEW.ends_on,
        NEW.text_version, NEW.requested_at, NEW.requested_by_id)
       OR NOT (OLD.status = NEW.status
               OR (OLD.status = 'requested' AND NEW.status IN ('active', 'refused'))
               OR (OLD.status = 'active' AND NEW.status IN ('withdrawn', 'ended'))) THEN
        RAISE EXCEPTION 'A consent is what was asked for: it can be given, refused or ended.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER keep_consent BEFORE UPDATE ON sharing_consent
    FOR EACH ROW EXECUTE FUNCTION sharing_keep_consent();
"""

DROP_SPANS = """
DROP TRIGGER keep_consent ON sharing_consent;
DROP TRIGGER keep_terms ON sharing_agreement;
DROP TRIGGER keep_spans ON sharing_consent;
DROP TRIGGER keep_spans ON sharing_agreement;
DROP FUNCTION sharing_keep_consent();
DROP FUNCTION sharing_keep_terms();
DROP FUNCTION sharing_keep_spans();
ALTER TABLE sharing_consent DROP COLUMN in_force;
ALTER TABLE sharing_agreement DROP COLUMN in_force;
"""

# The read log is written by the functions that disclose, and by nothing else.
ONLY_FUNCTIONS_LOG = """
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON sharing_readlog, sharing_readlogsubject FROM qfce_app;
REVOKE ALL ON SEQUENCE sharing_readlog_id FROM qfce_app;
GRANT USAGE ON SEQUENCE sharing_readlog_id TO qfce_definer;
CREATE INDEX sharing_factorchange_withdrawn ON sharing_factorchange (uscc)
    WHERE kind = 'withdrawn';
CREATE INDEX sharing_factorchange_lapsed ON sharing_factorchange (uscc) WHERE kind = 'lapsed';
"""
LET_LOG = """
DROP INDEX sharing_factorchange_lapsed;
DROP INDEX sharing_factorchange_withdrawn;
"""


class Migration(migrations.Migration):
    dependencies = [("sharing", "0010_access")]

    operations = [
        migrations.RunSQL(sql=SPANS, reverse_sql=DROP_SPANS),
        function("qfce_lineage"),
        function("qfce_kept_lists"),
        function("qfce_shown_lists"),
        ProtectBy(
            "agreement",
            reads=f"{READS_OWN} OR {RECEIVES}",
            inserts=f"{OWN} AND {REGULATES} AND status = 'draft'",
            updates=f"{OWN} AND {REGULATES}",
            deletes=f"{OWN} AND status = 'draft'",
        ),
        LetDefinerRead("agreement"),
        ProtectBy(
            "consent",
            reads=f"{RECEIVES} OR uscc = (SELECT qfce_bound_uscc())",
            inserts="recipient_id = (SELECT qfce_bound_organization())"
            " AND status = 'requested' AND token_hash = ''",
            updates="uscc = (SELECT qfce_bound_uscc())",
        ),
        LetDefinerWrite("consent"),
        ProtectBy(
            "enterpriselist",
            reads=f"{READS_OWN} OR id = {SHOWN}",
            inserts=f"{OWN} AND {REGULATES}",
            updates=OWN,
            deletes=OWN,
        ),
        LetDefinerRead("enterpriselist"),
        ProtectBy(
            "enterpriselistmember",
            reads="list_id IN (SELECT id FROM sharing_enterpriselist)",
            inserts=f"{OF_KEPT}"
            " AND region BETWEEN (SELECT qfce_region_low()) AND (SELECT qfce_region_high())",
            updates=OF_KEPT,
            deletes="false",
        ),
        LetDefinerRead("enterpriselistmember"),
        ProtectBy(
            "enterpriselistshare",
            reads=f"{READS_OWN} OR {RECEIVES}",
            inserts=f"{OWN} AND {OF_KEPT}",
            updates="false",
            deletes=OWN,
        ),
        LetDefinerRead("enterpriselistshare"),
        ProtectBy("readlog", reads=READS_OWN, inserts="false", updates="false"),
        LetDefinerWrite("readlog"),
        ProtectBy(
            "readlogsubject",
            reads=f"{READS_OWN} OR uscc = (SELECT qfce_bound_uscc())",
            inserts="false",
            updates="false",
        ),
        LetDefinerWrite("readlogsubject"),
        migrations.RunSQL(sql=ONLY_FUNCTIONS_LOG, reverse_sql=LET_LOG),
        ProtectByTenant("feedcursor"),
        ProtectBy(
            "recall",
            reads=f"{READS_OWN} OR {RECEIVES}",
            inserts=f"{OWN} AND {REGULATES} AND acknowledged_at IS NULL",
            updates="false",
        ),
        LetDefinerWrite("recall"),
    ]
