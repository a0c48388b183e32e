-- The members of a ledger row that say who an enterprise is, and are no items.
CREATE FUNCTION qfce_identity() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY['name', 'region', 'industry', 'size', 'established_on', 'registered_capital',
                 'successor_uscc']
$$
