-- Codes of enterprises in a range of regions whose name, or its initials, hold some words: at
-- most `p_limit`, in no order.
--
-- Words that many names hold are found among the first names of the range; the index of pairs
-- is asked only for the others, of which its lists are short.
CREATE FUNCTION qfce_names_within(p_words text, p_low text, p_high text, p_limit integer)
RETURNS text[] LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_sort = off AS $$
#variable_conflict use_column
DECLARE
    v_like text := '%' || replace(replace(replace(p_words, '\', '\\'), '%', '\%'), '_', '\_') || '%';
    v_shared text := rtrim(left(p_low, 2)
        || CASE WHEN substr(p_low, 3, 2) = substr(p_high, 3, 2) THEN substr(p_low, 3, 2) ELSE '' END
        || CASE WHEN substr(p_low, 3) = substr(p_high, 3) THEN substr(p_low, 5, 2) ELSE '' END);
    v_grams text[] := ARRAY(SELECT DISTINCT substr(p_words, place, 2)
                            FROM generate_series(1, length(p_words) - 1) place);
    v_found text[];
BEGIN
    v_found := ARRAY(
        SELECT DISTINCT w.uscc FROM (
            SELECT n.uscc, n.sought FROM sharing_enterprisename n
            WHERE n.region BETWEEN p_low AND p_high ORDER BY n.region, n.uscc LIMIT 5000) w
        WHERE w.sought LIKE v_like LIMIT p_limit);
    IF cardinality(v_found) >= p_limit THEN
        RETURN v_found;
    END IF;
    IF left(p_low, 2) = left(p_high, 2) THEN
        v_grams := v_grams || ('@' || v_shared);
    END IF;
    RETURN ARRAY(
        SELECT DISTINCT f.uscc FROM (
            SELECT n.uscc FROM sharing_enterprisename n
            WHERE qfce_grams(n.sought, n.region) @> v_grams AND n.sought LIKE v_like
              -- The lists know the region already: this is for the names moved meanwhile.
              AND n.region || '' BETWEEN p_low AND p_high LIMIT 2 * p_limit) f
        LIMIT p_limit);
END
$$
