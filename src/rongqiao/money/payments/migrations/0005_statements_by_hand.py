"""A statement tells whether a person handed it in: no order ends on one person's word."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0004_step_up")]

    operations = [
        migrations.AddField("statementfile", "is_by_hand", models.BooleanField(default=False)),
    ]
