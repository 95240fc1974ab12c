"""随借随还: a limit is granted by signing, drawn under its lock, given back by repayment."""

from datetime import date, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from rongqiao.finance.money import Money
from rongqiao.lending.origination import handlers
from rongqiao.lending.origination.conduct.contracting import SheetNotConfirmed
from rongqiao.lending.origination.conduct.limits import LimitEnded, MoreThanAvailable, NotProposed
from rongqiao.lending.origination.models import Agreement, CreditLimit
from rongqiao.lending.origination.operations.applying.withdraw_application import AlreadyLent
from rongqiao.lending.origination.operations.drawing.cancel_drawing import (
    CancelDrawing,
    cancel_drawing,
)
from rongqiao.lending.origination.operations.drawing.draw import Draw, OverdueFirst, draw
from rongqiao.lending.origination.operations.drawing.propose_drawing import (
    DrawingRefused,
    ProposeDrawing,
    propose_drawing,
)
from rongqiao.lending.origination.operations.signing.open_cost_sheet import (
    OpenCostSheet,
    open_cost_sheet,
)
from rongqiao.lending.origination.operations.signing.take_up import NotToBeLent
from rongqiao.lending.origination.queries.applications import get_application
from rongqiao.lending.origination.queries.limits import (
    get_drawing,
    get_limit,
    list_drawings,
    list_limits,
)
from rongqiao.lending.origination.queries.papers import get_agreement_text
from rongqiao.lending.servicing.operations.starting.disburse import Disburse, disburse
from rongqiao.platform.models import BusinessDate, OutboxEvent
from rongqiao.platform.refusals import NotFound
from tests.makers.journeys import make_borrower, read_sheet, signed_loan


@pytest.fixture
def limit_id(call, clock, borrower):
    application_id, signed = signed_loan(call, clock, borrower, "daily-revolving", term_count="6")
    assert signed.kind == "limit"
    assert get_application(application_id, borrower.user_id).row.state == "funded"
    assert get_application(application_id, borrower.user_id).limit_id == signed.limit_id
    return signed.limit_id


def propose(call, borrower, limit_id, amount="20000", term_count=3):
    command = ProposeDrawing(limit_id=limit_id, amount=Money.yuan(amount), term_count=term_count)
    return propose_drawing(command, call(actor=borrower.actor)).drawing_id


def drawn(call, borrower, drawing_id, sheet_id, days_past_due=0):
    command = Draw(
        drawing_id=drawing_id, sheet_id=sheet_id, days_past_due=days_past_due, session="s", ip="::1"
    )
    return draw(command, call(actor=borrower.actor))


def use(call, clock, borrower, limit_id, amount="20000"):
    drawing_id = propose(call, borrower, limit_id, amount)
    sheet_id = read_sheet(call, clock, borrower, drawing_id=drawing_id)
    return drawn(call, borrower, drawing_id, sheet_id)


def told(agreement_id, drawing_id, principal="0"):
    return SimpleNamespace(
        agreement_id=agreement_id, drawing_id=drawing_id, principal=Money.yuan(principal)
    )


def state(limit_id, borrower):
    view = get_limit(limit_id, borrower.user_id)
    assert view.amount == view.reserved + view.drawn + view.available
    return tuple(int(m.minor) // 100 for m in (view.reserved, view.drawn, view.available))


def test_a_signed_limit_can_be_drawn_until_its_last_day(borrower, limit_id):
    view = get_limit(limit_id, borrower.user_id)
    assert (view.amount, view.available) == (Money.yuan("20000"), Money.yuan("20000"))
    assert view.valid_until == date(2027, 1, 5)
    assert "授信额度合同" in get_agreement_text(view.agreement_id)
    assert [one.id for one in list_limits([borrower.party_id])] == [limit_id]


def test_money_goes_round(call, clock, borrower, limit_id):
    done = use(call, clock, borrower, limit_id, "12000")
    assert done.available == Money.yuan("8000")
    assert state(limit_id, borrower) == (12000, 0, 8000)
    drawing_id = done.drawing_id
    handlers.on_loan_disbursed(told(done.agreement_id, drawing_id), call(actor="system:x"))
    assert state(limit_id, borrower) == (0, 12000, 8000)
    handlers.on_loan_repaid(told(done.agreement_id, drawing_id, "5000"), call(actor="system:x"))
    assert state(limit_id, borrower) == (0, 7000, 13000)
    handlers.on_loan_closed(told(done.agreement_id, drawing_id), call(actor="system:x"))
    assert state(limit_id, borrower) == (0, 0, 20000)
    assert get_drawing(drawing_id, borrower.user_id).state == "repaid"
    use(call, clock, borrower, limit_id, "20000")


def test_a_fact_told_twice_counts_once(call, clock, borrower, limit_id):
    done = use(call, clock, borrower, limit_id, "12000")
    event = told(done.agreement_id, done.drawing_id, "5000")
    key = call(actor="system:x", key="event:1:on_loan_disbursed")
    handlers.on_loan_disbursed(event, key)
    handlers.on_loan_disbursed(event, key)
    key = call(actor="system:x", key="event:2:on_loan_repaid")
    handlers.on_loan_repaid(event, key)
    handlers.on_loan_repaid(event, key)
    assert state(limit_id, borrower) == (0, 7000, 13000)


def test_a_drawing_has_its_own_sheet_and_note(call, clock, borrower, limit_id):
    done = use(call, clock, borrower, limit_id, "1000")
    text = get_agreement_text(done.agreement_id)
    under = Agreement.objects.get(kind="limit").number
    assert text.startswith("额度项下借款借据")
    assert f"编号 {under} 的授信额度合同" in text
    assert "人民币壹仟元整" in text
    event = OutboxEvent.objects.get(name="origination.limit-drawn")
    assert event.payload["agreement_id"] == str(done.agreement_id)
    assert event.payload["drawing_id"] == str(done.drawing_id)


def test_no_drawing_without_a_confirmed_sheet(call, borrower, limit_id):
    drawing_id = propose(call, borrower, limit_id)
    opened = open_cost_sheet(OpenCostSheet(drawing_id=drawing_id), call(actor=borrower.actor))
    with pytest.raises(SheetNotConfirmed):
        drawn(call, borrower, drawing_id, opened.sheet_id)
    assert state(limit_id, borrower) == (0, 0, 20000)


def test_the_limit_is_never_passed(call, clock, borrower, limit_id):
    first = propose(call, borrower, limit_id, "12000")
    second = propose(call, borrower, limit_id, "12000")
    sheets = [read_sheet(call, clock, borrower, drawing_id=one) for one in (first, second)]
    drawn(call, borrower, first, sheets[0])
    with pytest.raises(MoreThanAvailable) as refused:
        drawn(call, borrower, second, sheets[1])
    assert refused.value.facts["allowed"] == "8000.00"
    with pytest.raises(NotProposed):
        drawn(call, borrower, first, sheets[0])
    with pytest.raises(MoreThanAvailable):
        propose(call, borrower, limit_id, "8000.01")
    with pytest.raises(IntegrityError), transaction.atomic():
        CreditLimit.objects.update(drawn_minor=20_000_01)


BAD = [
    ("amount", {"amount": "0"}),
    ("amount", {"amount": "-500"}),
    ("amount", {"amount": "499.99"}),
    ("amount", {"amount": "200000.01"}),
    ("term_count", {"term_count": 0}),
    ("term_count", {"term_count": 13}),
    ("term_count", {"term_count": -1}),
]


def test_a_drawing_outside_the_product_is_refused(call, borrower, limit_id):
    for field, changes in BAD:
        with pytest.raises(DrawingRefused) as refused:
            propose(call, borrower, limit_id, **changes)
        assert refused.value.facts["field"] == field


def test_a_drawing_is_taken_back_before_it_is_lent(call, clock, borrower, limit_id):
    proposed = propose(call, borrower, limit_id, "1000")
    cancel_drawing(CancelDrawing(drawing_id=proposed), call(actor=borrower.actor))
    done = use(call, clock, borrower, limit_id, "12000")
    assert state(limit_id, borrower) == (12000, 0, 8000)
    command = CancelDrawing(drawing_id=done.drawing_id)
    with pytest.raises(NotFound):
        cancel_drawing(command, call(actor=make_borrower(call, 32).actor))
    assert cancel_drawing(command, call(actor=borrower.actor)).available == Money.yuan("20000")
    with pytest.raises(NotProposed):
        cancel_drawing(command, call(actor=borrower.actor))
    with pytest.raises(NotToBeLent):
        disburse(Disburse(agreement_id=done.agreement_id), call(actor="system:x"))


def test_a_drawing_that_is_lent_is_not_taken_back(call, clock, borrower, limit_id):
    done = use(call, clock, borrower, limit_id, "12000")
    disburse(Disburse(agreement_id=done.agreement_id), call(actor="system:x"))
    with pytest.raises(AlreadyLent):
        cancel_drawing(CancelDrawing(drawing_id=done.drawing_id), call(actor=borrower.actor))


def test_what_is_overdue_is_paid_first(call, clock, borrower, limit_id):
    drawing_id = propose(call, borrower, limit_id)
    sheet_id = read_sheet(call, clock, borrower, drawing_id=drawing_id)
    with pytest.raises(OverdueFirst):
        drawn(call, borrower, drawing_id, sheet_id, days_past_due=1)


def test_an_ended_limit_is_not_drawn(call, clock, borrower, limit_id):
    BusinessDate.objects.update(on=date(2027, 1, 6))
    clock.move(timedelta(days=366))
    with pytest.raises(LimitEnded):
        propose(call, borrower, limit_id)


def test_others_neither_see_nor_draw(call, clock, borrower, limit_id):
    drawing_id = propose(call, borrower, limit_id)
    sheet_id = read_sheet(call, clock, borrower, drawing_id=drawing_id)
    stranger = make_borrower(call, 31)
    for attempt in (
        lambda: get_limit(limit_id, stranger.user_id),
        lambda: get_drawing(drawing_id, stranger.user_id),
        lambda: propose(call, stranger, limit_id),
        lambda: drawn(call, stranger, drawing_id, sheet_id),
        lambda: drawn(call, borrower, uuid4(), sheet_id),
        lambda: propose(call, borrower, uuid4()),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert [one.state for one in list_drawings(limit_id)] == ["proposed"]
