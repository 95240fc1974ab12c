"""One life for each of the first products, from application to certificate, counted by hand."""

import io
import json
from datetime import date, timedelta

import pytest
from pypdf import PdfReader

from rongqiao.cli.eod import catch_up
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.finance.quote import quote
from rongqiao.finance.schedule.reading import read_terms
from rongqiao.lending.origination.operations.drawing.draw import Draw, draw
from rongqiao.lending.origination.operations.drawing.propose_drawing import (
    ProposeDrawing,
    propose_drawing,
)
from rongqiao.lending.origination.queries.limits import get_limit
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.prepaying.pay_off import PayOff, pay_off
from rongqiao.lending.servicing.operations.prepaying.quote_payoff import QuotePayoff, quote_payoff
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay
from rongqiao.lending.servicing.queries.certificates import (
    get_certificate,
    render_certificate,
    verify_certificate,
)
from rongqiao.lending.servicing.queries.loans import get_loan, get_statement, list_loans
from rongqiao.money.ledger.queries.books import balance
from rongqiao.platform import clock as platform_clock
from rongqiao.platform import relay
from rongqiao.platform.refusals import NotFound
from tests.makers.journeys import (
    make_borrower,
    make_firm_borrower,
    make_staff,
    publish_first_products,
    read_sheet,
    signed_loan,
)
from tests.makers.loans import PayIn, assert_books_hold, pay_in

START = date(2026, 1, 5)


@pytest.fixture
def products(call):
    return publish_first_products(call, make_staff(call))


def live_to(clock, day):
    clock.move(timedelta(days=(day - platform_clock.business_date()).days))
    catch_up(day)


def lent(call, clock, borrower, product, **changes):
    """Sign a loan and let the relay lend it."""
    signed_loan(call, clock, borrower, product, **changes)
    relay.drain(SUBSCRIBERS)
    (card,) = list_loans(borrower.party_id, START)
    return card


def pay(call, borrower, card, yuan):
    money = Money.yuan(yuan)
    pay_in(PayIn(party=borrower.party_id, amount=money), call())
    command = Repay(loan_id=card.id, party_id=borrower.party_id, amount=money)
    return repay(command, call(actor=borrower.actor))


def close(call, borrower, card, on):
    asked = QuotePayoff(loan_id=card.id, party_id=borrower.party_id, valid_on=on)
    quoted = quote_payoff(asked, call(actor=borrower.actor))
    pay_in(PayIn(party=borrower.party_id, amount=quoted.total), call())
    pay_off(
        PayOff(quote_id=quoted.quote_id, party_id=borrower.party_id), call(actor=borrower.actor)
    )
    relay.drain(SUBSCRIBERS)
    return quoted


def assert_plan_is_the_quote(card, line):
    """Every row that is charged is the row that `rongqiao quote` prints for the same terms."""
    planned = quote(read_terms(json.loads(json.dumps(line)))).schedule
    shown = []
    for row in get_loan(card.id, START).rows:
        dated = (row.no, row.from_on, row.due_on, row.days)
        asked = (row.scheduled.principal, row.scheduled.interest, row.scheduled.fee)
        amounts = (*asked, row.payment, row.balance)
        shown.append((*dated, *(money.minor for money in amounts)))
    assert shown == [tuple(row) for row in planned.rows]


def test_a_consumer_loan_is_lent_paid_late_and_paid_off(clock, call, products):
    borrower = make_borrower(call)
    card = lent(call, clock, borrower, "consumer-monthly")
    assert (str(card.rate_annual), card.principal.text()) == ("0.07200000", "20000.00")
    assert balance(f"wallet:{borrower.party_id}").text() == "20000.00"
    assert_plan_is_the_quote(
        card, {"principal": "20000.00", "rate": "0.072", "terms": 12, "start": "2026-01-05"}
    )
    live_to(clock, date(2026, 1, 15))
    # 120.00 for the 31 days of January's period, ten of them used.
    assert get_loan(card.id, START).card.outstanding.interest.text() == "38.71"
    live_to(clock, date(2026, 2, 12))
    owed = get_loan(card.id, date(2026, 2, 12)).card.owed_now
    # Level instalment 1,732.38; three days of grace, then 4 days on 1,612.38 at 10.8 % / 360.
    assert (owed.principal.text(), owed.interest.text()) == ("1612.38", "120.00")
    assert owed.penalty.text() == "1.93"
    pay(call, borrower, card, "1734.31")
    assert list_loans(borrower.party_id, date(2026, 2, 12))[0].state == "active"
    live_to(clock, date(2026, 3, 5))
    pay(call, borrower, card, "1732.38")
    live_to(clock, date(2026, 3, 20))
    quoted = close(call, borrower, card, date(2026, 3, 20))
    # 20,000.00 - 1,612.38 - 1,622.05 = 16,765.57; its month's interest 100.59 x 15 / 31 days.
    assert (quoted.principal.text(), quoted.interest.text()) == ("16765.57", "48.67")
    assert quoted.prepayment_fee.text() == "0.00"
    certificate = get_certificate(card.id, borrower.party_id)
    assert card.number in certificate.text
    assert "王小明" in certificate.text
    paper = render_certificate(card.id, borrower.party_id, "https://example.org/certificates/")
    text = PdfReader(io.BytesIO(paper)).pages[0].extract_text()
    assert certificate.number in text
    assert certificate.token in text.replace("\n", "")
    proof = verify_certificate(certificate.token)
    assert (proof.borrower, proof.principal.text()) == ("王**", "20000.00")
    assert card.number != proof.loan_number
    assert verify_certificate("0" * 40) is None
    assert_books_hold()


def test_a_stranger_pays_quotes_and_closes_nothing(clock, call, products):
    borrower, stranger = make_borrower(call, 1), make_borrower(call, 9)
    card = lent(call, clock, borrower, "consumer-monthly")
    live_to(clock, date(2026, 2, 5))
    theirs = {"loan_id": card.id, "party_id": borrower.party_id}
    with pytest.raises(NotFound):
        repay(Repay(**theirs, amount=Money.yuan("1.00")), call(actor=stranger.actor))
    with pytest.raises(NotFound):
        quote_payoff(QuotePayoff(**theirs, valid_on=date(2026, 2, 5)), call(actor=stranger.actor))
    with pytest.raises(NotFound):
        get_statement(card.id, stranger.party_id)


def test_a_working_capital_loan_pays_interest_by_the_day_and_a_fee_for_leaving_early(
    clock, call, products
):
    firm = make_firm_borrower(call, 2)
    card = lent(call, clock, firm, "working-capital")
    rate = card.rate_annual
    assert str(rate) == "0.06000000"
    line = {
        "principal": "100000.00",
        "rate": "0.06",
        "method": "interest_only",
        "day_count": "act/360",
        "terms": 12,
        "start": "2026-01-05",
        "fees": [{"name": "account-service", "at": "first", "rate": "0.002"}],
    }
    assert_plan_is_the_quote(card, line)
    live_to(clock, date(2026, 2, 6))
    owed = get_loan(card.id, date(2026, 2, 6)).card.owed_now
    # 100,000 x 6 % x 31 / 360 = 516.67; fee 0.2 %; one day of 9 % / 360 on the interest: 0.129...
    assert (owed.interest.text(), owed.fee.text(), owed.penalty.text()) == (
        "516.67",
        "200.00",
        "0.13",
    )
    pay(call, firm, card, "716.80")
    live_to(clock, date(2026, 3, 5))
    pay(call, firm, card, "466.67")
    live_to(clock, date(2026, 3, 20))
    quoted = close(call, firm, card, date(2026, 3, 20))
    # 516.67 x 15 / 31 = 250.00; fee for leaving before the sixth instalment: 0.5 %.
    assert (quoted.interest.text(), quoted.prepayment_fee.text()) == ("250.00", "500.00")
    assert quoted.total.text() == "100750.00"
    kinds = [line.kind for line in get_statement(card.id)]
    assert kinds == [
        "disbursement",
        "fall-due",
        "penalty",
        "repayment",
        "fall-due",
        "repayment",
        "settlement",
        "payoff",
    ]
    assert balance("fee-income:working-capital").text() == "700.00"
    assert_books_hold()


def test_interest_of_a_quarter_falls_due_by_the_quarter(clock, call, products):
    firm = make_firm_borrower(call, 2)
    card = lent(call, clock, firm, "quarterly-interest", term_count="4")
    assert str(card.rate_annual) == "0.06300000"
    line = {
        "principal": "100000.00",
        "rate": "0.063",
        "method": "interest_only",
        "day_count": "act/360",
        "every": {"unit": "quarter"},
        "terms": 4,
        "start": "2026-01-05",
    }
    assert_plan_is_the_quote(card, line)
    live_to(clock, date(2026, 4, 4))
    assert not get_loan(card.id, date(2026, 4, 4)).card.owed_now.total
    live_to(clock, date(2026, 4, 6))
    owed = get_loan(card.id, date(2026, 4, 6)).card.owed_now
    # 100,000 x 6.3 % x 90 / 360 = 1,575.00; one day of 9.45 % / 360 on it: 0.413...
    assert (owed.interest.text(), owed.penalty.text()) == ("1575.00", "0.41")
    pay(call, firm, card, "1575.41")
    live_to(clock, date(2026, 5, 20))
    quoted = close(call, firm, card, date(2026, 5, 20))
    # 1,592.50 x 45 / 91 = 787.50; 0.5 % for leaving before two quarters are paid.
    assert (quoted.interest.text(), quoted.prepayment_fee.text()) == ("787.50", "500.00")
    assert quoted.total.text() == "101287.50"
    assert_books_hold()


def test_interest_of_a_month_is_paid_alone_until_the_principal_is(clock, call, products):
    borrower = make_borrower(call)
    income = {"monthly_income": "30000.00"}
    card = lent(call, clock, borrower, "monthly-interest", term_count="2", **income)
    assert str(card.rate_annual) == "0.07800000"
    live_to(clock, date(2026, 2, 5))
    owed = get_loan(card.id, date(2026, 2, 5)).card.owed_now
    assert (owed.principal.text(), owed.interest.text()) == ("0.00", "130.00")
    pay(call, borrower, card, "130.00")
    live_to(clock, date(2026, 3, 5))
    owed = get_loan(card.id, date(2026, 3, 5)).card.owed_now
    assert (owed.principal.text(), owed.interest.text()) == ("20000.00", "130.00")
    pay(call, borrower, card, "20130.00")
    assert Loan.objects.get(pk=card.id).state == "closed"
    assert_books_hold()


def test_a_drawing_costs_its_days_and_gives_the_limit_back(clock, call, products):
    borrower = make_borrower(call)
    _, signed = signed_loan(call, clock, borrower, "daily-revolving")
    proposed = propose_drawing(
        ProposeDrawing(limit_id=signed.limit_id, amount=Money.yuan("10000.00"), term_count=3),
        call(actor=borrower.actor),
    )
    sheet_id = read_sheet(call, clock, borrower, drawing_id=proposed.drawing_id)
    draw(
        Draw(
            drawing_id=proposed.drawing_id,
            sheet_id=sheet_id,
            days_past_due=0,
            session="s" * 16,
            ip="192.0.2.7",
        ),
        call(actor=borrower.actor),
    )
    relay.drain(SUBSCRIBERS)
    (card,) = list_loans(borrower.party_id, START)
    line = {
        "principal": "10000.00",
        "rate": "0.09",
        "method": "bullet",
        "day_count": "act/360",
        "terms": 3,
        "start": "2026-01-05",
    }
    assert_plan_is_the_quote(card, line)
    limit = get_limit(signed.limit_id, borrower.user_id)
    assert (limit.drawn.text(), limit.reserved.text()) == ("10000.00", "0.00")
    live_to(clock, date(2026, 1, 25))
    quoted = close(call, borrower, card, date(2026, 1, 25))
    # Twenty days of 10,000 x 9 % / 360 = 2.50 a day.
    assert (quoted.interest.text(), quoted.total.text()) == ("50.00", "10050.00")
    limit = get_limit(signed.limit_id, borrower.user_id)
    assert (limit.drawn.text(), limit.available) == ("0.00", limit.amount)
    assert Loan.objects.get(pk=card.id).is_prepaid
    assert_books_hold()
