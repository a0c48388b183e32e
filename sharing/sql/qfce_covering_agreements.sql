-- The readers whose agreements in force cover some enterprises of the bound regulator, and how
-- many of them: for whoever releases an import, whichever regulator above concluded them.
-- Enterprises outside the regulator's own region are passed over, by what it says of them and
-- by what the register knows.
CREATE FUNCTION qfce_covering_agreements(
    p_list text, p_on date, p_usccs text[], p_regions text[], p_items text[]
)
RETURNS TABLE (name_zh text, name_en text, enterprises bigint) LANGUAGE sql STABLE AS $$
    WITH given AS (
        SELECT g.uscc, g.region FROM unnest(p_usccs, p_regions) g (uscc, region)
        WHERE g.region BETWEEN (SELECT qfce_region_low()) AND (SELECT qfce_region_high())
          AND NOT EXISTS (
              SELECT FROM sharing_enterprise e
              WHERE e.uscc = g.uscc AND e.region NOT BETWEEN
                    (SELECT qfce_region_low()) AND (SELECT qfce_region_high()))
    )
    SELECT o.name_zh::text, o.name_en::text, count(DISTINCT g.uscc)
    FROM sharing_agreement a
    JOIN tenancy_organization o ON o.id = a.recipient_id
    JOIN tenancy_organization w ON w.id = a.owner_id AND w.kind = 'market_regulator'
    JOIN given g ON g.region LIKE qfce_prefix(w.region_id)
    WHERE a.status = 'active' AND a.factor_list = p_list AND a.starts_on <= p_on
      AND coalesce(a.ends_on >= p_on, true) AND a.items::text[] && p_items
      AND (a.regions = '{}' OR EXISTS (
          SELECT FROM unnest(a.regions) r WHERE g.region LIKE qfce_prefix(r)))
      AND (a.enterprise_list_ids = '{}' OR EXISTS (
          SELECT FROM sharing_enterpriselistmember m
          WHERE m.list_id = ANY (a.enterprise_list_ids) AND m.uscc = g.uscc
            AND m.removed_at IS NULL))
    GROUP BY o.id, o.name_zh, o.name_en ORDER BY count(DISTINCT g.uscc) DESC, o.name_en
$$
