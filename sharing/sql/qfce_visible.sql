-- The feed's rows after one position and up to another, each holding only what the bound
-- organisation may see now; rows with nothing for it are left out.
--
-- Access publications go to their recipient alone, with what is still open of them. A row
-- whose statement was withdrawn later says nothing of that item any more.
CREATE FUNCTION qfce_visible(
    p_after_number bigint, p_after_row integer, p_until_number bigint, p_until_row integer
) RETURNS TABLE (
    number bigint, "row" integer, uscc text, region text, kind text, changes jsonb,
    details jsonb, recorded_at timestamptz
) LANGUAGE sql STABLE ROWS 1000 AS $$
    WITH examined AS MATERIALIZED (
        SELECT p.number, c.row, c.uscc::text AS uscc, c.region::text AS region, c.kind::text AS kind,
               c.changes, c.details, p.recorded_at, p.factor_list::text AS factor_list,
               p.cause = 'access' AS is_access
        FROM sharing_publication p
        JOIN sharing_factorchange c
          ON c.publication_id = p.id
         AND c.row > CASE WHEN p.number = p_after_number THEN p_after_row ELSE -1 END
         AND c.row <= CASE WHEN p.number = p_until_number THEN p_until_row ELSE 2147483647 END
        WHERE p.number BETWEEN p_after_number AND p_until_number
          AND (p.cause <> 'access' OR p.recipient_id = ANY ((SELECT qfce_lineage())::uuid[]))
    ), usccs AS MATERIALIZED (
        SELECT coalesce(array_agg(DISTINCT e.uscc), '{}') AS usccs FROM examined e
    ), matched AS MATERIALIZED (
        SELECT m.* FROM usccs u, LATERAL qfce_matched(u.usccs, NULL, clock_timestamp()) m
    ), sums AS MATERIALIZED (
        SELECT u.grounds, u.askable,
               CASE WHEN u.shown IS NOT NULL THEN u.shown || qfce_identity() END AS shown
        FROM qfce_added_up((SELECT array_agg(DISTINCT grounds::text) FROM matched), NULL,
                           clock_timestamp()) u
    ), repaired AS MATERIALIZED (
        SELECT r.* FROM usccs u, LATERAL qfce_repairs(u.usccs) r
    ), allowed AS (
        SELECT e.*, s.grounds IS NOT NULL AS is_covered, r.repairs,
               CASE WHEN s.grounds IS NULL THEN '{}'
                    WHEN m.consents IS NULL THEN s.shown
                    ELSE s.shown || ARRAY(SELECT k FROM jsonb_object_keys(m.consents) k
                                          WHERE k = ANY (s.askable)) END AS allowed
        FROM examined e
        LEFT JOIN matched m
          ON m.uscc = e.uscc AND (m.factor_list IS NULL OR m.factor_list = e.factor_list)
        LEFT JOIN sums s ON s.grounds = m.grounds
        LEFT JOIN repaired r ON r.uscc = e.uscc AND r.factor_list = e.factor_list
    ), trimmed AS (
        SELECT a.number, a.row, a.uscc, a.region, a.kind, a.changes, a.details, a.recorded_at,
               a.is_access, a.is_covered,
               CASE WHEN a.repairs IS NOT NULL THEN (
                    SELECT coalesce(jsonb_object_agg(f.key, f.value), '{}')
                    FROM jsonb_each(a.changes) f
                    WHERE (a.allowed IS NULL OR f.key = ANY (a.allowed))
                      AND NOT coalesce(qfce_is_repaired(
                          a.repairs -> f.key, a.number, a.row,
                          coalesce((a.details -> f.key ->> 'valid_from')::date,
                                   (a.recorded_at AT TIME ZONE 'Asia/Shanghai')::date)), false))
                    WHEN a.allowed IS NULL OR a.changes - a.allowed = '{}' THEN a.changes
                    ELSE a.changes - ARRAY(SELECT jsonb_object_keys(a.changes - a.allowed))
               END AS seen
        FROM allowed a
    )
    SELECT t.number, t.row, nullif(t.uscc, ''), t.region, t.kind, t.seen,
           CASE WHEN t.is_access THEN (
                    -- What an access row says of itself, and of items only those still open.
                    SELECT coalesce(jsonb_object_agg(d.key, d.value), '{}')
                    FROM jsonb_each(coalesce(t.details, '{}')) d
                    WHERE t.seen ? d.key OR NOT t.changes ? d.key)
                WHEN t.details IS NOT NULL THEN (
                    SELECT coalesce(jsonb_object_agg(d.key, d.value), '{}')
                    FROM jsonb_each(t.details) d WHERE t.seen ? d.key)
                ELSE '{}' END,
           t.recorded_at
    FROM trimmed t
    WHERE t.is_access OR (t.is_covered AND (t.seen <> '{}' OR t.changes = '{}'))
$$
