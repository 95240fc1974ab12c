"""Room for a day's update beside each loan, and a sub-ledger that only grows."""

from django.db import migrations

APPEND_ONLY = ("servicing_loanentry", "servicing_portfolioday", "servicing_certificate")

FORWARD = [
    # Daily accrual then stays a heap-only update: no index entry is written.
    "ALTER TABLE servicing_loan SET (fillfactor = 70)",
    "ALTER TABLE servicing_instalment SET (fillfactor = 85)",
    *(
        f"CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION platform_refuse_change()"
        for table in APPEND_ONLY
    ),
]
BACKWARD = [
    *(f"DROP TRIGGER no_change ON {table}" for table in APPEND_ONLY),
    "ALTER TABLE servicing_instalment RESET (fillfactor)",
    "ALTER TABLE servicing_loan RESET (fillfactor)",
]


class Migration(migrations.Migration):
    dependencies = [("servicing", "0001_initial"), ("platform", "0002_append_only")]
    operations = [migrations.RunSQL(";\n".join(FORWARD), ";\n".join(BACKWARD))]
