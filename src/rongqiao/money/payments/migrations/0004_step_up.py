"""A withdrawal names the proof of who asked for it: one proof, one order, for ever."""

import django.db.models.deletion
from django.db import migrations, models

GUARD = """
CREATE FUNCTION payments_guard_proof() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the proof of an order does not change' USING ERRCODE = 'RQ001';
END $$;
CREATE TRIGGER guard_proof BEFORE UPDATE OF step_up_id ON payments_paymentorder
  FOR EACH ROW WHEN (OLD.step_up_id IS DISTINCT FROM NEW.step_up_id)
  EXECUTE FUNCTION payments_guard_proof();
"""
UNGUARD = """
DROP TRIGGER guard_proof ON payments_paymentorder;
DROP FUNCTION payments_guard_proof();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("parties", "0003_step_up"),
        ("payments", "0003_reconciling"),
    ]

    operations = [
        migrations.AddField(
            "paymentorder",
            "step_up",
            models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="parties.stepup",
            ),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
