-- The bound organisation and everything above it in its own tree: an agreement concluded
-- with a bank's head office is its branches' too.
CREATE FUNCTION qfce_lineage() RETURNS uuid[] LANGUAGE sql STABLE AS $$
    WITH RECURSIVE above AS (
        SELECT id, parent_id, kind FROM tenancy_organization
        WHERE id = qfce_bound_organization() AND is_active
        UNION
        SELECT o.id, o.parent_id, o.kind FROM tenancy_organization o
        JOIN above ON o.id = above.parent_id AND o.kind = above.kind
    )
    SELECT array_agg(id) FROM above
$$
