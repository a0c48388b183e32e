-- Give or refuse the consent that a one-time token is for; the token is then used up.
CREATE FUNCTION qfce_decide_by_token(
    p_hash text, p_decision text, p_evidence text, p_feedback boolean, p_at timestamptz
) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    UPDATE sharing_consent c
    SET status = p_decision, token_hash = '', evidence_sha256 = p_evidence,
        allows_feedback = p_feedback AND p_decision = 'active',
        granted_at = CASE WHEN p_decision = 'active' THEN p_at END,
        refused_at = CASE WHEN p_decision = 'refused' THEN p_at END
    WHERE length(p_hash) = 64 AND c.token_hash = p_hash AND c.status = 'requested'
      AND c.token_expires_at > clock_timestamp() AND p_decision IN ('active', 'refused')
    RETURNING c.id
$$
