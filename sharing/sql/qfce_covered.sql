-- Which grounds cover which of some enterprises, and what they add up to: one row for each
-- enterprise and factor list. A NULL `shown` means every item.
--
-- `shown` and `askable` are objects keyed by item code, for `?` finds a key in an object by
-- halving. Equal sets of grounds are added up once, whatever the number of enterprises.
CREATE FUNCTION qfce_covered(p_usccs text[], p_purpose text, p_instant timestamptz)
RETURNS TABLE (
    uscc text, factor_list text, grounds text[], shown jsonb, askable jsonb, answers jsonb,
    consents jsonb
) LANGUAGE sql STABLE AS $$
    WITH rights AS MATERIALIZED (
        SELECT row_number() OVER (ORDER BY ground)::int AS i, r.*
        FROM qfce_rights(p_purpose, p_instant) r
    ), matched AS MATERIALIZED (
        SELECT e.uscc, r.factor_list, array_agg(r.i ORDER BY r.i) AS rights
        FROM sharing_enterprise e JOIN rights r
          ON e.region LIKE ANY (r.prefixes)
         AND (r.own_uscc IS NULL OR r.own_uscc = e.uscc)
         AND (r.lists = '{}' OR EXISTS (
                SELECT FROM sharing_enterpriselistmember m
                WHERE m.uscc = e.uscc AND m.list_id = ANY (r.lists)
                  AND m.added_at <= p_instant AND coalesce(m.removed_at, 'infinity') > p_instant))
        WHERE e.uscc = ANY (p_usccs)
        GROUP BY e.uscc, r.factor_list
    ), sums AS MATERIALIZED (
        SELECT d.rights,
               array_agg(r.ground ORDER BY r.i) AS grounds,
               bool_or(r.items IS NULL) AS everything
        FROM (SELECT DISTINCT rights FROM matched) d JOIN rights r ON r.i = ANY (d.rights)
        GROUP BY d.rights
    ), known AS MATERIALIZED (
        SELECT s.*,
               CASE WHEN NOT everything THEN (
                   SELECT coalesce(jsonb_object_agg(code, 1), '{}')
                   FROM rights r, unnest(r.items) code WHERE r.i = ANY (s.rights)) END AS shown,
               (SELECT coalesce(jsonb_object_agg(code, 1), '{}')
                FROM rights r, unnest(r.consent_items) code WHERE r.i = ANY (s.rights)) AS askable,
               (SELECT coalesce(jsonb_object_agg(code, 'not_shared'), '{}')
                FROM rights r, unnest(r.withheld_items) code WHERE r.i = ANY (s.rights))
               || (SELECT coalesce(jsonb_object_agg(code, 'not_authorised'), '{}')
                   FROM rights r, unnest(r.consent_items) code WHERE r.i = ANY (s.rights))
               || (SELECT coalesce(jsonb_object_agg(code, 'no_data'), '{}')
                   FROM rights r, unnest(r.items) code WHERE r.i = ANY (s.rights)) AS answers
        FROM sums s
    ), agreed AS MATERIALIZED (
        -- A consent opens an item for the purposes that it shares with an agreement on it.
        SELECT c.uscc::text AS uscc, jsonb_object_agg(code, c.id ORDER BY c.granted_at) AS consents
        FROM sharing_consent c, unnest(c.items) code
        WHERE c.uscc = ANY (p_usccs)
          AND c.recipient_id = ANY ((SELECT qfce_lineage())::uuid[])
          AND c.in_force @> p_instant
          AND (p_instant AT TIME ZONE 'Asia/Shanghai')::date BETWEEN c.starts_on AND c.ends_on
          AND (p_purpose IS NULL OR p_purpose = ANY (c.purposes))
          AND EXISTS (SELECT FROM rights r WHERE code = ANY (r.consent_items)
                                             AND r.purposes && c.purposes::text[])
        GROUP BY c.uscc
    )
    SELECT m.uscc, m.factor_list, k.grounds, k.shown, k.askable, k.answers,
           coalesce(a.consents, '{}')
    FROM matched m JOIN known k ON k.rights = m.rights LEFT JOIN agreed a ON a.uscc = m.uscc
$$
