"""What the tables know is what plain dictionaries know; cases, lists and rings follow from it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from rongqiao.platform import clock as platform_clock
from rongqiao.platform.operations import OperationRecord
from rongqiao.platform.refusals import NotFound
from rongqiao.risk.fraud.profile import Profile, values_of
from rongqiao.risk.fraud.rule_sets import CURRENT
from rongqiao.risk.fraud.rules import assess
from rongqiao.risk.models.fraud import (
    FraudAct,
    FraudCase,
    ListEntry,
    Ring,
    RingMember,
    Trace,
    TracedAccount,
)
from rongqiao.risk.operations.fraud.acting import (
    FraudReasonNeeded,
    FraudRoleNeeded,
    FraudSecondPersonNeeded,
)
from rongqiao.risk.operations.fraud.casework import FraudCaseNotThere
from rongqiao.risk.operations.fraud.clear_case import ClearCase, clear_case
from rongqiao.risk.operations.fraud.decide_fraud import DecideFraud, decide_fraud
from rongqiao.risk.operations.fraud.gather_rings import GatherRings, gather_rings
from rongqiao.risk.operations.fraud.listing.add_entry import (
    AddEntry,
    AlreadyListed,
    DaysUnfit,
    ValueUnreadable,
    add_entry,
)
from rongqiao.risk.operations.fraud.listing.decide_entry import (
    DecideEntry,
    EntryNotWaiting,
    decide_entry,
)
from rongqiao.risk.operations.fraud.listing.end_entry import EndEntry, EntryNotInForce, end_entry
from rongqiao.risk.operations.fraud.propose_fraud import ProposeFraud, propose_fraud
from rongqiao.risk.operations.fraud.sight import Sight, sight
from rongqiao.risk.operations.fraud.take_case import TakeCase, take_case
from rongqiao.risk.queries.fraud import fraud_features
from rongqiao.risk.queries.watching.cases import get_case, list_cases, next_case
from rongqiao.risk.queries.watching.lists import list_entries
from rongqiao.risk.queries.watching.marks import mark
from rongqiao.risk.queries.watching.profiles import profile_of
from rongqiao.risk.queries.watching.rings import get_ring, list_rings
from rongqiao.risk.queries.watching.subjects import find_by_mark, get_subject
from tests.makers.officers import make_officer
from tests.parties.people import actor, at_once
from tests.risk.fraud.measuring import run
from tests.risk.fraud.seeing import see, subject, write_down
from tests.risk.fraud.town import END, build

PHONE = "13800138000"


@pytest.fixture
def analysts(clock):
    return [actor(make_officer(clock, role="risk_analyst")) for _ in range(2)]


def value(party_id, name, at=None):
    found = fraud_features(party_id, at or platform_clock.now())
    return next(one.value for one in found if one.name == name)


def listed(call, analysts, standing="black", kind="phone", text=PHONE, days=30):
    first, second = analysts
    until = platform_clock.business_date() + timedelta(days=days)
    command = AddEntry(standing=standing, kind=kind, value=text, reason="多人共用", until_on=until)
    added = add_entry(command, call(actor=first))
    if added.state == "waiting":
        decided = decide_entry(
            DecideEntry(entry_id=added.entry_id, is_confirmed=True), call(actor=second)
        )
        assert decided.state == "in-force"
    return added.entry_id


def test_profiles_of_a_whole_town_are_those_that_plain_dictionaries_give(clock, call):
    town = build(people=150)
    found, watcher = run(town)
    assert found
    write_down(town)
    clock.move(END - platform_clock.now())
    gather_rings(GatherRings(), call(actor="system:risk"))
    differing = {}
    for number in town.kind_of:
        expected = watcher.profile(number, END)
        if expected.ring_size < 8:
            expected = replace(expected, ring_size=0)
        # A ring's case is open from the moment it is gathered.
        expected = replace(expected, case="open" if expected.ring_size else None)
        told = profile_of(subject(number), END)
        if values_of(told) != values_of(expected):
            differing[town.kind_of[number], number] = (told, expected)
    assert differing == {}


def test_nothing_later_than_the_moment_counts(clock, call):
    before = platform_clock.now()
    see(call, 1, card="6222021234567890123")
    clock.move(timedelta(hours=1))
    see(call, 2, card="6222021234567890123")
    assert value(subject(1), "fraud.card-holders") == 2
    assert value(subject(1), "fraud.card-holders", before) == 1
    assert all(one.as_of == before for one in fraud_features(subject(1), before))


def test_features_take_the_same_few_queries_however_much_is_known(
    clock, call, django_assert_num_queries
):
    see(call, 1, phone=PHONE)
    with django_assert_num_queries(7):
        fraud_features(subject(1), platform_clock.now())
    for number in range(2, 30):
        see(call, number, phone=PHONE, device=f"d{number}", address="和平路7号2单元301")
        see(call, 1, device=f"d{number}", ip=f"36.5.6.{number}")
    with django_assert_num_queries(7):
        fraud_features(subject(1), platform_clock.now())


def test_one_number_written_in_many_ways_is_one_holder_and_one_look_up(clock, call):
    """Robbery 6: spellings of one phone, e-mail or card do not make new people."""
    for number, text in enumerate(["13800138000", "+86 138 0013 8000", "１３８００１３８０００"]):
        see(call, number, phone=text)
    assert value(subject(0), "fraud.phone-accounts") == 3
    found = find_by_mark("phone", mark("phone", "0086-138-0013-8000").index)
    assert {one.subject_id for one in found} == {subject(n) for n in range(3)}


def test_a_log_in_that_says_who_it_is_counts_as_that_party(clock, call):
    see(call, 1, device="a")
    party = subject(900)
    sight(Sight(subject_id=party, deed="identified", account_id=subject(1)), call(actor="system:x"))
    see(call, 2, device="a")
    assert value(party, "fraud.device-accounts") == 2
    assert TracedAccount.objects.get().party_id == party
    (other,) = [
        one
        for one in find_by_mark("device", mark("device", "a").index)
        if one.subject_id != subject(2)
    ]
    assert other.subject_id == party


def test_a_case_opens_once_grows_with_findings_and_stays_settled(clock, call, analysts):
    first, _ = analysts
    for number in range(5):
        assert see(call, number, deed="applied", address="和平路7号2单元301").case_id is None
    for _ in range(3):
        see(call, 7, deed="applied")
    opened = see(call, 7, deed="applied")
    assert (opened.outcome, FraudCase.objects.count()) == ("refer", 1)
    again = see(call, 7, deed="applied")
    assert again.case_id == opened.case_id
    view = get_case(opened.case_id)
    assert {one.code for one in view.findings} == {"applies-again-and-again", "stacks-loans"}
    assert next_case(first) == opened.case_id
    take_case(TakeCase(case_id=opened.case_id), call(actor=first))
    with pytest.raises(FraudReasonNeeded):
        clear_case(ClearCase(case_id=opened.case_id, reason=" "), call(actor=first))
    clear_case(ClearCase(case_id=opened.case_id, reason="系统重复提交"), call(actor=first))
    assert see(call, 7, deed="applied").case_id is None
    see(call, 8, card="6222021234567890123")
    reopened = see(call, 7, card="6222021234567890123")
    assert reopened.case_id not in {None, opened.case_id}
    assert FraudAct.objects.filter(case=opened.case_id).count() == 3


def test_a_rule_is_put_down_again_only_once_its_number_has_doubled(clock, call):
    for _ in range(9):
        opened = see(call, 7, "applied")
    found = get_case(opened.case_id).findings
    again = [one.value for one in found if one.code == "applies-again-and-again"]
    assert again == ["4", "8"]


def test_fraud_is_confirmed_by_two_and_by_nobody_twice(clock, call, analysts):
    first, second = analysts
    for number in (1, 2):
        opened = see(call, number, card="6222021234567890123")
    case_id = opened.case_id
    with pytest.raises(FraudRoleNeeded):
        take_case(TakeCase(case_id=case_id), call(actor=actor(make_officer(clock, role="auditor"))))
    take_case(TakeCase(case_id=case_id), call(actor=first))
    with pytest.raises(FraudCaseNotThere):
        take_case(TakeCase(case_id=case_id), call(actor=second))
    propose_fraud(ProposeFraud(case_id=case_id, reason="卡主否认"), call(actor=first))
    decide = DecideFraud(case_id=case_id, is_confirmed=True, reason="属实")
    with pytest.raises(FraudSecondPersonNeeded):
        decide_fraud(decide, call(actor=first))
    back = DecideFraud(case_id=case_id, is_confirmed=False, reason="补充材料")
    assert decide_fraud(back, call(actor=second)).state == "taken"
    propose_fraud(ProposeFraud(case_id=case_id, reason="卡主书面否认"), call(actor=first))
    assert decide_fraud(decide, call(actor=second)).state == "confirmed"
    assert value(subject(2), "fraud.case") == "confirmed"
    assert value(subject(2), "fraud.outcome") == "decline"
    assert see(call, 2).case_id is None
    with pytest.raises(IntegrityError), transaction.atomic():
        FraudCase.objects.filter(pk=case_id).update(closed_by=first)
    with pytest.raises(NotFound):
        take_case(TakeCase(case_id=subject(5)), call(actor=first))


def test_a_black_entry_takes_two_people_runs_out_and_can_be_ended(clock, call, analysts):
    first, second = analysts
    on = platform_clock.business_date()
    see(call, 1, phone=PHONE)
    command = AddEntry(
        standing="black", kind="phone", value="+86 " + PHONE, reason="冒用", until_on=on
    )
    added = add_entry(command, call(actor=first))
    assert added.state == "waiting"
    assert value(subject(1), "fraud.list") is None
    with pytest.raises(AlreadyListed):
        add_entry(command, call(actor=second))
    confirm = DecideEntry(entry_id=added.entry_id, is_confirmed=True)
    with pytest.raises(FraudSecondPersonNeeded):
        decide_entry(confirm, call(actor=first))
    decide_entry(confirm, call(actor=second))
    with pytest.raises(EntryNotWaiting):
        decide_entry(confirm, call(actor=second))
    assert value(subject(1), "fraud.list") == "black"
    assert see(call, 1).outcome == "decline"
    (entry,) = list_entries(on)
    assert (entry.hint, entry.state) == ("138****8000", "in-force")
    clock.move(timedelta(days=1))
    assert value(subject(1), "fraud.list") is None
    (over,) = list_entries(on + timedelta(days=1), state="expired")
    assert over.id == entry.id
    with pytest.raises(FraudSecondPersonNeeded):
        end_entry(EndEntry(entry_id=entry.id, reason="误报"), call(actor=first))
    end_entry(EndEntry(entry_id=entry.id, reason="误报"), call(actor=second))
    with pytest.raises(EntryNotInForce):
        end_entry(EndEntry(entry_id=entry.id, reason="误报"), call(actor=second))


def test_lists_refuse_what_they_cannot_read_and_days_that_do_not_fit(clock, call, analysts):
    on = platform_clock.business_date()
    good = AddEntry(standing="grey", kind="phone", value=PHONE, reason="可疑", until_on=on)
    for changes, refusal in (
        ({"value": "abc"}, ValueUnreadable),
        ({"kind": "self"}, ValueUnreadable),
        ({"index": "zz" * 32}, ValueUnreadable),
        ({"until_on": on - timedelta(days=1)}, DaysUnfit),
        ({"until_on": on + timedelta(days=1096)}, DaysUnfit),
        ({"reason": ""}, FraudReasonNeeded),
    ):
        with pytest.raises(refusal):
            add_entry(replace(good, **changes), call(actor=analysts[0]))
    assert add_entry(good, call(actor=analysts[0])).state == "in-force"
    entry = ListEntry.objects.get()
    entry.pk, entry.standing = subject(1), "black"
    with pytest.raises(IntegrityError, match="in_force_was_decided"), transaction.atomic():
        entry.save(force_insert=True)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        ListEntry.objects.update(standing="black")


def test_what_is_on_the_white_list_neither_counts_nor_joins(clock, call, analysts):
    for number in range(20):
        see(call, number, device="tablet")
    assert value(subject(0), "fraud.device-accounts") == 20
    assert gather_rings(GatherRings(), call(actor="system:risk")).rings == 1
    listed(call, analysts, "white", "device", "tablet")
    assert value(subject(0), "fraud.device-accounts") == 0
    assert gather_rings(GatherRings(), call(actor="system:risk")).rings == 0
    assert value(subject(0), "fraud.ring-size") == 0
    assert not RingMember.objects.exists()
    assert not Ring.objects.get().is_live


def test_fifty_accounts_on_one_device_are_one_ring_that_keeps_its_name(clock, call):
    for number in range(50):
        see(call, number, device="ring", phone=f"1380013{number:04d}")
    gathered = gather_rings(GatherRings(), call(actor="system:risk"))
    assert (gathered.rings, gathered.was_needed) == (1, True)
    assert not gather_rings(GatherRings(), call(actor="system:risk")).was_needed
    (row,) = list_rings()
    assert (row.size, row.kinds) == (50, ("device",))
    view = get_ring(row.id)
    assert [one.number for one in view.people] == list(range(1, 51))
    assert [(one.letter, one.kind, one.holders) for one in view.marks] == [("A", "device", 50)]
    assert (len(view.picture.spots), len(view.picture.lines)) == (50, 50)
    ring_cases = [one for one in list_cases() if one.about == "ring"]
    assert [(one.ring_size, one.codes) for one in ring_cases] == [
        (50, ("in-a-ring", "in-a-large-ring"))
    ]
    assert value(subject(3), "fraud.ring-size") == 50
    see(call, 51, device="ring")
    gather_rings(GatherRings(), call(actor="system:risk"))
    (after,) = list_rings()
    assert (after.id, after.size) == (row.id, 51)
    assert FraudCase.objects.filter(about="ring").count() == 1


def test_a_subject_s_page_knows_what_was_seen_and_by_whom_it_is_shared(clock, call):
    see(call, 1, phone=PHONE, device="a")
    see(call, 2, device="a")
    view = get_subject(subject(1), platform_clock.now())
    assert {one.kind: one.others for one in view.marks} == {"device": 1, "phone": 0}
    (deed,) = view.deeds
    assert (deed.deed, deed.windows, sum(deed.days)) == ("logged-in", (1, 1, 1, 1), 1)
    assert view.is_account
    with pytest.raises(NotFound):
        get_subject(subject(77), platform_clock.now())


def test_nothing_of_what_was_seen_stands_anywhere_in_clear(clock, call, analysts):
    see(call, 1, phone=PHONE, card="6222021234567890123", address="和平路7号2单元301")
    listed(call, analysts, "grey", "card", "6222021234567890123")
    tables = [one._meta.db_table for one in (Trace, ListEntry, OperationRecord)]
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT row_to_json({table})::text FROM {table}")
            text = "\n".join(row[0] for row in cursor.fetchall())
            for clear in (PHONE, "6222021234567890123", "和平路"):
                assert clear not in text, table


def test_of_sixteen_sightings_at_once_one_case_is_opened(live_db, call):
    for number in (1, 2):
        see(call, number, phone=PHONE)
    command = Sight(
        subject_id=subject(1), deed="card-added", marks=(mark("card", "6222021234567890123"),)
    )
    see(call, 2, card="6222021234567890123")
    calls = [call(actor="system:x") for _ in range(16)]
    answers = at_once([lambda one=one: sight(command, one) for one in calls])
    assert len({one.case_id for one in answers}) == 1
    assert FraudCase.objects.count() == 1 + FraudCase.objects.filter(subject_id=subject(2)).count()
    assert Trace.objects.filter(subject_id=subject(1), kind="card").count() == 16


def test_rules_of_a_ring_alone_are_met_by_its_size():
    met = assess({**values_of(Profile(ring_size=50))}, CURRENT).met
    assert {one.code for one in met} == {"in-a-ring", "in-a-large-ring"}
