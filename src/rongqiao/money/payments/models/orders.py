"""Orders to the custodian bank, what the bank said about them, cards bound there, and mandates.

The states and the steps between them are those of domain.md, 4; a trigger refuses every other
step, and every change of what an order says (migration 0002).
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from rongqiao.finance.money import LARGEST_MINOR


class OrderKind(models.TextChoices):
    """What an order asks of the bank; top-up, direct debit and transfer in bring money in."""

    TOP_UP = "top_up"
    WITHDRAWAL = "withdrawal"
    DIRECT_DEBIT = "direct_debit"
    TRANSFER_IN = "transfer_in"
    TRANSFER_OUT = "transfer_out"
    REFUND = "refund"


MONEY_IN = (OrderKind.TOP_UP, OrderKind.DIRECT_DEBIT, OrderKind.TRANSFER_IN)
# The operator's own money, into the pool and out of it: always by two people.
TRANSFERS = (OrderKind.TRANSFER_IN, OrderKind.TRANSFER_OUT)
OF_A_PARTY = (OrderKind.TOP_UP, OrderKind.WITHDRAWAL, OrderKind.DIRECT_DEBIT)


class OrderState(models.TextChoices):
    """created -> sent, cancelled; sent -> succeeded, failed, unknown; unknown -> the same two."""

    CREATED = "created"
    SENT = "sent"
    CANCELLED = "cancelled"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"


# The bank has it, or may have it: its end is still to come.
AT_THE_BANK = (OrderState.SENT, OrderState.UNKNOWN)
OPEN = (OrderState.CREATED, *AT_THE_BANK)


class By(models.TextChoices):
    """On whose word an order took a step; `query` is any answer of the bank to us."""

    USER = "user"
    SYSTEM = "system"
    CALLBACK = "callback"
    QUERY = "query"
    STATEMENT = "statement"
    REPAIR = "repair"


class CardState(models.TextChoices):
    """How far the bank came with a card."""

    PENDING = "pending"
    BOUND = "bound"
    REFUSED = "refused"
    CLOSED = "closed"


def _not_yet(*names: str) -> Q:
    return Q(**{f"{name}__isnull": True for name in names})


def _there(*names: str) -> Q:
    return Q(**{f"{name}__isnull": False for name in names})


class PaymentOrder(models.Model):
    """One movement of money asked of the custodian bank under our own number."""

    id = models.UUIDField(primary_key=True, editable=False)
    # Goes to the bank as its `order_no`: the bank does a number once, however often it is sent.
    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=20, choices=OrderKind.choices)
    party = models.ForeignKey(
        "parties.Party", on_delete=models.PROTECT, related_name="+", null=True
    )
    bank_account = models.ForeignKey(
        "parties.BankAccount", on_delete=models.PROTECT, related_name="+", null=True
    )
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3, default="CNY")
    state = models.CharField(max_length=10, choices=OrderState.choices)
    # The payee as it stood when the order was made: JSON of bank_name, holder and number.
    payee_sealed = models.BinaryField(null=True)
    card_token_sealed = models.BinaryField(null=True)
    hold_id = models.BigIntegerField(null=True, unique=True)
    # What it is for, such as `loan:<uuid>`, or `own:` and why the operator moves its own money;
    # empty for a party's own wish.
    subject = models.CharField(max_length=100, default="", blank=True)
    bank_serial = models.CharField(max_length=64, default="", blank=True)
    reason = models.CharField(max_length=200, default="", blank=True)
    # The proof of who asked for a withdrawal: good for one order.
    step_up = models.OneToOneField(
        "parties.StepUp", on_delete=models.PROTECT, null=True, related_name="+"
    )
    needs_approval = models.BooleanField(default=False)
    approved_by = models.CharField(max_length=100, default="", blank=True)
    approved_at = models.DateTimeField(null=True)
    created_by = models.CharField(max_length=100)
    created_at = models.DateTimeField()
    # The business date it was made on: daily limits count by it.
    created_on = models.DateField()
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # The bank's own date of the movement.
    settled_on = models.DateField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    journal = models.BigIntegerField(null=True, unique=True)
    is_returned = models.BooleanField(default=False)
    returned_at = models.DateTimeField(null=True)
    # The bank's own date of the return, and the serial its statement line bears.
    returned_on = models.DateField(null=True)
    return_serial = models.CharField(max_length=64, default="", blank=True)
    returned_journal = models.BigIntegerField(null=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, amount_minor__lte=LARGEST_MINOR),
                name="order_amount_fits",
            ),
            models.CheckConstraint(condition=Q(currency="CNY"), name="order_currency"),
            models.CheckConstraint(
                condition=Q(kind__in=OrderKind.values), name="order_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state=OrderState.CREATED, bank_serial="")
                & _not_yet("sent_at", "ended_at", "settled_on", "journal")
                | Q(state=OrderState.CANCELLED, bank_serial="")
                & _there("ended_at")
                & _not_yet("sent_at", "settled_on", "journal")
                | Q(state__in=AT_THE_BANK)
                & _there("sent_at", "next_try_at")
                & _not_yet("ended_at", "settled_on", "journal")
                | Q(state=OrderState.SUCCEEDED)
                & ~Q(bank_serial="")
                & _there("sent_at", "ended_at", "settled_on", "journal")
                | Q(state=OrderState.FAILED)
                & ~Q(reason="")
                & _there("sent_at", "ended_at")
                & _not_yet("settled_on", "journal"),
                name="order_state_has_its_fields",
            ),
            models.CheckConstraint(
                condition=Q(is_returned=False, return_serial="")
                & _not_yet("returned_at", "returned_on", "returned_journal")
                | Q(is_returned=True, state=OrderState.SUCCEEDED)
                & _there("returned_at", "returned_on", "returned_journal"),
                name="order_returned_after_success",
            ),
            models.CheckConstraint(
                condition=(Q(kind__in=OF_A_PARTY) & _there("party", "bank_account"))
                | (~Q(kind__in=OF_A_PARTY) & _not_yet("bank_account")),
                name="order_is_a_partys_or_not",
            ),
            models.CheckConstraint(
                condition=(Q(kind=OrderKind.WITHDRAWAL) & _there("hold_id", "payee_sealed"))
                | (~Q(kind=OrderKind.WITHDRAWAL) & _not_yet("hold_id")),
                name="order_withdrawal_is_held",
            ),
            models.CheckConstraint(
                condition=~Q(kind=OrderKind.DIRECT_DEBIT) | ~Q(subject=""),
                name="order_debit_has_a_subject",
            ),
            models.CheckConstraint(
                condition=(Q(approved_by="") & _not_yet("approved_at"))
                | (~Q(approved_by="") & _there("approved_at")),
                name="order_approved_or_not",
            ),
            models.CheckConstraint(
                condition=Q(needs_approval=False)
                | Q(state__in=[OrderState.CREATED, OrderState.CANCELLED])
                | ~Q(approved_by=""),
                name="order_not_sent_unapproved",
            ),
            models.CheckConstraint(
                condition=~Q(created_by=F("approved_by")), name="order_takes_two"
            ),
            models.UniqueConstraint(
                fields=["bank_serial"], condition=~Q(bank_serial=""), name="order_serial_once"
            ),
            models.UniqueConstraint(
                fields=["return_serial"],
                condition=~Q(return_serial=""),
                name="order_return_serial_once",
            ),
            models.UniqueConstraint(
                fields=["subject", "kind"],
                condition=Q(kind=OrderKind.DIRECT_DEBIT, state__in=OPEN),
                name="order_one_open_debit",
            ),
        ]
        indexes = [
            models.Index(fields=["party", "-created_at"], name="order_of_party"),
            models.Index(fields=["state", "created_at"], name="order_queue"),
            models.Index(
                fields=["next_try_at"], name="order_to_chase", condition=Q(state__in=OPEN)
            ),
            models.Index(
                fields=["subject", "-created_at"],
                name="order_of_subject",
                condition=~Q(subject=""),
            ),
            models.Index(
                fields=["settled_on"],
                name="order_settled_on",
                condition=Q(settled_on__isnull=False),
            ),
        ]


class OrderStep(models.Model):
    """One step of an order's life; `evidence` names what it rests on, never a person."""

    order = models.ForeignKey(PaymentOrder, on_delete=models.PROTECT, related_name="steps")
    from_state = models.CharField(max_length=10, default="", blank=True)
    # A state, or `returned` for money that came back after a success.
    to_state = models.CharField(max_length=10)
    by = models.CharField(max_length=10, choices=By.choices)
    actor = models.CharField(max_length=100)
    evidence = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.CheckConstraint(
                condition=~Q(from_state=OrderState.UNKNOWN)
                | Q(by__in=[By.CALLBACK, By.QUERY, By.STATEMENT, By.REPAIR]),
                name="order_step_ends_unknown",
            ),
            models.UniqueConstraint(fields=["order", "to_state"], name="order_step_once"),
        ]


class BankMessage(models.Model):
    """What the bank said about an order, as it came; `event_id` counts once.

    `verdict` is settled, replayed, waiting, `refused:<reason>` or `parked:<reason>`: a parked
    message contradicts what is known and moved nothing.
    """

    event_id = models.CharField(max_length=100, unique=True)
    by = models.CharField(max_length=10, choices=By.choices)
    order_no = models.CharField(max_length=64)
    order = models.ForeignKey(
        PaymentOrder, on_delete=models.PROTECT, related_name="messages", null=True
    )
    state = models.CharField(max_length=20)
    amount = models.CharField(max_length=40)
    currency = models.CharField(max_length=10)
    bank_serial = models.CharField(max_length=64, default="", blank=True)
    reason = models.CharField(max_length=200, default="", blank=True)
    settled_on = models.DateField(null=True)
    returned_on = models.DateField(null=True)
    return_serial = models.CharField(max_length=64, default="", blank=True)
    # SHA-256 of what it said: the same event id with other contents is not the same message.
    digest = models.BinaryField(max_length=32)
    received_at = models.DateTimeField()
    verdict = models.CharField(max_length=60)

    class Meta:
        indexes = [
            models.Index(fields=["order_no", "received_at"], name="bank_message_of_order"),
            models.Index(fields=["verdict", "received_at"], name="bank_message_verdict"),
        ]


class CustodyAccount(models.Model):
    """A party's account at the custodian bank."""

    party = models.OneToOneField(
        "parties.Party", on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    account_no = models.CharField(max_length=40, unique=True)
    opened_at = models.DateTimeField()


class BoundCard(models.Model):
    """A party's bank account as the bank knows it: bound under a token once the names agree."""

    bank_account = models.OneToOneField(
        "parties.BankAccount", on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    party = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=CardState.choices)
    card_token_sealed = models.BinaryField(null=True)
    last4 = models.CharField(max_length=4, default="", blank=True)
    # The bank's code, such as `name-mismatch`.
    reason = models.CharField(max_length=60, default="", blank=True)
    requested_at = models.DateTimeField()
    bound_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=CardState.PENDING, reason="")
                & _not_yet("card_token_sealed", "bound_at", "closed_at")
                | Q(state=CardState.BOUND, reason="")
                & _there("card_token_sealed", "bound_at")
                & _not_yet("closed_at")
                | Q(state=CardState.REFUSED)
                & ~Q(reason="")
                & _not_yet("card_token_sealed", "bound_at", "closed_at")
                | Q(state=CardState.CLOSED) & _there("closed_at"),
                name="bound_card_state_has_its_fields",
            ),
        ]
        indexes = [
            models.Index(fields=["party", "requested_at"], name="bound_card_of_party"),
            models.Index(
                fields=["requested_at"],
                name="bound_card_pending",
                condition=Q(state=CardState.PENDING),
            ),
        ]


class DebitMandate(models.Model):
    """A party's standing leave to collect from one bank account, within two caps (fen)."""

    id = models.UUIDField(primary_key=True, editable=False)
    party = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    bank_account = models.ForeignKey(
        "parties.BankAccount", on_delete=models.PROTECT, related_name="+"
    )
    per_debit_minor = models.BigIntegerField()
    per_day_minor = models.BigIntegerField()
    given_by = models.CharField(max_length=100)
    given_at = models.DateTimeField()
    withdrawn_by = models.CharField(max_length=100, default="", blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    per_debit_minor__gt=0,
                    per_debit_minor__lte=F("per_day_minor"),
                    per_day_minor__lte=LARGEST_MINOR,
                ),
                name="mandate_caps_fit",
            ),
            models.CheckConstraint(
                condition=(Q(withdrawn_by="") & _not_yet("withdrawn_at"))
                | (~Q(withdrawn_by="") & _there("withdrawn_at")),
                name="mandate_withdrawn_or_not",
            ),
            models.UniqueConstraint(
                fields=["bank_account"],
                condition=Q(withdrawn_at=None),
                name="mandate_once_per_account",
            ),
        ]
        indexes = [models.Index(fields=["party", "-given_at"], name="mandate_of_party")]
