-- The agreements that a consent opens something under: whose, which list, which items.
--
-- For the parties, the regulators of the enterprise, and, with nobody bound, for the holder
-- of a token who has just used it. It says nothing of the enterprise's values.
CREATE FUNCTION qfce_consent_reach(p_consent uuid)
RETURNS TABLE (
    owner_id uuid, recipient_id uuid, uscc text, region text, factor_list text,
    list_version integer, items text[]
) LANGUAGE sql STABLE AS $$
    SELECT DISTINCT ON (a.factor_list)
           a.owner_id, c.recipient_id, c.uscc::text, e.region::text, a.factor_list::text,
           a.list_version, ARRAY(
               SELECT unnest(c.items)::text INTERSECT
               SELECT unnest(a.consent_items)::text ORDER BY 1)
    FROM sharing_consent c
    JOIN sharing_enterprise e ON e.uscc = c.uscc
    JOIN sharing_agreement a ON a.recipient_id = c.recipient_id AND a.status = 'active'
                            AND a.consent_items && c.items AND a.purposes && c.purposes
    JOIN tenancy_organization o ON o.id = a.owner_id AND o.kind = 'market_regulator'
                               AND e.region LIKE qfce_prefix(o.region_id)
    WHERE c.id = p_consent
      AND (a.regions = '{}' OR EXISTS (
          SELECT FROM unnest(a.regions) r WHERE e.region LIKE qfce_prefix(r)))
      AND (qfce_bound_organization() IS NULL
           OR c.uscc = (SELECT qfce_bound_uscc())
           OR c.recipient_id = ANY ((SELECT qfce_lineage())::uuid[])
           OR e.region BETWEEN (SELECT qfce_region_low()) AND (SELECT qfce_region_high()))
    ORDER BY a.factor_list, a.activated_at
$$
