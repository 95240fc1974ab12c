"""A policy's own rates hold within the cap for what is lent, not for what was asked."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.pricing import highest_rate
from rongqiao.lending.origination.models import Application, Decision
from rongqiao.lending.origination.operations.deciding.counter import Counter, counter
from rongqiao.lending.origination.operations.deciding.recommend import Recommend, recommend
from rongqiao.lending.origination.operations.deciding.take_review import TakeReview, take_review
from rongqiao.lending.origination.queries.looking_back.past import past_cases
from rongqiao.lending.origination.queries.looking_back.replays import check_decisions
from rongqiao.lending.products.operations.definitions import first_products
from rongqiao.lending.products.operations.draft_version import draft_version
from rongqiao.lending.products.operations.publish_version import PublishVersion, publish_version
from rongqiao.lending.products.queries import FeeTerms, get_version
from rongqiao.risk.judging.document import canonical, sha256
from rongqiao.risk.operations.judging.keep import keep
from rongqiao.risk.queries.documents import Kept
from tests.makers.journeys import accept, apply, make_borrower, make_staff, read_sheet, sign
from tests.makers.policies import SALT, document, put_in_force
from tests.money.ledger.conftest import act
from tests.parties.people import actor

OWN = [{"grade": grade, "rate_annual": "0.30"} for grade in "ABCDE"]
FEE = FeeTerms(
    code="account-service",
    name_zh="账户服务费",
    name_en="Account service fee",
    at="first",
    amount=Money.yuan("50.00"),
    collector="operator",
)


@pytest.fixture
def staff(call):
    """Staff, and a product whose fee is the same for every amount: it weighs more on less."""
    staff = make_staff(call)
    draft = first_products()[0]
    least = Money.yuan("10000.00")
    draft = replace(draft, terms=replace(draft.terms, fees=(FEE,), amount_min=least))
    drafted = draft_version(draft, call(actor=actor(staff.operator)))
    command = PublishVersion(version_id=drafted.version_id)
    publish_version(command, call(actor=actor(staff.publisher)))
    return staff


def most_of(amount, terms):
    """The highest rate of an amount for so many months."""
    case = Application.objects.get()
    version = get_version(case.version_id)
    return highest_rate(version, amount, terms, date(2026, 1, 5))


def test_less_than_asked_is_lent_at_the_rate_that_less_may_cost(call, clock, staff, monkeypatch):
    put_in_force(monkeypatch, document(pricing={"rates": OWN}, tables=[]))
    borrower = make_borrower(call, 1)
    application_id, state = apply(
        call, borrower, amount="45000.00", term_count="12", monthly_income="5000.00"
    )
    assert state == "approved"
    case = Application.objects.get()
    amount = Money(case.offered_minor)
    assert Money.yuan("10000") < amount < Money.yuan("45000")
    asked = most_of(Money.yuan("45000"), 12)
    assert case.offered_rate_annual == most_of(amount, 12) < asked
    # The paper's own check of the cap agrees.
    accept(call, borrower, application_id)
    sign(
        call,
        borrower,
        application_id,
        read_sheet(call, clock, borrower, application_id=application_id),
    )
    assert check_decisions().broken == 0
    (past,) = past_cases(date(2026, 1, 5), date(2026, 1, 5))
    assert past.case.rate_max == asked


@pytest.mark.parametrize("verb", ["counter", "recommend"])
def test_an_officer_offers_less_at_the_policys_rate_within_the_cap(call, staff, monkeypatch, verb):
    put_in_force(monkeypatch, document(pricing={"rates": OWN}))
    borrower = make_borrower(call, 1)
    application_id, state = apply(call, borrower, amount="60000.00", term_count="12")
    assert state == "referred"
    call_of = lambda: call(actor=actor(staff.reviewer))  # noqa: E731
    take_review(TakeReview(application_id=application_id), call_of())
    kind, act_on = {"counter": (Counter, counter), "recommend": (Recommend, recommend)}[verb]
    offer = kind(
        application_id=application_id,
        amount=Money.yuan("10000"),
        term_count=12,
        grade="A",
        reason="按已核实的收入批少一些。",
    )
    act_on(offer, call_of())
    case = Application.objects.get()
    assert case.offered_rate_annual == most_of(Money.yuan("10000"), 12)
    assert most_of(Money.yuan("10000"), 12) < most_of(Money.yuan("60000"), 12) < Decimal("0.30")


def test_a_challengers_own_rates_are_capped_though_the_champion_has_none(call, staff, monkeypatch):
    dear = document(label="consumer-dear", pricing={"rates": OWN})
    act(lambda c: keep([Kept(sha256(dear), "policy", canonical(dear))], c.at), call())
    challenge = {"policy": sha256(dear), "share": "1", "salt": SALT}
    put_in_force(monkeypatch, document(challenge=challenge))
    apply(call, make_borrower(call, 1))
    row = Decision.objects.get()
    assert row.arm == "challenger"
    assert row.rate_annual == most_of(Money.yuan("20000"), 12) < Decimal("0.30")
    assert check_decisions().broken == 0
