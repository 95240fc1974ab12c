"""Sixteen at once, each under its own key, on one platform: one success each, and clean books."""

from datetime import date, timedelta

from rongqiao.cli.eod import catch_up
from rongqiao.cli.verify import check_all
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.lending.origination.models import Agreement
from rongqiao.lending.origination.operations.drawing.draw import Draw, draw
from rongqiao.lending.origination.operations.drawing.propose_drawing import (
    ProposeDrawing,
    propose_drawing,
)
from rongqiao.lending.origination.operations.signing.sign_agreement import (
    SignAgreement,
    sign_agreement,
)
from rongqiao.lending.origination.queries.limits import get_limit
from rongqiao.lending.servicing.models.loans import Loan, LoanEntry
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay
from rongqiao.money.ledger.queries.books import balance
from rongqiao.platform import audit
from rongqiao.platform.refusals import Refusal
from rongqiao.platform.relay import drain, parked
from tests.makers import journeys
from tests.parties.people import at_once

THREADS = 16


def one_success(attempts, code):
    """Run the attempts at once; the one result. All others must be refused with `code`."""
    answers = at_once(attempts)
    refused = [one.code for one in answers if isinstance(one, Refusal)]
    done = [one for one in answers if not isinstance(one, Exception)]
    assert refused == [code] * (THREADS - 1), answers
    (only,) = done
    return only


def sixteen(run, call, borrower, command):
    """Return attempts at one command, each under a key of its own."""
    calls = [call(actor=borrower.actor) for _ in range(THREADS)]
    return [lambda one=one: run(command, one) for one in calls]


def signed_by_one_of_sixteen(call, clock, borrower, product):
    case, _state = journeys.apply(call, borrower, product)
    journeys.accept(call, borrower, case)
    sheet = journeys.read_sheet(call, clock, borrower, application_id=case)
    command = SignAgreement(application_id=case, sheet_id=sheet, session="s", ip="::1")
    attempts = sixteen(sign_agreement, call, borrower, command)
    return one_success(attempts, "origination.step-not-drawn")


def proposal(call, clock, borrower, limit_id):
    """A drawing of the whole limit, its sheet read."""
    asked = ProposeDrawing(limit_id=limit_id, amount=Money.yuan("20000"), term_count=3)
    drawing_id = propose_drawing(asked, call(actor=borrower.actor)).drawing_id
    sheet_id = journeys.read_sheet(call, clock, borrower, drawing_id=drawing_id)
    return Draw(drawing_id=drawing_id, sheet_id=sheet_id, days_past_due=0, session="s", ip="::1")


def test_sixteen_sign_draw_and_repay_and_one_of_each_succeeds(live_db, settings, call, clock):
    settings.OPERATOR_ROLE = "microloan_company"
    staff = journeys.make_staff(call)
    journeys.publish_first_products(call, staff)
    payer, drawer = (journeys.make_borrower(call, number) for number in (1, 2))

    signed_by_one_of_sixteen(call, clock, payer, "consumer-monthly")
    limit_id = signed_by_one_of_sixteen(call, clock, drawer, "daily-revolving").limit_id
    assert Agreement.objects.count() == 2

    ready = [
        (proposal(call, clock, drawer, limit_id), call(actor=drawer.actor)) for _ in range(THREADS)
    ]
    attempts = [lambda pair=pair: draw(*pair) for pair in ready]
    one_success(attempts, "origination.more-than-available")
    drain(SUBSCRIBERS)
    assert parked() == []
    view = get_limit(limit_id, drawer.user_id)
    assert (view.drawn, view.reserved, view.available) == (
        Money.yuan("20000"),
        Money(0),
        Money(0),
    )
    assert balance(f"wallet:{drawer.party_id}") == Money.yuan("20000")

    clock.move(timedelta(days=31))
    catch_up(date(2026, 2, 5))
    loan = Loan.objects.get(party_id=payer.party_id)
    row = loan.instalments.get(no=1)
    due = Money(row.principal_minor + row.interest_minor + row.fee_minor)
    before = balance(f"wallet:{payer.party_id}")
    command = Repay(
        loan_id=loan.pk, party_id=payer.party_id, amount=due, instalment_no=1, expected=due
    )
    one_success(sixteen(repay, call, payer, command), "servicing.already-paid")
    assert before - balance(f"wallet:{payer.party_id}") == due
    assert LoanEntry.objects.filter(loan=loan, kind="repayment").count() == 1

    drain(SUBSCRIBERS)
    audit.seal()
    assert [law for law in check_all() if law.broken] == []
