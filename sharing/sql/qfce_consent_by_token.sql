-- What a one-time token is about, for whoever holds it: to be read before saying yes.
CREATE FUNCTION qfce_consent_by_token(p_hash text)
RETURNS TABLE (
    id uuid, uscc text, recipient_id uuid, items text[], purposes text[], starts_on date,
    ends_on date, text_version text
) LANGUAGE sql STABLE AS $$
    SELECT c.id, c.uscc::text, c.recipient_id, c.items::text[], c.purposes::text[], c.starts_on,
           c.ends_on, c.text_version::text
    FROM sharing_consent c
    WHERE length(p_hash) = 64 AND c.token_hash = p_hash AND c.status = 'requested'
      AND c.token_expires_at > clock_timestamp()
$$
