-- Who may have received some items of an enterprise: everybody that an agreement of any time
-- gave one of them to. For the regulators of the enterprise.
CREATE FUNCTION qfce_recall_recipients(p_uscc text, p_list text, p_items text[])
RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT DISTINCT a.recipient_id
    FROM sharing_enterprise e
    JOIN sharing_agreement a ON a.factor_list = p_list AND a.activated_at IS NOT NULL
    JOIN tenancy_organization o ON o.id = a.owner_id AND e.region LIKE qfce_prefix(o.region_id)
    WHERE e.uscc = p_uscc
      AND e.region BETWEEN (SELECT qfce_region_low()) AND (SELECT qfce_region_high())
      AND (a.regions = '{}' OR EXISTS (
          SELECT FROM unnest(a.regions) r WHERE e.region LIKE qfce_prefix(r)))
      AND (a.enterprise_list_ids = '{}' OR EXISTS (
          SELECT FROM sharing_enterpriselistmember m
          WHERE m.uscc = e.uscc AND m.list_id = ANY (a.enterprise_list_ids)))
      AND (a.items::text[] && p_items OR (a.consent_items::text[] && p_items AND EXISTS (
          SELECT FROM sharing_consent c
          WHERE c.uscc = e.uscc AND c.recipient_id = a.recipient_id
            AND c.granted_at IS NOT NULL AND c.items::text[] && p_items)))
$$
