"""
The statements that set a file's rows beside what is stored, for a page.

They read the temporary tables of `publication_sql`: incoming, standing, item, ledger_row, named.
"""

# Without it the planner takes the temporary tables for small and compares all with all.
TOLD = 'ANALYZE item ("row", code); ANALYZE ledger_row (place)'
# Rows of enterprises that would be new on the list, as publishing counts them.
ENTERED = """
CREATE TEMP TABLE entered ON COMMIT DROP AS
SELECT i."row" FROM incoming i LEFT JOIN standing s USING ("row")
WHERE s."row" IS NULL OR NOT s.profiled OR (NOT s.listed AND s.old_vals = '{}')
"""
COMPARED = """
CREATE TEMP TABLE compared ON COMMIT DROP AS
WITH written AS (
    SELECT l.place, l.kind, k.key AS code, nullif(l.changes -> k.key, 'null') AS value,
           l.details -> k.key ->> 'valid_to' AS until
    FROM ledger_row l CROSS JOIN LATERAL jsonb_object_keys(l.changes) k (key)
    WHERE l.place NOT IN (SELECT "row" FROM entered)
), beside AS (
    SELECT w.*, s.uscc, coalesce(s.name, s.old_name) AS name, s.new_region, CASE w.code
               WHEN 'name' THEN to_jsonb(s.old_name) WHEN 'region' THEN to_jsonb(s.old_region)
               WHEN 'industry' THEN to_jsonb(s.old_industry) WHEN 'size' THEN to_jsonb(s.old_size)
               WHEN 'established_on' THEN to_jsonb(s.old_established_on)
               WHEN 'registered_capital' THEN to_jsonb(trim_scale(s.old_capital)::text)
               ELSE s.old_vals -> w.code END AS old,
           s.old_details -> w.code ->> 'valid_to' AS old_until
    FROM written w JOIN standing s ON s."row" = w.place
)
SELECT i.uscc, coalesce(i.name, s.old_name) AS name, coalesce(i.region, s.old_region) AS region,
       'new' AS what, 1 AS place, NULL::text AS code, NULL::jsonb AS old,
       to_jsonb((SELECT count(*) FROM jsonb_object_keys(i.vals))) AS new,
       NULL::text AS old_until, NULL::text AS new_until
FROM entered JOIN incoming i USING ("row") LEFT JOIN standing s USING ("row")
UNION ALL
SELECT b.uscc, b.name, b.new_region,
       CASE WHEN b.kind = 'cleared' THEN 'cleared' WHEN b.old IS NOT NULL THEN 'changed'
            ELSE 'added' END, 2, b.code, b.old, b.value, b.old_until, b.until
FROM beside b
UNION ALL
SELECT s.uscc, coalesce(s.name, s.old_name), s.new_region, 'listed', 3, NULL, NULL, NULL, NULL, NULL
FROM ledger_row l JOIN standing s ON s."row" = l.place
WHERE l.kind = 'listed' AND l.place NOT IN (SELECT "row" FROM entered)
UNION ALL
SELECT s.uscc, coalesce(s.name, s.old_name), s.new_region, 'kept', 4, t.code,
       s.old_vals -> t.code, nullif(t.value, 'null'), NULL, NULL
FROM item t JOIN standing s USING ("row") WHERE t.kept
UNION ALL
SELECT p.uscc, e.name, p.region, 'left_out', 5, NULL, NULL, NULL, NULL, NULL
FROM sharing_factorprofile p JOIN sharing_enterprise e ON e.uscc = p.uscc
WHERE %(full)s AND p.factor_list = %(list)s AND p.listed AND p.region BETWEEN %(low)s AND %(high)s
  AND NOT EXISTS (SELECT FROM named n WHERE n.uscc = p.uscc)
"""
ALL_LINES = """
SELECT uscc::text, name, region::text, what, code, old::text, new::text, old_until, new_until
FROM compared ORDER BY place, region, uscc, code
"""
# What the register knows of the enterprises whose rows are new or changed.
REGISTER = """
SELECT count(*) FILTER (WHERE listed), count(*) FILTER (WHERE name <> old_name),
       count(*) FILTER (WHERE region <> old_region),
       count(*) FILTER (WHERE old_vals ->> %(state)s = ANY (%(ended)s))
FROM standing
"""
BY_ITEM = """
SELECT code, what, count(*) FROM compared WHERE code IS NOT NULL GROUP BY code, what
UNION ALL
SELECT k.key, 'new', count(*)
FROM entered JOIN incoming i USING ("row") CROSS JOIN LATERAL jsonb_object_keys(i.vals) k (key)
GROUP BY k.key
"""
BY_REGION = """
SELECT region, so, count(*) FROM (
    SELECT DISTINCT region, uscc,
           CASE WHEN what IN ('new', 'left_out') THEN what ELSE 'changed' END AS so
    FROM compared WHERE what <> 'kept' AND region IS NOT NULL
) counted GROUP BY region, so
"""
