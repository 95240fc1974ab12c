"""Orders to the custodian bank; withdrawals paid by hand become orders, with their holds.

A trigger refuses every step that domain.md, 4 does not draw, every change of what an order asks
for, and every deletion.
"""

import json
from typing import Any
from uuid import UUID

import django.db.models.deletion
from django.db import migrations, models

from rongqiao.platform.clock import CHINA
from rongqiao.platform.crypto import decrypt, encrypt

GUARD = """
CREATE FUNCTION payments_guard_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'UPDATE' THEN
    RAISE EXCEPTION 'orders stay on record' USING ERRCODE = 'RQ001';
  END IF;
  IF OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
      ('created', 'sent'), ('created', 'cancelled'),
      ('sent', 'succeeded'), ('sent', 'failed'), ('sent', 'unknown'),
      ('unknown', 'succeeded'), ('unknown', 'failed')) THEN
    RAISE EXCEPTION 'an order does not go from % to %', OLD.state, NEW.state
      USING ERRCODE = 'RQ001';
  END IF;
  IF (OLD.id, OLD.number, OLD.kind, OLD.party_id, OLD.bank_account_id, OLD.amount_minor,
      OLD.currency, OLD.hold_id, OLD.subject, OLD.needs_approval, OLD.created_by, OLD.created_at,
      OLD.created_on)
     IS DISTINCT FROM
     (NEW.id, NEW.number, NEW.kind, NEW.party_id, NEW.bank_account_id, NEW.amount_minor,
      NEW.currency, NEW.hold_id, NEW.subject, NEW.needs_approval, NEW.created_by, NEW.created_at,
      NEW.created_on)
     OR (OLD.approved_by <> '' AND OLD.approved_by <> NEW.approved_by)
     OR (OLD.bank_serial <> '' AND OLD.bank_serial <> NEW.bank_serial)
     OR (OLD.journal IS NOT NULL AND OLD.journal IS DISTINCT FROM NEW.journal)
     OR (OLD.returned_journal IS NOT NULL
         AND OLD.returned_journal IS DISTINCT FROM NEW.returned_journal)
     OR (OLD.payee_sealed IS NULL) <> (NEW.payee_sealed IS NULL) THEN
    RAISE EXCEPTION 'what an order asks for does not change' USING ERRCODE = 'RQ001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_order BEFORE UPDATE OR DELETE ON payments_paymentorder
  FOR EACH ROW EXECUTE FUNCTION payments_guard_order();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON payments_paymentorder
  FOR EACH STATEMENT EXECUTE FUNCTION payments_guard_order();
"""
UNGUARD = """
DROP TRIGGER guard_order ON payments_paymentorder;
DROP TRIGGER no_truncate ON payments_paymentorder;
DROP FUNCTION payments_guard_order();
"""


def convert(apps: Any, schema_editor: Any) -> None:
    """Make an order of every withdrawal, and have the bank bind every open bank account."""
    withdrawals = apps.get_model("payments", "Withdrawal").objects.order_by("registered_at", "id")
    step = apps.get_model("payments", "OrderStep").objects
    for old in withdrawals.select_related("bank_account").iterator():
        order = _order_of(apps, old)
        order.save(force_insert=True)
        step.create(order=order, to_state="created", by="user", actor=old.registered_by,
                    at=old.registered_at)
        if order.state != "created":
            step.create(order=order, from_state="created", to_state=order.state, by="user",
                        actor=old.decided_by, at=old.decided_at)
    card = apps.get_model("payments", "BoundCard").objects
    accounts = apps.get_model("parties", "BankAccount").objects.filter(closed_at=None)
    for account in accounts.iterator():
        card.create(bank_account_id=account.pk, party_id=account.party_id, state="pending",
                    requested_at=account.added_at)


def _order_of(apps: Any, old: Any) -> Any:
    states = {"registered": "created", "confirmed": "succeeded", "rejected": "cancelled"}
    state = states[old.state]
    paid = _journal_of(apps, old.number) if state == "succeeded" else None
    return apps.get_model("payments", "PaymentOrder")(
        id=old.pk,
        number=old.number,
        kind="withdrawal",
        party_id=old.party_id,
        bank_account_id=old.bank_account_id,
        amount_minor=old.amount_minor,
        state=state,
        payee_sealed=_payee(old.pk, old.bank_account),
        hold_id=old.hold_id,
        bank_serial=old.bank_serial if paid else "",
        reason=old.reject_reason,
        # Whatever nobody had decided on waits for an officer, whatever its amount.
        needs_approval=True,
        approved_by=old.decided_by if paid else "",
        approved_at=old.decided_at if paid else None,
        created_by=old.registered_by,
        created_at=old.registered_at,
        created_on=old.registered_at.astimezone(CHINA).date(),
        sent_at=old.decided_at if paid else None,
        ended_at=old.decided_at,
        settled_on=paid.value_on if paid else None,
        journal=paid.pk if paid else None,
    )


def _journal_of(apps: Any, number: str) -> Any:
    """Return id and date alone: the other columns may have been changed before or after this."""
    journals = apps.get_model("ledger", "Journal").objects.only("id", "value_on")
    return journals.get(document=number, kind="withdrawal")


def _payee(order_id: UUID, account: Any) -> bytes:
    def opened(sealed: bytes, column: str) -> str:
        return decrypt(sealed, table="parties_bankaccount", column=column, row=account.pk)

    payee = {
        "bank_name": account.bank_name,
        "holder": opened(account.holder_sealed, "holder_sealed"),
        "number": opened(account.number_sealed, "number_sealed"),
    }
    text = json.dumps(payee, ensure_ascii=False, sort_keys=True)
    return encrypt(text, table="payments_paymentorder", column="payee_sealed", row=order_id)


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0001_initial'),
        ('parties', '0001_initial'),
        ('payments', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='CustodyAccount',
            fields=[
                ('party', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='parties.party')),
                ('account_no', models.CharField(max_length=40, unique=True)),
                ('opened_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='PaymentOrder',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=20, unique=True)),
                ('kind', models.CharField(choices=[('top_up', 'Top Up'), ('withdrawal', 'Withdrawal'), ('direct_debit', 'Direct Debit'), ('transfer_in', 'Transfer In'), ('transfer_out', 'Transfer Out'), ('refund', 'Refund')], max_length=20)),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(default='CNY', max_length=3)),
                ('state', models.CharField(choices=[('created', 'Created'), ('sent', 'Sent'), ('cancelled', 'Cancelled'), ('succeeded', 'Succeeded'), ('failed', 'Failed'), ('unknown', 'Unknown')], max_length=10)),
                ('payee_sealed', models.BinaryField(null=True)),
                ('card_token_sealed', models.BinaryField(null=True)),
                ('hold_id', models.BigIntegerField(null=True, unique=True)),
                ('subject', models.CharField(blank=True, default='', max_length=100)),
                ('bank_serial', models.CharField(blank=True, default='', max_length=64)),
                ('reason', models.CharField(blank=True, default='', max_length=200)),
                ('needs_approval', models.BooleanField(default=False)),
                ('approved_by', models.CharField(blank=True, default='', max_length=100)),
                ('approved_at', models.DateTimeField(null=True)),
                ('created_by', models.CharField(max_length=100)),
                ('created_at', models.DateTimeField()),
                ('created_on', models.DateField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('settled_on', models.DateField(null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('next_try_at', models.DateTimeField(null=True)),
                ('journal', models.BigIntegerField(null=True, unique=True)),
                ('is_returned', models.BooleanField(default=False)),
                ('returned_at', models.DateTimeField(null=True)),
                ('returned_on', models.DateField(null=True)),
                ('return_serial', models.CharField(blank=True, default='', max_length=64)),
                ('returned_journal', models.BigIntegerField(null=True, unique=True)),
                ('bank_account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.bankaccount')),
                ('party', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
        ),
        migrations.CreateModel(
            name='OrderStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_state', models.CharField(blank=True, default='', max_length=10)),
                ('to_state', models.CharField(max_length=10)),
                ('by', models.CharField(choices=[('user', 'User'), ('system', 'System'), ('callback', 'Callback'), ('query', 'Query'), ('statement', 'Statement'), ('repair', 'Repair')], max_length=10)),
                ('actor', models.CharField(max_length=100)),
                ('evidence', models.JSONField(default=dict)),
                ('at', models.DateTimeField()),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='payments.paymentorder')),
            ],
            options={
                'db_table_comment': 'rights: select, insert',
            },
        ),
        migrations.CreateModel(
            name='BankMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event_id', models.CharField(max_length=100, unique=True)),
                ('by', models.CharField(choices=[('user', 'User'), ('system', 'System'), ('callback', 'Callback'), ('query', 'Query'), ('statement', 'Statement'), ('repair', 'Repair')], max_length=10)),
                ('order_no', models.CharField(max_length=64)),
                ('state', models.CharField(max_length=20)),
                ('amount', models.CharField(max_length=40)),
                ('currency', models.CharField(max_length=10)),
                ('bank_serial', models.CharField(blank=True, default='', max_length=64)),
                ('reason', models.CharField(blank=True, default='', max_length=200)),
                ('settled_on', models.DateField(null=True)),
                ('returned_on', models.DateField(null=True)),
                ('return_serial', models.CharField(blank=True, default='', max_length=64)),
                ('digest', models.BinaryField(max_length=32)),
                ('received_at', models.DateTimeField()),
                ('verdict', models.CharField(max_length=60)),
                ('order', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='payments.paymentorder')),
            ],
        ),
        migrations.CreateModel(
            name='BoundCard',
            fields=[
                ('bank_account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='parties.bankaccount')),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('bound', 'Bound'), ('refused', 'Refused'), ('closed', 'Closed')], max_length=10)),
                ('card_token_sealed', models.BinaryField(null=True)),
                ('last4', models.CharField(blank=True, default='', max_length=4)),
                ('reason', models.CharField(blank=True, default='', max_length=60)),
                ('requested_at', models.DateTimeField()),
                ('bound_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'indexes': [models.Index(fields=['party', 'requested_at'], name='bound_card_of_party'), models.Index(condition=models.Q(('state', 'pending')), fields=['requested_at'], name='bound_card_pending')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), ('state', 'pending'), ('bound_at__isnull', True), ('card_token_sealed__isnull', True), ('closed_at__isnull', True)), models.Q(('reason', ''), ('state', 'bound'), ('bound_at__isnull', False), ('card_token_sealed__isnull', False), ('closed_at__isnull', True)), models.Q(('state', 'refused'), models.Q(('reason', ''), _negated=True), ('bound_at__isnull', True), ('card_token_sealed__isnull', True), ('closed_at__isnull', True)), models.Q(('state', 'closed'), ('closed_at__isnull', False)), _connector='OR'), name='bound_card_state_has_its_fields')],
            },
        ),
        migrations.CreateModel(
            name='DebitMandate',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('per_debit_minor', models.BigIntegerField()),
                ('per_day_minor', models.BigIntegerField()),
                ('given_by', models.CharField(max_length=100)),
                ('given_at', models.DateTimeField()),
                ('withdrawn_by', models.CharField(blank=True, default='', max_length=100)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('bank_account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.bankaccount')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'indexes': [models.Index(fields=['party', '-given_at'], name='mandate_of_party')],
                'constraints': [models.CheckConstraint(condition=models.Q(('per_day_minor__lte', 1000000000000000), ('per_debit_minor__gt', 0), ('per_debit_minor__lte', models.F('per_day_minor'))), name='mandate_caps_fit'), models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_by', ''), ('withdrawn_at__isnull', True)), models.Q(models.Q(('withdrawn_by', ''), _negated=True), ('withdrawn_at__isnull', False)), _connector='OR'), name='mandate_withdrawn_or_not'), models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('bank_account',), name='mandate_once_per_account')],
            },
        ),
        migrations.AddIndex(
            model_name='paymentorder',
            index=models.Index(fields=['party', '-created_at'], name='order_of_party'),
        ),
        migrations.AddIndex(
            model_name='paymentorder',
            index=models.Index(fields=['state', 'created_at'], name='order_queue'),
        ),
        migrations.AddIndex(
            model_name='paymentorder',
            index=models.Index(condition=models.Q(('state__in', ('created', 'sent', 'unknown'))), fields=['next_try_at'], name='order_to_chase'),
        ),
        migrations.AddIndex(
            model_name='paymentorder',
            index=models.Index(condition=models.Q(('subject', ''), _negated=True), fields=['subject', '-created_at'], name='order_of_subject'),
        ),
        migrations.AddIndex(
            model_name='paymentorder',
            index=models.Index(condition=models.Q(('settled_on__isnull', False)), fields=['settled_on'], name='order_settled_on'),
        ),
        migrations.AddConstraint(
            model_name='paymentorder',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0), ('amount_minor__lte', 1000000000000000)), name='order_amount_fits'),
        ),
        migrations.AddConstraint(
            model_name='paymentorder',
            constraint=models.CheckConstraint(condition=models.Q(('currency', 'CNY')), name='order_currency'),
        ),
        migrations.AddConstraint(
            model_name='paymentorder',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['top_up', 'withdrawal', 'direct_debit', 'transfer_in', 'transfer_out', 'refund'])), name='order_kind_is_known'),
        ),
        migrations.AddConstraint(
            model_name='paymentorder',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('bank_serial', ''), ('state', 'created'), ('ended_at__isnull', True), ('journal__isnull', True), ('sent_at__isnull', True), ('settled_on__isnull', True)), models.Q(('bank_serial', ''), ('state', 'cancelled'), ('ended_at__isnull', False), ('journal__isnull', True), ('sent_at__isnull', True), ('settled_on__isnull', True)), models.Q(('state__in', ('sent', 'unknown')), ('next_try_at__isnull', False), ('sent_at__isnull', False), ('ended_at__isnull', True), ('journal__isnull', True), ('settled_on__isnull', True)), models.Q(('state', 'succeeded'), models.Q(('bank_serial', ''), _negated=True), ('ended_at__isnull', False), ('journal__isnull', False), ('sent_at__isnull', False), ('settled_on__isnull', False)), models.Q(('state', 'failed'), models.Q(('reason', ''), _negated=True), ('ended_at__isnull', False), ('sent_at__isnull', False), ('journal__isnull', True), ('settled_on__isnull', True)), _connector='OR'), name='order_state_has_its_fields'),
        ),
        migrations.AddConstraint(
            model_name='paymentorder',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('is_returned', False), ('return_serial', ''), ('returned_at__isnull', True), ('returned_journal__isnull', True), ('returned_on__isnull', True)), models.Q(('is_returned', True), ('state', 'succeeded'), ('returned_at__isnull', False), ('returned_journal__isnull', False), ('returned_on__isnull', False)), _connector='OR'), name='order_returned_after_success'),
        ),
        migrations.AddConstraint(
            model_name='paymentorder',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('top_up', 'withdrawal', 'direct_debit')), ('bank_account__isnull', False), ('party__isnull', False)), models.Q(models.Q(('kind__in', ('top_up', 'withdrawal', 'direct_debit')), _negated=True), ('bank_account__isnull', True)), _connector='OR'), name='order_is_a_partys_or_not'),
        ),
        migrations.AddConstraint(
            model_name='paymentorder',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'withdrawal'), ('hold_id__isnull', False), ('payee_sealed__isnull', False)), models.Q(models.Q(('kind', 'withdrawal'), _negated=True), ('hold_id__isnull', True)), _connector='OR'), name='order_withdrawal_is_held'),
        ),
        migrations.AddConstraint(
            model_name='paymentorder',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'direct_debit'), _negated=True), models.Q(('subject', ''), _negated=True), _connector='OR'), name='order_debit_has_a_subject'),
        ),
        migrations.AddConstraint(
            model_name='paymentorder',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approved_by', ''), ('approved_at__isnull', True)), models.Q(models.Q(('approved_by', ''), _negated=True), ('approved_at__isnull', False)), _connector='OR'), name='order_approved_or_not'),
        ),
        migrations.AddConstraint(
            model_name='paymentorder',
            constraint=models.CheckConstraint(condition=models.Q(('needs_approval', False), ('state__in', ['created', 'cancelled']), models.Q(('approved_by', ''), _negated=True), _connector='OR'), name='order_not_sent_unapproved'),
        ),
        migrations.AddConstraint(
            model_name='paymentorder',
            constraint=models.CheckConstraint(condition=models.Q(('created_by', models.F('approved_by')), _negated=True), name='order_takes_two'),
        ),
        migrations.AddConstraint(
            model_name='paymentorder',
            constraint=models.UniqueConstraint(condition=models.Q(('bank_serial', ''), _negated=True), fields=('bank_serial',), name='order_serial_once'),
        ),
        migrations.AddConstraint(
            model_name='paymentorder',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'direct_debit'), ('state__in', ('created', 'sent', 'unknown'))), fields=('subject', 'kind'), name='order_one_open_debit'),
        ),
        migrations.AddConstraint(
            model_name='orderstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('from_state', 'unknown'), _negated=True), ('by__in', ['callback', 'query', 'statement', 'repair']), _connector='OR'), name='order_step_ends_unknown'),
        ),
        migrations.AddConstraint(
            model_name='orderstep',
            constraint=models.UniqueConstraint(fields=('order', 'to_state'), name='order_step_once'),
        ),
        migrations.AddIndex(
            model_name='bankmessage',
            index=models.Index(fields=['order_no', 'received_at'], name='bank_message_of_order'),
        ),
        migrations.AddIndex(
            model_name='bankmessage',
            index=models.Index(fields=['verdict', 'received_at'], name='bank_message_verdict'),
        ),
        migrations.AddConstraint(
            model_name='paymentorder',
            constraint=models.UniqueConstraint(condition=models.Q(('return_serial', ''), _negated=True), fields=('return_serial',), name='order_return_serial_once'),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
        migrations.RunPython(convert, migrations.RunPython.noop),
        migrations.DeleteModel(
            name='Withdrawal',
        ),
    ]
