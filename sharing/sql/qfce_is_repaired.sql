-- Whether a ledger row's statement about an item is gone by the item's withdrawal.
CREATE FUNCTION qfce_is_repaired(p_repair jsonb, p_number bigint, p_row int, p_true_from date)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT p_repair IS NOT NULL
       AND (p_number, p_row) < ((p_repair ->> 0)::bigint, (p_repair ->> 1)::int)
       AND (p_repair ->> 2 IS NULL OR p_true_from >= (p_repair ->> 2)::date)
$$
