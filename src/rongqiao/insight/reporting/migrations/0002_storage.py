"""Months that were summed up stay as they were."""

from django.db import migrations

TABLES = ("reporting_cohortmonth", "reporting_earnedmonth")


class Migration(migrations.Migration):
    dependencies = [("reporting", "0001_initial"), ("platform", "0002_append_only")]
    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION platform_refuse_change()",
            f"DROP TRIGGER no_change ON {table}",
        )
        for table in TABLES
    ]
