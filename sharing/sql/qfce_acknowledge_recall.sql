-- Note that the bound organisation has removed what a recall calls back.
CREATE FUNCTION qfce_acknowledge_recall(p_recall uuid, p_at timestamptz)
RETURNS boolean LANGUAGE sql VOLATILE AS $$
    UPDATE sharing_recall r SET acknowledged_at = p_at, acknowledged_by_id = qfce_bound_user()
    WHERE r.id = p_recall AND r.recipient_id = ANY ((SELECT qfce_lineage())::uuid[])
      AND r.acknowledged_at IS NULL AND qfce_bound_user() IS NOT NULL
    RETURNING true
$$
