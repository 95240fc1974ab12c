"""The collectors' queue: open cases, the most pressing first, a page at a time by its last row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.collecting import (
    CASE_BUCKETS,
    CaseProposal,
    CollectionCase,
    ContactStop,
    bucket_of,
)
from rongqiao.lending.servicing.models.loans import BUCKETS, Instalment
from rongqiao.lending.servicing.queries.amending.holds import held_parties

PAGE = 50
STATES = ("open", "assigned", "handed-over")


@dataclass(frozen=True, kw_only=True)
class QueueFilters:
    """What narrows the queue. `due` is `step` (a step is due by today) or `promise`."""

    state: str = ""
    bucket: str = ""
    collector_id: UUID | None = None
    due: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """The last row of a page: the next one goes on behind it."""

    next_on: date
    case_id: UUID


@dataclass(frozen=True, kw_only=True)
class CaseRow:
    """A case in a list; `past_due` is what is owed of instalments past their date."""

    id: UUID
    number: str
    loan_id: UUID
    loan_number: str
    party_id: UUID
    state: str
    collector_id: UUID | None
    handed_to: str
    bucket: str
    days_past_due: int
    past_due: Money
    next_on: date
    promise_due_on: date | None
    is_stopped: bool

    @property
    def mark(self) -> Mark:
        """Return where a page that ends with this row goes on."""
        return Mark(next_on=self.next_on, case_id=self.id)


@dataclass(frozen=True, kw_only=True)
class BucketCount:
    """How many open cases a bucket has, and how many of them nobody has taken."""

    bucket: str
    cases: int
    untaken: int


def list_cases(
    filters: QueueFilters, on: date, after: Mark | None = None, limit: int = PAGE
) -> tuple[CaseRow, ...]:
    """Return open cases by the date of their next step, behind `after`; four queries in all."""
    cases = _found(filters, on)
    if after is not None:
        cases = cases.filter(
            Q(next_on__gt=after.next_on) | Q(next_on=after.next_on, pk__gt=after.case_id),
            next_on__gte=after.next_on,
        )
    return rows_of(cases.select_related("loan").order_by("next_on", "id")[:limit], on)


def count_cases(filters: QueueFilters, on: date) -> int:
    """Return how many cases fit."""
    return _found(filters, on).count()


def next_case(collector_id: UUID, on: date, besides: UUID | None = None) -> UUID | None:
    """Return the collector's most pressing case that may be worked, besides one."""
    filters = QueueFilters(collector_id=collector_id, due="step")
    stopped = ContactStop.objects.filter(lifted_at=None).values("party_id")
    cases = _found(filters, on).exclude(party_id__in=stopped).exclude(party_id__in=held_parties())
    if besides is not None:
        cases = cases.exclude(pk=besides)
    return cases.order_by("next_on", "id").values_list("pk", flat=True).first()


def count_buckets(on: date) -> tuple[BucketCount, ...]:
    """Return the open cases of every bucket, in one query."""
    counted = CollectionCase.objects.exclude(state="closed").aggregate(
        **{
            f"{name}_{place}": Count("pk", filter=_in_bucket(bucket, on) & wanted)
            for place, bucket in enumerate(CASE_BUCKETS)
            for name, wanted in (("cases", Q()), ("untaken", Q(state="open")))
        }
    )
    return tuple(
        BucketCount(
            bucket=bucket, cases=counted[f"cases_{place}"], untaken=counted[f"untaken_{place}"]
        )
        for place, bucket in enumerate(CASE_BUCKETS)
    )


def count_waiting_proposals() -> int:
    """Return how many proposals wait for a second person."""
    return CaseProposal.objects.filter(state="waiting").count()


def list_collectors() -> tuple[UUID, ...]:
    """Return everybody who has an open case in hand."""
    cases = CollectionCase.objects.exclude(state="closed").exclude(collector_id=None)
    found = cases.order_by("collector_id").values_list("collector_id", flat=True).distinct()
    return tuple(one for one in found if one is not None)


def rows_of(cases: Iterable[CollectionCase], on: date) -> tuple[CaseRow, ...]:
    """Return cases (their loans loaded) as lists show them; two queries however many."""
    found = list(cases)
    late = _past_due([case.loan_id for case in found], on)
    parties = {case.party_id for case in found}
    stops = ContactStop.objects.filter(party_id__in=parties, lifted_at=None)
    stopped = set(stops.values_list("party_id", flat=True))
    return tuple(
        CaseRow(
            id=case.pk,
            number=case.number,
            loan_id=case.loan_id,
            loan_number=case.loan.number,
            party_id=case.party_id,
            state=case.state,
            collector_id=case.collector_id,
            handed_to=case.handed_to,
            bucket=bucket_of(case.oldest_due_on, case.closed_on or on),
            days_past_due=((case.closed_on or on) - case.oldest_due_on).days,
            past_due=Money(late.get(case.loan_id, 0)),
            next_on=case.next_on,
            promise_due_on=case.promise_due_on,
            is_stopped=case.party_id in stopped,
        )
        for case in found
    )


def _found(filters: QueueFilters, on: date) -> QuerySet[CollectionCase]:
    cases = CollectionCase.objects.exclude(state="closed")
    if filters.state:
        cases = cases.filter(state=filters.state)
    if filters.bucket:
        cases = cases.filter(_in_bucket(filters.bucket, on))
    if filters.collector_id:
        cases = cases.filter(collector_id=filters.collector_id)
    if filters.due == "step":
        cases = cases.filter(next_on__lte=on)
    if filters.due == "promise":
        cases = cases.filter(promise_due_on__lte=on)
    if filters.text:
        text = filters.text.upper()
        cases = cases.filter(Q(number=text) | Q(loan__number=text))
    return cases


def _in_bucket(bucket: str, on: date) -> Q:
    least, most = CASE_BUCKETS[bucket]
    wanted = Q(oldest_due_on__lte=on - timedelta(days=least)) if least > 1 else Q()
    if most is not None:
        wanted &= Q(oldest_due_on__gte=on - timedelta(days=most))
    return wanted


def _past_due(loans: list[UUID], on: date) -> dict[UUID, int]:
    asked = {"interest": "interest_charged", "penalty": "penalty_charged", "fee": "fee_charged"}
    sums = {
        name: Sum(f"{asked.get(name, name)}_minor") - Sum(f"{name}_paid_minor") for name in BUCKETS
    }
    late = Instalment.objects.filter(loan_id__in=loans, is_due=True, settled_on=None, due_on__lt=on)
    open_minor = sum((sums[name] for name in BUCKETS[1:]), sums[BUCKETS[0]])
    rows = late.values_list("loan_id").annotate(open_minor=open_minor)
    return dict(rows.values_list("loan_id", "open_minor"))
