from django.db import migrations

REVOKE = """
DO $$
DECLARE role_name text;
BEGIN
    FOR role_name IN
        SELECT DISTINCT grantee FROM information_schema.role_table_grants
        WHERE table_name = 'accounts_auditentry' AND grantee <> current_user
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON accounts_auditentry FROM %I', role_name);
    END LOOP;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial_tables")]
    operations = [migrations.RunSQL(REVOKE, migrations.RunSQL.noop)]
