-- Identities by credit code, part of a name, or the initials of how a name is read, among
-- enterprises the bound organisation may see: those on lists shared with it or covered by an
-- agreement, a regulator's own region, an enterprise itself. Values need an inquiry with a
-- purpose. `p_region` narrows to a province, city or county. `known_as` is the former name
-- that was found, where the present one does not hold the words.
--
-- The rights are asked once, and every search stays inside them: nothing is found first and
-- held against the rights row by row.
CREATE FUNCTION qfce_search_enterprises(
    p_words text, p_limit integer, p_region text DEFAULT NULL
) RETURNS TABLE (
    uscc text, name text, region text, industry text, size text, established_on date,
    known_as text
) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    v_limit integer := least(p_limit, 1000);
    v_words text := replace(regexp_replace(upper(normalize(p_words, NFKC)), '\s', '', 'g'), '~', '');
    v_like text := '%' || replace(replace(replace(v_words, '\', '\\'), '%', '\%'), '_', '\_') || '%';
    v_wanted text := qfce_prefix(p_region);
    v_own text;
    v_open text[];
    v_lists jsonb;
    v_prefix text;
    v_low text;
    v_high text;
    v_found text[] := '{}';
BEGIN
    IF qfce_bound_organization() IS NULL OR length(v_words) < 2 THEN
        RETURN;
    END IF;
    WITH rights AS MATERIALIZED (
        SELECT * FROM qfce_rights(NULL, clock_timestamp())
    ), reached AS (
        SELECT l.list, array_agg(DISTINCT p.prefix) AS prefixes FROM (
            SELECT unnest(r.lists) AS list, r.prefixes FROM rights r
            UNION ALL
            SELECT s.list_id, '{%}' FROM sharing_enterpriselistshare s
            WHERE s.recipient_id = ANY ((SELECT qfce_lineage())::uuid[])
        ) l, unnest(l.prefixes) AS p(prefix)
        GROUP BY l.list
    )
    SELECT (SELECT max(r.own_uscc) FROM rights r),
           -- Of regions inside one another the widest, and of each what is asked for.
           ARRAY(SELECT DISTINCT CASE WHEN rtrim(w.prefix, '%') LIKE v_wanted THEN w.prefix
                                      ELSE v_wanted END
                 FROM rights r, unnest(r.prefixes) w(prefix)
                 WHERE r.lists = '{}' AND r.own_uscc IS NULL
                   AND (rtrim(w.prefix, '%') LIKE v_wanted OR rtrim(v_wanted, '%') LIKE w.prefix)),
           (SELECT jsonb_agg(jsonb_build_object('list', l.list, 'prefixes', l.prefixes))
            FROM reached l)
    INTO v_own, v_open, v_lists;
    FOREACH v_prefix IN ARRAY v_open LOOP
        CONTINUE WHEN EXISTS (SELECT FROM unnest(v_open) o
                              WHERE o <> v_prefix AND rtrim(v_prefix, '%') LIKE o);
        v_low := rpad(rtrim(v_prefix, '%'), 6, '0');
        v_high := rpad(rtrim(v_prefix, '%'), 6, '9');
        IF v_words ~ '^[0-9A-Z]+$' THEN
            v_found := v_found || ARRAY(
                SELECT e.uscc::text FROM sharing_enterprise e
                WHERE e.uscc >= v_words AND e.uscc < v_words || '~'
                  AND e.region BETWEEN v_low AND v_high
                ORDER BY e.uscc LIMIT v_limit);
            -- The end of a code, such as the organization's own: where no code begins so.
            IF cardinality(v_found) = 0 AND length(v_words) BETWEEN 4 AND 17 THEN
                v_found := v_found || ARRAY(
                    SELECT n.uscc::text FROM sharing_enterprisename n
                    WHERE n.uscc LIKE v_like AND n.region || '' BETWEEN v_low AND v_high
                    LIMIT v_limit);
            END IF;
        END IF;
        IF cardinality(v_found) < v_limit AND length(v_words) <> 18 THEN
            v_found := v_found || qfce_names_within(v_words, v_low, v_high, v_limit);
        END IF;
        EXIT WHEN cardinality(v_found) >= v_limit;
    END LOOP;
    IF v_lists IS NOT NULL AND cardinality(v_found) < v_limit THEN
        v_found := v_found || qfce_names_on(v_words, v_lists, v_limit);
    END IF;
    IF v_own IS NOT NULL THEN
        v_found := ARRAY[v_own];
    END IF;
    v_found := ARRAY(
        SELECT e.uscc::text FROM sharing_enterprise e
        WHERE e.uscc = ANY (v_found) AND e.region LIKE v_wanted
          AND (v_own IS NULL OR e.uscc LIKE v_like OR upper(e.name) LIKE v_like)
        ORDER BY e.uscc LIMIT v_limit);
    PERFORM qfce_log_read('search', '', '{}', v_found, cardinality(v_found),
                          (SELECT n FROM sharing_feedcounter WHERE id = 1), NULL);
    RETURN QUERY
    SELECT e.uscc::text, e.name, e.region::text, e.industry::text, e.size::text,
           e.established_on, f.name
    FROM sharing_enterprise e
    LEFT JOIN LATERAL (
        SELECT n.name FROM sharing_enterprisename n
        WHERE n.uscc = e.uscc AND NOT n.is_current AND n.sought LIKE v_like
          AND e.uscc NOT LIKE v_like
          AND NOT EXISTS (SELECT FROM sharing_enterprisename c
                          WHERE c.uscc = e.uscc AND c.is_current AND c.sought LIKE v_like)
        ORDER BY n.publication_id DESC LIMIT 1) f ON true
    WHERE e.uscc = ANY (v_found)
    ORDER BY e.uscc;
END
$$
