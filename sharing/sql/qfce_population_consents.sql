-- The consents to the bound organisation that are in force for a purpose: which items of whom.
--
-- A consent opens an item under its own code, under the one that a migration gave it, and
-- under its former one, exactly as a single inquiry reads it.
CREATE FUNCTION qfce_population_consents(p_purpose text, p_list text)
RETURNS TABLE (uscc text, code text) LANGUAGE sql STABLE ROWS 1000 AS $$
    WITH given AS MATERIALIZED (
        SELECT array_agg(DISTINCT c.uscc::text) AS usccs
        FROM sharing_consent c
        WHERE c.recipient_id = ANY ((SELECT qfce_lineage())::uuid[])
          AND c.in_force @> clock_timestamp()
    )
    SELECT m.uscc, k.code
    FROM given g
    CROSS JOIN LATERAL qfce_matched(coalesce(g.usccs, '{}'), p_purpose, clock_timestamp()) m
    CROSS JOIN LATERAL jsonb_object_keys(coalesce(m.consents, '{}')) k (code)
    WHERE p_purpose IS NOT NULL AND (m.factor_list IS NULL OR m.factor_list = p_list)
$$
