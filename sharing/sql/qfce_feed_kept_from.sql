-- The first publication that the feed still has for readers, when so many days are kept.
CREATE FUNCTION qfce_feed_kept_from(p_days integer) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(min(p.number), (SELECT n + 1 FROM sharing_feedcounter WHERE id = 1))
    FROM sharing_publication p
    WHERE p.recorded_at >= clock_timestamp() - make_interval(days => p_days)
$$
