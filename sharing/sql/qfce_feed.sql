-- One page of the change feed for the bound organisation, and the position behind it.
--
-- The last row has no `kind`: it is the position that everything up to was examined, which
-- moves on even when nothing on the way was the reader's to see. At most 50,000 rows are
-- examined a call. One row of the read log a call.
CREATE FUNCTION qfce_feed(p_after_number bigint, p_after_row integer, p_limit integer)
RETURNS TABLE (
    number bigint, "row" integer, uscc text, kind text, changes jsonb, details jsonb,
    recorded_at timestamptz
) LANGUAGE plpgsql VOLATILE
-- Planned once a session: planning for these many partitions takes longer than the read.
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    v_budget integer := 50000;
    v_number bigint := p_after_number;
    v_row integer := p_after_row;
    v_until_number bigint;
    v_until_row integer;
    v_chunk integer;
    v_gone integer;
    v_items integer := 0;
    v_usccs text[] := '{}';
    v_last record;
    v_item record;
BEGIN
    IF qfce_bound_organization() IS NULL THEN
        RETURN;
    END IF;
    WHILE v_budget > 0 AND v_items < p_limit LOOP
        v_chunk := least(v_budget, greatest(2 * (p_limit - v_items), 500));
        -- How far so many rows reach: whole publications, and the beginning of one more.
        SELECT q.number,
               CASE WHEN q.total <= v_chunk THEN greatest(q.rows, 1)
                    ELSE q.skipped + v_chunk - (q.total - q.remaining) END,
               least(q.total, v_chunk)
        INTO v_until_number, v_until_row, v_gone
        FROM (
            SELECT p.number, p.rows, p.remaining, p.skipped,
                   sum(p.remaining) OVER (ORDER BY p.number) AS total
            FROM (
                SELECT p.number, p.rows,
                       CASE WHEN p.number = v_number THEN v_row ELSE 0 END AS skipped,
                       CASE WHEN p.number = v_number THEN greatest(p.rows - v_row, 0)
                            ELSE greatest(p.rows, 1) END AS remaining
                FROM sharing_publication p
                WHERE p.number >= v_number ORDER BY p.number LIMIT v_chunk + 1
            ) p
        ) q
        WHERE q.total - q.remaining < v_chunk AND q.remaining > 0
        ORDER BY q.number DESC LIMIT 1;
        EXIT WHEN NOT FOUND;
        FOR v_item IN
            SELECT v.* FROM qfce_visible(v_number, v_row, v_until_number, v_until_row) v
            ORDER BY v.number, v.row LIMIT p_limit - v_items
        LOOP
            number := v_item.number; "row" := v_item.row; uscc := v_item.uscc;
            kind := v_item.kind; changes := v_item.changes; details := v_item.details;
            recorded_at := v_item.recorded_at;
            v_items := v_items + 1;
            IF v_items <= 1000 AND v_item.uscc IS NOT NULL THEN
                v_usccs := v_usccs || v_item.uscc;
            END IF;
            v_last := v_item;
            RETURN NEXT;
        END LOOP;
        v_budget := v_budget - v_gone;
        IF v_items >= p_limit THEN
            v_number := v_last.number; v_row := v_last.row;
        ELSE
            v_number := v_until_number; v_row := v_until_row;
        END IF;
    END LOOP;
    PERFORM qfce_log_read('feed', '', (SELECT array_agg(DISTINCT r.ground ORDER BY r.ground)
                                       FROM qfce_rights(NULL, clock_timestamp()) r),
                          v_usccs, v_items, v_number, jsonb_build_object(
                              'after', p_after_number || '.' || p_after_row,
                              'next', v_number || '.' || v_row));
    number := v_number; "row" := v_row; uscc := NULL; kind := NULL; changes := NULL;
    details := NULL; recorded_at := NULL;
    RETURN NEXT;
END
$$
