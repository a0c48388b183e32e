-- Codes of enterprises on some enterprise lists whose name, or its initials, or code hold some
-- words: at most `p_limit`. `p_lists` says of each list the regions that it is limited to:
-- [{"list", "prefixes"}].
--
-- Words that many names hold are found among the first members. For others the index of
-- pairs knows few names, and these are held against the lists; only where it knows many,
-- and few of them are members, are the lists read through.
CREATE FUNCTION qfce_names_on(p_words text, p_lists jsonb, p_limit integer)
RETURNS text[] LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_sort = off AS $$
#variable_conflict use_column
DECLARE
    v_like text := '%' || replace(replace(replace(p_words, '\', '\\'), '%', '\%'), '_', '\_') || '%';
    v_grams text[] := ARRAY(SELECT DISTINCT substr(p_words, place, 2)
                            FROM generate_series(1, length(p_words) - 1) place);
    v_ids uuid[] := ARRAY(SELECT (one ->> 'list')::uuid FROM jsonb_array_elements(p_lists) one);
    v_first constant integer := 8000;
    v_many constant integer := 15000;
    v_enough integer := p_limit + 20;  -- a former name or a second list may repeat somebody
    v_is_code boolean := p_words ~ '^[0-9A-Z]+$';
    v_known text[];
    v_found text[];
BEGIN
    IF v_is_code THEN
        v_known := ARRAY(
            SELECT m.uscc FROM jsonb_to_recordset(p_lists) AS r(list uuid, prefixes text[]),
            LATERAL (
                SELECT m.uscc FROM sharing_enterpriselistmember m
                JOIN sharing_enterprise e ON e.uscc = m.uscc
                WHERE m.list_id = r.list AND m.removed_at IS NULL
                  AND m.uscc >= p_words AND m.uscc < p_words || '~'
                  AND e.region LIKE ANY (r.prefixes)
                ORDER BY m.uscc LIMIT v_enough) m);
    END IF;
    IF length(p_words) < 18 AND coalesce(cardinality(v_known), 0) = 0 THEN
        v_known := ARRAY(
            SELECT w.uscc FROM (
                SELECT m.uscc, m.list_id FROM sharing_enterpriselistmember m
                WHERE m.list_id = ANY (v_ids) AND m.removed_at IS NULL LIMIT v_first) w
            JOIN sharing_enterprisename n ON n.uscc = w.uscc
            JOIN jsonb_to_recordset(p_lists) AS r(list uuid, prefixes text[]) ON r.list = w.list_id
            WHERE (n.sought LIKE v_like OR n.uscc LIKE v_like) AND n.region LIKE ANY (r.prefixes)
            LIMIT v_enough);
        IF cardinality(v_known) < p_limit THEN
            v_known := ARRAY(
                SELECT n.uscc FROM sharing_enterprisename n
                WHERE qfce_grams(n.sought, n.region) @> v_grams AND n.sought LIKE v_like
                LIMIT v_many);
            IF length(p_words) > 3 AND v_is_code THEN
                v_known := v_known || ARRAY(
                    SELECT n.uscc FROM sharing_enterprisename n WHERE n.uscc LIKE v_like
                    LIMIT v_many);
            END IF;
            IF cardinality(v_known) >= v_many THEN
                v_known := ARRAY(
                    SELECT n.uscc FROM sharing_enterpriselistmember m
                    JOIN sharing_enterprisename n ON n.uscc = m.uscc
                    JOIN jsonb_to_recordset(p_lists) AS r(list uuid, prefixes text[])
                      ON r.list = m.list_id
                    WHERE m.list_id = ANY (v_ids) AND m.removed_at IS NULL
                      AND (n.sought LIKE v_like OR n.uscc LIKE v_like)
                      AND n.region LIKE ANY (r.prefixes)
                    LIMIT v_enough);
            END IF;
        END IF;
    END IF;
    RETURN ARRAY(
        SELECT DISTINCT m.uscc FROM sharing_enterpriselistmember m
        JOIN sharing_enterprise e ON e.uscc = m.uscc
        JOIN jsonb_to_recordset(p_lists) AS r(list uuid, prefixes text[]) ON r.list = m.list_id
        WHERE m.uscc = ANY (v_known) AND m.removed_at IS NULL AND m.list_id = ANY (v_ids)
          AND e.region LIKE ANY (r.prefixes)
        LIMIT p_limit);
END
$$
