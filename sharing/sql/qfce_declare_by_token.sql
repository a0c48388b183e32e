-- Take what the holder of a one-time link declares. Of two who send at once the second waits
-- for the first, and then finds that it is not open any more.
CREATE FUNCTION qfce_declare_by_token(
    p_hash text, p_answers jsonb, p_name text, p_phone text, p_text_version text, p_at timestamptz
) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    UPDATE sharing_declaration d
    SET status = 'sent', answers = p_answers, declared_by_name = p_name,
        declared_by_phone = p_phone, declared_by_link = true, declared_at = p_at,
        text_version = p_text_version, mail_due = false
    WHERE length(p_hash) = 64 AND d.token_hash = p_hash AND d.status IN ('asked', 'returned')
      AND d.token_expires_at > clock_timestamp()
    RETURNING d.id
$$
