from django.db import migrations, models

READ_ONLY_FOR_THE_APPLICATION = """
DO $$
DECLARE role_name text;
BEGIN
    FOR role_name IN
        SELECT DISTINCT grantee FROM information_schema.role_table_grants
        WHERE table_name = 'rescue_backupmark' AND grantee <> current_user
    LOOP
        EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON rescue_backupmark FROM %I', role_name);
    END LOOP;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("rescue", "0001_restore_epoch")]
    operations = [
        migrations.CreateModel(
            name="BackupMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("made_at", models.DateTimeField()),
                ("sequence", models.BigIntegerField()),
            ],
            options={"indexes": [models.Index(fields=["made_at"], name="backup_mark_made_at")]},
        ),
        migrations.RunSQL(READ_ONLY_FOR_THE_APPLICATION, migrations.RunSQL.noop),
    ]
