-- For each enterprise and list, the items with a withdrawn record: {code: [number, row, since]}.
--
-- A withdrawn record vanishes from every view, also from those of a time before it was
-- withdrawn: whatever the ledger said of the item before that place, as far back as the
-- withdrawal's own `since`, is shown to nobody. A partial index makes this free where
-- nothing was withdrawn.
CREATE FUNCTION qfce_repairs(p_usccs text[])
RETURNS TABLE (uscc text, factor_list text, repairs jsonb) LANGUAGE sql STABLE AS $$
    SELECT c.uscc::text, p.factor_list::text,
           jsonb_object_agg(k.code, jsonb_build_array(
               p.number, c.row, c.details -> k.code ->> 'since') ORDER BY p.number, c.row)
    FROM sharing_factorchange c
    JOIN sharing_publication p ON p.id = c.publication_id AND p.number IS NOT NULL,
    LATERAL jsonb_object_keys(c.changes) k(code)
    WHERE c.kind = 'withdrawn' AND c.uscc = ANY (p_usccs)
    GROUP BY c.uscc, p.factor_list
$$
