"""随借随还: several drawings of one limit live side by side, and what comes back is free again."""

from datetime import date

import pytest

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.limits import MoreThanAvailable
from rongqiao.lending.origination.operations.drawing.draw import Draw, OverdueFirst, draw
from rongqiao.lending.origination.operations.drawing.propose_drawing import (
    ProposeDrawing,
    propose_drawing,
)
from rongqiao.lending.origination.queries.limits import get_limit, list_drawings
from rongqiao.lending.servicing.operations.prepaying.prepay import Prepay, prepay
from rongqiao.lending.servicing.operations.prepaying.quote_prepayment import (
    QuotePrepayment,
    quote_prepayment,
)
from rongqiao.lending.servicing.queries.loans import history_of, list_loans, principal_moves
from rongqiao.platform import clock as platform_clock
from rongqiao.platform import relay
from tests.lending.servicing.test_golden_lives import close, live_to, pay
from tests.makers.journeys import (
    make_borrower,
    make_staff,
    publish_first_products,
    read_sheet,
    signed_loan,
)
from tests.makers.loans import PayIn, assert_books_hold, pay_in


@pytest.fixture
def borrower(call):
    publish_first_products(call, make_staff(call))
    return make_borrower(call)


@pytest.fixture
def limit_id(call, clock, borrower):
    _, signed = signed_loan(call, clock, borrower, "daily-revolving")
    return signed.limit_id


def use(call, clock, borrower, limit_id, yuan, months=3):
    """Draw on the limit and let the relay lend it; return the loan's card."""
    command = ProposeDrawing(limit_id=limit_id, amount=Money.yuan(yuan), term_count=months)
    proposed = propose_drawing(command, call(actor=borrower.actor))
    sheet_id = read_sheet(call, clock, borrower, drawing_id=proposed.drawing_id)
    draw(
        Draw(
            drawing_id=proposed.drawing_id,
            sheet_id=sheet_id,
            days_past_due=history_of(borrower.party_id).days_past_due,
            session="s" * 16,
            ip="192.0.2.7",
        ),
        call(actor=borrower.actor),
    )
    relay.drain(SUBSCRIBERS)
    cards = list_loans(borrower.party_id, platform_clock.business_date())
    return next(card for card in cards if card.drawing_id == proposed.drawing_id)


def free(borrower, limit_id):
    view = get_limit(limit_id, borrower.user_id)
    assert view.amount == view.reserved + view.drawn + view.available
    return view.available.text()


def test_drawings_live_side_by_side_and_give_back_what_is_repaid(clock, call, borrower, limit_id):
    first = use(call, clock, borrower, limit_id, "5000.00")
    live_to(clock, date(2026, 1, 15))
    second = use(call, clock, borrower, limit_id, "8000.00")
    assert free(borrower, limit_id) == "7000.00"
    with pytest.raises(MoreThanAvailable):
        use(call, clock, borrower, limit_id, "7000.01")
    live_to(clock, date(2026, 1, 25))
    # Each by its own days: 5,000 x 9 % / 360 x 20; the other has used ten.
    quoted = close(call, borrower, first, date(2026, 1, 25))
    assert (quoted.interest.text(), quoted.prepayment_fee.text()) == ("25.00", "0.00")
    assert free(borrower, limit_id) == "12000.00"
    third = use(call, clock, borrower, limit_id, "12000.00", months=1)
    assert free(borrower, limit_id) == "0.00"
    assert len({first.id, second.id, third.id}) == 3
    states = sorted(one.state for one in list_drawings(limit_id))
    assert states == ["drawn", "drawn", "repaid"]
    assert_books_hold()


def test_a_part_paid_back_any_day_is_free_again(clock, call, borrower, limit_id):
    card = use(call, clock, borrower, limit_id, "8000.00")
    live_to(clock, date(2026, 1, 15))
    part = Money.yuan("3000.00")
    asked = QuotePrepayment(loan_id=card.id, party_id=borrower.party_id, principal=part)
    quoted = quote_prepayment(asked, call(actor=borrower.actor))
    # The ten days of all that was drawn: 8,000 x 9 % / 360 x 10, and nothing for coming early.
    assert (quoted.interest.text(), quoted.fee.text()) == ("20.00", "0.00")
    pay_in(PayIn(party=borrower.party_id, amount=quoted.total), call())
    (choice,) = quoted.choices
    prepay(
        Prepay(quote_id=quoted.quote_id, party_id=borrower.party_id, choice=choice),
        call(actor=borrower.actor),
    )
    assert free(borrower, limit_id) == "12000.00"
    relay.drain(SUBSCRIBERS)
    assert free(borrower, limit_id) == "15000.00"
    moves = principal_moves(one.id for one in list_drawings(limit_id))
    assert moves == (
        (date(2026, 1, 5), Money.yuan("8000.00")),
        (date(2026, 1, 15), Money.yuan("-3000.00")),
    )
    assert_books_hold()


def test_what_is_overdue_is_paid_before_more_is_drawn(clock, call, borrower, limit_id):
    card = use(call, clock, borrower, limit_id, "1000.00", months=1)
    live_to(clock, date(2026, 2, 8))
    with pytest.raises(OverdueFirst):
        use(call, clock, borrower, limit_id, "1000.00")
    (late,) = list_loans(borrower.party_id, date(2026, 2, 8))
    pay(call, borrower, card, late.owed_now.total.text())
    relay.drain(SUBSCRIBERS)
    assert free(borrower, limit_id) == "20000.00"
    use(call, clock, borrower, limit_id, "20000.00")
    assert free(borrower, limit_id) == "0.00"
