"""Another rate by agreement, and rates that float: by two people, on the day, to the fen."""

import random
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from rongqiao.cli import eod
from rongqiao.cli.eod import catch_up
from rongqiao.config.wiring import RESET_RATES, SUBSCRIBERS
from rongqiao.engagement.notifications.models import Notice
from rongqiao.lending.servicing import engine
from rongqiao.lending.servicing.models.amending.rates import FloatingRate, RateStep
from rongqiao.lending.servicing.models.closing_days import ParkedLoan
from rongqiao.lending.servicing.models.loans import Instalment, Loan, LoanEntry
from rongqiao.lending.servicing.operations.correcting.decide_correction import (
    DecideCorrection,
    decide_correction,
)
from rongqiao.lending.servicing.operations.end_of_day.plan_day import PlanDay, plan_day
from rongqiao.lending.servicing.operations.rescheduling import reset_rates as resetting
from rongqiao.lending.servicing.operations.rescheduling.propose_change import ChangeUnknown
from rongqiao.lending.servicing.operations.rescheduling.reset_rates import (
    ResetRates,
    ResetsTooLate,
    reset_rates,
)
from rongqiao.lending.servicing.queries.amending.changes import (
    TermsNotChangeable,
    Wish,
    list_changes,
    list_supplements,
    quote_change,
)
from rongqiao.lending.servicing.queries.amending.lived import told_of
from rongqiao.lending.servicing.queries.amending.rates import (
    RateNotAllowed,
    ceiling_of,
    due_resets,
    floating_of,
    list_rates,
    next_reset,
)
from rongqiao.lending.servicing.queries.lives import life_of, plan_rule_of
from rongqiao.lending.servicing.terms.repricing import Price, repriced, unpriced
from rongqiao.platform import clock as platform_clock
from rongqiao.platform import relay
from rongqiao.policies import lpr
from rongqiao.policies.lpr import Quote
from tests.lending.servicing import test_change_terms as terms
from tests.lending.servicing.test_change_terms import ask, change, pay_due, take_back
from tests.lending.servicing.test_end_of_day_sql import figures
from tests.lending.servicing.test_repay import pass_days
from tests.makers import journeys
from tests.makers.loans import Lend, assert_books_hold, lend
from tests.parties.people import actor, make_user

staff, officers, borrower, year = terms.staff, terms.officers, terms.borrower, terms.year
FLOATING = {
    "kind": "floating-rate",
    "months": 0,
    "reference": "lpr-1y",
    "spread": Decimal("0.06"),
    "reset": "new-year",
}
FIXED = {"kind": "fixed-rate", "months": 0, "rate_annual": Decimal("0.06")}


@pytest.fixture
def quotes(monkeypatch):
    """Quotes of every month of 2026 and 2027, each 0.05 % above the one before."""
    made = [
        Quote(
            date(2026 + month // 12, month % 12 + 1, 20),
            Decimal("0.03") + month * Decimal("0.0005"),
            Decimal("0.035") + month * Decimal("0.0005"),
        )
        for month in range(24)
    ]
    made.insert(0, Quote(date(2025, 12, 22), Decimal("0.03"), Decimal("0.035")))
    monkeypatch.setattr(lpr, "_quotes", lambda: tuple(made))
    return made


def due_tomorrow():
    on = platform_clock.business_date() + timedelta(days=1)
    FloatingRate.objects.exclude(next_on=None).update(next_on=on)


def test_another_fixed_rate_holds_from_its_day(clock, call, officers, borrower, year):
    pass_days(clock, date(2026, 1, 20))
    before = life_of(Loan.objects.get())
    shown = quote_change(year.loan_id, Wish(**FIXED), date(2026, 1, 20))
    assert shown.more_interest.minor < 0
    change(year, call, officers, **FIXED)
    loan = Loan.objects.get()
    assert (loan.rate_annual, loan.penalty_rate_annual) == (Decimal("0.06"), Decimal("0.09"))
    assert loan.instalments.count() == 13
    held = Instalment.objects.get(no=1)
    assert held.interest_charged_minor == before.accrued
    assert_books_hold()
    assert told_of(loan, date(2026, 1, 20)).standing.life == life_of(loan)
    (step,) = list_rates(year.loan_id)
    assert (step.cause, step.before, step.after) == ("agreement", Decimal("0.12"), Decimal("0.06"))
    (paper,) = list_supplements(year.loan_id, borrower.party_id)
    assert "为6.00%，为固定利率" in paper.text
    assert "罚息年利率按原比例随之为9.00%" in paper.text
    assert floating_of(year.loan_id) is None
    pass_days(clock, date(2026, 2, 10))
    assert_books_hold()


@pytest.mark.usefixtures("quotes")
def test_a_rate_floats_and_is_reset_on_its_day(clock, call, officers, borrower, year):
    pass_days(clock, date(2026, 1, 20))
    change(year, call, officers, **FLOATING)
    loan = Loan.objects.get()
    assert loan.rate_annual == Decimal("0.09")
    assert floating_of(year.loan_id).next_on == date(2027, 1, 1)
    (paper,) = list_supplements(year.loan_id, borrower.party_id)
    assert "以1年期贷款市场报价利率（LPR）为基准，加600个基点" in paper.text
    assert "每年1月1日" in paper.text
    FloatingRate.objects.update(next_on=date(2026, 3, 1))
    pass_days(clock, date(2026, 2, 5))
    pay_due(year, call)
    pass_days(clock, date(2026, 2, 28))
    earned = life_of(Loan.objects.get()).accrued
    pass_days(clock, date(2026, 3, 1))
    loan = Loan.objects.get()
    # The quote of 20 February, 3.05 %.
    assert loan.rate_annual == Decimal("0.0905")
    assert floating_of(year.loan_id).next_on == date(2027, 1, 1)
    assert LoanEntry.objects.get(kind="rate-reset").interest_minor > earned
    assert_books_hold()
    assert told_of(loan, date(2026, 3, 1)).standing.life == life_of(loan)
    relay.drain(SUBSCRIBERS)
    facts = Notice.objects.get(kind="rate-reset").facts
    assert (facts["was"], facts["rate"], facts["from_on"]) == ("9.00", "9.05", "2026-03-01")
    assert RESET_RATES(date(2026, 3, 1)) == 0
    assert RateStep.objects.count() == 2


@pytest.mark.usefixtures("quotes")
def test_a_day_whose_resets_were_cut_off_makes_them_up_before_it_closes(
    clock, call, officers, year, monkeypatch
):
    change(year, call, officers, **FLOATING)
    due_tomorrow()
    monkeypatch.setattr(eod, "RESET_RATES", lambda _on: 0)
    pass_days(clock, date(2026, 1, 6))
    assert not RateStep.objects.filter(cause="reset").exists()
    monkeypatch.setattr(eod, "RESET_RATES", RESET_RATES)
    FloatingRate.objects.update(spread=Decimal("0.05"))
    pass_days(clock, date(2026, 1, 7))
    assert RateStep.objects.get(cause="reset").on == date(2026, 1, 6)
    assert_books_hold()


@pytest.mark.usefixtures("quotes")
def test_a_rate_whose_reference_stands_still_stays(clock, call, officers, year):
    change(year, call, officers, **FLOATING)
    rows = life_of(Loan.objects.get()).rows
    due_tomorrow()
    pass_days(clock, date(2026, 1, 6))
    assert life_of(Loan.objects.get()).rows == rows
    assert not LoanEntry.objects.filter(kind="rate-reset").exists()
    assert floating_of(year.loan_id).next_on == date(2027, 1, 1)


def test_without_a_quote_that_is_known_a_reset_waits(clock, call, officers, year, monkeypatch):
    change(year, call, officers, **FLOATING)
    known = [Quote(date(2025, 6, 20), Decimal("0.031"), Decimal("0.036"))]
    monkeypatch.setattr(lpr, "_quotes", lambda: tuple(known))
    due_tomorrow()
    pass_days(clock, date(2026, 1, 6))
    assert floating_of(year.loan_id).problem == "quote"
    known.append(Quote(date(2025, 12, 22), Decimal("0.032"), Decimal("0.036")))
    pass_days(clock, date(2026, 1, 7))
    assert Loan.objects.get().rate_annual == Decimal("0.092")
    assert floating_of(year.loan_id).problem == ""


@pytest.mark.usefixtures("quotes")
def test_a_loan_that_fails_is_put_off_and_never_stops_the_others(
    clock, call, officers, borrower, year, monkeypatch
):
    other = lend(Lend(principal=600_000, party=borrower.party_id, terms=6), call())
    for one in (year, other):
        change(one, call, officers, **FLOATING)
    FloatingRate.objects.update(spread=Decimal("0.05"))
    due_tomorrow()

    def broken(life, *given):
        if sum(row.principal for row in life.rows) == 1_200_000:
            raise ZeroDivisionError("division by zero")
        return repriced(life, *given)

    monkeypatch.setattr(resetting, "repriced", broken)
    pass_days(clock, date(2026, 1, 6))
    assert Loan.objects.get(pk=other.loan_id).rate_annual == Decimal("0.08")
    assert Loan.objects.get(pk=year.loan_id).rate_annual == Decimal("0.09")
    assert floating_of(year.loan_id).problem == "division by zero"
    monkeypatch.setattr(resetting, "repriced", repriced)
    pass_days(clock, date(2026, 1, 7))
    assert Loan.objects.get(pk=year.loan_id).rate_annual == Decimal("0.08")
    assert_books_hold()


@pytest.mark.usefixtures("quotes")
def test_a_loan_put_aside_is_reset_once_it_is_back(clock, call, officers, year):
    change(year, call, officers, **FLOATING)
    FloatingRate.objects.update(spread=Decimal("0.05"))
    parked = ParkedLoan.objects.create(
        loan_id=year.loan_id, on=date(2026, 1, 5), step="age", reason="x", parked_at=call().at
    )
    due_tomorrow()
    pass_days(clock, date(2026, 1, 6))
    assert floating_of(year.loan_id).problem == "parked"
    assert due_resets(date(2026, 1, 6), 10) == ()
    assert due_resets(date(2026, 1, 7), 10) == (year.loan_id,)
    assert parked.pk


@pytest.mark.usefixtures("quotes")
def test_a_reset_stops_at_the_cap_of_the_day_of_lending(clock, call, officers, year):
    change(year, call, officers, **FLOATING)
    loan = Loan.objects.get()
    ceiling = ceiling_of(loan)
    assert ceiling >= Decimal("0.12")
    FloatingRate.objects.update(spread=Decimal("0.9"))
    due_tomorrow()
    pass_days(clock, date(2026, 1, 6))
    assert Loan.objects.get().rate_annual == ceiling
    assert RateStep.objects.get(cause="reset").is_capped


def test_a_rate_above_the_cap_is_not_agreed_on_and_a_loan_with_fees_is_not_dearer(
    call, officers, borrower, year
):
    for wrong in (Decimal("0.99"), Decimal("0.00001")):
        with pytest.raises(RateNotAllowed):
            ask(year, call, officers[0], **{**FIXED, "rate_annual": wrong})
    with pytest.raises(RateNotAllowed):
        ask(year, call, officers[0], **{**FLOATING, "spread": Decimal("-0.1")})
    with_fees = Lend(principal=1_200_000, party=borrower.party_id, terms=12, fee_each=100)
    lent = lend(with_fees, call())
    assert ceiling_of(Loan.objects.get(pk=lent.loan_id)) == Decimal("0.12")
    with pytest.raises(RateNotAllowed) as refused:
        ask(lent, call, officers[0], **{**FIXED, "rate_annual": Decimal("0.121")})
    assert refused.value.facts["allowed"] == "0.01% - 12.00%"


def test_what_makes_no_sense_is_refused(call, officers, year):
    for wrong in (
        {**FIXED, "rate_annual": None},
        {**FIXED, "rate_annual": Decimal("1.2")},
        {**FIXED, "rate_annual": Decimal("0.1234567891")},
        {**FIXED, "spread": Decimal("0.01")},
        {**FLOATING, "reference": "libor"},
        {**FLOATING, "reset": "whim"},
        {**FLOATING, "spread": None},
        {**FLOATING, "spread": Decimal("0.3")},
        {**FLOATING, "rate_annual": Decimal("0.1")},
    ):
        with pytest.raises(ChangeUnknown):
            ask(year, call, officers[0], **wrong)


def test_a_loan_in_arrears_gets_no_other_rate_by_agreement(clock, call, officers, year):
    pass_days(clock, date(2026, 2, 20))
    with pytest.raises(TermsNotChangeable) as refused:
        ask(year, call, officers[0], **FIXED)
    assert refused.value.facts["reason"] == "due"


@pytest.mark.usefixtures("quotes")
def test_a_rate_agreed_as_fixed_floats_no_more(clock, call, officers, year):
    change(year, call, officers, **FLOATING)
    change(year, call, officers, **FIXED)
    assert floating_of(year.loan_id) is None
    change(year, call, officers, **{**FLOATING, "reset": "anniversary", "reference": "lpr-5y"})
    assert floating_of(year.loan_id).next_on == date(2027, 1, 5)
    assert [one.after for one in list_rates(year.loan_id)] == [
        Decimal("0.095"),
        Decimal("0.06"),
        Decimal("0.09"),
    ]
    # The penalty rate goes back to what belongs to the rate, however often it changed.
    change(year, call, officers, **{**FIXED, "rate_annual": Decimal("0.12")})
    assert Loan.objects.get().penalty_rate_annual == Decimal("0.18")
    assert {one.state for one in list_changes(year.loan_id, date(2026, 1, 5))} == {"approved"}


def test_while_a_day_closes_no_rate_is_reset(call, year):
    plan_day(PlanDay(on=platform_clock.business_date(), loans_per_chunk=10), call())
    with pytest.raises(ResetsTooLate):
        reset_rates(ResetRates(loans=(year.loan_id,)), call())


def test_resets_come_each_new_year_or_as_many_years_after_lending():
    assert next_reset("new-year", date(2024, 2, 29), date(2026, 1, 1)) == date(2027, 1, 1)
    assert next_reset("anniversary", date(2024, 2, 29), date(2026, 1, 1)) == date(2026, 2, 28)
    assert next_reset("anniversary", date(2024, 2, 29), date(2026, 2, 28)) == date(2027, 2, 28)
    assert next_reset("anniversary", date(2024, 2, 29), date(2027, 2, 28)) == date(2028, 2, 29)


@pytest.mark.usefixtures("quotes")
def test_a_payment_before_a_reset_is_taken_back(clock, call, staff, officers, year):
    finance = make_user()
    journeys.give_role(call, *staff.administrators, finance, "finance")
    change(year, call, officers, **FLOATING)
    pass_days(clock, date(2026, 2, 5))
    pay_due(year, call)
    pass_days(clock, date(2026, 2, 20))
    due_tomorrow()
    pass_days(clock, date(2026, 2, 25))
    asked = take_back(year, call, actor(finance), 0)
    command = DecideCorrection(correction_id=asked.correction_id, word="approve")
    decide_correction(command, call(actor=officers[1]))
    loan = Loan.objects.get()
    assert (loan.state, loan.days_past_due) == ("overdue", 20)
    assert_books_hold()
    assert told_of(loan, date(2026, 2, 25)).standing.life == life_of(loan)


def random_rate(draw):
    if draw.random() < 0.4:
        return {**FIXED, "rate_annual": Decimal(draw.randrange(100, 1_100)) / 10_000}
    return {
        **FLOATING,
        "reference": draw.choice(["lpr-1y", "lpr-5y"]),
        "spread": Decimal(draw.randrange(-200, 600)) / 10_000,
        "reset": draw.choice(["new-year", "anniversary"]),
    }


def live_a_day(draw, call, officers, lent, life):
    """Maybe pay what is due, maybe change the terms; return the life, and whether they were."""
    if draw.random() < 0.5:
        return terms.live_a_day(draw, call, officers, lent, life)
    on, loan = platform_clock.business_date(), Loan.objects.get(pk=lent.loan_id)
    rule = plan_rule_of(loan)
    closed = life.state is engine.State.CLOSED
    if closed or draw.random() > 0.1 or unpriced(life, on, rule, is_agreed=True):
        return life, False
    try:
        change(lent, call, officers, **random_rate(draw))
    except RateNotAllowed:
        return life, False
    return repriced(life, on, rule, price_now(lent)), True


def price_now(lent):
    loan = Loan.objects.get(pk=lent.loan_id)
    return Price(rate=Fraction(loan.rate_annual), penalty_rate=loan.penalty_rate_annual)


def reset(life, lent, rule, on):
    """Return the life on the day its rate followed its reference."""
    floating = FloatingRate.objects.get(pk=lent.loan_id)
    quote = lpr.lpr_on(on - timedelta(days=1))
    quoted = quote.one_year if floating.reference == "lpr-1y" else quote.five_years
    loan = Loan.objects.get(pk=lent.loan_id)
    wanted = max(Decimal("0.0001"), min(quoted + floating.spread, ceiling_of(loan)))
    if unpriced(life, on, rule, is_agreed=False):
        return life
    assert loan.rate_annual == wanted
    return repriced(life, on, rule, price_now(lent))


@pytest.mark.parametrize("seed", range(3))
def test_end_of_day_in_sql_equals_the_pure_engine_on_repriced_loans(
    seed, clock, call, monkeypatch, officers, borrower, quotes
):
    assert quotes
    monkeypatch.setattr(eod, "LOANS_PER_CHUNK", 3)
    draw, made, resets = random.Random(seed), 0, 0
    lents = [lend(terms.random_loan(draw, borrower.party_id), call()) for _ in range(6)]
    lives = {one.loan_id: life_of(Loan.objects.get(pk=one.loan_id)) for one in lents}
    for _ in range(75):
        on = platform_clock.business_date()
        for lent in lents:
            life, is_changed = live_a_day(draw, call, officers, lent, lives[lent.loan_id])
            lives[lent.loan_id], made = life, made + is_changed
        floats = set(FloatingRate.objects.exclude(next_on=None).values_list("pk", flat=True))
        coming = [one for one in lents if one.loan_id in floats and draw.random() < 0.08]
        rules = {one.loan_id: plan_rule_of(Loan.objects.get(pk=one.loan_id)) for one in coming}
        FloatingRate.objects.filter(pk__in=rules).update(next_on=on + timedelta(days=1))
        catch_up(on + timedelta(days=1))
        clock.move(timedelta(days=1))
        lives = {loan_id: engine.close_day(life, on) for loan_id, life in lives.items()}
        for one in coming:
            life, rule = lives[one.loan_id], rules[one.loan_id]
            if life.state is not engine.State.CLOSED:
                lives[one.loan_id] = reset(life, one, rule, on + timedelta(days=1))
                resets += 1
    assert made > 5
    assert resets > 2
    assert_books_hold()
    for loan_id, life in lives.items():
        stored = life_of(Loan.objects.get(pk=loan_id))
        assert figures(stored) == figures(life)
        if life.state is not engine.State.CLOSED:
            assert stored == life
            told = told_of(Loan.objects.get(pk=loan_id), platform_clock.business_date())
            assert told.standing.life.rows == life.rows
