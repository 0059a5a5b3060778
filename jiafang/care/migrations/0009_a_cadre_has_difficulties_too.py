"""A cadre's own difficulty is of no school, and so in none of the counts that are kept for schools."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

SUBJECTS = [
    ("student", "学生"),
    ("teacher", "教师"),
    ("principal", "校长/园长"),
    ("cadre", "局机关干部"),
    ("school", "学校"),
]
TALLY = """
CREATE OR REPLACE FUNCTION care_tally_cases() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE care_casetally SET count = count - 1
        WHERE school_id = OLD.school_id AND category_id = OLD.category_id AND level = OLD.level AND state = OLD.state
            AND due_week = date_trunc('week', OLD.due)::date;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO care_casetally AS tally (school_id, category_id, level, state, due_week, count)
        SELECT NEW.school_id, NEW.category_id, NEW.level, NEW.state, date_trunc('week', NEW.due)::date, 1
        WHERE NEW.school_id IS NOT NULL
        ON CONFLICT (school_id, category_id, level, state, due_week) DO UPDATE SET count = tally.count + 1;
    END IF;
    RETURN NULL;
END $$;
"""
# The categories with which a district began, where a bureau has left them to staff.
CATEGORIES = """
UPDATE care_category SET subjects = array_append(subjects, 'cadre')
WHERE code IN ('life', 'mind', 'family', 'health', 'safety', 'other') AND 'teacher' = ANY(subjects)
    AND NOT 'cadre' = ANY(subjects)
"""


class Migration(migrations.Migration):
    dependencies = [("care", "0008_referral_says_how_urgent")]

    operations = [
        migrations.AlterField(
            model_name="casefile",
            name="subject_kind",
            field=models.CharField(choices=SUBJECTS, max_length=10, verbose_name="对象"),
        ),
        migrations.AlterField(
            model_name="casefile",
            name="school",
            field=models.ForeignKey(
                blank=True,
                help_text="empty: of a cadre of the bureau",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cases",
                to="organization.school",
            ),
        ),
        migrations.AlterField(
            model_name="category",
            name="subjects",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(choices=SUBJECTS, max_length=10), size=None
            ),
        ),
        migrations.RemoveConstraint(model_name="casefile", name="case_confided_of_own_matters"),
        migrations.AddConstraint(
            model_name="casefile",
            constraint=models.CheckConstraint(
                condition=Q(confided=False) | Q(subject_kind__in=["teacher", "principal", "cadre"]),
                name="case_confided_of_own_matters",
            ),
        ),
        migrations.AddConstraint(
            model_name="casefile",
            constraint=models.CheckConstraint(
                condition=Q(subject_kind="cadre", school=None) | (~Q(subject_kind="cadre") & Q(school__isnull=False)),
                name="case_of_a_school_or_a_cadre",
            ),
        ),
        migrations.RunSQL(TALLY, migrations.RunSQL.noop),
        migrations.RunSQL(CATEGORIES, migrations.RunSQL.noop),
    ]
