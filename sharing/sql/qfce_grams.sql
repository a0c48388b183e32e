-- What the index of names holds of one: every two neighbouring characters, and its region as
-- a whole, as a city and as a province. So two characters are found by an index, which
-- trigrams can't do, and a bureau's search looks at its own names only.
CREATE FUNCTION qfce_grams(p_sought text, p_region text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY(SELECT DISTINCT substr(p_sought, place, 2)
                 FROM generate_series(1, length(p_sought) - 1) place
                 WHERE substr(p_sought, place, 2) NOT LIKE '%~%')
           || ARRAY['@' || p_region, '@' || left(p_region, 4), '@' || left(p_region, 2)]
$$
