"""Recalls of loans in breach: whether one may be, what would fall due, and those there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.engine import Life, interest_to
from rongqiao.lending.servicing.models.amending.recalls import STANDING, Recall
from rongqiao.lending.servicing.models.closing_days import EndOfDayStep, ParkedLoan
from rongqiao.lending.servicing.models.loans import LIVE, Loan
from rongqiao.lending.servicing.queries.lives import life_of
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.credit.recall import LEAST_GRACE, MOST_DAYS_LATE, MOST_GRACE


class LoanNotRecallable(Refusal):
    """The loan cannot be called back so; fact: `reason`.

    `state`, `parked`, `day-closing`, `overdue` (not late enough), or `plan` (all of it is due
    before the day).
    """

    code = "servicing.loan-not-recallable"


class RecallUnknown(Refusal):
    """There is no such cause, or not after so many days; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "servicing.recall-unknown"


@dataclass(frozen=True, kw_only=True)
class RecallQuote:
    """What falls due on `falls_on` by a recall, and the interest that is then never charged.

    What falls due as planned until then, and what is late, is beside it.
    """

    falls_on: date
    principal: Money
    interest: Money
    interest_dropped: Money
    late: Money

    @property
    def total(self) -> Money:
        """What falls due by the recall."""
        return self.principal + self.interest


@dataclass(frozen=True, kw_only=True)
class RecallView:
    """A recall and where it stands; `quote` while it waits and can be noticed."""

    id: UUID
    cause: str
    evidence: str
    reason: str
    grace_days: int
    state: str
    proposed_by: str
    proposed_on: date
    falls_on: date | None
    ended_because: str
    problem: str
    principal: Money
    interest: Money
    quote: RecallQuote | None


@dataclass(frozen=True, kw_only=True)
class BorrowerRecall:
    """The day a noticed recall names, or the day on which all fell due.

    `is_mendable`: paying what is late before the day ends it.
    """

    falls_on: date | None
    fell_on: date | None
    is_mendable: bool


def quote_recall(loan_id: UUID, cause: str, grace_days: int, on: date) -> RecallQuote:
    """Return what a recall noticed on `on` would do. Raises NotFound, LoanNotRecallable."""
    loan = Loan.objects.filter(pk=loan_id).first()
    if loan is None:
        raise NotFound(what="loan")
    return recall_quote(loan, cause, grace_days, on)


def recall_quote(loan: Loan, cause: str, grace_days: int, on: date) -> RecallQuote:
    """Return what a recall noticed on `on` would do. Raises LoanNotRecallable, RecallUnknown."""
    if not LEAST_GRACE <= grace_days <= MOST_GRACE:
        allowed = f"{LEAST_GRACE} - {MOST_GRACE}"
        raise RecallUnknown(field="grace_days", value=str(grace_days), allowed=allowed)
    if loan.state not in LIVE:
        raise LoanNotRecallable(reason="state")
    if ParkedLoan.objects.filter(loan_id=loan.pk, released_at=None).exists():
        raise LoanNotRecallable(reason="parked")
    if EndOfDayStep.objects.filter(on=on).exists():
        raise LoanNotRecallable(reason="day-closing")
    if cause == "overdue" and loan.days_past_due <= MOST_DAYS_LATE:
        raise LoanNotRecallable(reason="overdue")
    return _quote(life_of(loan), on, on + timedelta(days=grace_days))


def _quote(life: Life, on: date, falls_on: date) -> RecallQuote:
    ahead = [row for row in life.rows if row.due_on > falls_on and not row.is_due]
    if not ahead:
        raise LoanNotRecallable(reason="plan")
    running = ahead[0]
    used = max(0, (falls_on - running.from_on).days)
    earned = interest_to(running.interest, used, (running.due_on - running.from_on).days)
    return RecallQuote(
        falls_on=falls_on,
        principal=Money(sum(row.principal for row in ahead)),
        interest=Money(earned),
        interest_dropped=Money(sum(row.interest for row in ahead) - earned),
        late=Money(sum(row.left for row in life.rows if row.is_due and row.due_on <= on)),
    )


def list_recalls(loan_id: UUID, on: date) -> tuple[RecallView, ...]:
    """Return a loan's recalls, the latest first."""
    rows = Recall.objects.filter(loan_id=loan_id).select_related("loan")
    return tuple(_view(row, on) for row in rows.order_by("-proposed_at", "-id"))


def coming_recall(loan_id: UUID) -> date | None:
    """Return the day on which the loan falls due by a recall that was noticed; None without one."""
    found = Recall.objects.filter(loan_id=loan_id, state="noticed")
    return found.values_list("falls_on", flat=True).first()


def recall_of(loan_id: UUID) -> BorrowerRecall | None:
    """Return the recall that was noticed or made, for its borrower; None without one."""
    row = Recall.objects.filter(loan_id=loan_id, state__in=("noticed", "made")).first()
    if row is None:
        return None
    return BorrowerRecall(
        falls_on=row.falls_on if row.state == "noticed" else None,
        fell_on=row.ended_on if row.state == "made" else None,
        is_mendable=row.cause == "overdue",
    )


def due_recalls(on: date) -> tuple[UUID, ...]:
    """Return recalls whose day has come by `on` and that were not tried on it."""
    due = Recall.objects.filter(state="noticed", falls_on__lte=on)
    due = due.filter(Q(tried_on=None) | Q(tried_on__lt=on))
    return tuple(due.order_by("falls_on", "loan_id").values_list("pk", flat=True))


def is_recall_standing(loan_id: UUID) -> bool:
    """Tell whether a recall waits for its second person or for its day."""
    return Recall.objects.filter(loan_id=loan_id, state__in=STANDING).exists()


def _view(row: Recall, on: date) -> RecallView:
    return RecallView(
        id=row.pk,
        cause=row.cause,
        evidence=row.evidence,
        reason=row.reason,
        grace_days=row.grace_days,
        state=row.state,
        proposed_by=row.proposed_by,
        proposed_on=row.proposed_on,
        falls_on=row.falls_on,
        ended_because=row.ended_because,
        problem=row.problem,
        principal=Money(row.principal_minor),
        interest=Money(row.interest_minor),
        quote=_quote_now(row, on) if row.state == "waiting" else None,
    )


def _quote_now(row: Recall, on: date) -> RecallQuote | None:
    """Return what a waiting recall would do if noticed today, None where it cannot be."""
    try:
        return recall_quote(row.loan, row.cause, row.grace_days, on)
    except Refusal:
        return None
