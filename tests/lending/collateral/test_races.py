"""At the same moment: a value is pledged once, and no release counts on another."""

from rongqiao.lending.collateral.models import Collateral, Pledge
from rongqiao.lending.collateral.operations.pledging.bearing import PledgeBeyondFreeValue
from rongqiao.lending.collateral.operations.pledging.decide_pledge import (
    DecidePledge,
    decide_pledge,
)
from rongqiao.lending.collateral.operations.registering.register_collateral import (
    CollateralKnown,
    RegisterCollateral,
    register_collateral,
)
from rongqiao.lending.collateral.operations.releasing.decide_release import (
    DecideRelease,
    decide_release,
)
from rongqiao.lending.collateral.operations.releasing.letting_go import PledgeStillNeeded
from rongqiao.lending.collateral.queries.checks import check_collateral
from tests.makers.journeys import apply, make_borrower
from tests.makers.securing import particulars, pledged, propose, valued, wish_release
from tests.parties.people import actor, at_once

THREADS = 6


def kinds_of(answers):
    return sorted({type(one).__name__ for one in answers})


def test_a_value_for_one_is_not_pledged_to_six(live_db, call, borrower, desk, products):
    item = valued(call, desk, borrower.party_id, yuan="30000")  # bears 21,000
    waiting = []
    for number in range(THREADS):
        application_id, _state = apply(call, make_borrower(call, 20 + number))
        waiting.append(propose(call, desk, item, "15000", application_id=application_id))
    calls = [call(actor=actor(desk.decider)) for _one in waiting]
    answers = at_once(
        [
            lambda one=one, made=made: decide_pledge(
                DecidePledge(pledge_id=one, word="agree"), made
            )
            for one, made in zip(waiting, calls, strict=True)
        ]
    )
    assert kinds_of(answers) == ["PledgeBeyondFreeValue", "PledgeDecided"]
    assert sum(not isinstance(one, PledgeBeyondFreeValue) for one in answers) == 1
    assert Collateral.objects.get().secured_minor == 1_500_000
    assert check_collateral().broken == 0


def test_two_releases_at_once_leave_the_debt_covered(live_db, call, borrower, desk, lent):
    items = [valued(call, desk, borrower.party_id, number=number) for number in (1, 2)]
    standing = [pledged(call, desk, one, "20000", application_id=lent[0]) for one in items]
    wishes = [wish_release(call, desk, one, "surplus") for one in standing]
    calls = [call(actor=actor(desk.decider)) for _one in wishes]
    answers = at_once(
        [
            lambda one=one, made=made: decide_release(
                DecideRelease(release_id=one, word="release"), made
            )
            for one, made in zip(wishes, calls, strict=True)
        ]
    )
    assert sum(isinstance(one, PledgeStillNeeded) for one in answers) == 1, answers
    assert Pledge.objects.filter(state="agreed").count() == 1
    assert check_collateral().broken == 0


def test_the_same_vehicle_at_once_is_registered_once(live_db, call, borrower, desk):
    command = RegisterCollateral(
        collateral_kind="vehicle", party_id=borrower.party_id, particulars=particulars("vehicle")
    )
    calls = [call(actor=actor(desk.keeper)) for _one in range(THREADS)]
    answers = at_once([lambda made=made: register_collateral(command, made) for made in calls])
    known = [one for one in answers if isinstance(one, CollateralKnown)]
    assert len(known) == THREADS - 1, answers
    row = Collateral.objects.get()
    assert {one.facts["number"] for one in known} == {row.number}
