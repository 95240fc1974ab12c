"""Loans, their instalments and the sub-ledger behind their balances.

All amounts are fen (`*_minor`); dates ending in `_on` are business dates.
"""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q

from rongqiao.lending.servicing.engine import interest_to

NEVER_DELETED = "rights: select, insert, update"
STATES = (
    "pending",
    "active",
    "cancelled",
    "overdue",
    "restructured",
    "closed",
    "written_off",
    "recovered",
)
LIVE = ("active", "overdue", "restructured")
UNWATCHED = tuple(state for state in STATES if state != "restructured")
# Off the books, and owed until all of it has come back.
GIVEN_UP = ("written_off", "recovered")
ENTRY_KINDS = (
    "disbursement",
    "fall-due",
    "penalty",
    "repayment",
    "settlement",
    "payoff",
    "prepayment",
    "waiver",
    "write-off",
    "back-dated",
    "reversal",
    "correction",
    "rescheduling",
    "rate-reset",
    "recall",
    "draw",
)
BUCKETS = ("principal", "interest", "penalty", "fee")
CLASSES = ("pass", "special-mention", "substandard", "doubtful", "loss")


class LoanSet(models.QuerySet["Loan"]):
    """Filters over loans."""

    def live(self) -> LoanSet:
        """Loans with something still to pay."""
        return self.filter(state__in=LIVE)


class Loan(models.Model):
    """A disbursed agreement with its balances and the interest period it is in."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=24, unique=True)
    party_id = models.UUIDField(db_index=True)
    agreement_id = models.UUIDField(unique=True)
    drawing_id = models.UUIDField(null=True)
    product_code = models.CharField(max_length=40)
    product_version = models.PositiveIntegerField()
    method = models.CharField(max_length=24)
    rate_annual = models.DecimalField(max_digits=12, decimal_places=8)
    penalty_rate_annual = models.DecimalField(max_digits=12, decimal_places=8)
    grace_days = models.PositiveSmallIntegerField(default=0)
    is_penalty_on_interest = models.BooleanField(default=False)
    prepayment_fee_rate = models.DecimalField(max_digits=12, decimal_places=8, default=0)
    prepayment_fee_free_after = models.PositiveSmallIntegerField(default=0)
    # Whether it may be paid off before its last due date.
    is_prepayable = models.BooleanField(default=True)
    # Whether it may be prepaid in part and what that may do: a product's `prepayment`.
    prepayment = models.CharField(max_length=16, default="any", db_default="any")
    day_count = models.CharField(max_length=16, default="30/360", db_default="30/360")
    allocation_order = models.CharField(max_length=16)
    is_debit_authorised = models.BooleanField(default=False)
    state = models.CharField(max_length=16)
    principal_minor = models.BigIntegerField()
    disbursed_at = models.DateTimeField()
    disbursed_on = models.DateField()
    matures_on = models.DateField()
    closed_on = models.DateField(null=True)
    is_prepaid = models.BooleanField(default=False)
    principal_outstanding_minor = models.BigIntegerField()
    interest_outstanding_minor = models.BigIntegerField(default=0)
    penalty_outstanding_minor = models.BigIntegerField(default=0)
    fee_outstanding_minor = models.BigIntegerField(default=0)
    days_past_due = models.PositiveIntegerField(default=0)
    days_past_due_worst = models.PositiveIntegerField(default=0)
    risk_class = models.CharField(max_length=16, default="pass")
    # The running interest period, on the loan itself, so that a day's accrual reads one row each;
    # without a number once the last instalment has fallen due.
    period_no = models.PositiveIntegerField(null=True)
    period_from_on = models.DateField(null=True)
    period_due_on = models.DateField(null=True)
    period_interest_minor = models.BigIntegerField(default=0)
    # What of it is earned and booked, and before which day: later days are worked out from the
    # period, not written. Without a day before the first business date.
    period_accrued_minor = models.BigIntegerField(default=0)
    accrued_on = models.DateField(null=True)
    # The first due date after it was restructured last, and the day its watch ends while it lasts.
    watched_from = models.DateField(null=True)
    watched_until = models.DateField(null=True)

    objects = LoanSet.as_manager()

    class Meta:
        db_table_comment = NEVER_DELETED
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="loan_state_known"),
            models.CheckConstraint(condition=Q(risk_class__in=CLASSES), name="loan_class_known"),
            models.CheckConstraint(condition=Q(principal_minor__gt=0), name="loan_lends_something"),
            models.CheckConstraint(
                condition=Q(principal_outstanding_minor__gte=0)
                & Q(principal_outstanding_minor__lte=F("principal_minor")),
                name="loan_principal_in_bounds",
            ),
            models.CheckConstraint(
                condition=Q(interest_outstanding_minor__gte=0)
                & Q(penalty_outstanding_minor__gte=0)
                & Q(fee_outstanding_minor__gte=0),
                name="loan_owes_nothing_negative",
            ),
            models.CheckConstraint(
                condition=Q(period_accrued_minor__gte=0)
                & Q(period_accrued_minor__lte=F("period_interest_minor")),
                name="loan_accrues_within_its_period",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed")
                | Q(
                    closed_on__isnull=False,
                    principal_outstanding_minor=0,
                    interest_outstanding_minor=0,
                    penalty_outstanding_minor=0,
                    fee_outstanding_minor=0,
                ),
                name="loan_closed_owes_nothing",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=GIVEN_UP)
                | Q(
                    closed_on__isnull=False,
                    period_no=None,
                    principal_outstanding_minor=0,
                    interest_outstanding_minor=0,
                    penalty_outstanding_minor=0,
                    fee_outstanding_minor=0,
                ),
                name="loan_given_up_is_off_the_books",
            ),
            models.CheckConstraint(
                condition=Q(matures_on__gt=F("disbursed_on")), name="loan_matures_later"
            ),
            models.CheckConstraint(
                condition=Q(watched_until=None, state__in=UNWATCHED)
                | Q(
                    watched_until__isnull=False,
                    watched_from__isnull=False,
                    state__in=("overdue", "restructured"),
                ),
                name="loan_restructured_is_watched",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "risk_class"], name="loan_by_state"),
            models.Index(
                fields=["period_due_on", "id"], condition=Q(state__in=LIVE), name="loan_falls_due"
            ),
            # Few rows: those that are watched since they were restructured.
            models.Index(
                fields=["watched_until", "id"],
                condition=Q(watched_until__isnull=False),
                name="loan_watched",
            ),
        ]

    @property
    def owed_minor(self) -> int:
        """Everything the loan owes today, due or not: principal, interest earned, penalty, fees."""
        return (
            self.principal_outstanding_minor
            + self.interest_outstanding_minor
            + self.penalty_outstanding_minor
            + self.fee_outstanding_minor
        )

    def accrue_to(self, on: date) -> None:
        """Count in, on this object, the interest of the running period earned before `on`.

        Never back; a period that ends when it begins earns nothing.
        """
        if self.accrued_on is None or self.accrued_on >= on:
            return
        start, end = self.period_from_on, self.period_due_on
        if start is None or end is None or end <= start:
            return
        used = max(0, (on - start).days)
        earned = interest_to(self.period_interest_minor, used, (end - start).days)
        self.interest_outstanding_minor += earned - self.period_accrued_minor
        self.period_accrued_minor, self.accrued_on = earned, on

    def take(self, principal: int, interest: int, penalty: int, fee: int) -> None:
        """Lower what is owed by a payment's parts."""
        self.principal_outstanding_minor -= principal
        self.interest_outstanding_minor -= interest
        self.penalty_outstanding_minor -= penalty
        self.fee_outstanding_minor -= fee

    def close(self, on: date) -> None:
        """Mark it as paid off: no interest period runs any more."""
        self.leave("closed", on)
        self.days_past_due = 0
        self.is_prepaid = on < self.matures_on

    def leave(self, state: str, on: date) -> None:
        """Let it leave the portfolio: no interest period runs any more."""
        self.state, self.closed_on, self.watched_until = state, on, None
        self.period_no = self.period_from_on = self.period_due_on = None
        self.period_interest_minor = self.period_accrued_minor = 0


class Instalment(models.Model):
    """One row of the repayment plan: as scheduled, as charged so far, as paid so far.

    `is_prepayment` is principal paid early, between two instalments. Rows ahead make way for a new
    plan (FormerPlan keeps them); a row that was charged or paid is there for good. What is called
    back on a due date has no days of its own.
    """

    # Without an index of its own: the unique one on (loan, no) begins with it.
    loan = models.ForeignKey(Loan, models.PROTECT, related_name="instalments", db_index=False)
    no = models.PositiveIntegerField()
    from_on = models.DateField()
    due_on = models.DateField()
    days = models.PositiveIntegerField()
    principal_minor = models.BigIntegerField()
    interest_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField(default=0)
    balance_minor = models.BigIntegerField()
    is_due = models.BooleanField(default=False)
    interest_charged_minor = models.BigIntegerField(default=0)
    fee_charged_minor = models.BigIntegerField(default=0)
    penalty_micro = models.BigIntegerField(default=0)
    penalty_charged_minor = models.BigIntegerField(default=0)
    principal_paid_minor = models.BigIntegerField(default=0)
    interest_paid_minor = models.BigIntegerField(default=0)
    fee_paid_minor = models.BigIntegerField(default=0)
    penalty_paid_minor = models.BigIntegerField(default=0)
    settled_on = models.DateField(null=True)
    is_prepayment = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table_comment = "rights: select, insert, update, delete"
        constraints = [
            models.UniqueConstraint(fields=["loan", "no"], name="instalment_once_per_number"),
            models.CheckConstraint(
                condition=Q(due_on__gt=F("from_on"))
                | (Q(is_prepayment=True) | Q(is_due=True)) & Q(due_on__gte=F("from_on")),
                name="instalment_due_after_start",
            ),
            models.CheckConstraint(
                condition=Q(principal_minor__gte=0)
                & Q(interest_minor__gte=0)
                & Q(fee_minor__gte=0),
                name="instalment_asks_nothing_negative",
            ),
            models.CheckConstraint(
                condition=Q(interest_charged_minor__gte=0)
                & Q(interest_charged_minor__lte=F("interest_minor"))
                & Q(fee_charged_minor__gte=0)
                & Q(fee_charged_minor__lte=F("fee_minor"))
                & Q(penalty_charged_minor__gte=0)
                & Q(penalty_micro__gte=0),
                name="instalment_charges_no_more_than_agreed",
            ),
            models.CheckConstraint(
                condition=Q(principal_paid_minor__gte=0)
                & Q(principal_paid_minor__lte=F("principal_minor"))
                & Q(interest_paid_minor__gte=0)
                & Q(interest_paid_minor__lte=F("interest_charged_minor"))
                & Q(fee_paid_minor__gte=0)
                & Q(fee_paid_minor__lte=F("fee_charged_minor"))
                & Q(penalty_paid_minor__gte=0)
                & Q(penalty_paid_minor__lte=F("penalty_charged_minor")),
                name="instalment_paid_no_more_than_charged",
            ),
            models.CheckConstraint(
                condition=Q(settled_on=None)
                | Q(
                    principal_paid_minor=F("principal_minor"),
                    interest_paid_minor=F("interest_charged_minor"),
                    fee_paid_minor=F("fee_charged_minor"),
                    penalty_paid_minor=F("penalty_charged_minor"),
                ),
                name="instalment_settled_owes_nothing",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on", "loan"], condition=Q(settled_on=None), name="instalment_open"
            ),
            # Few rows, in the order of a closing day's chunks.
            models.Index(
                fields=["loan", "due_on"],
                condition=Q(is_due=True, settled_on=None),
                name="instalment_owed",
            ),
        ]

    def left(self, bucket: str) -> int:
        """What is still to be paid of `bucket` on a due instalment."""
        asked = {
            "principal": self.principal_minor,
            "interest": self.interest_charged_minor,
            "penalty": self.penalty_charged_minor,
            "fee": self.fee_charged_minor,
        }[bucket]
        paid: int = getattr(self, f"{bucket}_paid_minor")
        return asked - paid

    @property
    def left_minor(self) -> int:
        """What is still to be paid of a due instalment, all buckets together."""
        return sum(self.left(bucket) for bucket in BUCKETS)

    def pay(self, bucket: str, minor: int) -> None:
        """Count a payment."""
        name = f"{bucket}_paid_minor"
        setattr(self, name, getattr(self, name) + minor)


class LoanEntry(models.Model):
    """The sub-ledger: one line for everything that changed what a loan owes (plus) or paid (minus).

    Interest of the running period enters when it falls due; until then it is the loan's
    `period_accrued_minor`. So a loan's interest owed = sum of its lines + that figure.
    """

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="entries", db_index=False)
    kind = models.CharField(max_length=16)
    on = models.DateField()
    booked_at = models.DateTimeField()
    instalment_no = models.PositiveIntegerField(null=True)
    principal_minor = models.BigIntegerField(default=0)
    interest_minor = models.BigIntegerField(default=0)
    penalty_minor = models.BigIntegerField(default=0)
    fee_minor = models.BigIntegerField(default=0)
    journal_id = models.BigIntegerField(null=True)
    # Whether a payment was of this instalment alone, as its payer chose.
    is_chosen = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ENTRY_KINDS), name="entry_kind_known")
        ]
        indexes = [models.Index(fields=["loan", "id"], name="entry_by_loan")]


class FormerPlan(models.Model):
    """The rows ahead of a loan as they stood before an event made new ones of them.

    `rows` holds no, from, due, principal, interest, fee and balance of each, amounts in fen.
    """

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="former_plans")
    no = models.PositiveIntegerField()
    cause = models.CharField(max_length=16)
    replaced_on = models.DateField()
    replaced_at = models.DateTimeField()
    rows = models.JSONField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.UniqueConstraint(fields=["loan", "no"], name="former_plan_once"),
        ]
