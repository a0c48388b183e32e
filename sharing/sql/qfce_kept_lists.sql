-- The enterprise lists that the bound organisation keeps itself.
CREATE FUNCTION qfce_kept_lists() RETURNS uuid[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(id), '{}') FROM sharing_enterpriselist
    WHERE owner_id = qfce_bound_organization()
$$
