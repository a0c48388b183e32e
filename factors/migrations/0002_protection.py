"""The second wall around factor lists: who sees which version, and what never changes."""

from django.db import migrations

from qfce.kernel.tenancy.rls import BOUND, READABLE, AppendOnly, LetDefinerRead, ProtectBy

PUBLIC = "status IN ('published', 'superseded', 'withdrawn')"

# A version before its signers is theirs to read, and theirs to call signed; the trigger below
# keeps them from changing anything else.
BEFORE_SIGNERS = f"status IN ('in_review', 'signed') AND {BOUND} = ANY (signer_ids)"

# Whoever sees a version sees its list and its signatures: row security applies inside too.
A_VERSION_IS_SEEN = (
    "EXISTS (SELECT 1 FROM factors_factorlistversion v"
    " WHERE v.factor_list_id = factors_factorlist.id)"
)
ITS_VERSION_IS_SEEN = (
    "EXISTS (SELECT 1 FROM factors_factorlistversion v WHERE v.id = factors_signoff.version_id)"
)
ITS_VERSION_WAITS = (
    "EXISTS (SELECT 1 FROM factors_factorlistversion v WHERE v.id = factors_signoff.version_id"
    f" AND v.status = 'in_review' AND {BOUND} = ANY (v.signer_ids))"
)

KEEP = """
CREATE FUNCTION factors_keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    bound uuid := qfce_bound_organization();
    progress text[] := '{status,published_at,published_by_id,withdrawn_at,withdrawal_reason}';
    back text[] := progress || '{submitted_at,submitted_by_id}'::text[];
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.status <> 'draft' THEN
            RAISE EXCEPTION 'Only a draft of a factor list can be deleted.'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN OLD;
    END IF;

    IF (OLD.status, NEW.status) NOT IN (
        ('draft', 'draft'), ('draft', 'in_review'), ('in_review', 'signed'),
        ('in_review', 'draft'), ('signed', 'draft'), ('signed', 'published'),
        ('published', 'superseded'), ('published', 'withdrawn'), ('superseded', 'withdrawn')
    ) THEN
        RAISE EXCEPTION 'A version of a factor list cannot go from % to %.', OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;

    -- What was looked at stays as it was: only where a version stands may move.
    IF OLD.status <> 'draft' AND to_jsonb(NEW) - back IS DISTINCT FROM to_jsonb(OLD) - back THEN
        RAISE EXCEPTION 'A version of a factor list cannot change once it is submitted.'
            USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.status IN ('published', 'superseded') AND (
        NEW.published_at IS DISTINCT FROM OLD.published_at
        OR NEW.published_by_id IS DISTINCT FROM OLD.published_by_id
        OR NEW.submitted_at IS DISTINCT FROM OLD.submitted_at
        OR NEW.submitted_by_id IS DISTINCT FROM OLD.submitted_by_id
    ) THEN
        RAISE EXCEPTION 'A published version of a factor list cannot change.'
            USING ERRCODE = 'check_violation';
    END IF;

    IF bound IS DISTINCT FROM OLD.owner_id AND bound IS NOT NULL AND (
        (OLD.status, NEW.status) <> ('in_review', 'signed')
        OR to_jsonb(NEW) - 'status' IS DISTINCT FROM to_jsonb(OLD) - 'status'
    ) THEN
        RAISE EXCEPTION 'A signer can only sign a version of a factor list.'
            USING ERRCODE = 'check_violation';
    END IF;

    IF (OLD.status, NEW.status) = ('in_review', 'signed') AND EXISTS (
        SELECT 1 FROM unnest(NEW.signer_ids) AS signer WHERE NOT EXISTS (
            SELECT 1 FROM factors_signoff s
            WHERE s.version_id = NEW.id AND s.owner_id = signer
              AND s.digest = NEW.digest AND s.decision = 'signed')
    ) THEN
        RAISE EXCEPTION 'Not every signer has signed this version of a factor list.'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER keep_version BEFORE UPDATE OR DELETE ON factors_factorlistversion
FOR EACH ROW EXECUTE FUNCTION factors_keep_version();
"""

LET_GO = """
DROP TRIGGER keep_version ON factors_factorlistversion;
DROP FUNCTION factors_keep_version();
"""


class Migration(migrations.Migration):
    dependencies = [("factors", "0001_initial"), ("tenancy", "0002_bound_organization")]

    operations = [
        ProtectBy(
            "factorlistversion",
            reads=f"owner_id = {READABLE} OR {PUBLIC} OR ({BEFORE_SIGNERS})",
            inserts=f"owner_id = {BOUND} AND status = 'draft'",
            updates=f"owner_id = {BOUND} OR ({BEFORE_SIGNERS})",
            deletes=f"owner_id = {BOUND} AND status = 'draft'",
        ),
        ProtectBy(
            "factorlist",
            reads=f"owner_id = {READABLE} OR {A_VERSION_IS_SEEN}",
            inserts=f"owner_id = {BOUND}",
            updates=f"owner_id = {BOUND}",
        ),
        ProtectBy(
            "signoff",
            reads=f"owner_id = {READABLE} OR {ITS_VERSION_IS_SEEN}",
            inserts=f"owner_id = {BOUND} AND {ITS_VERSION_WAITS}",
            updates="false",
        ),
        LetDefinerRead("factorlist"),
        LetDefinerRead("factorlistversion"),
        AppendOnly("signoff"),
        migrations.RunSQL(KEEP, LET_GO),
    ]
