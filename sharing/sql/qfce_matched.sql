-- Which grounds cover which of some enterprises, one row for each enterprise and factor list,
-- with the consents in force there: {code: consent}, null where there are none.
CREATE FUNCTION qfce_matched(p_usccs text[], p_purpose text, p_instant timestamptz)
RETURNS TABLE (uscc text, factor_list text, grounds text[], consents jsonb)
LANGUAGE sql STABLE ROWS 1000 AS $$
    WITH rights AS MATERIALIZED (
        SELECT * FROM qfce_rights(p_purpose, p_instant)
    ), agreed AS MATERIALIZED (
        -- A consent opens an item for the purposes that it shares with an agreement on it.
        SELECT c.uscc, jsonb_object_agg(code, c.id ORDER BY c.granted_at) AS consents
        FROM sharing_consent c
        CROSS JOIN LATERAL (
            SELECT unnest(c.items)::text
            UNION  -- under the code that a migration gave it, and under its former one
            SELECT l.target::text FROM sharing_itemlineage l
            WHERE l.source = ANY (c.items) AND l.in_force @> p_instant
            UNION
            SELECT l.source::text FROM sharing_itemlineage l
            WHERE l.target = ANY (c.items) AND l.in_force @> p_instant AND NOT EXISTS (
                SELECT FROM sharing_itemlineage other
                WHERE other.factor_list = l.factor_list AND other.source = l.source
                  AND other.list_version = l.list_version AND other.target <> l.target)
        ) opened (code)
        WHERE c.uscc = ANY (p_usccs)
          AND c.recipient_id = ANY ((SELECT qfce_lineage())::uuid[])
          AND c.in_force @> p_instant
          AND (p_instant AT TIME ZONE 'Asia/Shanghai')::date BETWEEN c.starts_on AND c.ends_on
          AND (p_purpose IS NULL OR p_purpose = ANY (c.purposes))
          AND EXISTS (SELECT FROM rights r WHERE code = ANY (r.consent_items)
                                             AND r.purposes && c.purposes::text[])
        GROUP BY c.uscc
    )
    SELECT e.uscc::text, r.factor_list, array_agg(r.ground ORDER BY r.ground), a.consents
    FROM sharing_enterprise e
    JOIN rights r
      ON e.region LIKE ANY (r.prefixes)
     AND (r.own_uscc IS NULL OR r.own_uscc = e.uscc)
     AND (r.lists = '{}' OR EXISTS (
            SELECT FROM sharing_enterpriselistmember m
            WHERE m.uscc = e.uscc AND m.list_id = ANY (r.lists)
              AND m.added_at <= p_instant AND coalesce(m.removed_at, 'infinity') > p_instant))
    LEFT JOIN agreed a ON a.uscc = e.uscc
    WHERE e.uscc = ANY (p_usccs)
    GROUP BY e.uscc, r.factor_list, a.consents
$$
