"""Old sightings go once a night (PIPL art. 19); what is still needed stays."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import ProgrammingError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.platform import clock as platform_clock
from rongqiao.platform.operations import OperationRecord
from rongqiao.risk.fraud.attributes import Kind
from rongqiao.risk.fraud.retention import Term, kept_from
from rongqiao.risk.jobs.fraud import forget_old_sightings
from rongqiao.risk.models.fraud import (
    FraudCase,
    ListEntry,
    PayoutRulingRecord,
    Referral,
    Ring,
    RingMember,
    Trace,
    TracedAccount,
)
from rongqiao.risk.operations.fraud import forget_sightings as verb
from rongqiao.risk.queries.watching.marks import self_index
from tests.risk.fraud.seeing import of, subject

OLD = timedelta(days=800)
LATELY = timedelta(days=600)


def seen(number, ago=OLD, deed="logged-in", **marks):
    """Write sightings of a subject down as of so long ago; return their ids."""
    rows = [("self", self_index(subject(number)))]
    rows += [(kind, of(Kind(kind), text).raw) for kind, text in marks.items()]
    made = Trace.objects.bulk_create(
        Trace(
            subject_id=subject(number),
            kind=kind,
            index=index,
            deed=deed,
            seen_at=platform_clock.now() - ago,
        )
        for kind, index in rows
    )
    return {one.pk for one in made}


def forget(nights=0):
    return forget_old_sightings(platform_clock.business_date() + timedelta(days=nights))


def left():
    return set(Trace.objects.values_list("pk", flat=True))


def case(number, state="open", about="party"):
    at = platform_clock.now()
    closed = {"closed_at": at, "proposed_by": "user:a", "closed_by": "user:b"}
    FraudCase.objects.create(
        id=uuid4(),
        number=uuid4().hex[:12],
        about=about,
        subject_id=number if about == "ring" else subject(number),
        state=state,
        score=50,
        opened_at=at,
        **(closed if state in ("confirmed", "cleared") else {}),
    )


def ring(*members):
    at = platform_clock.now()
    made = Ring.objects.create(
        id=uuid4(), number=uuid4().hex[:12], size=len(members), found_at=at, gathered_at=at
    )
    RingMember.objects.bulk_create(
        RingMember(subject_id=subject(one), ring=made, since_at=at) for one in members
    )
    return made.pk


def ruled(payout, referrer, referee, ruling, ago=timedelta(0)):
    PayoutRulingRecord.objects.create(
        id=uuid4(),
        payout_id=subject(payout),
        referrer_id=subject(referrer),
        referee_id=subject(referee),
        ruling=ruling,
        why=[],
        ruled_at=platform_clock.now() - ago,
    )


def test_old_ones_go_and_a_second_run_does_nothing(clock, db):
    gone = seen(1, device="a", card="6222021234567890123")
    stay = seen(1, LATELY, device="a") | seen(2, timedelta(0))
    assert forget() == len(gone)
    assert left() == stay
    (record,) = OperationRecord.objects.filter(name="risk.forget-sightings")
    assert record.result["deleted"] == len(gone)
    assert (record.result["is_last"], record.result["kept"]) == (True, 0)
    forget()
    assert OperationRecord.objects.filter(name="risk.forget-sightings").count() == 1
    assert forget(nights=1) == 0
    assert left() == stay


def test_what_an_open_case_needs_stays_and_goes_once_it_is_cleared(clock, db):
    TracedAccount.objects.create(
        account_id=subject(2), party_id=subject(1), since_at=platform_clock.now()
    )
    own = seen(1, phone="13800138000") | seen(2, agent="Firefox", device="a")
    shared = {Trace.objects.get(pk__in=seen(3, device="a"), kind="device").pk}
    # A browser and a network are shared by half a country: no evidence of others.
    seen(4, agent="Firefox", network="1.2.3.0/24")
    case(1)
    case(4, state="cleared")
    forget()
    assert left() == own | shared
    FraudCase.objects.filter(subject_id=subject(1)).update(
        state="cleared", closed_at=platform_clock.now()
    )
    forget(nights=1)
    assert left() == set()


def test_a_hub_s_other_holders_are_no_evidence(clock, db):
    own = seen(0, phone="13800138000")
    for number in range(1, 62):
        seen(number, phone="13800138000")
    case(0)
    forget()
    assert left() == own


@pytest.mark.parametrize(
    ("state", "is_kept"),
    [("open", True), ("proposed", True), ("confirmed", True), ("cleared", False)],
)
def test_a_ring_under_investigation_or_confirmed_stays_whole(clock, db, state, is_kept):
    rows = set().union(*(seen(number, device="a") for number in range(8)))
    case(ring(*range(8)), state=state, about="ring")
    forget()
    assert left() == (rows if is_kept else set())


@pytest.mark.parametrize("last", ["hold", "allow", "refuse"])
def test_a_pay_out_that_is_held_keeps_what_its_ruling_looks_at(clock, db, last):
    for referee in (1, 2):
        Referral.objects.create(
            referee_id=subject(referee), referrer_id=subject(0), referred_at=platform_clock.now()
        )
    rows = seen(0, device="a") | seen(1, deed="drew") | seen(1, deed="repaid") | seen(2, device="a")
    rows |= seen(3, device="b")
    ring(1, 3)
    seen(4, device="c")
    ruled(9, 0, 1, "hold", timedelta(days=1))
    ruled(9, 0, 1, last)
    forget()
    assert left() == (rows if last == "hold" else set())


@pytest.mark.parametrize(
    ("standing", "days", "is_kept"),
    [("black", 5, True), ("grey", 0, True), ("grey", -1, False), ("white", 5, False)],
)
def test_what_a_list_names_stays_to_the_entry_s_last_day(clock, db, standing, days, is_kept):
    named = Trace.objects.get(pk__in=seen(1, phone="13800138000"), kind="phone")
    on = platform_clock.business_date()
    ListEntry.objects.create(
        id=uuid4(),
        standing=standing,
        kind="phone",
        index=bytes(named.index),
        hint="138****8000",
        reason="x",
        from_on=on - timedelta(days=30),
        until_on=on + timedelta(days=days),
        state="in-force",
        added_by="user:a",
        added_at=platform_clock.now(),
        decided_by="user:b",
        decided_at=platform_clock.now(),
    )
    forget()
    assert left() == ({named.pk} if is_kept else set())


def test_who_an_officer_is_stays_known(clock, db):
    named = Trace.objects.get(
        pk__in=seen(1, **{"resident-id": "11010119900307001X"}), kind="resident-id"
    )
    forget()
    assert left() == {named.pk}


def test_a_kill_between_batches_loses_nothing(live_db, clock, monkeypatch):
    """What is done is done; what was under way is undone; the next run goes on from there."""
    monkeypatch.setattr(verb, "BATCH", 4)
    for number in range(7):
        seen(number, device=str(number))
    stay = seen(8, LATELY)
    real, batches = verb._FORGET, []

    def killed(*args):
        batches.append(args)
        if len(batches) == 3:
            raise KeyboardInterrupt

    with (
        pytest.raises(KeyboardInterrupt),
        connection.execute_wrapper(
            lambda execute, sql, *more: (execute(sql, *more), sql == real and killed(sql))[0]
        ),
    ):
        forget()
    assert Trace.objects.count() == 14 - 2 * 4 + len(stay)
    done = OperationRecord.objects.filter(name="risk.forget-sightings")
    assert [one.result["deleted"] for one in done.order_by("pk")] == [4, 4]
    assert forget() == 14
    assert left() == stay
    assert [one.result["deleted"] for one in done.order_by("pk")] == [4, 4, 4, 2]


def test_a_sighting_may_be_deleted_but_never_changed(db):
    seen(1)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Trace.objects.update(deed="applied")
    others = (FraudCase, PayoutRulingRecord, Referral, TracedAccount)
    for model in others:
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            model.objects.all()._raw_delete("default")


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_a_term_is_so_many_months_back(at):
    back = kept_from(at, Term(24, "x"))
    assert (back.year, back.month) == (at.year - 2, at.month)
    assert back.day == at.day or (at.month, at.day, back.day) == (2, 29, 28)
    assert kept_from(at, Term(1, "x")) < at
