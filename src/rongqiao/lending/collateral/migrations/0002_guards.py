"""What the database itself holds of collateral, and the first version of the rules."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_BASEL = "折扣系数：巴塞尔框架 CRE32（2023）基础内评法对该类押品的扣减，转引，未见原文；"
_OURS = "最高抵押率、覆盖率下限和估值有效期为平台假设。"
# Kind, haircut, maximum loan-to-value, days until a value is stale, assumed, source.
FIRST = (
    (
        "vehicle",
        "0.40",
        "0.70",
        180,
        True,
        _BASEL + "最高抵押率 70% 参照银发〔2017〕234 号二手车贷款最高发放比例，转引；"
        "覆盖率下限和估值有效期为平台假设。",
    ),
    ("real_estate", "0.40", "0.60", 365, True, _BASEL + _OURS),
    ("receivable", "0.40", "0.60", 90, True, _BASEL + _OURS),
    ("deposit", "0.00", "0.95", 365, True, "同币种存款不扣减；" + _OURS),
    ("guarantee", "0.50", "1.00", 365, True, "保证的折扣系数为平台假设；" + _OURS),
)
FORWARD = [
    "CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON collateral_valuation "
    "FOR EACH ROW EXECUTE FUNCTION platform_refuse_change()",
    # Released, declined and withdrawn are the end of a pledge and of a release.
    """CREATE FUNCTION collateral_refuse_after_end() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'a row of % that is % never changes', TG_TABLE_NAME, OLD.state
        USING ERRCODE = 'check_violation';
    END $$""",
    *(
        f"CREATE TRIGGER no_change_after_end BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW "
        "WHEN (OLD.state IN ('released', 'declined', 'withdrawn')) "
        "EXECUTE FUNCTION collateral_refuse_after_end()"
        for table in ("collateral_pledge", "collateral_pledgerelease", "collateral_collateralrule")
    ),
    # At the end of a transaction an item secures exactly what its standing pledges say.
    """CREATE FUNCTION collateral_check_secured() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      item uuid := to_jsonb(NEW) ->> TG_ARGV[0];
    BEGIN
      IF (SELECT secured_minor FROM collateral_collateral WHERE id = item) <>
         (SELECT coalesce(sum(amount_minor), 0) FROM collateral_pledge
          WHERE collateral_id = item AND state = 'agreed') THEN
        RAISE EXCEPTION 'collateral % does not secure what its pledges say', item
          USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END $$""",
    "CREATE CONSTRAINT TRIGGER secures_its_pledges AFTER INSERT OR UPDATE ON collateral_pledge "
    "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
    "EXECUTE FUNCTION collateral_check_secured('collateral_id')",
    "CREATE CONSTRAINT TRIGGER secures_its_pledges AFTER INSERT OR UPDATE "
    "ON collateral_collateral "
    "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
    "EXECUTE FUNCTION collateral_check_secured('id')",
]
BACKWARD = [
    "DROP TRIGGER secures_its_pledges ON collateral_collateral",
    "DROP TRIGGER secures_its_pledges ON collateral_pledge",
    "DROP FUNCTION collateral_check_secured",
    "DROP TRIGGER no_change_after_end ON collateral_collateralrule",
    "DROP TRIGGER no_change_after_end ON collateral_pledgerelease",
    "DROP TRIGGER no_change_after_end ON collateral_pledge",
    "DROP FUNCTION collateral_refuse_after_end",
    "DROP TRIGGER no_change ON collateral_valuation",
]


def begin(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Release the first version of every kind's rule."""
    at, rules = datetime(2000, 1, 1, tzinfo=UTC), apps.get_model("collateral", "CollateralRule")
    for place, (kind, haircut, ltv_max, days, is_assumed, source) in enumerate(FIRST):
        rules.objects.create(
            id=UUID(int=0x7000_8000_0000_0000_0300 + place),
            kind=kind,
            number=1,
            haircut=Decimal(haircut),
            ltv_max=Decimal(ltv_max),
            coverage_min=Decimal(1),
            stale_after_days=days,
            is_assumed=is_assumed,
            source=source,
            from_on=date(2000, 1, 1),
            state="released",
            proposed_by="system:rules",
            proposed_at=at,
            decided_by="system:migration",
            decided_at=at,
        )


class Migration(migrations.Migration):
    dependencies = [("collateral", "0001_initial"), ("platform", "0002_append_only")]
    operations = [
        migrations.RunPython(begin, migrations.RunPython.noop),
        *(
            migrations.RunSQL(forward, backward)
            for forward, backward in zip(FORWARD, reversed(BACKWARD), strict=True)
        ),
    ]
