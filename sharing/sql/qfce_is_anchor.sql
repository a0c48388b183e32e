-- Whether derived files that say so stand on this database: the list's newest publication up
-- to a position of the feed is the one they name, and the feed has come that far.
CREATE FUNCTION qfce_is_anchor(p_list text, p_position bigint, p_number bigint, p_uid text)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT p_position <= c.n AND coalesce(p.number, 0) = p_number
           AND coalesce(p.uid::text, '') = p_uid
    FROM sharing_feedcounter c
    LEFT JOIN LATERAL (
        SELECT number, uid FROM sharing_publication
        WHERE factor_list = p_list AND number <= p_position ORDER BY number DESC LIMIT 1) p ON true
$$
