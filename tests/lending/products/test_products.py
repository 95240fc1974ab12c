"""Products: sound terms, two people, the pack and the cap, versions that never change."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from rongqiao.finance.money import Money
from rongqiao.lending.products import queries
from rongqiao.lending.products.authority import RoleNeeded, SecondPersonNeeded
from rongqiao.lending.products.models import ProductVersion
from rongqiao.lending.products.operations.definitions import first_products
from rongqiao.lending.products.operations.draft_version import (
    BadTerms,
    CategoryDiffers,
    draft_version,
)
from rongqiao.lending.products.operations.publish_version import (
    AboveCap,
    ForbiddenByPack,
    NotADraft,
    PublishVersion,
    publish_version,
)
from rongqiao.lending.products.operations.withdraw_product import WithdrawProduct, withdraw_product
from rongqiao.money.ledger.queries.books import balance
from rongqiao.platform.refusals import NotFound
from rongqiao.policies.credit.facts import GradeRate
from tests.makers.journeys import make_staff, publish_first_products
from tests.parties.people import actor, make_user

CONSUMER, WORKING, DAILY, MONTHLY, QUARTERLY = range(5)


@pytest.fixture
def staff(call):
    return make_staff(call)


def drafted(call, staff, which=CONSUMER, **changes):
    command = first_products()[which]
    command = replace(command, terms=replace(command.terms, **changes))
    return draft_version(command, call(actor=actor(staff.operator)))


def published(call, staff, version_id):
    return publish_version(
        PublishVersion(version_id=version_id), call(actor=actor(staff.publisher))
    )


def test_the_first_products_are_published_with_their_accounts(call, staff):
    publish_first_products(call, staff)
    shown = queries.list_products(date(2026, 1, 5))
    assert [one.code for one in shown] == [
        "consumer-monthly",
        "daily-revolving",
        "monthly-interest",
        "prime-linked",
        "quarterly-interest",
        "renovation-stages",
        "working-capital",
    ]
    for one in shown:
        terms = next(p.terms for p in first_products() if p.code == one.code)
        assert one.terms == terms.at(date(2026, 1, 5))
        for code in queries.account_codes(one.code):
            assert balance(code) == Money(0)


def test_nothing_is_offered_before_its_date(call, staff):
    publish_first_products(call, staff)
    assert queries.list_products(date(2026, 1, 4)) == ()
    with pytest.raises(NotFound):
        queries.get_product("consumer-monthly", date(2026, 1, 4))


def test_who_drafted_does_not_publish(call, staff):
    version = drafted(call, staff)
    with pytest.raises(SecondPersonNeeded):
        publish_version(
            PublishVersion(version_id=version.version_id), call(actor=actor(staff.operator))
        )
    published(call, staff, version.version_id)


def test_the_database_too_wants_two_people(call, staff):
    version = drafted(call, staff)
    with pytest.raises(DatabaseError), transaction.atomic():
        ProductVersion.objects.filter(pk=version.version_id).update(
            published_by=actor(staff.operator), published_on=date(2026, 1, 5)
        )


def test_terms_are_beyond_the_applications_reach(call, staff):
    version = drafted(call, staff)
    with pytest.raises(DatabaseError), transaction.atomic():
        ProductVersion.objects.filter(pk=version.version_id).update(term_max=99)
    with pytest.raises(DatabaseError), transaction.atomic():
        ProductVersion.objects.filter(pk=version.version_id).delete()


def test_a_borrower_or_reviewer_touches_no_product(call, staff):
    for user_id in (make_user(), staff.reviewer):
        with pytest.raises(RoleNeeded):
            draft_version(first_products()[0], call(actor=actor(user_id)))
    with pytest.raises(RoleNeeded):
        draft_version(first_products()[0], call(actor="system:anything"))


def test_a_version_is_published_once(call, staff):
    version = drafted(call, staff)
    published(call, staff, version.version_id)
    with pytest.raises(NotADraft):
        published(call, staff, version.version_id)


def test_a_later_version_takes_over_and_the_earlier_one_stays_readable(call, staff):
    first = drafted(call, staff)
    published(call, staff, first.version_id)
    second = drafted(call, staff, amount_max=Money.yuan("100000"))
    assert second.number == 2
    published(call, staff, second.version_id)
    now = queries.get_product("consumer-monthly", date(2026, 1, 5))
    assert (now.number, now.terms.amount_max) == (2, Money.yuan("100000"))
    assert queries.get_version(first.version_id).terms.amount_max == Money.yuan("200000")


def test_a_withdrawn_product_is_off_offer(call, staff):
    publish_first_products(call, staff)
    withdraw_product(
        WithdrawProduct(code="consumer-monthly", reason="停售"), call(actor=actor(staff.operator))
    )
    assert "consumer-monthly" not in {one.code for one in queries.list_products(date(2026, 1, 5))}


def test_a_code_keeps_its_category(call, staff):
    drafted(call, staff)
    command = replace(first_products()[CONSUMER], category="day-interest")
    with pytest.raises(CategoryDiffers):
        draft_version(command, call(actor=actor(staff.operator)))


NAN = Decimal("NaN")
BAD = [
    ("amount_min", Money(0)),
    ("amount_min", Money(-100)),
    ("amount_max", Money.yuan("999.99")),
    ("amount_max", Money(10**13)),
    ("term_min", 0),
    ("term_min", -1),
    ("term_max", 2),
    ("term_max", 10**6),
    ("every_count", 0),
    ("every_unit", "day"),
    ("every_unit", "fortnight"),
    ("method", "custom"),
    ("method", "等额本息"),
    ("day_count", "30/361"),
    ("interest_period", "year"),
    ("grades", ()),
    ("grades", (GradeRate("A", NAN),)),
    ("grades", (GradeRate("A", Decimal("Infinity")),)),
    ("grades", (GradeRate("A", Decimal(0)),)),
    ("grades", (GradeRate("A", Decimal("-0.1")),)),
    ("grades", (GradeRate("A", Decimal("0.2")), GradeRate("B", Decimal("0.1")))),
    ("grades", (GradeRate("A", Decimal("0.1")), GradeRate("A", Decimal("0.2")))),
    ("penalty_multiple", NAN),
    ("penalty_multiple", Decimal("0.9")),
    ("penalty_multiple", Decimal(11)),
    ("prepayment_fee_rate", Decimal("-0.01")),
    ("prepayment_fee_rate", NAN),
    ("prepayment", "sometimes"),
    ("allocation_order", "principal-first"),
    ("grace_days", -1),
    ("grace_days", 31),
    ("reading_seconds", -5),
    ("offer_days", 0),
    ("borrowers", ()),
    ("purposes", ()),
    ("name_zh", ""),
    ("name_zh", "x" * 61),
    ("name_en", "a\x07b"),
    ("four_eyes_above", Money(-1)),
]


@pytest.mark.parametrize(("field", "value"), BAD, ids=[f"{f}={v!r}"[:60] for f, v in BAD])
def test_terms_that_cannot_be_are_refused_by_field(call, staff, field, value):
    with pytest.raises(BadTerms) as refused:
        drafted(call, staff, **{field: value})
    assert refused.value.facts["allowed"]
    assert not ProductVersion.objects.exists()


@pytest.mark.parametrize("code", ["", "A", "x", "has space", "-a", "a" * 32, "全角", "a_b"])
def test_a_code_is_a_slug(call, staff, code):
    with pytest.raises(BadTerms):
        draft_version(replace(first_products()[0], code=code), call(actor=actor(staff.operator)))


def test_a_limit_counts_its_drawings_by_the_month(call, staff):
    for changes in ({"every_unit": "quarter"}, {"every_count": 2}):
        with pytest.raises(BadTerms) as refused:
            drafted(call, staff, DAILY, **changes)
        assert refused.value.facts["field"] == "every_count"


def test_every_first_product_says_how_often_interest_is_settled():
    told = {
        one.code: (one.terms.interest_period, one.terms.method, one.terms.months_per_term)
        for one in first_products()
    }
    assert told == {
        "consumer-monthly": ("month", "equal_instalment", 1),
        "working-capital": ("month", "interest_only", 1),
        "daily-revolving": ("day", "bullet", 1),
        "monthly-interest": ("month", "interest_only", 1),
        "quarterly-interest": ("quarter", "interest_only", 3),
        "prime-linked": ("month", "equal_instalment", 1),
        "renovation-stages": ("month", "equal_instalment", 1),
    }


STAGES = next(no for no, one in enumerate(first_products()) if one.code == "renovation-stages")
FEE = first_products()[WORKING].terms.fees[0]
DRAWS = first_products()[STAGES].terms.draws


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("draws.most", {"draws": replace(DRAWS, most=1)}),
        ("draws.most", {"draws": replace(DRAWS, most=13)}),
        ("draws.days", {"draws": replace(DRAWS, days=0)}),
        ("draws.days", {"draws": replace(DRAWS, days=181)}),
        ("draws.least", {"draws": replace(DRAWS, least=Money(0))}),
        ("draws.least", {"draws": replace(DRAWS, least=Money.yuan("20000.01"))}),
        ("fees", {"fees": (FEE,)}),
        ("method", {"method": "flat"}),
        ("is_revolving", {"is_revolving": True, "limit_months": 12}),
    ],
)
def test_several_draws_are_of_a_loan_planned_by_what_is_left(call, staff, field, changes):
    with pytest.raises(BadTerms) as refused:
        drafted(call, staff, STAGES, **changes)
    assert refused.value.facts["field"] == field
    version = drafted(call, staff, STAGES)
    assert queries.get_version(version.version_id).terms.draws == DRAWS


def test_interest_of_a_quarter_is_by_its_days_and_principal_comes_at_the_end():
    terms = first_products()[QUARTERLY].terms
    cost = queries.cost_of(
        terms,
        amount=Money.yuan("100000"),
        rate_annual=Decimal("0.063"),
        term_count=4,
        start=date(2026, 1, 5),
    )
    shown = [(row.due_on.isoformat(), row.principal, row.interest) for row in cost.rows]
    # 90, 91, 92 and 92 days at 6.3 % / 360 on 100,000.00.
    assert shown == [
        ("2026-04-05", 0, 157_500),
        ("2026-07-05", 0, 159_250),
        ("2026-10-05", 0, 161_000),
        ("2027-01-05", 10_000_000, 161_000),
    ]
    # A year of 365 days at the rate of 360, paid in arrears by the quarter: twelve times the month.
    assert Decimal("0.0634") < cost.simple < Decimal("0.0638")


def test_a_year_of_monthly_interest_costs_its_contract_rate():
    cost = queries.cost_of(
        first_products()[MONTHLY].terms,
        amount=Money.yuan("20000"),
        rate_annual=Decimal("0.078"),
        term_count=12,
        start=date(2026, 1, 5),
    )
    assert [row.interest for row in cost.rows] == [13_000] * 12
    assert [row.principal for row in cost.rows] == [0] * 11 + [2_000_000]
    assert cost.simple == Decimal("0.078")


FORBIDDEN = [
    ({"amount_max": Money.yuan("200000.01")}, "microloan.online_consumer"),
    ({"penalty_multiple": Decimal("1.51")}, "interest.penalty_overdue"),
    ({"prepayment": "none"}, "rate.judicial.early_repay"),
    ({"reading_seconds": 4}, "disclosure.all_in_cost_sheet"),
    ({"purposes": ("education", "shares")}, "use_of_funds.banned"),
]


@pytest.mark.parametrize(("changes", "rule"), FORBIDDEN, ids=[r for _, r in FORBIDDEN])
def test_a_product_cannot_switch_on_what_the_pack_forbids(call, staff, changes, rule):
    version = drafted(call, staff, **changes)
    with pytest.raises(ForbiddenByPack) as refused:
        published(call, staff, version.version_id)
    assert refused.value.facts["rule"] in (rule, "microloan.online_consumer")
    assert queries.get_version(version.version_id).state == "draft"


def test_a_fee_kept_back_at_disbursement_is_forbidden(call, staff):
    fee = replace(first_products()[WORKING].terms.fees[0], at="disbursement")
    version = drafted(call, staff, WORKING, fees=(fee,))
    with pytest.raises(ForbiddenByPack) as refused:
        published(call, staff, version.version_id)
    assert refused.value.facts["rule"] == "rate.judicial.upfront_deduction"


def test_a_matching_platform_lends_nothing(call, staff, settings):
    settings.OPERATOR_ROLE = "sme_matching"
    version = drafted(call, staff)
    with pytest.raises(ForbiddenByPack) as refused:
        published(call, staff, version.version_id)
    assert refused.value.facts["field"] == "operator_role"


def test_a_rate_above_the_cap_is_not_published(call, staff):
    version = drafted(call, staff, grades=(GradeRate("A", Decimal("0.2401")),))
    with pytest.raises(AboveCap) as refused:
        published(call, staff, version.version_id)
    assert refused.value.facts["rule"] == "rate.all_in_cap.microloan_now"


def test_a_rate_at_the_cap_is_published(call, staff):
    version = drafted(call, staff, grades=(GradeRate("A", Decimal("0.24")),))
    assert published(call, staff, version.version_id).all_in_max == Decimal("0.24")


def test_fees_count_towards_the_cap(call, staff):
    fee = replace(first_products()[WORKING].terms.fees[0], at="each", rate=Decimal("0.01"))
    version = drafted(call, staff, WORKING, fees=(fee,))
    with pytest.raises(AboveCap):
        published(call, staff, version.version_id)


def test_all_in_cost_of_a_plain_loan_is_its_contract_rate():
    terms = first_products()[CONSUMER].terms
    cost = queries.cost_of(
        terms,
        amount=Money.yuan("120000"),
        rate_annual=Decimal("0.06"),
        term_count=12,
        start=date(2026, 1, 15),
    )
    assert cost.totals.principal == 12_000_000
    assert abs(cost.simple - Decimal("0.06")) < Decimal("0.000001")
    assert cost.compound > cost.simple
    assert cost.rows[0].payment == 1_032_797  # Published level instalment of 120000 at 6 % in 12.
