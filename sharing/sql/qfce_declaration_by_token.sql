-- What the holder of a one-time link is asked to declare. Of a declaration that is no longer
-- with the enterprise only what became of it is told, and nothing that was answered.
CREATE FUNCTION qfce_declaration_by_token(p_hash text)
RETURNS TABLE (
    id uuid, owner_id uuid, uscc text, name text, factor_list text, items text[], note text,
    due_on date, status text, is_open boolean, return_reason text, answers jsonb,
    declared_by_name text, declared_by_phone text, declared_at timestamptz
) LANGUAGE sql STABLE AS $$
    SELECT d.id, d.owner_id, d.uscc::text, d.name::text, d.factor_list::text, d.items::text[],
           d.note, d.due_on, d.status::text, o.is_open,
           CASE WHEN o.is_open THEN d.return_reason ELSE '' END,
           CASE WHEN o.is_open THEN d.answers ELSE '{}' END,
           CASE WHEN o.is_open THEN d.declared_by_name::text ELSE '' END,
           CASE WHEN o.is_open THEN d.declared_by_phone::text ELSE '' END,
           d.declared_at
    FROM sharing_declaration d
    CROSS JOIN LATERAL (
        SELECT d.status IN ('asked', 'returned') AND d.token_expires_at > clock_timestamp()
    ) o (is_open)
    WHERE length(p_hash) = 64 AND d.token_hash = p_hash
$$
