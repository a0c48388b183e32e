-- How readers used what the bound bureau sent, in counts alone: reads of enterprises that it sent
-- facts of, the enterprises, the organisations that read, and the reads for a loan.
CREATE FUNCTION qfce_use_of_facts(p_begins timestamptz, p_ends timestamptz)
RETURNS TABLE (reads bigint, enterprises bigint, readers bigint, for_loans bigint)
LANGUAGE sql STABLE AS $$
    WITH read AS (
        SELECT s.uscc, s.owner_id, s.purpose
        FROM sharing_readlogsubject s
        JOIN sharing_enterprise e ON e.uscc = s.uscc
        JOIN tenancy_organization o ON o.id = s.owner_id
        WHERE s.at >= p_begins AND s.at < p_ends AND s.answer = 'ok'
          AND o.kind IN ('bank', 'credit_agency', 'guarantor')
          AND e.region BETWEEN (SELECT qfce_region_low()) AND (SELECT qfce_region_high())
    ), sent AS (
        SELECT r.uscc FROM (SELECT DISTINCT uscc FROM read) r
        WHERE EXISTS (
            SELECT FROM sharing_factorprofile p
            CROSS JOIN LATERAL (
                SELECT p.base_publication_id AS id
                UNION SELECT value::bigint FROM jsonb_each_text(p.origins)) said
            JOIN sharing_publication q ON q.id = said.id
            WHERE p.uscc = r.uscc AND q.owner_id = (SELECT qfce_bound_organization()))
    )
    SELECT count(*), count(DISTINCT uscc), count(DISTINCT owner_id),
           count(*) FILTER (WHERE purpose IN ('pre_loan', 'post_loan'))
    FROM read JOIN sent USING (uscc)
$$
