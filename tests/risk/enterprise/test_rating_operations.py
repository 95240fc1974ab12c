"""Statements, ratings, overrides by two, watches and warning cases, on the database."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from rongqiao.platform.refusals import NotFound
from rongqiao.risk.models.enterprise import FinancialStatement, RatingOverride
from rongqiao.risk.operations.enterprise.acting import (
    OwnFirm,
    RatingReasonNeeded,
    RatingRoleNeeded,
    RatingSecondPersonNeeded,
    WarningNotOpen,
)
from rongqiao.risk.operations.enterprise.close_warning import (
    CloseWarning,
    UnknownOutcome,
    WarningNotYours,
    close_warning,
)
from rongqiao.risk.operations.enterprise.decide_override import (
    DecideOverride,
    OverrideNotWaiting,
    decide_override,
)
from rongqiao.risk.operations.enterprise.propose_override import (
    OverrideOutOfReach,
    OverrideThere,
    ProposeOverride,
    RatingSuperseded,
    propose_override,
)
from rongqiao.risk.operations.enterprise.rate_firm import (
    NoStatement,
    RateFirm,
    UnknownStandards,
    rate_firm,
)
from rongqiao.risk.operations.enterprise.record_statement import (
    RecordStatement,
    StatementOutOfTime,
    TooFewFigures,
    UnreadableStatement,
    record_statement,
)
from rongqiao.risk.operations.enterprise.take_warning import TakeWarning, take_warning
from rongqiao.risk.operations.enterprise.watch_firm import WatchFirm, watch_firm
from rongqiao.risk.queries.enterprise import (
    asked_of_people,
    get_rating,
    get_warning,
    latest_rating,
    rated_firms,
    statements_of,
    warnings,
    watches_of,
)
from tests.makers.officers import make_officer
from tests.parties.people import actor, make_firm, make_person
from tests.risk.enterprise.test_rating import SOUND

FIGURES = tuple(sorted(SOUND.items()))
STANDARDS = "industry-medium-2006"


@pytest.fixture
def firm(call):
    user_id, _person = make_person(call, 1)
    return user_id, make_firm(call, user_id, 1)


@pytest.fixture
def analysts(clock):
    return tuple(actor(make_officer(clock, role="risk_analyst")) for _ in range(2))


def stated(call, who, party_id, **changes):
    said = {
        "party_id": party_id,
        "ends_on": date(2024, 12, 31),
        "months": 12,
        "source": "firm",
        "figures": FIGURES,
    }
    return record_statement(RecordStatement(**(said | changes)), call(actor=who))


def rated(call, who, party_id):
    return rate_firm(
        RateFirm(
            party_id=party_id,
            standards=STANDARDS,
            answers=tuple((question, "b") for question in asked_of_people()),
        ),
        call(actor=who),
    )


def test_a_firm_states_its_year_and_an_analyst_rates_it(db, call, firm, analysts):
    user_id, party_id = firm
    stated(call, actor(user_id), party_id)
    assert stated(call, actor(user_id), party_id, ends_on=date(2023, 12, 31)).contradictions == ()
    answer = rated(call, analysts[0], party_id)
    kept = get_rating(answer.rating_id)
    assert kept.grade == answer.grade != ""
    assert kept.number == 1
    assert {check["code"] for check in kept.checks} == {"altman-z2", "zmijewski", "beneish-m"}
    assert [one.statement.ends_on.year for one in statements_of(party_id)] == [2023, 2024]


def test_figures_lie_sealed(db, call, firm):
    user_id, party_id = firm
    stated(call, actor(user_id), party_id)
    row = FinancialStatement.objects.get()
    assert b"12000000" not in bytes(row.figures_sealed)
    with connection.cursor() as cursor:
        cursor.execute("SELECT request::text FROM platform_operationrecord")
        assert not any("12000000" in text for (text,) in cursor.fetchall())


def test_an_audited_statement_counts_before_the_firms_own_and_a_later_row_corrects(
    db, call, firm, analysts
):
    user_id, party_id = firm
    stated(call, analysts[0], party_id, source="audited")
    better = dict(FIGURES) | {"revenue": "99000000"}
    stated(call, actor(user_id), party_id, figures=tuple(better.items()))
    assert str(statements_of(party_id)[0].statement.revenue) == "12000000"
    stated(call, analysts[0], party_id, source="audited", figures=tuple(better.items()))
    assert str(statements_of(party_id)[0].statement.revenue) == "99000000"


@pytest.mark.parametrize(
    ("changes", "refusal", "field"),
    [
        ({"source": "rumour"}, UnreadableStatement, "source"),
        ({"ends_on": date(2026, 12, 31)}, StatementOutOfTime, "ends_on"),
        ({"ends_on": date(2010, 12, 31)}, StatementOutOfTime, "ends_on"),
        ({"figures": (("revenue", "1"),)}, TooFewFigures, "figures"),
        ({"figures": (*FIGURES, ("turnover", "1"))}, UnreadableStatement, "turnover"),
        ({"months": 0}, UnreadableStatement, "months"),
    ],
)
def test_a_statement_that_cannot_be_is_refused_by_field(db, call, firm, changes, refusal, field):
    user_id, party_id = firm
    with pytest.raises(refusal) as refused:
        stated(call, actor(user_id), party_id, **changes)
    assert refused.value.facts["field"] == field
    assert not FinancialStatement.objects.exists()


def test_strangers_state_nothing_and_rate_nothing(db, call, firm, clock):
    user_id, party_id = firm
    other, person_id = make_person(call, 2, name="李四")
    with pytest.raises(RatingRoleNeeded):
        stated(call, actor(other), party_id)
    with pytest.raises(NotFound):
        stated(call, actor(other), person_id)
    with pytest.raises(RatingRoleNeeded):
        rated(call, actor(user_id), party_id)
    make_officer(clock, user_id, role="risk_analyst")
    with pytest.raises(OwnFirm):
        rated(call, actor(user_id), party_id)


def test_nothing_is_rated_from_nothing(db, call, firm, analysts):
    user_id, party_id = firm
    with pytest.raises(NoStatement):
        rated(call, analysts[0], party_id)
    stated(call, actor(user_id), party_id, months=6, ends_on=date(2025, 6, 30))
    with pytest.raises(NoStatement):
        rated(call, analysts[0], party_id)
    stated(call, actor(user_id), party_id)
    with pytest.raises(UnknownStandards):
        rate_firm(RateFirm(party_id=party_id, standards="mars"), call(actor=analysts[0]))
    with pytest.raises(UnknownStandards):
        rate_firm(
            RateFirm(party_id=party_id, standards=STANDARDS, answers=(("management", "z"),)),
            call(actor=analysts[0]),
        )


def test_another_grade_needs_a_second_person_and_then_counts(db, call, firm, analysts):
    user_id, party_id = firm
    stated(call, actor(user_id), party_id)
    rating = rated(call, analysts[0], party_id)
    asked = ProposeOverride(rating_id=rating.rating_id, grade="C", reason="老板失联，厂房停产")
    proposed = propose_override(asked, call(actor=analysts[0]))
    assert latest_rating(party_id).grade_that_counts == rating.grade
    with pytest.raises(OverrideThere):
        propose_override(asked, call(actor=analysts[1]))
    with pytest.raises(RatingSecondPersonNeeded):
        decide_override(
            DecideOverride(override_id=proposed.override_id, is_approved=True),
            call(actor=analysts[0]),
        )
    decide_override(
        DecideOverride(override_id=proposed.override_id, is_approved=True), call(actor=analysts[1])
    )
    assert latest_rating(party_id).grade_that_counts == "C"
    assert latest_rating(party_id).overrides[0].reason == "老板失联，厂房停产"
    with pytest.raises(OverrideNotWaiting):
        decide_override(
            DecideOverride(override_id=proposed.override_id, is_approved=False),
            call(actor=analysts[1]),
        )
    assert [one.party_id for one in rated_firms()] == [party_id]


def test_an_override_has_a_reason_within_reach_and_for_the_newest_rating(db, call, firm, analysts):
    user_id, party_id = firm
    weak = {"revenue": "100", "total_assets": "900", "net_profit": "-300", "equity": "10"}
    weak |= {"total_liabilities": "890", "profit_before_tax": "-290", "interest_expense": "50"}
    weak |= {"receivables": "80", "cost_of_sales": "200"}
    before = weak | {"revenue": "300", "equity": "300", "total_liabilities": "600"}
    stated(call, actor(user_id), party_id, figures=tuple(weak.items()))
    stated(
        call,
        actor(user_id),
        party_id,
        ends_on=date(2023, 12, 31),
        figures=tuple(before.items()),
    )
    rating = rated(call, analysts[0], party_id)
    with pytest.raises(OverrideOutOfReach):
        propose_override(
            ProposeOverride(rating_id=rating.rating_id, grade="AAA", reason="我认识老板"),
            call(actor=analysts[0]),
        )
    lower = ProposeOverride(rating_id=rating.rating_id, grade="C", reason=" ")
    with pytest.raises(RatingReasonNeeded):
        propose_override(lower, call(actor=analysts[0]))
    rated(call, analysts[0], party_id)
    with pytest.raises(RatingSuperseded):
        propose_override(
            ProposeOverride(rating_id=rating.rating_id, grade="C", reason="迟到的意见"),
            call(actor=analysts[0]),
        )


def test_the_database_itself_wants_two_people(db, call, firm, analysts):
    user_id, party_id = firm
    stated(call, actor(user_id), party_id)
    rating = rated(call, analysts[0], party_id)
    asked = ProposeOverride(rating_id=rating.rating_id, grade="C", reason="已经停产")
    row_id = propose_override(asked, call(actor=analysts[0])).override_id
    with pytest.raises(IntegrityError), transaction.atomic():
        RatingOverride.objects.filter(pk=row_id).update(
            state="approved", decided_by=analysts[0], decided_at="2026-01-05T04:00:00Z"
        )


LATE = (("days-past-due", "20"),)


def watched(call, party_id, counts, on=date(2026, 1, 5)):
    made = replace(call(actor="system:risk.jobs"), on=on)
    return watch_firm(WatchFirm(party_id=party_id, counts=counts), made)


def test_a_grave_sign_opens_one_case_that_rises_and_is_worked_on(db, call, firm, analysts, clock):
    _user_id, party_id = firm
    first = watched(call, party_id, LATE)
    assert first.level == "serious"
    assert watched(call, party_id, LATE).case_id is None
    case = get_warning(first.case_id)
    assert case.due_on == date(2026, 1, 15)
    second = watched(call, party_id, (("days-past-due", "45"),), on=date(2026, 2, 3))
    assert (second.level, second.case_id) == ("grave", first.case_id)
    assert get_warning(first.case_id).level == "grave"
    assert get_warning(first.case_id).due_on == date(2026, 1, 15)
    assert [one.level for one in watches_of(party_id)] == ["grave", "serious"]
    assert watches_of(party_id)[0].hazard > watches_of(party_id)[1].hazard
    with pytest.raises(WarningNotOpen):
        close_warning(
            CloseWarning(case_id=first.case_id, outcome="watched", note="已走访，按期关注"),
            call(actor=analysts[0]),
        )
    take_warning(TakeWarning(case_id=first.case_id), call(actor=analysts[0]))
    with pytest.raises(WarningNotYours):
        close_warning(
            CloseWarning(case_id=first.case_id, outcome="watched", note="已走访，按期关注"),
            call(actor=analysts[1]),
        )
    with pytest.raises(UnknownOutcome):
        close_warning(
            CloseWarning(case_id=first.case_id, outcome="shrug", note="已走访，按期关注"),
            call(actor=analysts[0]),
        )
    close_warning(
        CloseWarning(case_id=first.case_id, outcome="watched", note="已走访，按期关注"),
        call(actor=analysts[0]),
    )
    assert warnings() == ()
    assert get_warning(first.case_id).note == "已走访，按期关注"


def test_a_quiet_firm_has_a_watch_and_no_case(db, call, firm):
    _user_id, party_id = firm
    quiet = watched(call, party_id, (("days-past-due", "0"),))
    assert (quiet.level, quiet.case_id) == ("clear", None)
    assert watches_of(party_id)[0].signals == ()
    assert warnings() == ()
