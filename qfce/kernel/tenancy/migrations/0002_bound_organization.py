"""What policies ask: whose transaction this is, and how far that reaches."""

from django.db import migrations

# A setting bound earlier in the session reads as '' once its transaction is over, and '' is
# no uuid: hence nullif. Compared with NULL, no row is anybody's.
BOUND = """
CREATE FUNCTION qfce_bound_organization() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('qfce.organization_id', true), '')::uuid;

CREATE FUNCTION qfce_bound_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('qfce.user_id', true), '')::uuid;

CREATE FUNCTION qfce_bound_client() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('qfce.client_id', true), '');

CREATE FUNCTION qfce_bound_channel() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(nullif(current_setting('qfce.channel', true), ''), 'task');
"""

REACH = """
CREATE FUNCTION qfce_readable() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH RECURSIVE below AS (
        SELECT id FROM tenancy_organization WHERE id = qfce_bound_organization()
        UNION
        SELECT o.id FROM tenancy_organization o JOIN below ON o.parent_id = below.id
    )
    SELECT array_agg(id) FROM below
$$;

CREATE FUNCTION qfce_bound_kind() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT kind FROM tenancy_organization WHERE id = qfce_bound_organization()
$$;

CREATE FUNCTION qfce_bound_uscc() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT uscc FROM tenancy_organization
    WHERE id = qfce_bound_organization() AND kind = 'enterprise'
$$;

-- Codes nest by prefix, so a jurisdiction is a range. NULL for everyone but market regulators.
CREATE FUNCTION qfce_region_low() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(region_id, '000000') FROM tenancy_organization
    WHERE id = qfce_bound_organization() AND kind = 'market_regulator'
$$;

CREATE FUNCTION qfce_region_high() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE
        WHEN region_id IS NULL THEN '999999'
        WHEN right(region_id, 4) = '0000' THEN left(region_id, 2) || '9999'
        WHEN right(region_id, 2) = '00' THEN left(region_id, 4) || '99'
        ELSE region_id END
    FROM tenancy_organization
    WHERE id = qfce_bound_organization() AND kind = 'market_regulator'
$$;

CREATE FUNCTION qfce_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

GRANT SELECT ON tenancy_organization, tenancy_region, tenancy_user, tenancy_membership
    TO qfce_definer;
"""

DROP = """
DROP FUNCTION qfce_refuse_change();
DROP FUNCTION qfce_region_high();
DROP FUNCTION qfce_region_low();
DROP FUNCTION qfce_bound_uscc();
DROP FUNCTION qfce_bound_kind();
DROP FUNCTION qfce_readable();
DROP FUNCTION qfce_bound_channel();
DROP FUNCTION qfce_bound_client();
DROP FUNCTION qfce_bound_user();
DROP FUNCTION qfce_bound_organization();
REVOKE SELECT ON tenancy_organization, tenancy_region, tenancy_user, tenancy_membership
    FROM qfce_definer;
"""


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0001_initial")]

    operations = [migrations.RunSQL(BOUND + REACH, DROP)]
