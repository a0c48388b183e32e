-- Who is on an enterprise list that the bound organisation keeps or was shown, after a code.
CREATE FUNCTION qfce_list_members(p_list uuid, p_after text, p_limit integer)
RETURNS TABLE (uscc text, name text, region text, industry text, size text, established_on date)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    v_found text[];
BEGIN
    v_found := ARRAY(
        SELECT m.uscc FROM sharing_enterpriselistmember m
        JOIN sharing_enterpriselist l ON l.id = m.list_id
        WHERE l.id = p_list AND m.removed_at IS NULL AND m.uscc > coalesce(p_after, '')
          AND (l.owner_id = ANY ((SELECT qfce_readable())::uuid[]) OR EXISTS (
              SELECT FROM sharing_enterpriselistshare s
              WHERE s.list_id = l.id AND s.recipient_id = ANY ((SELECT qfce_lineage())::uuid[])))
        ORDER BY m.uscc LIMIT least(p_limit, 1001));
    PERFORM qfce_log_read('members', '', ARRAY['list:' || p_list], v_found, cardinality(v_found),
                          (SELECT n FROM sharing_feedcounter WHERE id = 1), NULL)
    WHERE qfce_bound_organization() IS NOT NULL;
    RETURN QUERY
    SELECT e.uscc::text, e.name, e.region::text, e.industry::text, e.size::text, e.established_on
    FROM sharing_enterprise e WHERE e.uscc = ANY (v_found) ORDER BY e.uscc;
END
$$
