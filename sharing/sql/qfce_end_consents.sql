-- End the consents of the bound regulator's enterprises whose last day has passed.
CREATE FUNCTION qfce_end_consents(p_at timestamptz) RETURNS SETOF uuid LANGUAGE sql VOLATILE AS $$
    UPDATE sharing_consent c SET status = 'ended', ended_at = p_at
    FROM sharing_enterprise e
    WHERE e.uscc = c.uscc AND c.status = 'active'
      AND c.ends_on < (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date
      AND e.region BETWEEN (SELECT qfce_region_low()) AND (SELECT qfce_region_high())
    RETURNING c.id
$$
