-- The ledger's rows of some enterprises up to publication `p_until`, each holding only the
-- items in `p_allowed` (an array of codes each, null for all) and nothing that was
-- withdrawn. What they add up to is worked out by the one fold, in `sharing.domain.folding`.
CREATE FUNCTION qfce_history(p_usccs text[], p_lists text[], p_allowed jsonb, p_until bigint)
RETURNS TABLE (uscc text, history jsonb) LANGUAGE sql STABLE AS $$
    SELECT a.uscc, jsonb_agg(jsonb_build_object(
               'publication', p.id, 'number', p.number, 'row', c.row,
               'recorded_at', p.recorded_at,
               'recorded_on', (p.recorded_at AT TIME ZONE 'Asia/Shanghai')::date, 'source', o.name_zh, 'cause', p.cause,
               'import', p.import_id, 'list_version', p.list_version, 'kind', c.kind,
               'changes', k.changes, 'details', k.details) ORDER BY p.number, c.row)
    FROM (
        SELECT u.uscc, u.factor_list, nullif(p_allowed -> (u.place - 1)::int, 'null') AS allowed
        FROM unnest(p_usccs, p_lists) WITH ORDINALITY u(uscc, factor_list, place)
    ) a
    JOIN sharing_factorchange c ON c.uscc = a.uscc
    JOIN sharing_publication p ON p.id = c.publication_id
    JOIN tenancy_organization o ON o.id = p.owner_id
    LEFT JOIN qfce_repairs(p_usccs) w ON w.uscc = a.uscc AND w.factor_list = p.factor_list
    CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_object_agg(f.key, f.value), '{}') AS changes,
               coalesce(jsonb_object_agg(f.key, c.details -> f.key)
                        FILTER (WHERE c.details ? f.key), '{}') AS details
        FROM jsonb_each(c.changes) f
        WHERE (a.allowed IS NULL OR a.allowed ? f.key OR f.key = ANY (qfce_identity()))
          AND NOT qfce_is_repaired(
              w.repairs -> f.key, p.number, c.row,
              coalesce((c.details -> f.key ->> 'valid_from')::date,
                       (p.recorded_at AT TIME ZONE 'Asia/Shanghai')::date))
    ) k
    WHERE p.number <= p_until AND p.factor_list = a.factor_list AND p.cause <> 'access'
    GROUP BY a.uscc
$$
