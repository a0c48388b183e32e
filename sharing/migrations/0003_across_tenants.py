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

# Whether any other bureau's import waits, so that nobody asks about a million codes in vain.
ANYTHING_PENDING = """
CREATE FUNCTION qfce_anything_pending(p_list text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM sharing_importkeys k
        WHERE k.factor_list = p_list
          AND k.owner_id <> (SELECT qfce_bound_organization())
          AND (SELECT qfce_region_low()) IS NOT NULL
    )
$$
"""

# Which of these enterprises have a consent in force for which of these items, with any
# recipient: yes or no. In PL/pgSQL, because consents come with a later migration.
CONSENTED = """
CREATE FUNCTION qfce_consented(p_items text[], p_usccs text[], p_on date)
RETURNS TABLE (item text, uscc text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT DISTINCT wanted.item, c.uscc::text
    FROM sharing_consent c
    JOIN unnest(p_usccs) AS asked (uscc) ON asked.uscc = c.uscc
    JOIN unnest(p_items) AS wanted (item) ON wanted.item = ANY (c.items)
    WHERE c.status = 'active' AND c.starts_on <= p_on
      AND (c.ends_on IS NULL OR c.ends_on >= p_on)
      AND (SELECT qfce_region_low()) IS NOT NULL;
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
        DefinerFunction(name="qfce_anything_pending", arguments="text", sql=ANYTHING_PENDING),
        DefinerFunction(name="qfce_consented", arguments="text[], text[], date", sql=CONSENTED),
        DefinerFunction(name="qfce_ledger", arguments="text, text[]", sql=LEDGER),
    ]
