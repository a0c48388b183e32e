"""The second wall around models and evaluations: whose they are, and what never changes."""

from django.db import migrations

from qfce.kernel.tenancy.rls import AppendOnly, ProtectByTenant

# The life cycle is held here too, since a version that has been scored with must stay what it
# was, whichever way somebody comes at the row.
KEEP = """
CREATE FUNCTION evaluation_keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    progress text[] := '{status,withdrawn_at,withdrawal_reason}';
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.status <> 'draft' THEN
            RAISE EXCEPTION 'Only a draft of a scorecard can be deleted.'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF (OLD.status, NEW.status) NOT IN (
        ('draft', 'draft'), ('draft', 'under_review'), ('under_review', 'draft'),
        ('under_review', 'published'), ('published', 'superseded'),
        ('published', 'withdrawn'), ('superseded', 'withdrawn')
    ) THEN
        RAISE EXCEPTION 'A version of a scorecard cannot go from % to %.', OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.status <> 'draft' AND (NEW.document, NEW.digest, NEW.number, NEW.prepared_by_id)
        IS DISTINCT FROM (OLD.document, OLD.digest, OLD.number, OLD.prepared_by_id) THEN
        RAISE EXCEPTION 'A version of a scorecard cannot change once it is submitted.'
            USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.status IN ('published', 'superseded')
        AND to_jsonb(NEW) - progress IS DISTINCT FROM to_jsonb(OLD) - progress THEN
        RAISE EXCEPTION 'A published version of a scorecard cannot change.'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER evaluation_keep_version BEFORE UPDATE OR DELETE ON evaluation_scorecardversion
    FOR EACH ROW EXECUTE FUNCTION evaluation_keep_version();
"""

LET_GO = """
DROP TRIGGER evaluation_keep_version ON evaluation_scorecardversion;
DROP FUNCTION evaluation_keep_version();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("evaluation", "0001_initial"),
        ("tenancy", "0002_bound_organization"),
    ]

    operations = [
        ProtectByTenant("scorecard"),
        ProtectByTenant("scorecardversion"),
        ProtectByTenant("evaluation"),
        AppendOnly("evaluation"),
        migrations.RunSQL(KEEP, LET_GO),
    ]
