-- Codes of enterprises on some enterprise lists whose name, or its initials, or code hold some
-- words: at most `p_limit`. `p_prefixes` are the regions that a list is limited to, one array
-- a list as JSON.
CREATE FUNCTION qfce_names_on(p_words text, p_lists jsonb, p_limit integer)
RETURNS text[] LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    v_like text := '%' || replace(replace(replace(p_words, '\', '\\'), '%', '\%'), '_', '\_') || '%';
    v_grams text[] := ARRAY(SELECT DISTINCT substr(p_words, place, 2)
                            FROM generate_series(1, length(p_words) - 1) place);
    v_ids uuid[] := ARRAY(SELECT DISTINCT (one ->> 'list')::uuid FROM jsonb_array_elements(p_lists) one);
    v_members integer := (SELECT count(*) FROM (
        SELECT FROM sharing_enterpriselistmember m
        WHERE m.list_id = ANY (v_ids) AND m.removed_at IS NULL LIMIT 20001) few);
    v_found text[];
BEGIN
    -- Short lists are read through; of long ones, first what the index of pairs says.
    IF v_members <= 20000 THEN
        v_found := ARRAY(
            SELECT DISTINCT n.uscc FROM sharing_enterpriselistmember m
            JOIN sharing_enterprisename n ON n.uscc = m.uscc
            WHERE m.list_id = ANY (v_ids) AND m.removed_at IS NULL
              AND (n.sought LIKE v_like OR n.uscc LIKE v_like)
              AND EXISTS (SELECT FROM jsonb_to_recordset(p_lists) AS r(list uuid, prefixes text[])
                          WHERE r.list = m.list_id AND n.region LIKE ANY (r.prefixes))
            LIMIT p_limit);
    ELSE
        v_found := ARRAY(
            SELECT DISTINCT n.uscc FROM sharing_enterprisename n
            JOIN sharing_enterpriselistmember m ON m.uscc = n.uscc
            WHERE (qfce_grams(n.sought, n.region) @> v_grams AND n.sought LIKE v_like
                   OR n.uscc LIKE v_like)
              AND m.list_id = ANY (v_ids) AND m.removed_at IS NULL
              AND EXISTS (SELECT FROM jsonb_to_recordset(p_lists) AS r(list uuid, prefixes text[])
                          WHERE r.list = m.list_id AND n.region LIKE ANY (r.prefixes))
            LIMIT p_limit);
    END IF;
    RETURN v_found;
END
$$
