"""By which post somebody reads sealed reports; whoever wrote one reads it without."""

from django.db import migrations, models

ROLES = [
    ("homeroom_teacher", "班主任"),
    ("cohort_lead", "年段长"),
    ("counselor", "心理教师"),
    ("moral_deputy", "德育副校长"),
    ("principal", "校长/园长"),
    ("cadre", "挂钩干部"),
    ("section", "局科室"),
    ("director", "局长"),
]
# Of those who were named: the leading post that they hold there, else the one for which the capacity stands.
NAMED = """
CREATE FUNCTION pg_temp.role_of(person bigint, kind text, school bigint) RETURNS text LANGUAGE sql AS $$
    SELECT COALESCE(
        (SELECT p.kind FROM organization_post p
         WHERE p.person_id = $1 AND p.school_id IS NOT DISTINCT FROM $3 AND (p."end" IS NULL OR p."end" > CURRENT_DATE)
             AND p.kind = ANY(CASE $2 WHEN 'principal' THEN ARRAY['principal', 'moral_deputy'] ELSE ARRAY[$2] END)
         ORDER BY p.kind DESC, p.id LIMIT 1),
        $2)
$$;
UPDATE care_sealedreader r SET role = pg_temp.role_of(r.person_id, r.kind, r.school_id)
FROM care_mandatoryreport m WHERE m.id = r.report_id AND m.reported_by_id <> r.person_id;
UPDATE care_standingsealedreader r SET role = pg_temp.role_of(r.person_id, r.kind, r.school_id);
DROP FUNCTION pg_temp.role_of;
"""


class Migration(migrations.Migration):
    dependencies = [("care", "0006_what_is_confided_stays_so")]

    operations = [
        migrations.AddField(
            model_name="sealedreader",
            name="role",
            field=models.CharField(blank=True, choices=ROLES, default="", max_length=20),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="standingsealedreader",
            name="role",
            field=models.CharField(choices=ROLES, default="", max_length=20),
            preserve_default=False,
        ),
        migrations.RunSQL(NAMED, migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name="sealedreader", name="sealed_reader_once"),
        migrations.AddConstraint(
            model_name="sealedreader",
            constraint=models.UniqueConstraint(
                fields=["report", "person", "kind", "school", "role"],
                condition=models.Q(until=None),
                nulls_distinct=False,
                name="sealed_reader_once",
            ),
        ),
    ]
