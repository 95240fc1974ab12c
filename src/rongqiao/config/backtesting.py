"""The back-test of a credit policy: lending tells its past cases, risk tries the policy on them.

Risk never reads a loan and lending never tries a policy: here, above both, the two are joined.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from uuid import UUID

from rongqiao.lending.origination.queries.looking_back.past import PastCase as Screened
from rongqiao.lending.origination.queries.looking_back.past import count_screened, past_cases
from rongqiao.lending.servicing.queries.provisioning.outcomes import LoanOutcome, outcomes_of
from rongqiao.platform import clock
from rongqiao.platform.operations import Call
from rongqiao.risk.operations.policies.note_backtest import NoteBacktest, note_backtest
from rongqiao.risk.queries.policies.backtests import backtest_work
from rongqiao.risk.queries.policies.trying import (
    BAD,
    GOOD,
    PLATFORM,
    UNKNOWN,
    Assumptions,
    ChallengerNotKept,
    ModelNotGiven,
    NoCases,
    PastCase,
    Policy,
    assumptions_of,
    public_cases,
    read_text,
    try_policy,
)

# So many cases are joined with their loans at a time.
CHUNK = 2000
# How far the reading is is told after so many.
TOLD_EVERY = 500
_ENDINGS = {"good": GOOD, "bad": BAD}


def carry_out(backtest_id: UUID) -> None:
    """Carry out a back-test that waits, noting how far it is; twice is harmless."""
    work = backtest_work(backtest_id)
    asked = work.view
    if asked.state in ("done", "failed"):
        return

    def tell(percent: int) -> None:
        note_backtest(NoteBacktest(backtest_id=asked.id, done=percent), _call(asked.id, percent))

    tell(1)
    current, candidate = read_text(work.current_body), read_text(work.candidate_body)
    given = assumptions_of(asked.asked)
    past = cases_from(
        asked.source,
        candidate,
        (asked.first, asked.last),
        given,
        lambda done, whole: tell(1 + 18 * done // whole),
    )
    try:
        result = try_policy(past, current, candidate, given, tell)
    except NoCases:
        end = NoteBacktest(backtest_id=asked.id, done=99, failure="no-cases")
    except (ModelNotGiven, ChallengerNotKept):
        end = NoteBacktest(backtest_id=asked.id, done=99, failure="not-kept")
    else:
        end = NoteBacktest(backtest_id=asked.id, done=100, result=json.dumps(result))
    note_backtest(end, _call(asked.id, 100))


def cases_from(
    source: str,
    policy: Policy,
    days: tuple[date, date],
    given: Assumptions,
    tell: Callable[[int, int], None] = lambda _done, _whole: None,
) -> list[PastCase]:
    """Return the past cases of a source for a policy; `tell` hears how many of all were read.

    Those of the platform were screened under this policy (any version of it) on one of these days.
    """
    if source != PLATFORM:
        return list(public_cases(policy.party_kind))
    found: list[PastCase] = []
    waiting: list[Screened] = []
    whole = count_screened(*days)
    for done, one in enumerate(past_cases(*days), start=1):
        if one.policy_code == policy.code:
            waiting.append(one)
        if len(waiting) == CHUNK:
            found += _joined(waiting, given)
            waiting = []
        if done % TOLD_EVERY == 0:
            tell(done, max(done, whole))
    return found + _joined(waiting, given)


def _joined(screened: list[Screened], given: Assumptions) -> list[PastCase]:
    signed = {agreement for one in screened for agreement in one.agreements}
    outcomes = outcomes_of(signed, clock.business_date())
    return [
        _case(one, [outcomes[key] for key in one.agreements if key in outcomes], given)
        for one in screened
    ]


def _case(one: Screened, loans: list[LoanOutcome], given: Assumptions) -> PastCase:
    """Return a case with the sum of its loans; it is bad where one is, good where all are."""
    endings = {_ENDINGS.get(loan.ending, UNKNOWN) for loan in loans} or {UNKNOWN}
    outcome = BAD if BAD in endings else UNKNOWN if UNKNOWN in endings else GOOD
    lent = sum(loan.lent_minor for loan in loans)
    weighed = sum(loan.lent_minor * loan.rate_annual for loan in loans)
    at_risk = sum(loan.at_risk_minor for loan in loans)
    return PastCase(
        reference=one.number,
        application_id=one.application_id,
        features=one.features,
        case=one.case,
        was_lent=bool(loans),
        outcome=outcome,
        lent_minor=lent,
        rate_annual=float(weighed / lent) if lent else 0.0,
        interest_minor=sum(loan.interest_minor for loan in loans),
        fee_minor=sum(loan.fee_minor for loan in loans),
        loss_minor=sum(loan.lost_minor for loan in loans) + round(at_risk * given.loss_share),
    )


def _call(backtest_id: UUID, percent: int) -> Call:
    return Call(
        actor="system:backtest",
        key=f"{backtest_id}:{percent}",
        at=clock.now(),
        on=clock.business_date(),
    )
