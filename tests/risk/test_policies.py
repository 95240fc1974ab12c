"""Credit policies: edited by revision, proposed by one, released by another, never back-dated."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from rongqiao.policies.credit.policy import NoPolicy
from rongqiao.risk.judging.changing.cutoffs import NoSuchCutoff, changed, cutoffs_of, with_cutoffs
from rongqiao.risk.judging.changing.differences import differences
from rongqiao.risk.models.policies import PolicyDraft, PolicyVersion
from rongqiao.risk.operations.policies import deciding
from rongqiao.risk.operations.policies.checking import PolicyUnreadable, TestCaseFails
from rongqiao.risk.operations.policies.deciding import (
    DraftClosed,
    DraftMoved,
    NotYourPolicy,
    PolicyBackdated,
    PolicyDayTaken,
    PolicyNotWaiting,
    PolicyReasonNeeded,
    PolicyRoleNeeded,
    PolicySecondPersonNeeded,
    PolicyWaits,
)
from rongqiao.risk.operations.policies.drop_draft import DropDraft, drop_draft
from rongqiao.risk.operations.policies.propose_policy import LabelNeeded, PolicyUnchanged
from rongqiao.risk.operations.policies.refuse_policy import RefusePolicy, refuse_policy
from rongqiao.risk.operations.policies.release_policy import (
    PolicyDiffers,
    ReleasePolicy,
    release_policy,
)
from rongqiao.risk.operations.policies.roll_back import AlreadyInForce, RollBack, roll_back
from rongqiao.risk.queries.policies.drafts import get_draft
from rongqiao.risk.queries.policies.versions import (
    document_of,
    find_version,
    get_version,
    list_policies,
    list_versions,
    policy_on,
)
from tests.makers.officers import make_officer
from tests.makers.policy_versions import (
    AGE,
    SCORE,
    TODAY,
    cut,
    draft_of,
    in_force,
    make_analysts,
    propose,
    proposed,
    release,
    save,
)
from tests.parties.people import actor, at_once

LATER = TODAY + timedelta(days=30)


@pytest.fixture
def analysts(clock):
    return make_analysts(clock)


def cutoff(policy, key):
    return next(one.value for one in cutoffs_of(policy) if one.key == key)


@pytest.mark.django_db
def test_what_comes_with_the_house_is_the_first_version_and_holds():
    rows = list_policies(TODAY)
    assert {row.code for row in rows} == {"business", "consumer"}
    for row in rows:
        assert row.in_force.number == 1
        assert row.in_force.origin == "shipped"
        assert row.waiting is None
        policy = policy_on(row.code, TODAY)
        assert policy.sha256 == row.in_force.sha256
    with pytest.raises(NoPolicy):
        policy_on("consumer", date(2024, 12, 31))


def test_a_cut_off_is_edited_proposed_and_released_by_another(call, analysts):
    first, second = analysts
    draft_id = draft_of(call, first)
    assert save(call, first, draft_id, cut({SCORE: "600"})).revision == 2
    version_id = propose(call, first, draft_id, on=LATER)
    assert get_version(version_id, TODAY).standing == "waiting"
    assert cutoff(policy_on("consumer", LATER), SCORE) == 570
    done = release(call, second, version_id, on=LATER)
    assert done.effective_on == LATER
    assert get_version(version_id, TODAY).standing == "scheduled"
    assert cutoff(policy_on("consumer", TODAY), SCORE) == 570
    assert cutoff(policy_on("consumer", LATER), SCORE) == 600
    standings = [one.standing for one in list_versions("consumer", LATER)]
    assert standings == ["in-force", "superseded"]
    changes = differences(document_of(in_force().id), document_of(version_id))
    assert [(one.path[-2:], one.was, one.now) for one in changes] == [
        (("facts", "score_min"), "570", "600"),
        (("score-too-low", "when"), "score < 570", "score < 600"),
    ]
    assert get_draft(draft_id)[0].version_id == version_id
    with pytest.raises(DraftClosed):
        save(call, first, draft_id, cut({SCORE: "610"}))
    assert find_version("consumer", "consumer-2026-01", TODAY).id == version_id
    assert find_version("consumer", "1", TODAY).number == 1
    assert find_version("consumer", "nothing", TODAY) is None


def test_a_draft_is_saved_only_over_what_was_read(call, analysts):
    first, second = analysts
    draft_id = draft_of(call, first)
    save(call, first, draft_id, cut({SCORE: "600"}))
    with pytest.raises(DraftMoved) as moved:
        save(call, second, draft_id, cut({SCORE: "610"}), revision=1)
    assert moved.value.facts == {"revision": "2", "read": "1"}
    # Nothing changed, nothing counted.
    assert save(call, second, draft_id, lambda one: one).revision == 2
    with pytest.raises(PolicyUnreadable) as bad:
        save(call, first, draft_id, lambda one: {**one, "tables": [{}]})
    assert bad.value.facts["field"] == "tables[0]"
    with pytest.raises(PolicyUnreadable):
        save(call, first, draft_id, lambda one: {**one, "code": "business"})
    assert get_draft(draft_id)[0].revision == 2
    drop_draft(DropDraft(draft_id=draft_id, revision=2), call(actor=actor(second)))
    with pytest.raises(DraftClosed):
        propose(call, first, draft_id)


def test_a_failing_test_case_refuses_with_its_name(call, analysts):
    first, second = analysts
    draft_id = draft_of(call, first)
    save(call, first, draft_id, cut({SCORE: "999"}))
    with pytest.raises(TestCaseFails) as fails:
        propose(call, first, draft_id)
    assert fails.value.facts["name"] == "an ordinary case"
    save(call, first, draft_id, cut({SCORE: "600"}))
    version_id = propose(call, first, draft_id)
    body = PolicyVersion.objects.get(pk=version_id).body
    with pytest.raises(ProgrammingError), transaction.atomic():
        PolicyVersion.objects.filter(pk=version_id).update(body=body.replace("600", "9"))
    assert release(call, second, version_id).state == "released"


def test_release_runs_the_test_cases_again(call, analysts, monkeypatch):
    first, second = analysts
    version_id = proposed(call, first)
    monkeypatch.setattr(
        "rongqiao.risk.operations.policies.release_policy.check_test_cases",
        lambda _policy: (_ for _ in ()).throw(TestCaseFails(name="an ordinary case")),
    )
    with pytest.raises(TestCaseFails):
        release(call, second, version_id)
    assert get_version(version_id, TODAY).standing == "waiting"


def test_no_one_person_puts_a_policy_in_force(call, clock, analysts, monkeypatch):
    first, second = analysts
    version_id = proposed(call, first)
    with pytest.raises(PolicySecondPersonNeeded):
        release(call, first, version_id)
    monkeypatch.setattr(deciding, "person_keys_of", lambda _user: frozenset({"one body"}))
    with pytest.raises(PolicySecondPersonNeeded):
        release(call, second, version_id)
    with pytest.raises(PolicySecondPersonNeeded):
        refuse(call, second, version_id)
    monkeypatch.undo()
    for role in ("auditor", "finance", "reviewer"):
        with pytest.raises(PolicyRoleNeeded):
            release(call, make_officer(clock, role=role), version_id)
    with pytest.raises(IntegrityError, match="policy_version_by_two"), transaction.atomic():
        PolicyVersion.objects.filter(pk=version_id).update(
            state="released",
            effective_on=TODAY,
            decided_by=actor(first),
            decided_at=clock_of(call),
            decided_on=TODAY,
        )
    approver = make_officer(clock, role="approver")
    assert release(call, approver, version_id).state == "released"
    with pytest.raises(PolicyNotWaiting):
        release(call, second, version_id)


def clock_of(call):
    return call().at


def refuse(call, who, version_id, *, is_withdrawn=False, reason="不同意"):
    command = RefusePolicy(version_id=version_id, reason=reason, is_withdrawn=is_withdrawn)
    return refuse_policy(command, call(actor=actor(who)))


def test_a_proposal_is_refused_or_taken_back_and_another_can_come(call, analysts):
    first, second = analysts
    version_id = proposed(call, first)
    with pytest.raises(PolicyWaits):
        proposed(call, second, {SCORE: "610"})
    with pytest.raises(PolicyReasonNeeded):
        refuse(call, second, version_id, reason="no")
    with pytest.raises(NotYourPolicy):
        refuse(call, second, version_id, is_withdrawn=True, reason="我来撤回")
    assert refuse(call, second, version_id, reason="理由不足").state == "refused"
    other = proposed(call, first, {SCORE: "610"})
    assert refuse(call, first, other, is_withdrawn=True, reason="数据有误").state == "withdrawn"
    assert [one.number for one in list_versions("consumer", TODAY)] == [3, 2, 1]
    assert in_force().number == 1


def test_nothing_is_ever_back_dated(call, clock, analysts):
    first, second = analysts
    with pytest.raises(PolicyBackdated):
        proposed(call, first, on=TODAY - timedelta(days=1))
    version_id = proposed(call, first)
    with pytest.raises(PolicyBackdated):
        release(call, second, version_id, on=TODAY - timedelta(days=1))
    with pytest.raises(IntegrityError, match="not_backdated"), transaction.atomic():
        PolicyVersion.objects.filter(pk=version_id).update(
            state="released",
            effective_on=TODAY,
            decided_by=actor(second),
            decided_at=clock_of(call),
            decided_on=LATER,
        )
    release(call, second, version_id, on=LATER)
    other = proposed(call, first, {SCORE: "610"})
    with pytest.raises(PolicyDayTaken):
        release(call, second, other, on=LATER)
    assert release(call, second, other, on=TODAY).effective_on == TODAY


def test_what_was_read_is_what_is_released(call, analysts):
    first, second = analysts
    version_id = proposed(call, first)
    command = ReleasePolicy(version_id=version_id, sha256="0" * 64, effective_on=TODAY)
    with pytest.raises(PolicyDiffers):
        release_policy(command, call(actor=actor(second)))


def test_rolling_back_is_a_new_version_by_two(call, analysts):
    first, second = analysts
    old = in_force()
    release(call, second, proposed(call, first))
    back = RollBack(version_id=old.id, effective_on=LATER, reason="通过率过低，先恢复")
    made = roll_back(back, call(actor=actor(second)))
    with pytest.raises(PolicySecondPersonNeeded):
        release(call, second, made.version_id, on=LATER)
    release(call, first, made.version_id, on=LATER)
    assert policy_on("consumer", LATER).sha256 == old.sha256
    view = get_version(made.version_id, LATER)
    assert (view.number, view.origin, view.based_on_id) == (3, "rollback", old.id)
    with pytest.raises(AlreadyInForce):
        roll_back(
            RollBack(version_id=old.id, effective_on=LATER, reason="再次恢复"),
            call(actor=actor(first)),
        )


def test_a_version_says_something_new_under_a_name_with_a_reason(call, analysts):
    first, _second = analysts
    draft_id = draft_of(call, first)
    with pytest.raises(PolicyUnchanged):
        propose(call, first, draft_id)
    save(call, first, draft_id, cut({SCORE: "600"}))
    with pytest.raises(LabelNeeded):
        propose(call, first, draft_id, label="  ")
    with pytest.raises(PolicyReasonNeeded):
        propose(call, first, draft_id, reason=" ")
    assert PolicyDraft.objects.get(pk=draft_id).state == "open"


def test_reading_a_policy_costs_the_same_however_many_versions(
    call, analysts, django_assert_num_queries
):
    first, second = analysts
    for days in range(3):
        day = TODAY + timedelta(days=days)
        release(call, second, proposed(call, first, {SCORE: str(600 + days)}, on=day), on=day)
    policy_on("consumer", LATER)
    with django_assert_num_queries(1):
        policy_on("consumer", LATER)
    with django_assert_num_queries(2):
        list_policies(TODAY)


def test_of_two_releases_at_once_one_is_done(live_db, clock, call):
    first, second = make_analysts(clock)
    third = make_officer(clock, role="approver")
    version_id = proposed(call, first)
    answers = at_once(
        [
            lambda who=who, n=n: release(lambda actor: call(actor, f"race-{n}"), who, version_id)
            for n, who in enumerate((second, third))
        ]
    )
    assert sorted(type(one).__name__ for one in answers) == ["PolicyDecided", "PolicyNotWaiting"]


def test_of_two_drafts_proposed_at_once_one_waits(live_db, clock, call):
    analysts = make_analysts(clock)
    drafts = [draft_of(call, who) for who in analysts]
    for n, (who, draft_id) in enumerate(zip(analysts, drafts, strict=True)):
        save(call, who, draft_id, cut({SCORE: str(600 + n)}))
    answers = at_once(
        [
            lambda who=who, one=one, n=n: propose(lambda actor: call(actor, f"race-{n}"), who, one)
            for n, (who, one) in enumerate(zip(analysts, drafts, strict=True))
        ]
    )
    assert sum(isinstance(one, PolicyWaits) for one in answers) == 1
    assert PolicyVersion.objects.filter(code="consumer", state="proposed").count() == 1


def test_the_application_never_deletes_a_version(call, analysts):
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM risk_policyversion")


@pytest.mark.parametrize(
    ("text", "values", "then"),
    [
        ("score < 570", {0: "600"}, "score < 600"),
        ("570 > score", {0: "600"}, "600 > score"),
        ("age between 18 and 65", {1: "70"}, "age between 18 and 70"),
        ("not (a > 0.40 or b in (1, 2)) and c == -1", {1: "2.5"}, None),
        ("a  <  5", {0: "5"}, "a  <  5"),
    ],
)
def test_a_number_is_changed_in_its_place(text, values, then):
    given = {index: Decimal(value) for index, value in values.items()}
    expected = then or "not (a > 0.40 or b in (1, 2)) and c == 2.5"
    assert changed(text, given) == expected
    with pytest.raises(NoSuchCutoff):
        changed(text, {9: Decimal(1)})


@pytest.mark.django_db
def test_what_a_rule_tells_goes_along_with_its_number():
    document = document_of(in_force().id)
    key = "against/past-due-too-long/0"
    made = with_cutoffs(document, {key: Decimal(90), AGE: Decimal(20)})
    rules = {one["code"]: one for one in made["tables"][0]["rules"]}
    assert rules["past-due-too-long"]["facts"]["days_max"] == "89"
    assert rules["too-young"]["again"] == {"on": "plus_months(born-on, 12 * 20)"}
    assert document == document_of(in_force().id)
    with pytest.raises(NoSuchCutoff):
        with_cutoffs(document, {str(uuid4()): Decimal(1)})
    moved = {**document, "tables": document["tables"][::-1]}
    assert [one.kind for one in differences(document, moved)] == ["moved"]
