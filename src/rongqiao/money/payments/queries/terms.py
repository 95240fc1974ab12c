"""What an owner is asked and told before money moves: the proof, the days of a debit's tries."""

from __future__ import annotations

from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.money.payments.retrying import DEBIT_RULE


def withdrawal_purpose(party_id: UUID, bank_account_id: UUID, amount: Money) -> str:
    """Return what a proof is good for: a changed amount or account needs another one."""
    return f"withdraw:{party_id}:{bank_account_id}:{amount.minor}"


def debit_days() -> tuple[int, ...]:
    """Return how many days after the due day a direct debit is tried, the due day being 0."""
    return DEBIT_RULE.days_after
