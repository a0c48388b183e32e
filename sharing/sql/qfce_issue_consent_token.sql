-- Store the digest of a one-time token for a consent that is asked for.
--
-- The token is the enterprise's: it can be issued while the enterprise itself or its market
-- regulator is bound, never by whoever asks for the consent.
CREATE FUNCTION qfce_issue_consent_token(p_consent uuid, p_hash text, p_expires_at timestamptz)
RETURNS boolean LANGUAGE sql VOLATILE AS $$
    UPDATE sharing_consent c SET token_hash = p_hash, token_expires_at = p_expires_at
    WHERE c.id = p_consent AND c.status = 'requested' AND length(p_hash) = 64
      AND (c.uscc = (SELECT qfce_bound_uscc()) OR EXISTS (
          SELECT FROM sharing_enterprise e
          WHERE e.uscc = c.uscc
            AND e.region BETWEEN (SELECT qfce_region_low()) AND (SELECT qfce_region_high())))
    RETURNING true
$$
