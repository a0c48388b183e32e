"""The second wall around drafts, the texts that were signed, and consultations."""

from importlib import import_module

from django.db import migrations

from qfce.kernel.tenancy.rls import BOUND, READABLE, AppendOnly, ProtectBy, ProtectByTenant

ITS_VERSION = "SELECT 1 FROM factors_factorlistversion v WHERE v.id = {table}.version_id"
ITS_CONSULTATION = (
    "SELECT 1 FROM factors_consultation c WHERE c.id = factors_consultationcomment.consultation_id"
)
ITS_COMMENT = (
    "SELECT 1 FROM factors_consultationcomment m WHERE m.id = factors_consultationanswer.comment_id"
)
TEXT_SEEN = ITS_VERSION.format(table="factors_submittedtext")
CONSULTED = ITS_VERSION.format(table="factors_consultation")

# The day that signers have may be set anew while they sign; what they sign may not.
KEEP = """
CREATE OR REPLACE FUNCTION factors_keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    bound uuid := qfce_bound_organization();
    progress text[] := '{status,published_at,published_by_id,withdrawn_at,withdrawal_reason}';
    back text[] := progress || '{submitted_at,submitted_by_id,sign_by,reminded_on}'::text[];
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
        ('in_review', 'draft'), ('in_review', 'in_review'), ('signed', 'draft'), ('signed', 'published'),
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
        OR NEW.sign_by IS DISTINCT FROM OLD.sign_by
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
"""
# What the function said before: the migration that made it knows.
_made = import_module("factors.migrations.0002_protection").KEEP
KEPT_BEFORE = _made.split("CREATE TRIGGER")[0].replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)

# What was laid before others to comment on stays what it was.
KEEP_CONSULTED = """
CREATE FUNCTION factors_keep_consulted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.document, NEW.digest, NEW.version_id, NEW.owner_id, NEW.opened_at)
        IS DISTINCT FROM (OLD.document, OLD.digest, OLD.version_id, OLD.owner_id, OLD.opened_at)
        OR (OLD.closed_at IS NOT NULL AND NEW IS DISTINCT FROM OLD) THEN
        RAISE EXCEPTION 'The text of a consultation cannot change.'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER keep_consulted BEFORE UPDATE ON factors_consultation
FOR EACH ROW EXECUTE FUNCTION factors_keep_consulted();
"""
LET_CONSULTED_GO = """
DROP TRIGGER keep_consulted ON factors_consultation;
DROP FUNCTION factors_keep_consulted();
"""


class Migration(migrations.Migration):
    dependencies = [("factors", "0003_drafts_and_consultations")]

    operations = [
        ProtectByTenant("draftrevision"),
        ProtectBy(
            "submittedtext",
            reads=f"owner_id = {READABLE} OR EXISTS ({TEXT_SEEN} AND {BOUND} = ANY (v.signer_ids))",
            inserts=f"owner_id = {BOUND}",
            updates="false",
            deletes=f"owner_id = {BOUND} AND EXISTS ({TEXT_SEEN} AND v.status = 'draft')",
        ),
        ProtectBy(
            "consultation",
            reads=f"owner_id = {READABLE} OR {BOUND} = ANY (invited_ids)",
            inserts=f"owner_id = {BOUND} AND EXISTS"
            f" ({CONSULTED} AND v.status = 'draft' AND v.owner_id = {BOUND})",
            updates=f"owner_id = {BOUND}",
        ),
        ProtectBy(
            "consultationcomment",
            reads=f"owner_id = {READABLE}"
            f" OR EXISTS ({ITS_CONSULTATION} AND c.owner_id = {READABLE})",
            inserts=f"owner_id = {BOUND} AND EXISTS"
            f" ({ITS_CONSULTATION} AND c.closed_at IS NULL AND {BOUND} = ANY (c.invited_ids))",
            updates="false",
        ),
        ProtectBy(
            "consultationanswer",
            reads=f"owner_id = {READABLE} OR EXISTS ({ITS_COMMENT})",
            inserts=f"owner_id = {BOUND} AND EXISTS (SELECT 1"
            " FROM factors_consultationcomment m"
            " JOIN factors_consultation c ON c.id = m.consultation_id"
            f" WHERE m.id = factors_consultationanswer.comment_id AND c.owner_id = {BOUND})",
            updates="false",
        ),
        AppendOnly("consultationcomment"),
        AppendOnly("consultationanswer"),
        migrations.RunSQL(KEEP, KEPT_BEFORE),
        migrations.RunSQL(KEEP_CONSULTED, LET_CONSULTED_GO),
    ]
