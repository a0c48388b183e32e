-- Write one row of the read log, with a row a subject up to 1,000.
CREATE FUNCTION qfce_log_read(
    p_kind text, p_purpose text, p_basis text[], p_usccs text[], p_subjects integer,
    p_number bigint, p_detail jsonb
) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_log bigint := nextval('sharing_readlog_id');
    v_at timestamptz := clock_timestamp();
BEGIN
    INSERT INTO sharing_readlog (
        id, at, owner_id, kind, purpose, basis, user_id, client_id, channel, number, subjects,
        detail)
    VALUES (v_log, v_at, qfce_bound_organization(), p_kind, p_purpose, coalesce(p_basis, '{}'),
            qfce_bound_user(), qfce_bound_client(), qfce_bound_channel(), p_number, p_subjects,
            p_detail);
    INSERT INTO sharing_readlogsubject (log_id, at, uscc, owner_id, purpose, answer)
    SELECT v_log, v_at, subject, qfce_bound_organization(), p_purpose, 'ok'
    FROM (SELECT DISTINCT subject FROM unnest(p_usccs) subject LIMIT 1000) s;
END
$$
