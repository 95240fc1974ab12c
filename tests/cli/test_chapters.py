"""What the demonstration lives beside payments: terms, recalls, pledges, months, by two people."""

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from rongqiao.cli.eod import catch_up
from rongqiao.cli.simulate.desk import Desk
from rongqiao.cli.simulate.people.profiles import Conduct, Course, Habit
from rongqiao.cli.simulate.seed.chapters import terms
from rongqiao.cli.simulate.seed.chapters.breaches import call_back
from rongqiao.cli.simulate.seed.chapters.credit import tighten_credit
from rongqiao.cli.simulate.seed.chapters.months import end_months
from rongqiao.cli.simulate.seed.chapters.outside import hear
from rongqiao.cli.simulate.seed.chapters.pledges import secure
from rongqiao.cli.simulate.seed.chapters.shadow import FIRMS
from rongqiao.cli.simulate.seed.chapters.suspicion import NAMES, suspect
from rongqiao.cli.simulate.seed.chapters.terms import change_terms
from rongqiao.cli.simulate.seed.chapters.weighing import weigh
from rongqiao.cli.simulate.staff import Staff
from rongqiao.cli.simulate.town import Resident, Town
from rongqiao.cli.verify import check_all
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.lending.collateral.models import Pledge
from rongqiao.lending.origination.models import Decision
from rongqiao.lending.products.operations.definitions import first_products
from rongqiao.lending.servicing.models.allowance import AllowanceRun
from rongqiao.lending.servicing.models.amending.changes import TermChange
from rongqiao.lending.servicing.models.amending.recalls import Recall
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.starting.authorise_debit import (
    AuthoriseDebit,
    authorise_debit,
)
from rongqiao.money.ledger.operations.closing.seal_books import seal_what_stands
from rongqiao.money.ledger.queries.periods import closed_through
from rongqiao.parties.operations.phones.set_phone import SetPhone, set_phone
from rongqiao.platform import audit, jobs, relay
from rongqiao.policies.credit.facts import NO_HISTORY, Facts
from rongqiao.policies.credit.sources import sources_needed
from rongqiao.risk.models.fraud import FraudCase, ListEntry, Ring
from rongqiao.risk.models.inquiries import Inquiry
from rongqiao.risk.models.laundering.casework import (
    LaunderingAlert,
    LaunderingCase,
    ListedEntry,
    WatchedDay,
)
from rongqiao.risk.queries.enterprise import latest_rating, statements_of
from rongqiao.risk.queries.judging import judge
from rongqiao.risk.queries.modelling.registry import list_models, open_by_id
from rongqiao.risk.queries.policies.plans import get_plan, list_plans
from rongqiao.risk.queries.policies.reading import features_read
from rongqiao.risk.queries.policies.versions import find_version, list_versions, policy_on
from rongqiao.risk.queries.recording import is_challenged
from rongqiao.risk.queries.watching.rings import get_ring
from tests.makers import journeys
from tests.makers.loans import Lend, lend
from tests.parties.people import actor, make_user
from tests.risk.inquiring.conftest import agree

CONSUMER = first_products()[0].terms.offer
GOOD = Facts(
    on=date(2026, 2, 1),
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
WEAK = replace(
    GOOD,
    amount=Money.yuan("2000"),
    monthly_income=Money.yuan("3500"),
    monthly_debt_service=Money(0),
    months_established=8,
    born_on=date(2005, 3, 7),
    employment="freelance",
    housing="rented",
)
FIRST, DAYS = date(2026, 1, 5), 100
POSTS = {
    "operator": "operator",
    "approver": "approver",
    "risk": "risk_analyst",
    "risk-2": "risk_analyst",
    "compliance": "compliance_officer",
    "collector": "collector",
    "finance": "finance",
    "finance-2": "finance",
}
NOTHING_TO_DO = SimpleNamespace(work=lambda _desk: None)


@pytest.fixture
def town(live_db, call, clock, settings):
    """A town whose people are there, and nobody's bank: what is owed is left to the platform."""
    settings.OPERATOR_ROLE = "microloan_company"
    staff = journeys.make_staff(call)
    journeys.publish_first_products(call, staff)
    posts = {}
    for post, role in POSTS.items():
        posts[post] = make_user()
        journeys.give_role(call, *staff.administrators, posts[post], role)
    desk = Desk(name="chapters", first=FIRST)
    desk.clock = clock
    return Town(
        desk=desk,
        staff=Staff(posts),
        custodian=NOTHING_TO_DO,
        last=FIRST + timedelta(days=DAYS),
        resumed_on=FIRST,
    )


def settle(town, borrower, *, firm=None, application_id=None):
    number = len(town.residents)
    answers = journeys.FIRM_ANSWERS.items()
    profile = SimpleNamespace(
        firm=firm,
        number=number,
        product="working-capital",
        course=Course.WHOLE,
        conduct=Conduct(Habit.PROMPT),
        answers=tuple((step, tuple(values.items())) for step, values in answers),
    )
    town.residents.append(
        SimpleNamespace(
            profile=profile,
            party_id=borrower.party_id,
            user_id=borrower.user_id,
            name=f"b{number}",
            application_id=application_id,
        )
    )


def borrow(town, call, *, pays):
    """Lend for a year to somebody who lets the wallet be debited, or pays nothing."""
    borrower = journeys.make_borrower(call, len(town.residents) + 1)
    command = Lend(principal=1_200_000, party=borrower.party_id, terms=12, wallet=10**9)
    loan_id = lend(command, call()).loan_id
    if pays:
        leave_to_debit(loan_id, borrower, call)
    settle(town, borrower)
    return loan_id


def leave_to_debit(loan_id, borrower, call):
    wish = AuthoriseDebit(loan_id=loan_id, party_id=borrower.party_id, is_authorised=True)
    authorise_debit(wish, call(actor=actor(borrower.user_id)))


def live(town):
    for number in range(DAYS + 1):
        town.desk.open_day(FIRST + timedelta(days=number))
        town.live_today()
        relay.drain(SUBSCRIBERS)
        town.desk.end_day()
        catch_up(town.desk.on + timedelta(days=1))
        audit.seal()
        seal_what_stands()


def test_every_chapter_leaves_something_to_look_at(call, clock, town, monkeypatch):
    # Payments of a new plan come from the bank, which is not here.
    planned = []
    monkeypatch.setattr(terms, "pay_instalment", lambda *asked: lambda: planned.append(asked))
    paying = [borrow(town, call, pays=True) for _ in range(7)]
    late = [borrow(town, call, pays=False) for _ in range(9)]
    owner = journeys.make_borrower(call, len(town.residents) + 1)
    application_id, _signed = journeys.signed_loan(call, clock, owner)
    relay.drain(SUBSCRIBERS)
    leave_to_debit(Loan.objects.get(party_id=owner.party_id).pk, owner, call)
    settle(town, owner, firm="firm", application_id=application_id)
    for chapter in (change_terms, call_back, secure, end_months):
        chapter(town)
    live(town)
    changes = list(TermChange.objects.order_by("proposed_at"))
    made = {one.kind for one in changes if one.state == "approved"}
    assert {"extension", "restructuring", "floating-rate"} <= made, (made, town.refused)
    changed = {one.loan_id for one in changes}
    assert changed & {*paying}
    assert changed & {*late}
    assert changes[-1].state == "waiting"
    assert planned
    recalls = set(Recall.objects.values_list("state", flat=True))
    assert {"noticed", "waiting"} <= recalls, (recalls, town.refused)
    assert Pledge.objects.get().state == "agreed", town.refused
    runs = AllowanceRun.objects.order_by("on").values_list("on", "state")
    assert list(runs) == [
        (date(2026, 1, 31), "approved"),
        (date(2026, 2, 28), "approved"),
        (date(2026, 3, 31), "waiting"),
    ]
    assert closed_through() == date(2026, 1, 31), town.refused
    laws = check_all()
    assert [one for one in laws if one.broken] == []
    # Two booked valuations lead from one to the next and to the books.
    (movements,) = [one for one in laws if "lead from valuation" in one.law]
    assert movements.checked >= 10


def test_policies_get_a_profit_floor_and_a_challenger_that_act(call, town):
    tighten_credit(town)
    for number in range(DAYS // 10 + 3):
        town.desk.open_day(FIRST + timedelta(days=number))
        town.live_today()
    assert not town.refused
    for code in ("consumer", "business"):
        versions = list_versions(code, town.desk.on)
        assert [one.standing for one in versions] == ["in-force", "refused", "superseded"]
        assert all("演示" in one.reason for one in versions[:2])
        champion = policy_on(code, town.desk.on)
        assert champion.label == versions[0].label == f"{code}-demonstration-floor"
        assert champion.profit.floor > 0
        assert champion.challenge.policy == find_version(code, "2", town.desk.on).sha256
        assert 0 < champion.challenge.share < 1
    champion = policy_on("consumer", town.desk.on)
    assert judge(WEAK, champion, CONSUMER).grade == "E"
    codes = [one.code for one in judge(WEAK, champion, CONSUMER).reasons]
    assert "margin-too-thin" in codes
    assert "margin-too-thin" not in [one.code for one in judge(GOOD, champion, CONSUMER).reasons]

    def on_that_day(actor):
        return replace(call(actor=actor), on=town.desk.on)

    # Each is on record with what the other policy would have said; a share is the challenger's.
    arms = set()
    # Ids are drawn: sixty without one in five is once in half a million.
    for number in range(1, 61):
        borrower = journeys.make_borrower(call, number)
        application_id, _state = journeys.apply(on_that_day, borrower)
        row = Decision.objects.get(application_id=application_id)
        is_challengers = is_challenged(champion, row.application_id)
        assert row.arm == ("challenger" if is_challengers else "champion")
        digests = {row.policy_sha256, row.shadow["policy_sha256"]}
        assert digests == {champion.sha256, champion.challenge.policy}
        arms.add(row.arm)
        if len(arms) == 2:
            break
    assert arms == {"champion", "challenger"}


def settle_three_known(town, call):
    """Settle people with a phone, who agreed to being asked about and share a name."""
    for number in (1, 2, 3):
        borrower = journeys.make_borrower(call, number)
        phone = SetPhone(user_id=borrower.user_id, phone=f"1380013800{number}", is_proved=True)
        set_phone(phone, call(actor=borrower.actor))
        agree(call, borrower.user_id)
        person = SimpleNamespace(name="王小明", user_id=borrower.user_id)
        profile = SimpleNamespace(firm=None, number=number, person=person)
        town.residents.append(Resident(profile, party_id=borrower.party_id))


def test_a_policy_reads_outsiders_and_inquiries_and_lists_are_there(town, call):
    settle_three_known(town, call)
    hear(town)
    for day in (DAYS * 90 // 100, DAYS * 96 // 100):
        town.desk.open_day(FIRST + timedelta(days=day))
        town.live_today()
    assert town.refused == {}
    read = features_read("consumer", town.desk.on)
    assert sources_needed("person", read) == ("identity", "judicial", "score")
    told = Inquiry.objects.values_list("asked_by", flat=True)
    assert (len(told), set(told)) == (9, {"system:chapters"})
    assert not Inquiry.objects.filter(outcome="open").exists()
    assert jobs.waiting() == 0
    assert sorted(ListEntry.objects.values_list("standing", "state")) == [
        *(("black", "in-force"), ("black", "waiting"), ("grey", "in-force"))
    ]
    assert ListedEntry.objects.count() == 3


def live_from(town, first_of_a_hundred):
    """Live the rest of the days; what ends a day is left out, as nobody owes anything."""
    for number in range(DAYS * first_of_a_hundred // 100, DAYS + 1):
        town.desk.open_day(FIRST + timedelta(days=number))
        town.live_today()
        relay.drain(SUBSCRIBERS)


def test_models_ratings_and_a_plan_are_there_each_by_two(call, town):
    for number in (1, 2):
        settle(town, journeys.make_firm_borrower(call, number), firm="firm")
    weigh(town)
    live_from(town, 86)
    assert town.refused == {}
    firms_model, scorecard = list_models(town.desk.on)
    assert (scorecard.code, scorecard.state) == ("german-credit", "in-force")
    assert scorecard.released_by != scorecard.proposed_by
    assert 0.7 < scorecard.auc < 0.8
    assert (firms_model.code, firms_model.state) == ("firm-statements", "in-force")
    assert firms_model.released_by != firms_model.proposed_by
    assert all("演示" in one.reason for one in (scorecard, firms_model))
    opened = open_by_id(scorecard.id)
    assert "不含中国借款人" in opened.about.population
    assert not {"personal_status_and_sex", "foreign_worker"} & {*opened.columns}

    sound, strained = (latest_rating(one.party_id) for one in town.residents)
    # Two years each for the rating; the year before also for the application that follows.
    assert [len(statements_of(one.party_id)) for one in town.residents] == [2, 2]
    assert sound.score > strained.score
    (override,), (waiting,) = sound.overrides, strained.overrides
    assert (override.state, waiting.state) == ("approved", "proposed")
    assert override.decided_by != override.proposed_by
    assert sound.grade_that_counts == override.grade != sound.grade
    assert all("演示" in one.reason for one in (override, waiting))

    (plan,) = list_plans()
    assert plan.state == "released"
    assert plan.decided_by != plan.proposed_by
    assert "演示" in plan.source
    assert plan.first_on <= town.last <= plan.last_on
    lines = get_plan(plan.id).lines
    assert sum(one.amount.minor for one in lines) == plan.placed.minor > 0
    assert plan.loss <= plan.loss_ceiling
    assert [one for one in check_all() if one.broken] == []


def test_trees_stand_in_the_shadow_of_the_policy_of_firms_and_have_some_to_judge(call, town):
    for number in range(1, 9):
        settle(town, journeys.make_firm_borrower(call, number), firm="firm")
    tighten_credit(town)
    weigh(town)
    for number in range(DAYS + 1):
        town.desk.open_day(FIRST + timedelta(days=number))
        town.live_today()
        relay.drain(SUBSCRIBERS)
    assert town.refused == {}
    shadow, trees, *_before = list_versions("business", town.desk.on)
    assert (shadow.standing, trees.standing) == ("in-force", "refused")
    assert shadow.proposed_by != shadow.decided_by
    assert all("演示" in one.reason for one in (shadow, trees))
    champion = policy_on("business", town.desk.on)
    assert (champion.challenge.policy, champion.challenge.share) == (trees.sha256, 0)
    assert champion.profit.floor > 0
    model = next(one for one in list_models(town.desk.on) if one.code == "firm-statements")
    judged = [row for row in Decision.objects.all() if row.policy_sha256 == champion.sha256]
    assert len(judged) == FIRMS
    assert {row.arm for row in judged} == {"champion"}
    assert {row.shadow["model_sha256"] for row in judged} == {model.sha256}
    # The trees tell firms that stated sound years from one about to fail.
    assert len({row.shadow["outcome"] for row in judged}) >= 2
    assert not any("fact-missing" in row.shadow["reasons"] for row in judged)
    assert {row.outcome for row in judged} != {row.shadow["outcome"] for row in judged}
    assert [one for one in check_all() if one.broken] == []


def test_a_ring_is_drawn_and_a_name_is_looked_into(call, town):
    settle_three_known(town, call)
    relay.drain(SUBSCRIBERS)
    hear(town)
    suspect(town)
    live_from(town, 90)
    assert town.refused == {}
    ring = Ring.objects.get(is_live=True)
    assert (ring.size, ring.kinds) == (len(NAMES), "device")
    (case,) = FraudCase.objects.filter(about="ring")
    assert (case.subject_id, case.state) == (ring.pk, "open")
    shown = get_ring(ring.pk)
    assert len(shown.people) == len(NAMES)
    assert shown.case_id == case.pk
    # All have one thing in common, and no more.
    assert [(one.kind, one.holders) for one in shown.marks] == [("device", len(NAMES))]

    alerts = LaunderingAlert.objects.filter(kind="name")
    states = sorted(alerts.values_list("state", flat=True))
    assert states[:2] == ["case", "open"], states
    assert states.count("case") == 1
    assert {one.entry.code for one in alerts} == {"demo-watch"}
    assert LaunderingCase.objects.get().opened_by.startswith("user:")
    assert WatchedDay.objects.count() == 4
    assert [one for one in check_all() if one.broken] == []
