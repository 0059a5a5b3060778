import uuid

import django.contrib.postgres.fields
from django.db import migrations, models

KINDS = [("visit", "家访记录"), ("outcome", "没见成的说明"), ("file", "照片或语音")]


class Migration(migrations.Migration):
    dependencies = [("visits", "0005_attachment_came_as")]
    operations = [
        migrations.RemoveConstraint(model_name="receipt", name="receipt_once"),
        migrations.AlterField(model_name="receipt", name="kind", field=models.CharField(choices=KINDS, max_length=10)),
        migrations.AddField(
            model_name="receipt",
            name="written_at",
            field=models.DateTimeField(help_text="what the phone's clock said: evidence, never an order", null=True),
        ),
        migrations.AddConstraint(
            model_name="receipt",
            constraint=models.UniqueConstraint(fields=("item", "kind", "person", "hash"), name="receipt_once"),
        ),
        migrations.AddField(
            model_name="helditem",
            name="kind",
            field=models.CharField(choices=KINDS, default="visit", max_length=10),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="helditem", name="item", field=models.UUIDField(default=uuid.uuid4), preserve_default=False
        ),
        migrations.AddField(model_name="helditem", name="revision", field=models.PositiveIntegerField(default=1)),
        migrations.AddField(
            model_name="helditem",
            name="duty_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, size=None
            ),
        ),
        migrations.AddField(model_name="helditem", name="details", field=models.JSONField(default=dict)),
        migrations.AlterField(
            model_name="helditem",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "等待核对"),
                    ("taken", "已收下"),
                    ("replaced", "已改好重传"),
                    ("dismissed", "本人已放弃"),
                    ("left", "核对后没有收下"),
                ],
                default="open",
                max_length=10,
            ),
        ),
        migrations.RenameIndex(model_name="helditem", old_name="held_item_open", new_name="held_item_of_person"),
        migrations.AddIndex(
            model_name="helditem",
            index=models.Index(condition=models.Q(("state", "open")), fields=["reason"], name="held_item_open"),
        ),
    ]
