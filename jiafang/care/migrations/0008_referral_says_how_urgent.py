"""How urgent a case was when somebody was asked to take it: it sorts their queue before they read the case."""

from django.db import migrations, models

TIERS = [
    ("green", "一般,老师跟进"),
    ("yellow", "留意,请心理教师看看"),
    ("orange", "较急,学校和家长一起"),
    ("red", "紧急,马上送医或求助"),
]
STATES = [
    ("open", "新提出"),
    ("assigned", "已分派"),
    ("acting", "办理中"),
    ("awaiting", "等确认"),
    ("closed", "已办结"),
    ("reopened", "重新打开"),
]


class Migration(migrations.Migration):
    dependencies = [("care", "0007_sealed_readers_hold_a_post")]

    operations = [
        migrations.AddField(
            model_name="referral",
            name="alert_tier",
            field=models.CharField(choices=TIERS, default="green", max_length=8),
            preserve_default=False,
        ),
        migrations.RunSQL(
            "UPDATE care_referral r SET alert_tier = c.alert_tier FROM care_casefile c WHERE c.id = r.case_id",
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            "casefile",
            "state",
            models.CharField(choices=STATES, default="open", max_length=10, verbose_name="状态"),
        ),
        migrations.AlterField("casetally", "state", models.CharField(choices=STATES, max_length=10)),
        migrations.AlterField("casestep", "from_state", models.CharField(blank=True, choices=STATES, max_length=10)),
        migrations.AlterField("casestep", "to_state", models.CharField(choices=STATES, max_length=10)),
    ]
