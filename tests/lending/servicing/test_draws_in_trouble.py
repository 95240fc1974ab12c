"""No further sum is lent on a loan in trouble or in change, not by an older quote either."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace

import pytest

from rongqiao.lending.servicing.models.amending.draws import FurtherDraw
from rongqiao.lending.servicing.models.closing_days import ParkedLoan
from rongqiao.lending.servicing.models.loans import FormerPlan, Loan
from rongqiao.lending.servicing.operations.end_of_day.release_loan import ReleaseLoan, release_loan
from rongqiao.lending.servicing.operations.rescheduling.revoke_recall import (
    RevokeRecall,
    revoke_recall,
)
from rongqiao.lending.servicing.operations.starting.draw_further import DrawFurther, draw_further
from rongqiao.lending.servicing.operations.starting.quote_draw import QuoteDraw, quote_draw
from rongqiao.lending.servicing.queries.amending import draws
from rongqiao.lending.servicing.queries.amending.draws import why_not
from rongqiao.lending.servicing.queries.loans import get_loan, list_loans
from rongqiao.money.ledger.queries.books import balance
from rongqiao.platform import clock as platform_clock
from rongqiao.web.frame.refusals import message_for
from tests.lending.servicing import test_change_terms as terms
from tests.lending.servicing import test_correct as corrections
from tests.lending.servicing import test_further_draws as further
from tests.lending.servicing import test_holds as holds
from tests.lending.servicing import test_recall as recalls
from tests.lending.servicing.test_further_draws import (
    YUAN,
    assert_all_holds,
    lent,
    live_to,
    pay,
)
from tests.makers.journeys import give_role, make_borrower
from tests.makers.loans import Lend, lend
from tests.parties.people import actor, make_user

DAY = date(2026, 2, 6)
ROLES = ("reviewer", "approver", "operator", "finance", "finance")
HARDSHIP = {"kind": "restructuring", "evidence": "停产证明 2026-7", "reason": "财务困难"}

staff, products = further.staff, further.products


@dataclass(frozen=True)
class Case:
    """A loan of 50,000 yuan with 20,000 drawn and one instalment paid, and those who mind it."""

    borrower: object
    loan: SimpleNamespace
    card: object
    officers: dict[str, str]


@pytest.fixture
def case(call, clock, staff, products):
    users = [make_user() for _ in ROLES]
    for user, role in zip(users, ROLES, strict=True):
        give_role(call, *staff.administrators, user, role)
    borrower = make_borrower(call)
    card = lent(call, clock, borrower)
    live_to(clock, date(2026, 2, 5))
    owed = list_loans(borrower.party_id, date(2026, 2, 5))[0].owed_now.total
    pay(call, borrower, card, owed.text())
    live_to(clock, DAY)
    officers = dict(
        zip(("reviewer", "approver", "operator", "maker", "checker"), users, strict=True)
    )
    return Case(
        borrower=borrower,
        loan=SimpleNamespace(loan_id=card.id),
        card=card,
        officers={name: actor(user) for name, user in officers.items()},
    )


def hold(case, call, clock):
    holds.put(case.loan, call, case.officers["operator"])
    return lambda: holds.lift(case.loan, call, case.officers["operator"])


def set_aside(case, call, clock):
    ParkedLoan.objects.create(
        loan_id=case.card.id, on=DAY, step="age", reason="seen", parked_at=platform_clock.now()
    )
    return lambda: release_loan(ReleaseLoan(loan_id=case.card.id), call())


def change_terms(case, call, clock):
    asked = terms.ask(case.loan, call, case.officers["reviewer"])
    return lambda: terms.decide(asked, "decline", call, case.officers["approver"])


def take_a_payment_back(case, call, clock):
    asked = corrections.take_back(case.card.id, call, case.officers["maker"])
    checker = case.officers["checker"]
    return lambda: corrections.decide(asked, "decline", call, checker)


def propose_recall(case, call, clock):
    asked = recalls.ask(case.loan, call, case.officers["reviewer"], **recalls.MISUSE)
    return lambda: recalls.decide(asked, "decline", call, case.officers["approver"])


def notice_recall(case, call, clock):
    officers = [case.officers["reviewer"], case.officers["approver"]]
    done = recalls.notice(case.loan, call, officers, **recalls.MISUSE)
    command = RevokeRecall(recall_id=done.recall_id, reason="证据不足")
    return lambda: revoke_recall(command, call(actor=officers[0]))


def restructure(case, call, clock):
    officers = [case.officers["reviewer"], case.officers["approver"]]
    terms.change(case.loan, call, officers, **HARDSHIP, months=6)


TROUBLES: list[tuple[Callable, type, str]] = [
    (hold, draws.DrawWhileHeld, "您名下的借款已暂停办理"),
    (set_aside, draws.DrawWhileAside, "这笔借款正在核对"),
    (change_terms, draws.DrawWhileChanging, "正在办理变更、还款更正或提前到期"),
    (take_a_payment_back, draws.DrawWhileChanging, "正在办理变更、还款更正或提前到期"),
    (propose_recall, draws.DrawWhileChanging, "正在办理变更、还款更正或提前到期"),
    (notice_recall, draws.DrawWhileChanging, "正在办理变更、还款更正或提前到期"),
    (restructure, draws.DrawWhileWatched, "观察期内不能提取"),
]


@pytest.mark.parametrize(("begin", "refusal", "said"), TROUBLES)
def test_nothing_is_lent_while_it_stands_and_all_is_as_before_when_it_is_over(
    call, clock, case, begin, refusal, said
):
    asked = QuoteDraw(loan_id=case.card.id, party_id=case.borrower.party_id, amount=YUAN("5000.00"))
    older = quote_draw(asked, call(actor=case.borrower.actor))
    end = begin(case, call, clock)
    plans = FormerPlan.objects.count()
    reason = why_not(case.card.id, DAY)
    assert type(reason) is refusal
    assert said in message_for(reason)
    with pytest.raises(refusal):
        quote_draw(asked, call(actor=case.borrower.actor))
    by_it = DrawFurther(quote_id=older.quote_id, party_id=case.borrower.party_id)
    with pytest.raises(refusal):
        draw_further(by_it, call(actor=case.borrower.actor))
    assert Loan.objects.get().principal_minor == 2_000_000
    assert FormerPlan.objects.count() == plans
    assert not FurtherDraw.objects.exclude(drawn_at=None).exists()
    wallet = balance(f"wallet:{case.borrower.party_id}")
    assert wallet == YUAN("20000.00")
    if end is None:
        return
    end()
    assert why_not(case.card.id, DAY) is None
    assert draw_further(by_it, call(actor=case.borrower.actor)).amount == YUAN("5000.00")
    live_to(clock, date(2026, 2, 8))
    assert_all_holds(case.card, date(2026, 2, 8))


def test_another_loan_of_the_borrower_that_is_late_is_paid_first(call, clock, case):
    party = case.borrower.party_id
    other = lend(Lend(principal=100_000, party=party, terms=1), call())
    live_to(clock, date(2026, 3, 5))
    owed = get_loan(case.card.id, date(2026, 3, 5)).card.owed_now.total
    pay(call, case.borrower, case.card, owed.text())
    assert why_not(case.card.id, date(2026, 3, 5)) is None
    live_to(clock, date(2026, 3, 7))
    with pytest.raises(draws.DrawAfterPaying):
        further.quote(call, case.borrower, case.card, "5000.00")
    owed = get_loan(other.loan_id, date(2026, 3, 7)).card.owed_now.total
    pay(call, case.borrower, SimpleNamespace(id=other.loan_id), owed.text())
    assert further.draw(call, case.borrower, case.card, "5000.00").left == YUAN("25000.00")
