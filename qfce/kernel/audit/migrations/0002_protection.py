from django.db import migrations

from qfce.kernel.tenancy.rls import AppendOnly, DefinerFunction, LetDefinerRead, ProtectByTenant

LEAVES = """
CREATE FUNCTION qfce_audit_leaves(after_id bigint, upto_id bigint, settled_before timestamptz)
RETURNS TABLE (id bigint, leaf text) LANGUAGE sql STABLE AS $$
    SELECT e.id, encode(sha256(convert_to(jsonb_build_array(
        e.id, e.owner_id, e.action, e.target_type, e.target_id, e.actor_id, e.actor_name,
        e.client_id, e.channel, extract(epoch FROM e.occurred_at),
        extract(epoch FROM e.recorded_at), e.detail)::text, 'UTF8')), 'hex')
    FROM audit_auditevent e
    WHERE e.id > after_id
      AND (upto_id IS NULL OR e.id <= upto_id)
      AND (settled_before IS NULL OR e.recorded_at < settled_before)
    ORDER BY e.id
$$
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("tenancy", "0002_bound_organization")]

    operations = [
        ProtectByTenant("auditevent"),
        LetDefinerRead("auditevent"),
        AppendOnly("auditevent"),
        AppendOnly("auditseal"),
        DefinerFunction(
            name="qfce_audit_leaves",
            arguments="after_id bigint, upto_id bigint, settled_before timestamptz",
            sql=LEAVES,
        ),
    ]
