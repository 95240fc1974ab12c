"""Decisions by credit policy: golden cases, the laws of the judge, and words for every reason."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.reviewing import OFFICER_CODES
from rongqiao.lending.products.operations.definitions import first_products
from rongqiao.policies.credit.facts import NO_HISTORY, Facts, PlatformHistory
from rongqiao.policies.credit.policy import NoPolicy, known_policies
from rongqiao.risk.judging.affordability import monthly_burden
from rongqiao.risk.judging.trials import run_trials
from rongqiao.risk.queries.judging import REASON_CODES, Outcome, estimate_limit, judge, policy_on
from rongqiao.web.frame.reasons import REASONS, explain

ON = date(2026, 1, 5)
CONSUMER, FIRM = (first_products()[i].terms.offer for i in (0, 1))
PERSON = Facts(
    on=ON,
    party_kind="person",
    amount=Money.yuan("20000"),
    term_months=12,
    monthly_income=Money.yuan("12000"),
    monthly_debt_service=Money.yuan("1000"),
    months_established=60,
    history=NO_HISTORY,
    born_on=date(1990, 3, 7),
    employment="salaried",
    housing="mortgage",
)
COMPANY = Facts(
    on=ON,
    party_kind="organization",
    amount=Money.yuan("100000"),
    term_months=12,
    monthly_income=Money.yuan("60000"),
    monthly_debt_service=Money.yuan("2000"),
    months_established=72,
    history=NO_HISTORY,
    sector="manufacturing",
    revenue_annual=Money.yuan("6000000"),
)


def judged(facts):
    if facts.party_kind == "person":
        return judge(facts, policy_on("consumer", facts.on), CONSUMER)
    return judge(facts, policy_on("business", facts.on), FIRM)


def history(**changes):
    return replace(NO_HISTORY, **changes)


GOLDEN = [
    # what changes, outcome, reasons in order
    ({}, "approve", ["within-policy"]),
    ({"born_on": date(2008, 1, 6)}, "decline", ["too-young"]),
    ({"born_on": date(2008, 1, 5)}, "approve", ["within-policy"]),
    ({"born_on": date(1961, 1, 6)}, "approve", ["within-policy"]),
    ({"born_on": date(1960, 1, 5)}, "decline", ["too-old-at-end"]),
    ({"employment": "none"}, "decline", ["no-regular-income"]),
    ({"months_established": 5}, "decline", ["too-short-in-work"]),
    ({"months_established": 6}, "approve", ["within-policy"]),
    ({"monthly_income": Money(0)}, "decline", ["no-regular-income", "burden-too-high"]),
    ({"history": history(days_past_due=1, loans_live=1)}, "decline", ["currently-overdue"]),
    (
        {"history": history(days_past_due_worst=60, loans_closed=1)},
        "decline",
        ["past-due-too-long"],
    ),
    ({"history": history(days_past_due_worst=1, loans_closed=1)}, "refer", ["was-past-due"]),
    ({"history": history(loans_live=3)}, "decline", ["too-many-loans"]),
    (
        {"amount": Money.yuan("50000.01"), "term_months": 24},
        "refer",
        ["amount-needs-a-person"],
    ),
    ({"amount": Money.yuan("50000"), "term_months": 24}, "approve", ["within-policy"]),
    (
        {"monthly_debt_service": Money.yuan("6600")},
        "decline",
        ["burden-too-high"],
    ),
    (
        {"amount": Money.yuan("45000"), "monthly_income": Money.yuan("6000")},
        "refer",
        ["amount-above-means", "burden-needs-a-person"],
    ),
]


@pytest.mark.parametrize(
    ("changes", "outcome", "codes"), GOLDEN, ids=[str(g[0])[:60] for g in GOLDEN]
)
def test_a_case_is_decided_as_the_table_says(changes, outcome, codes):
    verdict = judged(replace(PERSON, **changes))
    assert (verdict.outcome.value, [one.code for one in verdict.reasons]) == (outcome, codes)


FIRMS = [
    ({}, "approve", ["within-policy"]),
    ({"sector": "real-estate"}, "decline", ["sector-excluded"]),
    ({"sector": "construction"}, "refer", ["sector-needs-a-person"]),
    ({"months_established": 11}, "decline", ["too-short-in-business"]),
    ({"revenue_annual": Money.yuan("30000")}, "decline", ["amount-above-revenue"]),
    (
        {"revenue_annual": Money.yuan("200000")},
        "refer",
        ["amount-above-means"],
    ),
    (
        {"amount": Money.yuan("300000"), "monthly_income": Money.yuan("90000")},
        "refer",
        ["amount-needs-a-person"],
    ),
]


@pytest.mark.parametrize(
    ("changes", "outcome", "codes"), FIRMS, ids=[str(g[0])[:60] for g in FIRMS]
)
def test_a_firm_is_decided_as_the_table_says(changes, outcome, codes):
    verdict = judged(replace(COMPANY, **changes))
    assert (verdict.outcome.value, [one.code for one in verdict.reasons]) == (outcome, codes)


def test_the_score_is_the_sum_of_its_parts():
    verdict = judged(PERSON)
    assert verdict.score == 480 + 55 + 75 + 60 + 40 + 45 + 20 + 35 == 810
    assert verdict.score == 480 + sum(part.points for part in verdict.parts)
    assert (verdict.grade, verdict.rate_annual) == ("A", Decimal("0.0720"))
    assert verdict.versions.policy == "consumer-2025-01"
    assert verdict.versions.points == "points-person-1"


def test_a_score_below_the_least_declines_and_names_what_weighed_most():
    weak = replace(
        PERSON,
        born_on=date(2006, 1, 5),
        months_established=6,
        monthly_income=Money.yuan("2900"),
        monthly_debt_service=Money(0),
        amount=Money.yuan("2000"),
        employment="freelance",
        housing=None,
        history=history(days_past_due_worst=40, loans_closed=1),
    )
    verdict = judged(weak)
    assert [one.code for one in verdict.reasons] == ["score-too-low"]
    assert dict(verdict.reasons[0].facts)["weakest"].split(",")[0] == "monthly-income"
    assert verdict.apply_again_on == date(2026, 4, 5)


def test_the_next_date_is_known_unless_the_reason_is_for_ever():
    assert judged(replace(PERSON, born_on=date(2008, 3, 1))).apply_again_on == date(2026, 3, 1)
    assert judged(replace(PERSON, months_established=2)).apply_again_on == date(2026, 5, 5)
    assert judged(replace(PERSON, born_on=date(1950, 1, 1))).apply_again_on is None
    assert judged(PERSON).apply_again_on is None


people = st.builds(
    replace,
    st.just(PERSON),
    amount=st.integers(1000_00, 200_000_00).map(Money),
    term_months=st.integers(3, 36),
    monthly_income=st.integers(0, 100_000_00).map(Money),
    monthly_debt_service=st.integers(0, 50_000_00).map(Money),
    months_established=st.integers(0, 400),
    born_on=st.dates(date(1955, 1, 1), date(2008, 12, 31)),
    employment=st.sampled_from(["public", "salaried", "self-employed", "freelance", "none"]),
    housing=st.sampled_from(["own", "mortgage", "family", "rented"]),
    history=st.builds(
        PlatformHistory,
        days_past_due=st.sampled_from([0, 0, 0, 3]),
        days_past_due_worst=st.integers(0, 90),
        outstanding=st.integers(0, 100_000_00).map(Money),
        loans_live=st.integers(0, 4),
        loans_closed=st.integers(0, 5),
    ),
)
firms = st.builds(
    replace,
    st.just(COMPANY),
    amount=st.integers(10_000_00, 5_000_000_00).map(Money),
    term_months=st.integers(1, 24),
    monthly_income=st.integers(0, 1_000_000_00).map(Money),
    monthly_debt_service=st.integers(0, 500_000_00).map(Money),
    months_established=st.integers(0, 400),
    sector=st.sampled_from(["manufacturing", "construction", "finance", "other"]),
    revenue_annual=st.integers(0, 100_000_000_00).map(Money),
)
RANK = {Outcome.DECLINE: 0, Outcome.REFER: 1, Outcome.APPROVE: 2}


def no_worse(better, worse):
    a, b = judged(better), judged(worse)
    assert RANK[a.outcome] >= RANK[b.outcome]
    assert a.amount >= b.amount
    assert a.score >= b.score
    assert a.rate_annual <= b.rate_annual


@given(st.one_of(people, firms), st.integers(1, 50_000_00))
def test_more_income_never_makes_it_worse(facts, more):
    no_worse(replace(facts, monthly_income=facts.monthly_income + Money(more)), facts)


@given(st.one_of(people, firms), st.integers(1, 50_000_00))
def test_less_debt_never_makes_it_worse(facts, less):
    debt = Money(max(0, facts.monthly_debt_service.minor - less))
    no_worse(replace(facts, monthly_debt_service=debt), facts)


@given(st.one_of(people, firms), st.integers(1, 200))
def test_a_longer_time_established_never_makes_it_worse(facts, months):
    no_worse(replace(facts, months_established=facts.months_established + months), facts)


@given(people, st.integers(1, 60))
def test_fewer_days_overdue_never_make_it_worse(facts, days):
    worst = max(0, facts.history.days_past_due_worst - days)
    no_worse(replace(facts, history=replace(facts.history, days_past_due_worst=worst)), facts)


@given(firms, st.integers(1, 10**9))
def test_more_revenue_never_makes_it_worse(facts, more):
    no_worse(replace(facts, revenue_annual=facts.revenue_annual + Money(more)), facts)


@given(st.one_of(people, firms))
def test_what_is_lent_fits_income_product_and_request(facts):
    verdict = judged(facts)
    offer = CONSUMER if facts.party_kind == "person" else FIRM
    policy = policy_on("consumer" if facts.party_kind == "person" else "business", ON)
    assert verdict.reasons
    if verdict.outcome is Outcome.DECLINE:
        assert verdict.amount == Money(0)
        return
    assert offer.amount_min <= verdict.amount <= min(facts.amount, offer.amount_max)
    burden = monthly_burden(verdict.amount, verdict.rate_annual, facts.term_months)
    most = facts.monthly_income.minor * policy.affordability.burden_max
    assert burden.minor + facts.monthly_debt_service.minor <= most + 1
    if verdict.outcome is Outcome.APPROVE:
        assert verdict.amount == facts.amount


@given(st.one_of(people, firms))
def test_the_same_facts_give_the_same_verdict(facts):
    assert judged(facts) == judged(facts)


@given(people)
def test_every_reason_that_is_given_can_be_said(facts):
    for reason in judged(facts).reasons:
        assert reason.code in REASON_CODES
        assert "%(" not in explain(reason.code, dict(reason.facts)).why


def test_every_code_has_its_words():
    assert set(REASON_CODES) | set(OFFICER_CODES) <= set(REASONS)


@pytest.mark.parametrize("code", known_policies())
def test_a_policy_says_where_its_points_come_from(code):
    policy = policy_on(code, ON)
    assert "not trained on Chinese data" in policy.score.origin
    assert policy.grades[-1].score_min == 570
    assert judged(PERSON).versions.policy_sha256 == policy_on("consumer", ON).sha256


@pytest.mark.parametrize("code", known_policies())
def test_a_policy_holds_what_its_own_tests_say(code):
    runs = run_trials(policy_on(code, ON))
    assert len(runs) >= 4
    assert [(run.name, run.wrong) for run in runs if not run.is_held] == []


def test_no_policy_before_its_date():
    with pytest.raises(NoPolicy):
        policy_on("consumer", date(2024, 12, 31))
    with pytest.raises(NoPolicy):
        policy_on("unheard-of", ON)


@given(people)
def test_an_estimate_holds_what_the_same_facts_can_come_to(facts):
    bare = replace(facts, employment=None, housing=None, history=NO_HISTORY)
    estimate = estimate_limit(bare, policy_on("consumer", ON), CONSUMER)
    assert Money(0) <= estimate.amount_low <= estimate.amount_high <= CONSUMER.amount_max
    if facts.employment == "none":
        return
    verdict = judged(replace(facts, history=NO_HISTORY, amount=CONSUMER.amount_max))
    assert verdict.amount <= estimate.amount_high
    if verdict.outcome is not Outcome.DECLINE:
        assert verdict.amount >= estimate.amount_low


def test_an_estimate_of_nothing_says_why():
    poor = replace(PERSON, monthly_income=Money.yuan("100"), employment=None, housing=None)
    estimate = estimate_limit(poor, policy_on("consumer", ON), CONSUMER)
    assert estimate.amount_high == Money(0)
    assert estimate.reasons
