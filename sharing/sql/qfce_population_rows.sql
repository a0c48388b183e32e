-- What has changed in a list since a position, of what the bound organisation may look at.
--
-- Profiles of another version than `p_version` are always among them, as shards hold that one
-- alone; from position 0 it is every profile. `is_gone` names who was in the reader's regions
-- and is no longer, by code only; under an agreement on enterprise lists, only who was ever on
-- one of them. `vals` and `details` hold what may be seen and nothing else.
--
-- What another list says of an enterprise itself has changed in this one too.
CREATE FUNCTION qfce_population_rows(
    p_purpose text, p_list text, p_after bigint, p_version integer
) RETURNS TABLE (
    uscc text, is_gone boolean, region text, number bigint, "row" integer, listed boolean,
    industry text, size text, established_on date, registered_capital numeric,
    vals jsonb, details jsonb, flagged text, lapsed text
) LANGUAGE sql STABLE ROWS 1000 AS $$
    WITH reached AS MATERIALIZED (
        SELECT least(p_after, c.n) AS position FROM sharing_feedcounter c
    ), changed AS MATERIALIZED (
        SELECT DISTINCT c.uscc::text AS uscc
        FROM sharing_publication p JOIN sharing_factorchange c ON c.publication_id = p.id
        WHERE p_after > 0 AND p.number > (SELECT position FROM reached)
          AND p.cause <> 'access' AND c.uscc <> ''
          AND (p.factor_list = p_list OR c.changes ?| ARRAY[
              'name', 'region', 'industry', 'size', 'established_on', 'registered_capital',
              'successor_uscc'])
        UNION
        SELECT f.uscc FROM sharing_factorprofile f
        WHERE f.factor_list = p_list AND (p_after = 0 OR f.list_version <> p_version)
    ), usccs AS MATERIALIZED (
        SELECT coalesce(array_agg(c.uscc), '{}') AS usccs FROM changed c
    ), matched AS MATERIALIZED (
        SELECT m.* FROM usccs u, LATERAL qfce_matched(u.usccs, p_purpose, clock_timestamp()) m
        WHERE p_purpose IS NOT NULL AND qfce_bound_organization() IS NOT NULL
          AND (m.factor_list IS NULL OR m.factor_list = p_list)
    ), sums AS MATERIALIZED (
        SELECT u.* FROM qfce_added_up((SELECT array_agg(DISTINCT grounds::text) FROM matched),
                                      p_purpose, clock_timestamp()) u
    ), allowed AS MATERIALIZED (
        SELECT m.uscc, s.shown IS NULL AS is_whole,
               s.shown || CASE WHEN m.consents IS NULL THEN '{}' ELSE ARRAY(
                   SELECT k FROM jsonb_object_keys(m.consents) k WHERE k = ANY (s.askable)) END
                   AS items
        FROM matched m JOIN sums s ON s.grounds = m.grounds
    ), present AS (
        SELECT a.uscc, e.region::text, p.number, f."row", f.listed, e.industry::text,
               e.size::text, e.established_on, e.registered_capital, f.flags, f.origins,
               f.base_publication_id,
               CASE WHEN a.is_whole OR f."values" - a.items = '{}' THEN f."values"
                    ELSE f."values" - ARRAY(SELECT jsonb_object_keys(f."values" - a.items)) END
                   AS vals,
               CASE WHEN a.is_whole OR f.details - a.items = '{}' THEN f.details
                    ELSE f.details - ARRAY(SELECT jsonb_object_keys(f.details - a.items)) END
                   AS details
        FROM allowed a
        JOIN sharing_enterprise e ON e.uscc = a.uscc AND e.successor_uscc IS NULL
        JOIN sharing_factorprofile f ON f.uscc = a.uscc AND f.factor_list = p_list
        JOIN sharing_publication p ON p.id = f.publication_id
    )
    SELECT n.uscc, false, n.region, n.number, n."row", n.listed, n.industry, n.size,
           n.established_on, n.registered_capital, n.vals, n.details,
           CASE WHEN n.flags <> '{}' THEN (
               SELECT ',' || string_agg(k, ',') || ',' FROM jsonb_object_keys(n.flags) k
               WHERE n.vals ? k) END,
           (SELECT ',' || string_agg(DISTINCT k.code, ',') || ','
            FROM sharing_factorchange c
            JOIN sharing_publication q ON q.id = c.publication_id AND q.factor_list = p_list,
            LATERAL jsonb_object_keys(c.changes) k (code)
            WHERE c.uscc = n.uscc AND c.kind = 'lapsed' AND n.vals ? k.code
              AND q.recorded_at > (SELECT o.recorded_at FROM sharing_publication o WHERE o.id =
                  coalesce((n.origins ->> k.code)::bigint, n.base_publication_id)))
    FROM present n
    UNION ALL
    SELECT c.uscc, true, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM changed c
    WHERE p_after > 0 AND qfce_bound_organization() IS NOT NULL
      AND NOT EXISTS (SELECT FROM present n WHERE n.uscc = c.uscc)
      AND EXISTS (
          SELECT FROM sharing_factorchange b
          JOIN sharing_publication q ON q.id = b.publication_id
            AND q.number <= (SELECT position FROM reached),
          qfce_rights(p_purpose, clock_timestamp()) r
          WHERE b.uscc = c.uscc AND b.region LIKE ANY (r.prefixes)
            AND p_purpose IS NOT NULL AND (r.factor_list IS NULL OR r.factor_list = p_list)
            AND (r.own_uscc IS NULL OR r.own_uscc = c.uscc)
            AND (r.lists = '{}' OR EXISTS (
                SELECT FROM sharing_enterpriselistmember m
                WHERE m.uscc = c.uscc AND m.list_id = ANY (r.lists))))
$$
