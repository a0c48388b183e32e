"""
Django keeps a second index of a text key, for LIKE under other collations than C.

The database is made with C.UTF-8 (see the compose file and the embedded server), where the key
serves such a search itself; the second index only made each new enterprise dearer.
"""

from django.db import migrations

DROP = """
DO $$
DECLARE superfluous text;
BEGIN
    FOR superfluous IN
        SELECT indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE indrelid = 'sharing_enterprise'::regclass AND c.relname LIKE 'sharing_enterprise_uscc_%_like'
    LOOP
        EXECUTE 'DROP INDEX ' || superfluous;
    END LOOP;
END $$
"""
BACK = (
    "CREATE INDEX sharing_enterprise_uscc_8ff59f0d_like"
    " ON sharing_enterprise (uscc varchar_pattern_ops)"
)


class Migration(migrations.Migration):
    dependencies = [("sharing", "0027_recalls_of_many")]

    operations = [migrations.RunSQL(DROP, BACK)]
