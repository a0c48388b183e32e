from django.db import migrations

from qfce.kernel.tenancy.rls import DefinerFunction

# Which of these codes are on the register, but in nobody's place that the asker answers for.
REGISTERED_ELSEWHERE = """
CREATE FUNCTION qfce_registered_elsewhere(p_usccs text[]) RETURNS SETOF text
LANGUAGE sql STABLE AS $$
    SELECT e.uscc FROM unnest(p_usccs) AS asked (uscc)
    JOIN sharing_enterprise e ON e.uscc = asked.uscc
    WHERE e.region NOT BETWEEN (SELECT qfce_region_low()) AND (SELECT qfce_region_high())
$$
"""

# Which of these codes another bureau's import names that is not yet released. Never whose.
PENDING_ELSEWHERE = """
CREATE FUNCTION qfce_pending_elsewhere(p_list text, p_usccs text[]) RETURNS SETOF text
LANGUAGE sql STABLE AS $$
    SELECT DISTINCT named.uscc
    FROM sharing_importkeys k
    CROSS JOIN LATERAL unnest(k.usccs) AS named (uscc)
    JOIN unnest(p_usccs) AS asked (uscc) ON asked.uscc = named.uscc
    WHERE k.factor_list = p_list
      AND k.owner_id <> (SELECT qfce_bound_organization())
      AND (SELECT qfce_region_low()) IS NOT NULL
$$
"""

# How many of these enterprises have a consent on file, by item: counts, no names. In PL/pgSQL,
# because consents come with a later migration.
CONSENTED = """
CREATE FUNCTION qfce_consented(p_items text[], p_usccs text[])
RETURNS TABLE (item text, enterprises bigint)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT wanted.item, count(DISTINCT c.uscc)
    FROM unnest(p_items) AS wanted (item)
    JOIN sharing_consent c ON wanted.item = ANY (c.items) AND c.status = 'active'
    JOIN unnest(p_usccs) AS asked (uscc) ON asked.uscc = c.uscc
    WHERE (SELECT qfce_region_low()) IS NOT NULL
    GROUP BY wanted.item;
END
$$
"""

# The whole history of enterprises that are the asker's now, wherever they were registered
# when a row was written: what holds can't be told from a part of the rows.
LEDGER = """
CREATE FUNCTION qfce_ledger(p_list text, p_usccs text[])
RETURNS TABLE (
    uscc text, publication_id bigint, number bigint, "row" integer, recorded_at timestamptz,
    cause text, import_id uuid, list_version integer, kind text, changes jsonb, details jsonb
)
LANGUAGE sql STABLE AS $$
    SELECT c.uscc, c.publication_id, q.number, c."row", q.recorded_at,
           q.cause, q.import_id, q.list_version, c.kind, c.changes, c.details
    FROM sharing_enterprise e
    JOIN sharing_factorchange c ON c.uscc = e.uscc
    JOIN sharing_publication q ON q.id = c.publication_id
    WHERE e.uscc = ANY (p_usccs)
      AND e.region BETWEEN (SELECT qfce_region_low()) AND (SELECT qfce_region_high())
      AND (p_list IS NULL OR q.factor_list = p_list)
      AND q.recipient_id IS NULL
$$
"""


class Migration(migrations.Migration):
    dependencies = [("sharing", "0002_tenancy")]

    operations = [
        DefinerFunction(
            name="qfce_registered_elsewhere", arguments="text[]", sql=REGISTERED_ELSEWHERE
        ),
        DefinerFunction(
            name="qfce_pending_elsewhere", arguments="text, text[]", sql=PENDING_ELSEWHERE
        ),
        DefinerFunction(name="qfce_consented", arguments="text[], text[]", sql=CONSENTED),
        DefinerFunction(name="qfce_ledger", arguments="text, text[]", sql=LEDGER),
    ]
