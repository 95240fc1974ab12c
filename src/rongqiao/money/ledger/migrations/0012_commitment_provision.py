"""What is provided for undrawn sums gets its first accounting code."""

from datetime import UTC, date, datetime
from uuid import UUID

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

LINE = "commitment-provision"


def give_code(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give the line a code where the books were set up before it was in the chart."""
    mapping = apps.get_model("ledger", "CodeMapping")
    if mapping.objects.filter(line=LINE).exists():
        return
    at = datetime(2000, 1, 1, tzinfo=UTC)
    mapping.objects.create(
        id=UUID(int=0x7000_8000_0000_0000_0103),
        line=LINE,
        code="280101",
        title="预计负债——贷款承诺",
        effective_on=date(2000, 1, 1),
        reason="《企业会计准则——应用指南》附录",
        state="confirmed",
        proposed_by="system:chart",
        proposed_at=at,
        decided_by="system:migration",
        decided_at=at,
    )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0011_room_for_balances")]
    operations = [migrations.RunPython(give_code, migrations.RunPython.noop)]
