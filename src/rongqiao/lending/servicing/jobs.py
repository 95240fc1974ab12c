"""Clock-driven entries: debits of what is unpaid, cases, watches, resets, recalls; imports."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.queries.limits import limit_use
from rongqiao.lending.servicing.operations.collecting.follow_loan import (
    FollowLoan,
    follow_loan,
)
from rongqiao.lending.servicing.operations.collecting.open_case import OpenCase, open_case
from rongqiao.lending.servicing.operations.collecting.review_cases import (
    ReviewCases,
    review_cases,
)
from rongqiao.lending.servicing.operations.end_of_day.release_loan import CloseUnderWay
from rongqiao.lending.servicing.operations.importing.carry_out_import import (
    CarryOutImport,
    carry_out_import,
)
from rongqiao.lending.servicing.operations.importing.decide_import import CARRY_OUT
from rongqiao.lending.servicing.operations.importing.deciding import ImportNotWaiting
from rongqiao.lending.servicing.operations.importing.fail_import import FailImport, fail_import
from rongqiao.lending.servicing.operations.rescheduling.carry_out_recall import (
    CarryOutRecall,
    carry_out_recall,
)
from rongqiao.lending.servicing.operations.rescheduling.reset_rates import (
    ResetRates,
    reset_rates,
)
from rongqiao.lending.servicing.queries.amending.rates import due_resets
from rongqiao.lending.servicing.queries.amending.recalls import due_recalls
from rongqiao.lending.servicing.queries.collecting.following import (
    cases_left_behind,
    loans_without_case,
)
from rongqiao.lending.servicing.queries.daily import list_short, planned_chunks
from rongqiao.lending.servicing.queries.exposures import debtors
from rongqiao.money.payments.operations.orders.request_direct_debit import (
    RequestDirectDebit,
    request_direct_debit,
)
from rongqiao.money.payments.queries.cards import standing_mandate
from rongqiao.money.payments.queries.orders import failed_debits, next_debit_on
from rongqiao.parties.queries import get_parties
from rongqiao.platform import clock, jobs
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Refusal
from rongqiao.risk.operations.enterprise.watch_firm import WatchFirm, watch_firm
from rongqiao.risk.queries.enterprise import watched_in

ACTOR = "system:servicing.jobs"
# Loans stay locked while their chunk is reset.
RESET_AT_ONCE = 100
DEBITS_LOOKED_BACK = timedelta(days=90)


@jobs.job(CARRY_OUT)
def carry_out(import_id: str) -> None:
    """Take an approved portfolio over; while a day is being closed the queue tries again later."""
    target, at = UUID(import_id), clock.now()
    call = Call(actor=ACTOR, key=f"import:{import_id}", at=at, on=clock.business_date())
    try:
        carry_out_import(CarryOutImport(import_id=target), call)
    except CloseUnderWay:
        raise
    except ImportNotWaiting:
        return  # an earlier try ended it
    except Refusal as refusal:
        fail_import(FailImport(import_id=target, code=refusal.code), call)


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


def reset_floating_rates(on: date) -> int:
    """Reset the rates that are due by business date `on`, chunk by chunk; return how many changed.

    Before the date is being closed; killed anywhere it goes on with what is left, run twice it
    changes nothing.
    """
    changed = 0
    while not planned_chunks(on) and (due := due_resets(on, RESET_AT_ONCE)):
        # The loans are their own key: those that are left after a kill are another request.
        digest = hashlib.sha256(repr(due).encode()).hexdigest()[:32]
        key = f"resets:{on.isoformat()}:{digest}"
        call = Call(actor=ACTOR, key=key, at=clock.now(), on=on)
        changed += reset_rates(ResetRates(loans=due), call).changed
    return changed


def carry_out_recalls(on: date) -> int:
    """Let loans fall due whole whose recall names business date `on`; return how many did.

    Before the date is being closed; killed anywhere it goes on with what is left, run twice it
    changes nothing.
    """
    if planned_chunks(on):
        return 0
    made = 0
    for recall_id in due_recalls(on):
        key = f"recall:{on.isoformat()}:{recall_id}"
        call = Call(actor=ACTOR, key=key, at=clock.now(), on=on)
        made += carry_out_recall(CarryOutRecall(recall_id=recall_id), call).state == "made"
    return made


def look_after_cases(on: date) -> int:
    """Bring the collection cases to business date `on`; return how many were opened or closed.

    Promises and offers whose date is over end; and overdue loans get the case, cases of loans in
    order the end, that no event brought them. Run twice it changes nothing.
    """
    review_cases(ReviewCases(on=on), _case_call(on, "review"))
    changed = 0
    for loan_id in loans_without_case():
        opened = open_case(OpenCase(loan_id=loan_id), _case_call(on, f"open:{loan_id}"))
        changed += opened.case_id is not None
    for case_id in cases_left_behind():
        command = FollowLoan(case_id=case_id, paid=Money.zero())
        follow_loan(command, _case_call(on, f"follow:{case_id}"))
        changed += 1
    return changed


def watch_firms(on: date) -> int:
    """Look once in the month of `on` at every firm that owes; return how many were looked at.

    Killed anywhere it goes on with the rest, run twice it changes nothing.
    """
    owing = debtors()
    left = owing.keys() - watched_in(on.replace(day=1))
    firms = [party.id for party in get_parties(left).values() if not party.is_person]
    failed = failed_debits(firms, on - DEBITS_LOOKED_BACK)
    used = limit_use(firms, on)
    for party_id in sorted(firms):
        counts = [
            ("days-past-due", str(owing[party_id])),
            ("failed-debits-90d", str(failed.get(party_id, 0))),
        ]
        if party_id in used:
            counts.append(("limit-use", str(used[party_id])))
        command = WatchFirm(party_id=party_id, counts=tuple(counts))
        key = f"watch:{on:%Y-%m}:{party_id}"
        watch_firm(command, Call(actor=ACTOR, key=key, at=clock.now(), on=on))
    return len(firms)


def _case_call(on: date, what: str) -> Call:
    return Call(actor=ACTOR, key=f"cases:{on.isoformat()}:{what}", at=clock.now(), on=on)
