-- Identities by credit code or part of a name, among enterprises the bound organisation may
-- see: those on lists shared with it or covered by an agreement, a regulator's own region,
-- an enterprise itself. Values need an inquiry with a purpose.
CREATE FUNCTION qfce_search_enterprises(p_words text, p_limit integer)
RETURNS TABLE (uscc text, name text, region text, industry text, size text, established_on date)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    v_like text := '%' || replace(replace(replace(p_words, '\', '\\'), '%', '\%'), '_', '\_') || '%';
    v_found text[];
BEGIN
    IF qfce_bound_organization() IS NULL THEN
        RETURN;
    END IF;
    v_found := ARRAY(
        SELECT e.uscc FROM sharing_enterprise e
        WHERE (e.name LIKE v_like OR e.uscc LIKE upper(v_like))
          AND (EXISTS (
                  SELECT FROM qfce_rights(NULL, clock_timestamp()) r
                  WHERE e.region LIKE ANY (r.prefixes)
                    AND (r.own_uscc IS NULL OR r.own_uscc = e.uscc)
                    AND (r.lists = '{}' OR EXISTS (
                        SELECT FROM sharing_enterpriselistmember m
                        WHERE m.uscc = e.uscc AND m.list_id = ANY (r.lists)
                          AND m.removed_at IS NULL)))
               OR e.uscc IN (
                  SELECT m.uscc FROM sharing_enterpriselistshare s
                  JOIN sharing_enterpriselistmember m ON m.list_id = s.list_id
                  WHERE s.recipient_id = ANY ((SELECT qfce_lineage())::uuid[])
                    AND m.removed_at IS NULL))
        ORDER BY e.uscc LIMIT least(p_limit, 1000));
    PERFORM qfce_log_read('search', '', '{}', v_found, cardinality(v_found),
                          (SELECT n FROM sharing_feedcounter WHERE id = 1), NULL);
    RETURN QUERY
    SELECT e.uscc::text, e.name, e.region::text, e.industry::text, e.size::text, e.established_on
    FROM sharing_enterprise e WHERE e.uscc = ANY (v_found) ORDER BY e.uscc;
END
$$
