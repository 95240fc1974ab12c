import os

from django.db import migrations


class Migration(migrations.Migration):
    """Changes a table and then fails, so that all of it must be rolled back; told to succeed, it
    does nothing."""

    dependencies = [("later", "0001_widen")]
    operations = (
        [
            migrations.RunSQL(
                "ALTER TABLE ledger_journal ADD COLUMN later_half text NOT NULL DEFAULT ''; "
                "SELECT pg_sleep(0.2); SELECT 1/0",
            )
        ]
        if os.environ.get("LATER_FAILS") == "1"
        else []
    )
