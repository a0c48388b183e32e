-- Which bureau decides each of some open disputes that the bound organisation is party to: the
-- one nearest to where the enterprise is now, which may have moved since.
CREATE FUNCTION qfce_deciding_bureaus(p_ids uuid[]) RETURNS TABLE (dispute uuid, bureau uuid)
LANGUAGE sql STABLE AS $$
    SELECT d.id, b.id
    FROM sharing_dispute d
    JOIN sharing_enterprise e ON e.uscc = d.uscc
    CROSS JOIN LATERAL (
        SELECT o.id FROM tenancy_organization o
        WHERE o.kind = 'market_regulator' AND o.is_active
          AND o.region_id IN (e.region, left(e.region, 4) || '00', left(e.region, 2) || '0000',
                              '000000')
        -- Codes nest by prefix: the more zeros at its end, the larger the region.
        ORDER BY o.region_id DESC, o.id::text DESC LIMIT 1
    ) b
    WHERE d.id = ANY (p_ids) AND d.status IN ('opened', 'prepared')
      AND (qfce_bound_organization() IN (d.owner_id, d.addressee_id)
           OR d.region BETWEEN qfce_region_low() AND qfce_region_high()
           OR e.region BETWEEN qfce_region_low() AND qfce_region_high())
$$
