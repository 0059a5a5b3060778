"""Whether it was confided is said by the case itself; messages and readers are on one of the four sides."""

from django.db import migrations, models
from django.db.models import Q

SIDES = ["bureau", "school", "teacher", "family"]
CONFIDED = """
UPDATE care_casefile SET confided = true FROM care_category
WHERE care_category.id = category_id AND care_category.confided AND subject_kind IN ('teacher', 'principal')
"""


class Migration(migrations.Migration):
    dependencies = [("care", "0005_referral_says_where_and_about_whom")]

    operations = [
        migrations.AddField(
            model_name="casefile",
            name="confided",
            field=models.BooleanField(
                default=False,
                help_text="told in confidence when it was raised; what becomes of the category changes nothing",
            ),
        ),
        migrations.RunSQL(CONFIDED, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="casefile",
            constraint=models.CheckConstraint(
                condition=Q(confided=False) | Q(subject_kind__in=["teacher", "principal"]),
                name="case_confided_of_own_matters",
            ),
        ),
        migrations.AddConstraint(
            model_name="casereader",
            constraint=models.CheckConstraint(condition=Q(side__in=SIDES), name="case_reader_on_a_side"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(condition=Q(side__in=SIDES), name="message_from_a_side"),
        ),
    ]
