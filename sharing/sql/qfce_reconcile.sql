-- What the bound organisation should hold of the feed, against what it says it holds.
--
-- `p_held` is {uscc: last cursor}; or else `p_groups` is [{region, day, count, digest}], the
-- digest being SHA-256 over the group's cursors in feed order, joined by line feeds. Missing
-- is what the reader lacks or holds an older state of; unexpected is what it holds and may
-- not hold, among it what was withdrawn since.
CREATE FUNCTION qfce_reconcile(p_held jsonb, p_groups jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
-- Planned once a session: planning for these many partitions takes longer than the read.
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_newest bigint := (SELECT n FROM sharing_feedcounter WHERE id = 1);
    v_rows integer := (SELECT p.rows FROM sharing_publication p WHERE p.number = v_newest);
    v_answer jsonb;
BEGIN
    IF qfce_bound_organization() IS NULL THEN
        RETURN NULL;
    END IF;
    IF p_groups IS NULL THEN
        WITH expected AS MATERIALIZED (
            SELECT DISTINCT ON (v.uscc) v.uscc, v.number, v.row
            FROM qfce_visible(0, 0, v_newest, 2147483647) v
            WHERE v.uscc IS NOT NULL ORDER BY v.uscc, v.number DESC, v.row DESC
        ), held AS MATERIALIZED (
            SELECT h.key AS uscc, split_part(h.value, '.', 1)::bigint AS number,
                   split_part(h.value, '.', 2)::integer AS row
            FROM jsonb_each_text(p_held) h
        )
        SELECT jsonb_build_object(
            'expected', (SELECT count(*) FROM expected),
            'held', (SELECT count(*) FROM held),
            'missing', coalesce((
                SELECT jsonb_agg(jsonb_build_object(
                    'uscc', e.uscc, 'cursor', e.number || '.' || e.row) ORDER BY e.number, e.row)
                FROM expected e LEFT JOIN held h ON h.uscc = e.uscc
                WHERE h.uscc IS NULL OR (h.number, h.row) < (e.number, e.row)), '[]'),
            'unexpected', coalesce((
                SELECT jsonb_agg(jsonb_build_object(
                    'uscc', h.uscc, 'cursor', h.number || '.' || h.row) ORDER BY h.uscc)
                FROM held h LEFT JOIN expected e ON e.uscc = h.uscc
                WHERE e.uscc IS NULL OR (h.number, h.row) > (e.number, e.row)), '[]'))
        INTO v_answer;
    ELSE
        WITH expected AS MATERIALIZED (
            SELECT v.region, (v.recorded_at AT TIME ZONE 'Asia/Shanghai')::date::text AS day,
                   count(*) AS count,
                   encode(sha256(convert_to(string_agg(
                       v.number || '.' || v.row, E'\n' ORDER BY v.number, v.row), 'UTF8')), 'hex')
                       AS digest
            FROM qfce_visible(0, 0, v_newest, 2147483647) v
            GROUP BY 1, 2
        ), held AS MATERIALIZED (
            SELECT g ->> 'region' AS region, g ->> 'day' AS day, (g ->> 'count')::bigint AS count,
                   g ->> 'digest' AS digest
            FROM jsonb_array_elements(p_groups) g
        )
        SELECT jsonb_build_object(
            'expected', (SELECT coalesce(sum(e.count), 0) FROM expected e),
            'held', (SELECT coalesce(sum(h.count), 0) FROM held h),
            'missing', coalesce((
                SELECT jsonb_agg(to_jsonb(e) ORDER BY e.region, e.day)
                FROM expected e LEFT JOIN held h USING (region, day)
                WHERE (h.count, h.digest) IS DISTINCT FROM (e.count, e.digest)), '[]'),
            'unexpected', coalesce((
                SELECT jsonb_agg(to_jsonb(h) ORDER BY h.region, h.day)
                FROM held h LEFT JOIN expected e USING (region, day)
                WHERE e.region IS NULL), '[]'))
        INTO v_answer;
    END IF;
    PERFORM qfce_log_read('reconcile', '', '{}', '{}', (v_answer ->> 'expected')::integer,
                          v_newest, NULL);
    RETURN v_answer || jsonb_build_object('position', v_newest || '.' || coalesce(v_rows, 0));
END
$$
