-- What the bound organisation may read, and for which purposes: one row a ground.
--
-- `p_purpose` NULL asks for all purposes, `p_instant` for the rights of that moment. NULL
-- `items` mean every item, NULL `factor_list` every list. An agreement reaches no further
-- than the jurisdiction of the market regulator that concluded it, whatever it says.
--
-- Items that a migration renamed or split go on as agreed, no further than the new version
-- lets; a renamed item is readable under its former code too. New items are in no agreement.
CREATE FUNCTION qfce_rights(p_purpose text, p_instant timestamptz)
RETURNS TABLE (
    ground text, factor_list text, items text[], consent_items text[], withheld_items text[],
    purposes text[], lists uuid[], prefixes text[], own_uscc text
) LANGUAGE sql STABLE AS $$
    SELECT 'agreement:' || a.id, a.factor_list, a.items::text[] || coalesce(g.items, '{}'),
           a.consent_items::text[] || coalesce(g.consent_items, '{}'),
           a.withheld_items::text[] || coalesce(g.withheld_items, '{}'),
           a.purposes::text[], a.enterprise_list_ids,
           CASE WHEN a.regions = '{}' THEN ARRAY[qfce_prefix(o.region_id)]
                ELSE coalesce((
                    SELECT array_agg(qfce_prefix(region)) FROM unnest(a.regions) region
                    WHERE region LIKE qfce_prefix(o.region_id)), '{}')
           END,
           NULL
    FROM sharing_agreement a JOIN tenancy_organization o ON o.id = a.owner_id
    CROSS JOIN LATERAL (
        SELECT array_agg(n.code) FILTER (WHERE n.terms = 'shown') AS items,
               array_agg(n.code) FILTER (WHERE n.terms = 'consent') AS consent_items,
               array_agg(n.code) FILTER (WHERE n.terms = 'withheld') AS withheld_items
        FROM (
            SELECT l.target::text AS code,
                   CASE WHEN l.source = ANY (a.items) THEN l.terms
                        WHEN l.source = ANY (a.consent_items) AND l.terms <> 'withheld'
                        THEN 'consent' ELSE 'withheld' END AS terms
            FROM sharing_itemlineage l
            WHERE l.factor_list = a.factor_list AND l.in_force @> p_instant
              AND NOT l.target = ANY (a.items || a.consent_items || a.withheld_items)
            UNION ALL
            SELECT l.source::text,
                   CASE WHEN l.target = ANY (a.items) THEN 'shown'
                        WHEN l.target = ANY (a.consent_items) THEN 'consent'
                        ELSE 'withheld' END
            FROM sharing_itemlineage l
            WHERE l.factor_list = a.factor_list AND l.in_force @> p_instant
              AND NOT l.source = ANY (a.items || a.consent_items || a.withheld_items)
              AND NOT EXISTS (
                  SELECT FROM sharing_itemlineage other
                  WHERE other.factor_list = l.factor_list AND other.source = l.source
                    AND other.list_version = l.list_version AND other.target <> l.target)
        ) n
    ) g
    WHERE a.recipient_id = ANY ((SELECT qfce_lineage())::uuid[])
      AND o.kind = 'market_regulator' AND o.is_active
      AND a.in_force @> p_instant
      AND (p_purpose IS NULL OR p_purpose = ANY (a.purposes))
      AND (p_instant AT TIME ZONE 'Asia/Shanghai')::date
          BETWEEN a.starts_on AND coalesce(a.ends_on, 'infinity')
    UNION ALL
    SELECT 'supervision', NULL, NULL, '{}', '{}', '{supervision}', '{}',
           ARRAY[qfce_prefix(o.region_id)], NULL
    FROM tenancy_organization o
    WHERE o.id = qfce_bound_organization() AND o.kind = 'market_regulator' AND o.is_active
      AND coalesce(p_purpose, 'supervision') = 'supervision'
    UNION ALL
    SELECT 'own_record', NULL, NULL, '{}', '{}', '{own_record}', '{}', '{%}', o.uscc
    FROM tenancy_organization o
    WHERE o.id = qfce_bound_organization() AND o.kind = 'enterprise' AND o.is_active
      AND coalesce(p_purpose, 'own_record') = 'own_record'
$$
