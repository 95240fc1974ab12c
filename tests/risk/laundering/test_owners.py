"""Beneficial owners as compliance meets them: in the rating, in screening, when a list changes."""

from datetime import date

import pytest

from rongqiao.config.compliance import look_after
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.parties.operations.declare_owners import (
    DeclaredOwner,
    DeclareOwners,
    declare_owners,
)
from rongqiao.parties.queries.owners import declarations_of
from rongqiao.platform import relay
from rongqiao.platform.models import BusinessDate, OperationRecord
from rongqiao.risk.jobs.laundering import rescreen_customers
from rongqiao.risk.laundering.rating import factors
from rongqiao.risk.models.laundering.casework import CustomerRating, LaunderingAlert, Screening
from rongqiao.risk.operations.laundering.decide_alert import DecideAlert, decide_alert
from rongqiao.risk.operations.laundering.ratings.heed_owners import HeedOwners, heed_owners
from rongqiao.risk.operations.laundering.ratings.rate_customer import RateCustomer, rate_customer
from rongqiao.risk.operations.laundering.screening.import_list import ImportList, import_list
from rongqiao.risk.operations.laundering.screening.screen_party import ScreenParty, screen_party
from rongqiao.risk.queries.laundering.ratings import ratings_of
from tests.makers.officers import make_officer
from tests.parties.people import actor, make_firm, make_person, resident
from tests.risk.laundering.test_patterns import answers

HEADS = "编号,类型,姓名,出生日期,证件号码\n"
POINTS = {"not-a-firm": 0, "declared": 0, "stale": 8, "missing": 15}
A_YEAR_ON = date(2027, 1, 5)


@pytest.fixture
def compliance(clock):
    return make_officer(clock, role="compliance_officer")


@pytest.fixture
def firm(call):
    user_id, _own = make_person(call, 1)
    return user_id, make_firm(call, user_id, 1)


@pytest.fixture
def take_in(call, compliance):
    def run(*entries, code="notice"):
        content = HEADS + "\n".join(entries) + "\n"
        command = ImportList(code=code, kind="sanction", source="test", content=content)
        return import_list(command, call(actor=actor(compliance)))

    return run


def owner(number, name="欧阳建国", row=0, **more):
    fields = {"control": "shares", "share_bp": 3000, "since_on": date(2020, 5, 1)}
    return DeclaredOwner(row=row, name=name, resident_id=resident(number), **(fields | more))


def declared(call, firm, *owners):
    user_id, party_id = firm
    known = declarations_of(party_id)
    after = known[0].number if known else 0
    command = DeclareOwners(party_id=party_id, after=after, owners=owners)
    declare_owners(command, call(actor=actor(user_id)))
    relay.drain(SUBSCRIBERS)


def rated(call, compliance, party_id, **more):
    said = tuple(f"{factor}={word}" for factor, word in answers(**more).items())
    command = RateCustomer(party_id=party_id, answers=said, income_minor=8_000_00)
    rate_customer(command, call(actor=actor(compliance)))


def owners_answers(party_id):
    return [one.answers["owners"] for one in reversed(ratings_of(party_id))]


def parts_of(firm_id):
    """The owners among the parts that were screened, by name of their role."""
    rows = Screening.objects.filter(party_id=firm_id).order_by("id")
    return [row.part.partition("-")[0] for row in rows]


def test_the_factor_is_data_and_only_what_is_missing_or_old_weighs():
    assert factors()["owners"] == POINTS


def test_an_officer_does_not_answer_for_the_declaration(firm, call, compliance):
    rated(call, compliance, firm[1], owners="declared")
    last = ratings_of(firm[1])[0]
    assert last.answers["owners"] == "missing"
    assert dict(last.parts)["owners"] == POINTS["missing"]
    _user, person = make_person(call, 9, name="赵敏")
    rated(call, compliance, person, owners="missing")
    assert owners_answers(person) == ["not-a-firm"]


def test_a_declaration_takes_the_points_away_at_once(firm, call, compliance):
    rated(call, compliance, firm[1])
    declared(call, firm, owner(2))
    assert owners_answers(firm[1]) == ["missing", "declared"]
    last, first = ratings_of(firm[1])
    assert (first.points - last.points, last.rated_by) == (15, "system:risk")
    assert (last.income, last.review_on) == (first.income, first.review_on)
    declared(call, firm, owner(3))
    assert len(owners_answers(firm[1])) == 2


def test_a_firm_that_was_never_rated_gets_no_rating(firm, call):
    declared(call, firm, owner(2))
    assert not CustomerRating.objects.exists()


def test_after_a_year_the_worker_adds_the_points_once(firm, call, compliance):
    rated(call, compliance, firm[1], trade="catering")
    declared(call, firm, owner(2))
    for on in (date(2027, 1, 4), A_YEAR_ON, A_YEAR_ON, date(2027, 1, 6)):
        BusinessDate.objects.update(on=on)
        look_after(on)
    assert owners_answers(firm[1]) == ["missing", "declared", "stale"]
    assert ratings_of(firm[1])[0].points - ratings_of(firm[1])[1].points == POINTS["stale"]
    assert not LaunderingAlert.objects.exists()
    assert "stale" not in str(list(OperationRecord.objects.values_list("result", flat=True)))


def test_a_level_that_becomes_high_by_it_goes_to_an_officer(firm, call, compliance):
    declared(call, firm, owner(2))
    rated(call, compliance, firm[1], trade="gambling", region="border")
    assert ratings_of(firm[1])[0].points == 38
    BusinessDate.objects.update(on=A_YEAR_ON)
    look_after(A_YEAR_ON)
    assert ratings_of(firm[1])[0].level == "high"
    alert = LaunderingAlert.objects.get()
    assert (alert.kind, alert.party_id) == ("rating-review", firm[1])


def test_a_rating_before_there_was_the_factor_takes_it_up(firm, call, compliance):
    """What was rated by an older table has no such answer: the next look adds it."""
    from rongqiao.risk.laundering.rating import rate  # noqa: PLC0415
    from rongqiao.risk.operations.laundering.ratings import writing  # noqa: PLC0415
    from tests.risk.laundering.test_screening import operation  # noqa: PLC0415

    said = answers()
    old = {factor: word for factor, word in said.items() if factor != "owners"}

    @operation("test.rate_of_old", restore=None)
    def rate_of_old(command, made):
        rating = rate(said, made.on)
        parts = tuple(part for part in rating.parts if part[0] != "owners")
        writing.write_rating(
            command.party_id, type(rating)(**{**vars(rating), "parts": parts}), old, None, made
        )

    rate_of_old(HeedOwners(party_id=firm[1]), call())
    look_after(date(2026, 1, 6))
    assert ratings_of(firm[1])[0].answers["owners"] == "missing"
    heed_owners(HeedOwners(party_id=firm[1]), call())
    assert len(ratings_of(firm[1])) == 2


def test_owners_are_screened_when_declared_and_a_hit_names_the_part(take_in, firm, call):
    take_in("1,个人,欧阳建国,1990-03-07,", "2,个人,不相干,1950-01-01,")
    relay.drain(SUBSCRIBERS)
    assert not LaunderingAlert.objects.exists()
    declared(call, firm, owner(2), owner(3, name="赵敏", row=1))
    alert = LaunderingAlert.objects.get()
    mark = declarations_of(firm[1])[0].owners[0].mark
    assert (alert.party_id, alert.part) == (firm[1], f"owner-{mark}")
    firm_alone = ["self", "representative"]
    assert parts_of(firm[1]) == [*firm_alone, *firm_alone, "owner", "owner"]
    causes = set(Screening.objects.values_list("cause", flat=True))
    assert causes == {"registered", "owners-declared"}


def test_who_is_representative_and_owner_is_screened_once(take_in, firm, call):
    take_in("1,个人,王小明,1990-03-07,")
    relay.drain(SUBSCRIBERS)
    declared(call, firm, owner(1, name="王小明"))
    parts = LaunderingAlert.objects.filter(party_id=firm[1]).values_list("part", flat=True)
    assert list(parts) == ["representative"]


def test_a_changed_list_meets_the_owners_too(take_in, firm, call):
    take_in("1,个人,某某某,1960,")
    declared(call, firm, owner(2))
    assert rescreen_customers() == 0
    take_in("1,个人,某某某,1960,", f"2,个人,完全不同,,{resident(2)}")
    assert rescreen_customers() == 1
    assert LaunderingAlert.objects.get().part.startswith("owner-")


def test_who_is_no_owner_any_more_is_not_screened_again(take_in, firm, call):
    declared(call, firm, owner(2))
    declared(call, firm, owner(3, name="赵敏"))
    take_in(f"2,个人,完全不同,,{resident(2)}")
    assert rescreen_customers() == 0
    assert not LaunderingAlert.objects.exists()


def test_who_was_cleared_stays_so_in_a_renewal_and_another_of_the_name_does_not(
    take_in, firm, call, compliance
):
    take_in("1,个人,欧阳建国,1990-03-07,")
    declared(call, firm, owner(2))
    alert = LaunderingAlert.objects.get()
    word = DecideAlert(alert_id=alert.pk, word="dismiss", reason="照片不同")
    decide_alert(word, call(actor=actor(compliance)))
    declared(call, firm, owner(3, name="赵敏"), owner(2, row=1))
    assert LaunderingAlert.objects.count() == 1
    declared(call, firm, owner(5))
    assert sorted(LaunderingAlert.objects.values_list("state", flat=True)) == ["false", "open"]


def test_screening_ten_owners_asks_a_bounded_number_of_questions(
    take_in, firm, call, django_assert_max_num_queries
):
    take_in("1,个人,欧阳建国,1990-03-07,")
    many = [owner(n, control="control", share_bp=None, row=n) for n in range(20, 30)]
    declared(call, firm, *many)
    with django_assert_max_num_queries(100):
        screen_party(ScreenParty(party_id=firm[1], cause="by-hand"), call(actor="system:t"))
