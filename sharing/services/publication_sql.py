"""
The statements by which a file's rows become ledger, register and profiles.

Parameters: %(publication)s, %(list)s, %(version)s, %(today)s, %(source)s (the publishing
bureau's kind of source) and %(ranks)s (JSON, item to source to rank, 0 the highest).
"""

INCOMING = """
CREATE TEMP TABLE incoming (
    "row" integer, uscc text, region text, name text, industry text, size text,
    established_on date, registered_capital numeric(20, 2), vals jsonb, details jsonb,
    cleared text[], digest bytea
) ON COMMIT DROP
"""
COPY_INCOMING = """
COPY incoming ("row", uscc, region, name, industry, size, established_on, registered_capital,
               vals, details, cleared, digest) FROM STDIN
"""
COUNT_INCOMING = "SELECT count(*) FROM incoming"

# Rows whose enterprise the register knows, beside what is stored of it.
STANDING = """
CREATE TEMP TABLE standing ON COMMIT DROP AS
SELECT i.*,
       coalesce(i.region, e.region) AS new_region, e.region AS old_region,
       e.name AS old_name, e.industry AS old_industry, e.size AS old_size,
       e.established_on AS old_established_on, e.registered_capital AS old_capital,
       p.uscc IS NOT NULL AS profiled, p.listed AS listed,
       coalesce(p."values", '{}') AS old_vals, coalesce(p.details, '{}') AS old_details,
       coalesce(p.origins, '{}') AS origins, p.base_publication_id AS base
FROM incoming i
JOIN sharing_enterprise e ON e.uscc = i.uscc
LEFT JOIN sharing_factorprofile p ON p.uscc = i.uscc AND p.factor_list = %(list)s
"""

# For few rows: look each of them up. The planner would rather scan, because it takes a
# policy's range of regions for a handful of rows whatever the jurisdiction holds.
FEW_STANDING = " WHERE e.uscc = ANY (ARRAY(SELECT uscc FROM incoming))"
FEW_ENTERPRISES = " AND e.uscc = ANY (ARRAY(SELECT uscc FROM standing))"
FEW_LATE = " AND c.uscc = ANY (ARRAY(SELECT uscc FROM item WHERE late))"
FEW_PROFILES = " AND p.uscc = ANY (ARRAY(SELECT uscc FROM folded))"

ONLY_FRESH = ' WHERE NOT EXISTS (SELECT FROM standing s WHERE s."row" = i."row")'
FRESH_ENTERPRISES = """
INSERT INTO sharing_enterprise (uscc, name, region, industry, size, established_on,
                                registered_capital, first_publication_id, last_publication_id)
SELECT i.uscc, i.name, i.region, i.industry, i.size, i.established_on, i.registered_capital,
       %(publication)s, %(publication)s
FROM incoming i
"""
FRESH_CHANGES = """
INSERT INTO sharing_factorchange (publication_id, "row", uscc, region, province, kind, changes,
                                  details)
SELECT %(publication)s, i."row", i.uscc, i.region, left(i.region, 2), 'observed',
       CASE WHEN coalesce(i.industry, i.size, i.established_on::text,
                          i.registered_capital::text) IS NULL
            -- Parsing two fields costs a third of building them.
            THEN ('{"name": ' || to_json(i.name) || ', "region": "' || i.region || '"}')::jsonb
            ELSE jsonb_strip_nulls(jsonb_build_object(
                'name', i.name, 'region', i.region, 'industry', i.industry, 'size', i.size,
                'established_on', i.established_on,
                'registered_capital', trim_scale(i.registered_capital)::text)) END || i.vals,
       i.details
FROM incoming i
"""
# A fact of tomorrow is in the ledger today, and in the profile when its day has come.
FRESH_PROFILES = """
INSERT INTO sharing_factorprofile (uscc, factor_list, region, list_version, "values", details,
                                   base_publication_id, origins, publication_id, "row",
                                   row_digest, flags, listed)
SELECT i.uscc, %(list)s, i.region, %(version)s,
       CASE WHEN i.details IS NULL THEN i.vals ELSE i.vals - ahead.codes END,
       CASE WHEN i.details IS NULL THEN '{}' ELSE i.details - ahead.codes END,
       %(publication)s, '{}', %(publication)s, i."row", i.digest, '{}', true
FROM incoming i
LEFT JOIN LATERAL (
    SELECT coalesce(array_agg(d.key), '{}') AS codes FROM jsonb_each(i.details) d
    WHERE (d.value ->> 'valid_from')::date > %(today)s OR NOT i.vals ? d.key
) ahead ON i.details IS NOT NULL
"""

# Has a table grown by so much that the planner's idea of it is of no use any more?
OUTGROWN = """
SELECT bool_or(reltuples < 5 * %(fresh)s) FROM pg_class
WHERE oid IN ('sharing_enterprise'::regclass, 'sharing_factorprofile'::regclass)
"""
COUNT_ANEW = (
    "ANALYZE sharing_enterprise (uscc, region),"
    " sharing_factorprofile (uscc, factor_list, region, listed)"
)

# One row for every item that a standing row says something new about.
#   kept: a higher source holds another value.  late: an older fact than the one that holds.
ITEM = """
CREATE TEMP TABLE item ON COMMIT DROP AS
WITH said AS (
    SELECT s."row", s.uscc, v.key AS code, v.value, s.old_vals -> v.key AS old_value,
           g.given, s.old_details -> v.key AS old_details,
           coalesce((s.origins ->> v.key)::bigint, s.base) AS origin, false AS clears
    FROM standing s
    CROSS JOIN LATERAL (
        SELECT key, value FROM jsonb_each(s.vals)
        UNION ALL  -- a new end of validity alone, of the value that is stored
        SELECT d.key, s.old_vals -> d.key FROM (
            SELECT jsonb_object_keys(s.details) UNION
            SELECT split_part(c, '|', 1) FROM unnest(s.cleared) c WHERE position('|' in c) > 0
        ) d (key)
        WHERE (s.details IS NOT NULL OR s.cleared IS NOT NULL) AND NOT s.vals ? d.key
          AND s.old_vals ? d.key AND d.key <> ALL (coalesce(s.cleared, '{}'))
    ) v
    CROSS JOIN LATERAL (  -- null for a part that a cell ends by itself: QF-17|valid_to
        SELECT CASE WHEN s.cleared IS NULL THEN s.details -> v.key ELSE nullif(
            coalesce(s.details -> v.key, '{}') || coalesce((
                SELECT jsonb_object_agg(split_part(c, '|', 2), NULL) FROM unnest(s.cleared) c
                WHERE position('|' in c) > 0 AND split_part(c, '|', 1) = v.key), '{}'), '{}') END
    ) g (given)
    WHERE s.old_vals -> v.key IS DISTINCT FROM v.value
       OR (g.given IS NOT NULL AND jsonb_strip_nulls(
               coalesce(s.old_details -> v.key, '{}') || g.given)
           <> coalesce(s.old_details -> v.key, '{}'))
    UNION ALL
    SELECT s."row", s.uscc, c.code, 'null', s.old_vals -> c.code, NULL,
           s.old_details -> c.code, coalesce((s.origins ->> c.code)::bigint, s.base), true
    FROM standing s CROSS JOIN LATERAL unnest(s.cleared) c (code)
    WHERE s.old_vals ? c.code
), merged AS (
    SELECT *, nullif(jsonb_strip_nulls(
                  CASE WHEN value = old_value THEN coalesce(old_details, '{}') || given
                       ELSE given END), '{}') AS details
    FROM said
), dated AS (
    SELECT m.*, coalesce((m.details ->> 'valid_from')::date, %(today)s) AS since,
           coalesce((m.old_details ->> 'valid_from')::date,
                    (q.recorded_at AT TIME ZONE 'Asia/Shanghai')::date) AS old_since,
           CASE WHEN q.self_declared THEN 'enterprise'
                WHEN q.region = '000000' THEN 'register'
                WHEN right(q.region, 4) = '0000' THEN 'province'
                WHEN right(q.region, 2) = '00' THEN 'city' ELSE 'county' END AS old_source
    FROM merged m LEFT JOIN sharing_publication q ON q.id = m.origin
)
SELECT "row", uscc, code, value, details, clears,
       old_value IS NOT NULL
           AND coalesce((%(ranks)s::jsonb -> code ->> old_source)::int, 99)
             < coalesce((%(ranks)s::jsonb -> code ->> %(source)s)::int, 99) AS kept,
       NOT clears AND (since > %(today)s
           OR (old_value IS NOT NULL AND coalesce(since < old_since, false))) AS late
FROM dated
"""
COUNT_LATE = "SELECT count(*) FROM item WHERE late"
# A late fact that the ledger has already is no news, however often the file comes.
DROP_KNOWN_LATE = """
DELETE FROM item USING sharing_factorchange c
JOIN sharing_publication q ON q.id = c.publication_id AND q.factor_list = %(list)s
WHERE item.late AND c.uscc = item.uscc AND c.kind IN ('observed', 'corrected', 'reverified')
  AND c.changes -> item.code = item.value
  AND c.details -> item.code IS NOT DISTINCT FROM item.details
  AND NOT EXISTS (SELECT FROM sharing_publication u
                  WHERE u.cause = 'undo' AND u.import_id = q.import_id)
"""

# The ledger's rows of standing enterprises, numbered after those of the fresh ones.
LEDGER_ROW = """
CREATE TEMP TABLE ledger_row ON COMMIT DROP AS
WITH who AS (
    SELECT s."row", jsonb_strip_nulls(jsonb_build_object(
        'name', nullif(s.name, s.old_name), 'region', nullif(s.region, s.old_region),
        'industry', nullif(s.industry, s.old_industry), 'size', nullif(s.size, s.old_size),
        'established_on', nullif(s.established_on, s.old_established_on),
        'registered_capital',
        trim_scale(nullif(s.registered_capital, s.old_capital))::text)) AS identity
    FROM standing s
), observed AS (
    SELECT i."row", jsonb_object_agg(i.code, i.value) AS changes,
           jsonb_object_agg(i.code, i.details) FILTER (WHERE i.details IS NOT NULL) AS details
    FROM item i WHERE NOT i.clears AND NOT i.kept GROUP BY i."row"
), ended AS (
    SELECT i."row", i.code FROM item i WHERE i.clears AND NOT i.kept
    UNION ALL
    SELECT s."row", c.code FROM standing s CROSS JOIN LATERAL unnest(s.cleared) c (code)
    WHERE CASE c.code WHEN 'industry' THEN s.old_industry WHEN 'size' THEN s.old_size
              WHEN 'established_on' THEN s.old_established_on::text
              WHEN 'registered_capital' THEN s.old_capital::text END IS NOT NULL
), cleared AS (
    SELECT e."row", jsonb_object_agg(e.code, NULL) AS changes FROM ended e GROUP BY e."row"
), rows AS (
    SELECT s."row" AS place, 1 AS part, 'listed' AS kind, '{}'::jsonb AS changes,
           NULL::jsonb AS details
    FROM standing s WHERE s.profiled AND NOT s.listed
    UNION ALL
    SELECT s."row", 2, 'observed', w.identity || coalesce(o.changes, '{}'), o.details
    FROM standing s JOIN who w USING ("row") LEFT JOIN observed o USING ("row")
    WHERE o.changes IS NOT NULL OR w.identity <> '{}' OR NOT s.profiled
    UNION ALL
    SELECT c."row", 3, 'cleared', c.changes, NULL FROM cleared c
)
SELECT r.*, s.uscc, s.new_region AS region,
       (SELECT max("row") FROM incoming) + row_number() OVER (ORDER BY r.place, r.part) AS number
FROM rows r JOIN standing s ON s."row" = r.place
"""
STANDING_CHANGES = """
INSERT INTO sharing_factorchange (publication_id, "row", uscc, region, province, kind, changes,
                                  details)
SELECT %(publication)s, number, uscc, region, left(region, 2), kind, changes, details
FROM ledger_row
"""
STANDING_ENTERPRISES = """
UPDATE sharing_enterprise e
SET name = coalesce(s.name, e.name), region = s.new_region,
    industry = CASE WHEN 'industry' = ANY (s.cleared) THEN NULL
                    ELSE coalesce(s.industry, e.industry) END,
    size = CASE WHEN 'size' = ANY (s.cleared) THEN NULL ELSE coalesce(s.size, e.size) END,
    established_on = CASE WHEN 'established_on' = ANY (s.cleared) THEN NULL
                          ELSE coalesce(s.established_on, e.established_on) END,
    registered_capital = CASE WHEN 'registered_capital' = ANY (s.cleared) THEN NULL
                              ELSE coalesce(s.registered_capital, e.registered_capital) END,
    last_publication_id = %(publication)s
FROM standing s
WHERE e.uscc = s.uscc
  AND (s.name <> s.old_name OR s.region <> s.old_region
       OR s.cleared && '{industry,size,established_on,registered_capital}'
       OR s.industry IS DISTINCT FROM s.old_industry AND s.industry IS NOT NULL
       OR s.size IS DISTINCT FROM s.old_size AND s.size IS NOT NULL
       OR s.established_on IS DISTINCT FROM s.old_established_on AND s.established_on IS NOT NULL
       OR s.registered_capital IS DISTINCT FROM s.old_capital
          AND s.registered_capital IS NOT NULL)
"""
# What the written rows do to each profile. A row of which something was kept has no digest:
# once the higher source lets go, the same row says something new.
FOLDED = """
CREATE TEMP TABLE folded ON COMMIT DROP AS
SELECT s.uscc, s.new_region AS region, s.profiled, s.listed, s.old_vals = '{}' AS was_empty,
       l.number, CASE WHEN a.kept THEN NULL ELSE s.digest END AS digest,
       coalesce(a.vals, '{}') AS vals, coalesce(a.details, '{}') AS details,
       coalesce(a.origins, '{}') AS origins, coalesce(a.gone, '{}') AS gone,
       coalesce(a.touched, '{}') AS touched
FROM standing s
JOIN (SELECT place, max(number) AS number FROM ledger_row GROUP BY place) l ON l.place = s."row"
LEFT JOIN (
    SELECT i."row", bool_or(i.kept) AS kept,
           jsonb_object_agg(i.code, i.value)
               FILTER (WHERE NOT i.kept AND NOT i.late AND NOT i.clears) AS vals,
           jsonb_object_agg(i.code, i.details)
               FILTER (WHERE NOT i.kept AND NOT i.late AND i.details IS NOT NULL) AS details,
           jsonb_object_agg(i.code, %(publication)s::bigint)
               FILTER (WHERE NOT i.kept AND NOT i.late AND NOT i.clears) AS origins,
           array_agg(i.code) FILTER (WHERE NOT i.kept AND i.clears) AS gone,
           array_agg(i.code) FILTER (WHERE NOT i.kept AND NOT i.late) AS touched
    FROM item i GROUP BY i."row"
) a ON a."row" = s."row"
"""
ENTER_PROFILES = """
INSERT INTO sharing_factorprofile (uscc, factor_list, region, list_version, "values", details,
                                   base_publication_id, origins, publication_id, "row",
                                   row_digest, flags, listed)
SELECT uscc, %(list)s, region, %(version)s, vals, details, %(publication)s, '{}',
       %(publication)s, number, digest, '{}', true
FROM folded WHERE NOT profiled
"""
UPDATE_PROFILES = """
UPDATE sharing_factorprofile p
SET region = f.region, list_version = greatest(p.list_version, %(version)s),
    "values" = (p."values" - f.gone) || f.vals, details = (p.details - f.touched) || f.details,
    origins = (p.origins - f.gone) || f.origins, publication_id = %(publication)s,
    "row" = f.number, row_digest = f.digest, listed = true
FROM folded f WHERE f.profiled AND p.uscc = f.uscc AND p.factor_list = %(list)s
"""
# On the list once, then undone to nothing: for whoever counts they are new again.
ENTERED_AGAIN = """
SELECT count(*) FROM folded WHERE profiled AND NOT listed AND was_empty
"""

PREVIEW = """
SELECT DISTINCT l.place, NOT s.profiled OR NOT s.listed AND s.old_vals = '{}'
FROM ledger_row l JOIN standing s ON s."row" = l.place
"""

NAMED = "CREATE TEMP TABLE named (uscc text) ON COMMIT DROP"
LEFT_OUT = """
CREATE TEMP TABLE left_out ON COMMIT DROP AS
SELECT p.uscc, p.region, row_number() OVER (ORDER BY p.uscc) + coalesce(
           (SELECT max("row") FROM sharing_factorchange
            WHERE publication_id = %(publication)s), 0) AS number
FROM sharing_factorprofile p
WHERE p.factor_list = %(list)s AND p.listed
  AND NOT EXISTS (SELECT FROM named n WHERE n.uscc = p.uscc)
"""
COUNT_LEFT_OUT = """
SELECT count(*) FILTER (WHERE n.uscc IS NULL), count(*)
FROM sharing_factorprofile p LEFT JOIN named n ON n.uscc = p.uscc
WHERE p.factor_list = %(list)s AND p.listed
"""
DELIST_CHANGES = """
INSERT INTO sharing_factorchange (publication_id, "row", uscc, region, province, kind, changes)
SELECT %(publication)s, number, uscc, region, left(region, 2), 'delisted', '{}' FROM left_out
"""
DELIST_PROFILES = """
UPDATE sharing_factorprofile p
SET listed = false, publication_id = %(publication)s, "row" = o.number, row_digest = NULL
FROM left_out o WHERE p.uscc = o.uscc AND p.factor_list = %(list)s
"""

KNOWN = "CREATE TEMP TABLE known (uscc text, digest bytea) ON COMMIT DROP"
STALE = """
SELECT count(*) FROM known k
LEFT JOIN sharing_factorprofile p ON p.uscc = k.uscc AND p.factor_list = %(list)s
WHERE p.row_digest IS DISTINCT FROM k.digest OR NOT p.listed
"""

# Undoing. What a later publication says about the same enterprise and item stands in the way,
# unless it was itself undone; announcements of what follows from dates do not.
OVERTAKEN = """
WITH undone AS (SELECT import_id FROM sharing_publication WHERE cause = 'undo'),
later AS (
    SELECT q.id, q.number, q.cause, q.import_id FROM sharing_publication q
    WHERE q.factor_list = %(list)s AND q.number > %(number)s AND q.recipient_id IS NULL
      AND (q.import_id IS NULL OR q.import_id NOT IN (SELECT import_id FROM undone))
)
SELECT l.number, l.cause, c.uscc, coalesce(k.key, 'the listing'), count(*) OVER (),
       l.import_id,
       (SELECT r.id FROM sharing_recordchange r WHERE r.publication_id = l.id LIMIT 1)
FROM later l
JOIN sharing_factorchange c ON c.publication_id = l.id
JOIN sharing_factorchange mine ON mine.publication_id = %(undone)s AND mine.uscc = c.uscc
LEFT JOIN LATERAL jsonb_object_keys(c.changes) k (key) ON true
WHERE c.kind NOT IN ('expired', 'lapsed', 'flagged', 'unflagged', 'access_opened',
                     'access_closed')
  AND (mine.changes ? k.key
       OR c.kind IN ('listed', 'delisted') AND mine.kind IN ('listed', 'delisted', 'observed'))
ORDER BY l.number, c."row" LIMIT 20
"""
# Profiles that exist because of this publication alone.
ENTERED_BY = """
CREATE TEMP TABLE entered ON COMMIT DROP AS
SELECT p.uscc, p.region, row_number() OVER (ORDER BY p.uscc) AS place,
       (SELECT jsonb_object_agg(k.key, NULL) FROM (
            SELECT jsonb_object_keys(c.changes) AS key FROM sharing_factorchange c
            WHERE c.publication_id = %(undone)s AND c.uscc = p.uscc) k
        WHERE k.key NOT IN ('name', 'region', 'industry', 'size', 'established_on',
                            'registered_capital')) AS gone
FROM sharing_factorprofile p
WHERE p.factor_list = %(list)s AND p.base_publication_id = %(undone)s
  AND p.publication_id = %(undone)s
"""
EMPTY_CHANGES = """
INSERT INTO sharing_factorchange (publication_id, "row", uscc, region, province, kind, changes)
SELECT %(publication)s, 2 * place - 1, uscc, region, left(region, 2), 'withdrawn', gone
FROM entered WHERE gone IS NOT NULL
"""
EMPTY_DELISTED = """
INSERT INTO sharing_factorchange (publication_id, "row", uscc, region, province, kind, changes)
SELECT %(publication)s, 2 * place, uscc, region, left(region, 2), 'delisted', '{}' FROM entered
"""
EMPTY_PROFILES = """
UPDATE sharing_factorprofile p
SET "values" = '{}', details = '{}', origins = '{}', flags = '{}', listed = false,
    row_digest = NULL, publication_id = %(publication)s, "row" = 2 * e.place
FROM entered e WHERE p.uscc = e.uscc AND p.factor_list = %(list)s
"""
HIGHEST_ROW = """
SELECT coalesce(max("row"), 0) FROM sharing_factorchange WHERE publication_id = %(publication)s
"""
OTHERS = """
SELECT DISTINCT c.uscc FROM sharing_factorchange c
WHERE c.publication_id = %(undone)s
  AND NOT EXISTS (SELECT FROM entered e WHERE e.uscc = c.uscc)
ORDER BY c.uscc
"""
