-- Who may have received some items of some enterprises: everybody that an agreement of any time
-- gave one of them to. For the regulators of the enterprises; `p_items` are those of the
-- enterprise at the same place, with commas between their codes.
CREATE FUNCTION qfce_recalls_of(p_list text, p_usccs text[], p_items text[])
RETURNS TABLE (uscc text, recipient uuid) LANGUAGE sql STABLE AS $$
    WITH given AS MATERIALIZED (
        SELECT e.uscc::text AS uscc, e.region, string_to_array(g.items, ',') AS items
        FROM unnest(p_usccs, p_items) g (uscc, items)
        JOIN sharing_enterprise e ON e.uscc = g.uscc
        WHERE e.region BETWEEN (SELECT qfce_region_low()) AND (SELECT qfce_region_high())
    ), terms AS MATERIALIZED (
        SELECT a.recipient_id, a.enterprise_list_ids AS lists, qfce_prefix(o.region_id) AS reach,
               ARRAY(SELECT qfce_prefix(r) FROM unnest(a.regions) r) AS parts,
               a.items::text[] AS items, a.consent_items::text[] AS consent_items
        FROM sharing_agreement a JOIN tenancy_organization o ON o.id = a.owner_id
        WHERE a.factor_list = p_list AND a.activated_at IS NOT NULL
    )
    SELECT DISTINCT g.uscc, t.recipient_id
    FROM given g JOIN terms t ON g.region LIKE t.reach
    WHERE (t.parts = '{}' OR g.region LIKE ANY (t.parts))
      AND (t.lists = '{}' OR EXISTS (
          SELECT FROM sharing_enterpriselistmember m
          WHERE m.uscc = g.uscc AND m.list_id = ANY (t.lists)))
      AND (t.items && g.items OR (t.consent_items && g.items AND EXISTS (
          SELECT FROM sharing_consent c
          WHERE c.uscc = g.uscc AND c.recipient_id = t.recipient_id
            AND c.granted_at IS NOT NULL AND c.items::text[] && g.items)))
$$
