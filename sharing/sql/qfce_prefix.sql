-- The LIKE pattern of every region code inside a region; NULL is the whole country.
CREATE FUNCTION qfce_prefix(p_region text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_region IS NULL OR p_region = '000000' THEN '%'
                WHEN right(p_region, 4) = '0000' THEN left(p_region, 2) || '%'
                WHEN right(p_region, 2) = '00' THEN left(p_region, 4) || '%'
                ELSE p_region END
$$
