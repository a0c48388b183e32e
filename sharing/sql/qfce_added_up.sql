-- What sets of grounds add up to: one row a set, whatever the number of enterprises.
--
-- NULL `shown` means every item. `answers` says for each item of the agreements what to
-- answer where it has no value: no_data, not_authorised or not_shared.
CREATE FUNCTION qfce_added_up(p_sets text[], p_purpose text, p_instant timestamptz)
RETURNS TABLE (grounds text[], shown text[], askable text[], answers jsonb)
LANGUAGE sql STABLE ROWS 5 AS $$
    WITH rights AS MATERIALIZED (
        SELECT * FROM qfce_rights(p_purpose, p_instant)
    )
    SELECT s.grounds,
           CASE WHEN NOT EXISTS (
                    SELECT FROM rights r WHERE r.ground = ANY (s.grounds) AND r.items IS NULL)
                THEN ARRAY(SELECT DISTINCT code FROM rights r, unnest(r.items) code
                           WHERE r.ground = ANY (s.grounds)) END,
           ARRAY(SELECT DISTINCT code FROM rights r, unnest(r.consent_items) code
                 WHERE r.ground = ANY (s.grounds)),
           (SELECT coalesce(jsonb_object_agg(a.code, a.answer ORDER BY a.rank), '{}')
            FROM rights r, LATERAL (
                SELECT code, 'not_shared' AS answer, 1 AS rank FROM unnest(r.withheld_items) code
                UNION ALL
                SELECT code, 'not_authorised', 2 FROM unnest(r.consent_items) code
                UNION ALL
                SELECT code, 'no_data', 3 FROM unnest(r.items) code) a
            WHERE r.ground = ANY (s.grounds))
    FROM (SELECT DISTINCT text::text[] AS grounds FROM unnest(p_sets) text) s
$$
