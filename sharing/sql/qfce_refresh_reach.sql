-- Where an enterprise stands, and which of its items the bound organisation may see now, for
-- whatever purpose: one row a factor list, with no value. NULL `items` mean every item.
CREATE FUNCTION qfce_refresh_reach(p_uscc text)
RETURNS TABLE (factor_list text, region text, name text, items text[])
LANGUAGE sql STABLE AS $$
    SELECT m.factor_list, e.region::text, e.name::text,
           CASE WHEN s.shown IS NOT NULL THEN s.shown || coalesce(ARRAY(
               SELECT code FROM jsonb_object_keys(m.consents) code
               WHERE code = ANY (s.askable)), '{}') END
    FROM sharing_enterprise e
    JOIN LATERAL qfce_matched(ARRAY[p_uscc], NULL, clock_timestamp()) m ON m.uscc = e.uscc
    JOIN LATERAL qfce_added_up(ARRAY[m.grounds::text], NULL, clock_timestamp()) s ON true
    WHERE e.uscc = p_uscc AND m.factor_list IS NOT NULL
    ORDER BY m.factor_list
$$
