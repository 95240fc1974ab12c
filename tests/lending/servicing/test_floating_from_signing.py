"""A rate that floats by its agreement: base, date, spread and resets are signed, kept and lived."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.lending.origination.models import Agreement, CostSheet
from rongqiao.lending.origination.queries.papers import get_agreement_text, get_cost_sheet
from rongqiao.lending.products import queries
from rongqiao.lending.products.operations.definitions import first_products
from rongqiao.lending.products.operations.draft_version import BadTerms, draft_version
from rongqiao.lending.servicing.models.amending.rates import FloatingRate, RateStep
from rongqiao.lending.servicing.models.loans import Loan, LoanEntry
from rongqiao.lending.servicing.queries.amending.lived import told_of
from rongqiao.lending.servicing.queries.amending.rates import ceiling_of, floating_of, list_rates
from rongqiao.lending.servicing.queries.lives import life_of
from rongqiao.platform import relay
from rongqiao.policies import lpr
from rongqiao.policies.lpr import Quote
from tests.lending.servicing.test_golden_lives import live_to
from tests.makers.journeys import (
    accept,
    apply,
    make_firm_borrower,
    make_staff,
    publish_first_products,
    read_sheet,
    sign,
    signed_loan,
)
from tests.makers.loans import assert_books_hold
from tests.parties.people import actor

PRIME = next(one for one in first_products() if one.code == "prime-linked")


@pytest.fixture(autouse=True)
def _quotes(monkeypatch):
    """3 % and 3.5 % until 8 January 2026, then 4 % and 4.5 %."""
    made = tuple(
        Quote(on, Decimal(one), Decimal(five))
        for on, one, five in (
            (date(2025, 12, 22), "0.03", "0.035"),
            (date(2026, 1, 8), "0.04", "0.045"),
        )
    )
    monkeypatch.setattr(lpr, "_quotes", lambda: made)


@pytest.fixture
def staff(call):
    return make_staff(call)


@pytest.fixture
def firm(call, staff):
    publish_first_products(call, staff)
    return make_firm_borrower(call, 2)


def test_what_is_signed_names_base_date_spread_rate_and_resets(clock, call, firm):
    _, signed = signed_loan(call, clock, firm, "prime-linked")
    agreement = Agreement.objects.get(pk=signed.agreement_id)
    assert agreement.rate_annual == Decimal("0.058")
    sheet = get_cost_sheet(CostSheet.objects.get().pk, firm.user_id).sheet
    told = sheet.floating
    assert (told.reference, told.quoted, told.quoted_on) == (
        "lpr-1y",
        Decimal("0.03"),
        date(2025, 12, 22),
    )
    assert (told.points, told.reset) == (280, "new-year")
    price = {"amount": Money.yuan("100000"), "term_count": 12, "start": date(2026, 1, 5)}
    plain, dear = (
        queries.cost_of(PRIME.terms, rate_annual=Decimal(rate), **price).totals.interest
        for rate in ("0.058", "0.068")
    )
    assert told.dearer.minor == dear - plain > 50_000
    text = get_agreement_text(signed.agreement_id)
    for said in (
        "浮动利率（单利），以1 年期贷款市场报价利率（LPR）为基准，加 280 个基点",
        "2025 年 12 月 22 日公布的 3%，年利率为 5.8%",
        "重定价日为每年 1 月 1 日",
        f"利息合计约增加人民币 {told.dearer.text()} 元",
    ):
        assert said in text
    assert "固定利率" not in text


def test_a_loan_floats_from_its_first_day_and_is_reset_by_the_close(clock, call, firm):
    signed_loan(call, clock, firm, "prime-linked")
    relay.drain(SUBSCRIBERS)
    loan = Loan.objects.get()
    floating = FloatingRate.objects.get()
    assert (floating.reference, floating.spread) == ("lpr-1y", Decimal("0.028"))
    assert (floating.agreed_on, floating.next_on) == (date(2026, 1, 5), date(2027, 1, 1))
    (step,) = list_rates(loan.pk)
    assert (step.cause, step.before, step.after) == ("signing", loan.rate_annual, loan.rate_annual)
    assert (step.quoted, step.quoted_on) == (Decimal("0.03"), date(2025, 12, 22))
    assert ceiling_of(loan) == Decimal("0.24")
    FloatingRate.objects.update(next_on=date(2026, 1, 20))
    live_to(clock, date(2026, 1, 19))
    before = life_of(Loan.objects.get())
    live_to(clock, date(2026, 1, 20))
    loan = Loan.objects.get()
    assert (loan.rate_annual, loan.penalty_rate_annual) == (Decimal("0.068"), Decimal("0.102"))
    assert [one.cause for one in list_rates(loan.pk)] == ["reset", "signing"]
    assert floating_of(loan.pk).next_on == date(2027, 1, 1)
    # What was earned in fifteen days at 5.8 % stays: 483.33 for the 31 days of the period.
    assert LoanEntry.objects.get(kind="rate-reset").interest_minor == 23_387
    assert before.accrued == 21_828
    assert told_of(loan, date(2026, 1, 20)).standing.life == life_of(loan)
    assert_books_hold()


def test_an_offer_is_signed_at_the_quote_of_the_day_it_is_signed(clock, call, firm):
    case, state = apply(call, firm, "prime-linked")
    assert state == "approved"
    live_to(clock, date(2026, 1, 9))
    accept(call, firm, case)
    sheet_id = read_sheet(call, clock, firm, application_id=case)
    signed = sign(call, firm, case, sheet_id)
    assert Agreement.objects.get(pk=signed.agreement_id).rate_annual == Decimal("0.068")
    assert get_cost_sheet(sheet_id, firm.user_id).sheet.floating.quoted_on == date(2026, 1, 8)


@pytest.mark.usefixtures("firm")
def test_a_product_follows_the_quote_of_the_day_before():
    rates = [
        queries.get_product("prime-linked", on).terms.grades[0].rate_annual
        for on in (date(2026, 1, 5), date(2026, 1, 8), date(2026, 1, 9))
    ]
    assert rates == [Decimal("0.058"), Decimal("0.058"), Decimal("0.068")]
    fixed = queries.get_product("working-capital", date(2026, 1, 9)).terms
    assert fixed.floating is None
    assert fixed.at(date(2026, 1, 5)) is fixed


@pytest.mark.parametrize(
    ("field", "terms", "floating"),
    [
        ("float_reference", {}, {"reference": "shibor"}),
        ("float_reset", {}, {"reset": "monthly"}),
        ("float_points", {}, {"points": ()}),
        ("float_points", {}, {"points": (("A", 3_601),)}),
        ("grades", {}, {"points": (("A", 300), ("A", 400))}),
        ("rate_annual", {}, {"points": (("A", 300), ("B", 200))}),
        ("method", {"method": "flat"}, {}),
        ("is_revolving", {"is_revolving": True, "limit_months": 12}, {}),
        ("fees", {"fees": first_products()[1].terms.fees}, {}),
    ],
)
def test_a_rate_that_cannot_float_is_refused_by_field(call, staff, field, terms, floating):
    changed = replace(PRIME.terms, floating=replace(PRIME.terms.floating, **floating), **terms)
    with pytest.raises(BadTerms) as refused:
        draft_version(replace(PRIME, terms=changed), call(actor=actor(staff.operator)))
    assert refused.value.facts["field"] == field


def test_nothing_floats_before_there_was_a_quote(call, staff):
    early = call(actor=actor(staff.operator))
    with pytest.raises(BadTerms) as refused:
        draft_version(PRIME, replace(early, on=date(2019, 8, 1)))
    assert refused.value.facts["field"] == "float_reference"


def test_a_fixed_loan_has_no_step_at_its_start(clock, call, firm):
    signed_loan(call, clock, firm, "working-capital")
    relay.drain(SUBSCRIBERS)
    assert not RateStep.objects.exists()
    assert not FloatingRate.objects.exists()
