-- The enterprise lists that the bound organisation or what stands above it was shown.
CREATE FUNCTION qfce_shown_lists() RETURNS uuid[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(list_id), '{}') FROM sharing_enterpriselistshare
    WHERE recipient_id = ANY ((SELECT qfce_lineage())::uuid[])
$$
