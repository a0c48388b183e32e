-- What the bound organisation may look at of a whole list for a purpose: one row a ground.
--
-- NULL `items` mean every item, NULL `members` every enterprise of the regions. An agreement's
-- enterprise lists are named by their members, whom a bank may know; values it does not tell.
CREATE FUNCTION qfce_population_rights(p_purpose text, p_list text)
RETURNS TABLE (
    ground text, items text[], consent_items text[], prefixes text[], members text[], own_uscc text
) LANGUAGE sql STABLE AS $$
    SELECT r.ground, r.items, r.consent_items, r.prefixes,
           CASE WHEN r.lists <> '{}' THEN ARRAY(
               SELECT DISTINCT m.uscc::text FROM sharing_enterpriselistmember m
               WHERE m.list_id = ANY (r.lists) AND m.added_at <= clock_timestamp()
                 AND coalesce(m.removed_at, 'infinity') > clock_timestamp()) END,
           r.own_uscc
    FROM qfce_rights(p_purpose, clock_timestamp()) r
    WHERE p_purpose IS NOT NULL AND (r.factor_list IS NULL OR r.factor_list = p_list)
$$
