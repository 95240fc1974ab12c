"""Clock-driven entries: ask for direct debits of what a new business date finds unpaid."""

from __future__ import annotations

from datetime import date

from rongqiao.lending.servicing.queries.daily import list_short
from rongqiao.money.payments.operations.orders.request_direct_debit import (
    RequestDirectDebit,
    request_direct_debit,
)
from rongqiao.money.payments.queries.cards import standing_mandate
from rongqiao.money.payments.queries.orders import next_debit_on
from rongqiao.platform import clock
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Refusal

ACTOR = "system:servicing.jobs"


def collect_by_debit(on: date) -> int:
    """Ask the bank for what willing borrowers lack on business date `on`; return how many asked.

    When a debit that failed is tried again is payments' rule. Run twice it asks once.
    """
    asked = 0
    for short in list_short(on):
        subject = f"loan:{short.loan_id}"
        mandate = standing_mandate(short.party_id)
        if mandate is None or next_debit_on(subject, short.oldest_due_on, on) != on:
            continue
        command = RequestDirectDebit(
            party_id=short.party_id,
            bank_account_id=mandate.bank_account_id,
            amount=min(short.amount, mandate.per_debit),
            subject=subject,
        )
        key = f"{on.isoformat()}:{short.loan_id}"
        try:
            request_direct_debit(command, Call(actor=ACTOR, key=key, at=clock.now(), on=on))
        except Refusal:
            continue  # withdrawn, underway or above the day's cap: the borrower pays by hand
        asked += 1
    return asked
