-- The only door to enterprises' factors for everybody but their own regulators.
--
-- Answers what the bound organisation may see of some enterprises for a purpose, and writes
-- the read log in the same statement. A code that was never known gives no row.
--
-- Without `p_as_of` and `p_known_at` the current profile is read. With either of them, or
-- where a stored value holds from a later day than `p_day` only, `history` has the ledger's
-- rows to be folded. The rights are those of this moment; only with `p_repeat`, which asks
-- for a read of the organisation's own again, those of the moment of that read: its log
-- row must be there, and says which publications it could see.
CREATE FUNCTION qfce_disclose(
    p_purpose text, p_usccs text[], p_as_of date DEFAULT NULL,
    p_known_at timestamptz DEFAULT NULL, p_day date DEFAULT NULL, p_list text DEFAULT NULL,
    p_repeat boolean DEFAULT false, p_asked_at timestamptz DEFAULT NULL
) RETURNS TABLE (
    uscc text, answer text, name text, region text, industry text, size text,
    established_on date, registered_capital numeric, successor text, listed boolean,
    factor_list text, list_version int, number bigint, "row" int,
    "values" jsonb, details jsonb, flags jsonb, source text, recorded_at timestamptz,
    origins jsonb, lapsed jsonb, history jsonb, grounds text[], consents jsonb, answers jsonb,
    read_at timestamptz, read_number bigint, read_as_of date, read_day date
) LANGUAGE plpgsql VOLATILE ROWS 100
-- Planned once a session: planning for these many partitions takes longer than the read.
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    v_asked text[] := ARRAY(SELECT DISTINCT unnest(p_usccs));
    v_now timestamptz := clock_timestamp();
    v_instant timestamptz := v_now;
    v_newest bigint := (SELECT n FROM sharing_feedcounter WHERE id = 1);
    v_until bigint;
    v_as_of date := p_as_of;
    v_day date := coalesce(p_day, p_as_of, (v_now AT TIME ZONE 'Asia/Shanghai')::date);
    v_log bigint;
    v_fold boolean := p_as_of IS NOT NULL OR p_known_at IS NOT NULL;
BEGIN
    IF qfce_bound_organization() IS NULL OR p_purpose IS NULL THEN
        RETURN;
    END IF;
    v_until := v_newest;
    IF p_repeat THEN
        SELECT l.at, l.number, l.as_of, l.day INTO v_instant, v_until, v_as_of, v_day
        FROM sharing_readlog l
        WHERE l.owner_id = qfce_bound_organization() AND l.purpose = p_purpose
          AND (l.at = p_known_at OR l.asked_at = p_known_at)
          AND (p_as_of IS NULL OR p_as_of = coalesce(l.as_of, l.day))
          AND (l.kind = 'population' OR NOT EXISTS (
              SELECT FROM unnest(v_asked) a(code)
              WHERE NOT EXISTS (SELECT FROM sharing_readlogsubject s
                                WHERE s.log_id = l.id AND s.at = l.at AND s.uscc = a.code)))
        ORDER BY l.at DESC LIMIT 1;
        IF NOT FOUND THEN
            RETURN;
        END IF;
    ELSIF p_known_at IS NOT NULL THEN
        SELECT coalesce(max(p.number), 0) INTO v_until
        FROM sharing_publication p WHERE p.recorded_at <= p_known_at;
        v_day := coalesce(p_as_of, (p_known_at AT TIME ZONE 'Asia/Shanghai')::date);
    END IF;
    v_log := nextval('sharing_readlog_id');
    RETURN QUERY
    WITH known AS MATERIALIZED (
        SELECT e.* FROM sharing_enterprise e WHERE e.uscc = ANY (v_asked)
    ), matched AS MATERIALIZED (
        SELECT m.uscc, m.factor_list, m.grounds, m.consents
        FROM qfce_matched(v_asked, p_purpose, v_instant) m
    ), sums AS MATERIALIZED (
        SELECT u.* FROM qfce_added_up(
            (SELECT array_agg(DISTINCT grounds::text) FROM matched), p_purpose, v_instant) u
    ), chosen AS MATERIALIZED (
        -- One list an enterprise: of those covered, the one with the newest profile.
        SELECT DISTINCT ON (e.uscc)
               e.uscc, m.grounds,
               coalesce(f.factor_list, m.factor_list) AS factor_list,
               f.list_version, f.publication_id, f.row, f.listed, f.base_publication_id,
               f.details, f.flags, f.origins, o.consents,
               CASE WHEN s.shown IS NULL THEN f."values"
                    WHEN f."values" - o.allowed = '{}' THEN f."values"
                    ELSE f."values" - ARRAY(SELECT jsonb_object_keys(f."values" - o.allowed))
               END AS "values",
               s.shown = '{}' AND o.consents IS NULL AS is_closed,
               e.successor_uscc IS NOT NULL AND NOT p_repeat AS is_former,
               v_fold OR p_repeat OR (f.details <> '{}' AND jsonb_path_exists(
                   f.details, '$.*.valid_from ? (@ > $day)',
                   jsonb_build_object('day', v_day::text))) AS is_folded
        FROM known e
        JOIN matched m ON m.uscc = e.uscc
        JOIN sums s ON s.grounds = m.grounds
        CROSS JOIN LATERAL (
            SELECT k.consents, CASE WHEN k.consents IS NULL THEN s.shown
                ELSE s.shown || ARRAY(SELECT jsonb_object_keys(k.consents)) END AS allowed
            FROM (SELECT CASE WHEN m.consents IS NOT NULL THEN
                      (SELECT jsonb_object_agg(d.key, d.value) FROM jsonb_each(m.consents) d
                       WHERE d.key = ANY (s.askable)) END AS consents) k
        ) o
        LEFT JOIN sharing_factorprofile f
          ON f.uscc = e.uscc AND (m.factor_list IS NULL OR f.factor_list = m.factor_list)
        WHERE p_list IS NULL OR p_list = coalesce(f.factor_list, m.factor_list)
        ORDER BY e.uscc, f.publication_id DESC NULLS LAST, m.factor_list
    ), histories AS MATERIALIZED (
        SELECT h.* FROM (
            SELECT array_agg(c.uscc::text) AS usccs, array_agg(c.factor_list::text) AS lists,
                   -- Null, which is every item, would be nothing once something is added to it.
                   jsonb_agg(CASE WHEN s.shown IS NOT NULL THEN to_jsonb(
                       s.shown || CASE WHEN c.consents IS NOT NULL THEN
                           ARRAY(SELECT jsonb_object_keys(c.consents)) ELSE '{}' END)
                   END) AS allowed
            FROM chosen c JOIN sums s ON s.grounds = c.grounds WHERE c.is_folded AND NOT c.is_former AND c."values" IS NOT NULL
            HAVING count(*) > 0) f,
        LATERAL qfce_history(f.usccs, f.lists, f.allowed, v_until) h
    ), marks AS MATERIALIZED (
        SELECT c.uscc, p.factor_list, jsonb_object_agg(k.code, p.recorded_at ORDER BY p.number)
                   AS lapsed
        FROM sharing_factorchange c
        JOIN sharing_publication p ON p.id = c.publication_id AND p.number IS NOT NULL,
        LATERAL jsonb_object_keys(c.changes) k(code)
        WHERE c.kind = 'lapsed' AND c.uscc = ANY (v_asked)
        GROUP BY c.uscc, p.factor_list
    ), answered AS MATERIALIZED (
        SELECT e.uscc::text,
               CASE WHEN c.uscc IS NULL THEN 'not_shared'
                    WHEN c.is_former THEN 'former_code'
                    WHEN c.is_closed THEN 'not_authorised'
                    WHEN c.is_folded AND h.uscc IS NULL THEN 'no_data'
                    WHEN NOT c.is_folded AND coalesce(c."values", '{}') = '{}' THEN 'no_data'
                    ELSE 'ok' END AS answer,
               e.name, e.region::text, e.industry::text, e.size::text, e.established_on,
               e.registered_capital, e.successor_uscc::text,
               c.listed, c.factor_list::text, c.list_version, pos.number, c.row,
               CASE WHEN c.is_folded THEN '{}' ELSE coalesce(c."values", '{}') END AS "values",
               CASE WHEN c.is_folded OR c.details = '{}' THEN '{}' ELSE (
                   SELECT coalesce(jsonb_object_agg(d.key, d.value), '{}')
                   FROM jsonb_each(c.details) d WHERE c."values" ? d.key) END AS details,
               CASE WHEN c.is_folded OR c.flags = '{}' THEN '{}' ELSE (
                   SELECT coalesce(jsonb_object_agg(d.key, d.value), '{}')
                   FROM jsonb_each(c.flags) d WHERE c."values" ? d.key) END AS flags,
               o.name_zh::text AS source, b.recorded_at,
               CASE WHEN c.is_folded OR c.origins = '{}' THEN '{}' ELSE (
                   SELECT coalesce(jsonb_object_agg(
                              d.key, jsonb_build_array(oo.name_zh, op.recorded_at)), '{}')
                   FROM jsonb_each_text(c.origins) d
                   JOIN sharing_publication op ON op.id = d.value::bigint
                   JOIN tenancy_organization oo ON oo.id = op.owner_id
                   WHERE c."values" ? d.key) END AS origins,
               CASE WHEN m.uscc IS NOT NULL THEN (
                   SELECT jsonb_object_agg(d.key, d.value)
                   FROM jsonb_each(m.lapsed) d WHERE c."values" ? d.key) END AS lapsed,
               h.history, c.grounds,
               c.consents,
               CASE WHEN e.uscc = first_value(e.uscc) OVER (PARTITION BY c.grounds)
                    THEN u.answers END AS answers
        FROM known e
        LEFT JOIN chosen c ON c.uscc = e.uscc
        LEFT JOIN sums u ON u.grounds = c.grounds
        LEFT JOIN sharing_publication pos ON pos.id = c.publication_id
        LEFT JOIN sharing_publication b ON b.id = c.base_publication_id
        LEFT JOIN tenancy_organization o ON o.id = b.owner_id
        LEFT JOIN histories h ON h.uscc = e.uscc
        LEFT JOIN marks m ON m.uscc = e.uscc AND m.factor_list = c.factor_list
    ), logged AS (
        INSERT INTO sharing_readlog (
            id, at, owner_id, kind, purpose, basis, user_id, client_id, channel,
            as_of, known_at, day, asked_at, number, subjects)
        SELECT v_log, v_now, qfce_bound_organization(), 'profiles', p_purpose,
               coalesce((SELECT array_agg(DISTINCT g) FROM answered, unnest(grounds) g), '{}'),
               qfce_bound_user(), qfce_bound_client(), qfce_bound_channel(),
               v_as_of, p_known_at, v_day, p_asked_at, v_until, cardinality(v_asked)
    ), subjects AS (
        INSERT INTO sharing_readlogsubject (log_id, at, uscc, owner_id, purpose, answer)
        SELECT v_log, v_now, a.uscc, qfce_bound_organization(), p_purpose, a.answer
        FROM answered a LIMIT 1000
    )
    SELECT a.uscc, a.answer,
           CASE WHEN a.answer <> 'not_shared' THEN a.name END,
           CASE WHEN a.answer <> 'not_shared' THEN a.region END,
           CASE WHEN a.answer <> 'not_shared' THEN a.industry END,
           CASE WHEN a.answer <> 'not_shared' THEN a.size END,
           CASE WHEN a.answer <> 'not_shared' THEN a.established_on END,
           CASE WHEN a.answer <> 'not_shared' THEN a.registered_capital END,
           CASE WHEN a.answer = 'former_code' THEN a.successor_uscc END,
           a.listed, a.factor_list, a.list_version, a.number, a.row,
           CASE WHEN a.answer = 'ok' THEN a."values" ELSE '{}' END,
           CASE WHEN a.answer = 'ok' THEN a.details ELSE '{}' END,
           CASE WHEN a.answer = 'ok' THEN a.flags ELSE '{}' END,
           a.source, a.recorded_at, a.origins, a.lapsed,
           CASE WHEN a.answer = 'ok' THEN a.history END,
           coalesce(a.grounds, '{}'), a.consents, a.answers,
           v_now, v_until, v_as_of, v_day
    FROM answered a;
END
$$
