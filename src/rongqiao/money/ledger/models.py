"""The books: accounts, journals and their postings, holds, and the keys that keep them single.

Amounts are minor units (fen), credit-positive: a posting above zero is a credit. The application
only reads these tables; SQL functions write them (folder `sql`).
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

# Django finds an app's tables through this module alone.
from rongqiao.money.ledger import closing  # noqa: F401

READ_ONLY = "rights: select"
# Accounts of the platform itself are locked last: they have the highest numbers.
FIRST_PLATFORM_ACCOUNT = 2**62
# An account without a floor; the writers keep balances within +-2^62, so that no sum overflows.
NO_FLOOR = -(2**62)
LARGEST_AMOUNT = 10**15


class Account(models.Model):
    """An account under a code, in one currency; `mode` says how its balance is kept (chart.py).

    `balance_minor` is the whole balance of a plain account only, and never goes below `floor` and
    what is held. A rolled one's counts up to journal `rolled_to`, a split one's is in its parts.
    Read `Balance`.
    """

    id = models.BigIntegerField(primary_key=True)
    code = models.TextField()
    family = models.TextField()
    currency = models.CharField(max_length=3)
    balance_minor = models.BigIntegerField(default=0)
    held_minor = models.BigIntegerField(default=0)
    floor_minor = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()
    mode = models.TextField()
    rolled_to = models.BigIntegerField()

    class Meta:
        db_table_comment = READ_ONLY
        constraints = [
            models.UniqueConstraint(fields=["code"], name="ledger_account_code_key"),
            # The range of balances is held by the writers: PostgreSQL reads a constraint anew for
            # every statement.
            models.CheckConstraint(
                condition=Q(balance_minor__gte=F("floor_minor") + F("held_minor")),
                name="ledger_account_floor",
            ),
        ]


class Part(models.Model):
    """One of the sixteen sub-accounts of a split account; none is below zero."""

    pk = models.CompositePrimaryKey("account_id", "nr")
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, db_constraint=False, db_index=False
    )
    nr = models.SmallIntegerField()
    balance_minor = models.BigIntegerField()

    class Meta:
        db_table_comment = READ_ONLY


class Balance(models.Model):
    """The true balance of every account at this moment, however it is kept (a view)."""

    id = models.BigIntegerField(primary_key=True)
    code = models.TextField(unique=True)
    family = models.TextField()
    currency = models.CharField(max_length=3)
    mode = models.TextField()
    balance_minor = models.BigIntegerField()
    held_minor = models.BigIntegerField()
    floor_minor = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "ledger_balance"


class Journal(models.Model):
    """What happened, told in balanced postings; never changed, only reversed, and once at most.

    The table is divided by the month of `value_on`, so the database's own key is (id, value_on).
    A journal from one account to another holds its legs itself: `source` gives `amount_minor` to
    `target`. They balance by the shape of the row. Others name no account (0), an amount of 0 and
    no currency. Read `Posting`.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.TextField()
    document = models.TextField()
    value_on = models.DateField()
    booked_at = models.DateTimeField()
    actor = models.TextField()
    reverses = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="reversals",
    )
    source_id = models.BigIntegerField()
    target_id = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        db_table_comment = READ_ONLY
        indexes = [
            models.Index(fields=["source_id", "id"], name="ledger_journal_source"),
            models.Index(fields=["target_id", "id"], name="ledger_journal_target"),
        ]


class Reversal(models.Model):
    """Which journal took back which: once each, by the keys of this table."""

    reversed_id = models.BigIntegerField(primary_key=True)
    journal_id = models.BigIntegerField(unique=True)

    class Meta:
        db_table_comment = READ_ONLY


class Horizon(models.Model):
    """One row: no journal numbered up to `proven_id` can still come in (sql/0002/horizon.sql)."""

    id = models.SmallIntegerField(primary_key=True)
    observed_id = models.BigIntegerField()
    proven_id = models.BigIntegerField()

    class Meta:
        db_table_comment = READ_ONLY


class Leg(models.Model):
    """A leg of a journal. No foreign keys: the writer checks counts, `verify` checks nightly."""

    pk = models.CompositePrimaryKey("journal_id", "leg")
    journal = models.ForeignKey(
        Journal, on_delete=models.PROTECT, db_constraint=False, db_index=False
    )
    leg = models.IntegerField()
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, db_constraint=False, db_index=False
    )
    amount_minor = models.BigIntegerField()
    # The journal's, by which both tables are divided.
    value_on = models.DateField()
    # The account's, told again so that the proof of balance needs no other table.
    currency = models.CharField(max_length=3)

    class Meta:
        abstract = True


class JournalLeg(Leg):
    """A leg of any other journal, numbered from 1; each insert is proved to balance."""

    class Meta:
        db_table = "ledger_leg"
        db_table_comment = READ_ONLY
        indexes = [models.Index(fields=["account", "journal"], name="ledger_leg_statement")]


class Posting(Leg):
    """One leg of any journal, wherever it is kept (a view)."""

    class Meta:
        managed = False
        db_table = "ledger_posting"


class Hold(models.Model):
    """Money set aside: it lowers what is available, not the balance, until released or captured."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, db_constraint=False, db_index=False
    )
    amount_minor = models.BigIntegerField()
    document = models.TextField()
    state = models.TextField(default="open")
    made_at = models.DateTimeField()
    # By the database's own clock, so that no host's wrong time frees money.
    expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = READ_ONLY
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__range=(1, LARGEST_AMOUNT)), name="ledger_hold_amount"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "released", "captured", "expired"]),
                name="ledger_hold_state",
            ),
        ]
        indexes = [
            models.Index(fields=["account"], name="ledger_hold_open", condition=Q(state="open")),
            models.Index(
                fields=["expires_at"],
                name="ledger_hold_expiring",
                condition=Q(state="open", expires_at__isnull=False),
            ),
        ]


class Key(models.Model):
    """An idempotency key, for ever: what was asked under it and what was answered."""

    key = models.TextField(primary_key=True)
    request_hash = models.BinaryField(max_length=32)
    about = models.TextField()
    answer = models.BigIntegerField()

    class Meta:
        db_table_comment = READ_ONLY
