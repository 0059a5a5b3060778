import uuid

from django.db import migrations, models

READ_ONLY_FOR_THE_APPLICATION = """
DO $$
DECLARE role_name text;
BEGIN
    FOR role_name IN
        SELECT DISTINCT grantee FROM information_schema.role_table_grants
        WHERE table_name = 'rescue_restoreepoch' AND grantee <> current_user
    LOOP
        EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON rescue_restoreepoch FROM %I', role_name);
    END LOOP;
END $$
"""


def begin_the_first(apps, schema_editor):
    apps.get_model("rescue", "RestoreEpoch").objects.create(epoch=uuid.uuid4())


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="RestoreEpoch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("epoch", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("since", models.DateTimeField(auto_now_add=True)),
                ("backup_made_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.RunSQL(READ_ONLY_FOR_THE_APPLICATION, migrations.RunSQL.noop),
        migrations.RunPython(begin_the_first, migrations.RunPython.noop),
    ]
