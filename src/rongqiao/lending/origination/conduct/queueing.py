"""A case enters the reviewers' queue and leaves it: with its time and its margin."""

from __future__ import annotations

from datetime import datetime

from rongqiao.finance.calendars.business_days import china
from rongqiao.lending.origination.conduct.standing import failed, margin
from rongqiao.lending.origination.models import Application, Decision
from rongqiao.lending.origination.models.desk import DocumentRequest, ReviewRequest, Waiting
from rongqiao.lending.origination.sealing import unseal
from rongqiao.lending.origination.states import State
from rongqiao.platform.operations import Call
from rongqiao.policies.credit.review_times import due_at, times_on
from rongqiao.risk.queries.recording import Unrepeatable, score_line

QUEUED = (State.REFERRED, State.RECOMMENDED)


def keep_queue(case: Application, state: State, call: Call) -> None:
    """Put the case that came to `state` into the queue, or take it out of it."""
    if state not in QUEUED:
        Waiting.objects.filter(application=case).delete()
        DocumentRequest.objects.filter(application=case, ended_at=None).update(
            ended_at=call.at, end="ended"
        )
        return
    screening = last_screening(case)
    points, unmet = _standing(screening)
    asked, standing = open_review_request(case), Waiting.objects.filter(pk=case.pk).first()
    since, due = call.at, time_for(state.value, call)
    if asked is not None:
        # Whoever asked for a person waits for one answer, however many look.
        since = standing.since_at if standing else asked.asked_at
        due = standing.due_at if standing else asked.due_at
    Waiting.objects.update_or_create(
        application=case,
        defaults={
            "stage": state.value,
            "is_asked": asked is not None,
            "since_at": since,
            "due_at": due,
            "margin": points,
            "failed": unmet,
            "documents_due_on": None,
        },
    )


def time_for(stage: str, call: Call) -> datetime:
    """Return until when a case that came to `stage` now should be decided."""
    return due_at(call.at, stage, times_on(call.on), china())


def last_screening(case: Application) -> Decision | None:
    """Return the latest automatic decision of the case."""
    return case.decisions.filter(stage="screening").order_by("-number").first()


def open_review_request(case: Application) -> ReviewRequest | None:
    """Return the borrower's request for a person that nobody has answered yet."""
    return ReviewRequest.objects.filter(application=case, answered_at=None).first()


def settle_review_request(case: Application, decision: Decision, call: Call) -> None:
    """Note a person's decision as the answer to the borrower's request, if there is one."""
    answers = {State.DECLINED: "upheld", State.RETURNED: "returned", State.WITHDRAWN: "withdrawn"}
    if State(case.state) not in QUEUED:
        ReviewRequest.objects.filter(application=case, answered_at=None).update(
            answer=answers.get(State(case.state), "changed"),
            answered_at=call.at,
            answered_by=call.actor,
            answer_decision=decision,
        )


def drop_review_request(case: Application, call: Call) -> None:
    """Note that the borrower took the application back before anybody answered."""
    ReviewRequest.objects.filter(application=case, answered_at=None).update(
        answer="withdrawn", answered_at=call.at, answered_by=call.actor
    )


def _standing(screening: Decision | None) -> tuple[int | None, int]:
    """Return the points from the line of automatic approval, and how many criteria failed."""
    if screening is None:
        return None, 0
    unmet = failed(one["code"] for one in screening.reasons)
    return margin(screening.score, _line(screening)), len(unmet)


def _line(screening: Decision) -> int | None:
    """Return the score from which the screening's own policy asks for nobody because of it.

    None where no score changes what it says, and where it cannot be made again.
    """
    inputs = unseal(screening.inputs_sealed, Decision, "inputs_sealed", screening.pk)
    try:
        return score_line(inputs, screening.policy_sha256, screening.model_sha256)
    except Unrepeatable:
        return None
