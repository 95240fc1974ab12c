"""The bank's daily statements, what became of each line, and the breaks: cases for two people.

Files, lines and matches are append-only. A break explains part of the difference between the
bank's closing balance and our custodian cash for as long as it is open; what no open break and no
order in transit explains is a break of its own.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from rongqiao.finance.money import LARGEST_MINOR


class FileState(models.TextChoices):
    """A file is taken whole or not at all."""

    IMPORTED = "imported"
    REFUSED = "refused"


class Standing(models.TextChoices):
    """Whether a line counts, repeats a serial already there, or belongs to another day."""

    TAKEN = "taken"
    REPEATED = "repeated"
    OTHER_DAY = "other_day"


class Agreement(models.TextChoices):
    """What became of a line: it agrees with ours, differs, went to suspense, or is parked."""

    AGREES = "agrees"
    DIFFERS = "differs"
    SUSPENSE = "suspense"
    PARKED = "parked"


class BreakKind(models.TextChoices):
    """In what the bank and we do not agree."""

    UNKNOWN_CREDIT = "unknown-credit"
    UNKNOWN_ORDER = "unknown-order"
    AMOUNT_DIFFERS = "amount-differs"
    BANK_SAYS_PAID = "bank-says-paid"
    BANK_SAYS_RETURNED = "bank-says-returned"
    MISSING_AT_BANK = "missing-at-bank"
    LATE_LINE = "late-line"
    DUPLICATE_LINE = "duplicate-line"
    WRONG_DAY = "wrong-day"
    BANK_FEE = "bank-fee"
    BALANCE_DIFFERS = "balance-differs"
    PARKED_CALLBACK = "parked-callback"
    STATEMENT_DAMAGED = "statement-damaged"


class BreakState(models.TextChoices):
    """open -> assigned -> proposed -> resolved; sent back: proposed -> assigned."""

    OPEN = "open"
    ASSIGNED = "assigned"
    PROPOSED = "proposed"
    RESOLVED = "resolved"


UNRESOLVED = (BreakState.OPEN, BreakState.ASSIGNED, BreakState.PROPOSED)


class Mend(models.TextChoices):
    """What ends a break: a new posting or a new order, never an edit."""

    ASSIGN_TO_PARTY = "assign-to-party"
    RETURN_TO_SENDER = "return-to-sender"
    SETTLE_AS_BANK_SAYS = "settle-as-bank-says"
    OFFSET_BY_CREDIT = "offset-by-credit"
    BOOK_BANK_FEE = "book-bank-fee"
    CORRECT_BY_REVERSAL = "correct-by-reversal"
    ACCEPT_DIFFERENCE = "accept-difference"
    CLOSE_EXPLAINED = "close-explained"


class StatementFile(models.Model):
    """One file as the bank gave it for a day; its bytes are kept encrypted."""

    id = models.UUIDField(primary_key=True, editable=False)
    day = models.DateField()
    sha256 = models.CharField(max_length=64)
    stored_file = models.UUIDField()
    state = models.CharField(max_length=10, choices=FileState.choices)
    # Why it was refused, and at what: a line's number or the value that was read.
    reason = models.CharField(max_length=40, default="", blank=True)
    found = models.CharField(max_length=120, default="", blank=True)
    line_count = models.IntegerField(default=0)
    total_in_minor = models.BigIntegerField(default=0)
    total_out_minor = models.BigIntegerField(default=0)
    opening_minor = models.BigIntegerField(null=True)
    closing_minor = models.BigIntegerField(null=True)
    received_at = models.DateTimeField()
    # Handed in by a person, not fetched from the bank: no order ends on its word alone.
    is_by_hand = models.BooleanField(default=False)

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.UniqueConstraint(fields=["day", "sha256"], name="statement_file_once"),
            models.UniqueConstraint(
                fields=["day"], condition=Q(state=FileState.IMPORTED), name="statement_day_once"
            ),
            models.CheckConstraint(
                condition=Q(state=FileState.IMPORTED, reason="", closing_minor__isnull=False)
                | (Q(state=FileState.REFUSED, closing_minor=None) & ~Q(reason="")),
                name="statement_file_taken_or_not",
            ),
        ]


class StatementLine(models.Model):
    """One line of an imported file, as it stands there."""

    id = models.UUIDField(primary_key=True, editable=False)
    file = models.ForeignKey(StatementFile, on_delete=models.PROTECT, related_name="lines")
    position = models.IntegerField()
    day = models.DateField()
    standing = models.CharField(max_length=10, choices=Standing.choices)
    serial = models.CharField(max_length=64)
    order_no = models.CharField(max_length=64, default="", blank=True)
    kind = models.CharField(max_length=20)
    is_credit = models.BooleanField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    value_on = models.DateField()
    account_no = models.CharField(max_length=40, default="", blank=True)
    # Who paid or was paid, and the memo: JSON.
    particulars_sealed = models.BinaryField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.UniqueConstraint(fields=["file", "position"], name="statement_line_place"),
            models.UniqueConstraint(
                fields=["serial"],
                condition=Q(standing=Standing.TAKEN),
                name="statement_serial_once",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, amount_minor__lte=LARGEST_MINOR),
                name="statement_line_amount_fits",
            ),
        ]
        indexes = [
            models.Index(fields=["day"], name="statement_line_day"),
            models.Index(fields=["serial"], name="statement_line_serial"),
        ]


class LineMatch(models.Model):
    """What a line was found to be; `subject` names ours, such as `order:<uuid>`, once only."""

    line = models.OneToOneField(
        StatementLine, on_delete=models.PROTECT, primary_key=True, related_name="match"
    )
    day = models.DateField()
    agreement = models.CharField(max_length=10, choices=Agreement.choices)
    subject = models.CharField(max_length=60, default="", blank=True)
    matched_at = models.DateTimeField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.UniqueConstraint(
                fields=["subject"], condition=~Q(subject=""), name="line_match_once"
            ),
        ]


class DayReconciled(models.Model):
    """A day was compared: how many lines, what both sides said then, and what was left over."""

    day = models.DateField(primary_key=True)
    file = models.OneToOneField(StatementFile, on_delete=models.PROTECT, related_name="+")
    line_count = models.IntegerField()
    agreed_count = models.IntegerField()
    break_count = models.IntegerField()
    closing_minor = models.BigIntegerField()
    books_minor = models.BigIntegerField()
    in_transit_minor = models.BigIntegerField()
    explained_minor = models.BigIntegerField()
    unexplained_minor = models.BigIntegerField()
    reconciled_at = models.DateTimeField()

    class Meta:
        db_table_comment = "rights: select, insert"


class Break(models.Model):
    """A disagreement with the bank: a case that ends by a mend of two people."""

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=20, choices=BreakKind.choices)
    day = models.DateField()
    # What it is about, such as `line:<id>` or `order:<uuid>`: one break of a kind for each.
    subject = models.CharField(max_length=60)
    line = models.ForeignKey(StatementLine, on_delete=models.PROTECT, related_name="+", null=True)
    order = models.ForeignKey(
        "payments.PaymentOrder", on_delete=models.PROTECT, related_name="+", null=True
    )
    amount_minor = models.BigIntegerField()
    # Two sides in fen, credit to the pool above zero; null where a side says nothing.
    bank_minor = models.BigIntegerField(null=True)
    ours_minor = models.BigIntegerField(null=True)
    # While open: bank's closing balance less our custodian cash, as far as this break explains it.
    explains_minor = models.BigIntegerField(default=0)
    # False where the closing balance sides with our books: then only the file's line is wrong.
    is_in_balance = models.BooleanField(default=True)
    # What this break keeps in the suspense account.
    suspense_minor = models.BigIntegerField(default=0)
    # What shows that it was a matter of time, such as `line:<id>`.
    counterpart = models.CharField(max_length=60, default="", blank=True)
    state = models.CharField(max_length=10, choices=BreakState.choices)
    suggested = models.CharField(max_length=20, default="", blank=True)
    suggested_party = models.UUIDField(null=True)
    assignee = models.CharField(max_length=100, default="", blank=True)
    mend = models.CharField(max_length=20, choices=Mend.choices, default="", blank=True)
    mend_party = models.UUIDField(null=True)
    mend_journal = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=200, default="", blank=True)
    maker = models.CharField(max_length=100, default="", blank=True)
    proposed_at = models.DateTimeField(null=True)
    checker = models.CharField(max_length=100, default="", blank=True)
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    journal = models.BigIntegerField(null=True)
    mend_order = models.ForeignKey(
        "payments.PaymentOrder", on_delete=models.PROTECT, related_name="+", null=True
    )
    # Who wants a mend taken back, and why; another officer approves that too.
    undo_maker = models.CharField(max_length=100, default="", blank=True)
    undo_reason = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject"], name="break_once"),
            models.CheckConstraint(
                condition=~Q(maker=F("checker")) | Q(maker=""), name="break_takes_two"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[BreakState.OPEN, BreakState.ASSIGNED], checker="", resolved_at=None
                )
                | (
                    Q(state=BreakState.PROPOSED, checker="", resolved_at=None)
                    & ~Q(mend="")
                    & ~Q(maker="")
                )
                | (
                    Q(state=BreakState.RESOLVED, resolved_at__isnull=False)
                    & ~Q(checker="")
                    & ~Q(mend="")
                ),
                name="break_state_has_its_fields",
            ),
            models.CheckConstraint(
                condition=Q(undo_maker="") | (Q(state=BreakState.RESOLVED) & ~Q(undo_reason="")),
                name="break_undo_of_what_is_resolved",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "opened_at"], name="break_queue"),
            models.Index(fields=["day"], name="break_day"),
            models.Index(fields=["order"], name="break_order"),
            models.Index(fields=["line"], name="break_line"),
        ]


class BreakStep(models.Model):
    """One step of a break's life, with what was said and done."""

    case = models.ForeignKey(Break, on_delete=models.PROTECT, related_name="steps")
    from_state = models.CharField(max_length=10, default="", blank=True)
    to_state = models.CharField(max_length=10)
    actor = models.CharField(max_length=100)
    mend = models.CharField(max_length=20, default="", blank=True)
    note = models.CharField(max_length=200, default="", blank=True)
    journal = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        db_table_comment = "rights: select, insert"
