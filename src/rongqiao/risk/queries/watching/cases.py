"""Fraud cases for the queue and their own page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet

from rongqiao.platform.refusals import NotFound
from rongqiao.risk.fraud.rule_sets import OF_SHARING
from rongqiao.risk.models.fraud import (
    CASE_STATES,
    OPEN,
    FraudCase,
    FraudFinding,
    Ring,
    RingMember,
)

PAGE = 50
STATES = CASE_STATES


@dataclass(frozen=True, kw_only=True)
class CaseRow:
    """A case in a list: about one party, or about a ring of `ring_size` parties."""

    id: UUID
    number: str
    about: str
    subject_id: UUID
    state: str
    score: int
    opened_at: datetime
    taken_by: str
    proposed_by: str
    ring_number: str
    ring_size: int
    codes: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to look."""
        return self.state in OPEN


@dataclass(frozen=True, kw_only=True)
class FindingView:
    """A rule that was met."""

    code: str
    figure: str
    value: str
    bound: str
    points: int
    rules_version: str
    found_at: datetime


@dataclass(frozen=True, kw_only=True)
class ActView:
    """What somebody did on the case, and why."""

    verb: str
    reason: str
    actor: str
    acted_at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseView:
    """A case whole. `ring_id`: of the ring it is about, or that its party is in.

    `speaks_for`: how many cases of the ring's parties are decided with it.
    """

    row: CaseRow
    findings: tuple[FindingView, ...]
    acts: tuple[ActView, ...]
    ring_id: UUID | None
    speaks_for: int
    closed_at: datetime | None


def list_cases(
    state: str = "", taken_by: str = "", skipping: int = 0, limit: int = PAGE
) -> tuple[CaseRow, ...]:
    """Return cases in one state, or all that are open; highest score first, then the oldest.

    Cases that a ring's open case speaks for are left out.
    """
    rows = _filtered(state, taken_by).prefetch_related("findings")
    return _rows(rows.order_by("-score", "opened_at", "id")[skipping : skipping + limit])


def count_cases(state: str = "", taken_by: str = "") -> int:
    """Return how many cases `list_cases` has in all."""
    return _filtered(state, taken_by).count()


def count_by_state() -> dict[str, int]:
    """Return how many cases each state has, without those that `list_cases` leaves out."""
    counted = _standing_alone().values("state").annotate(cases=Count("id"))
    found = dict(counted.values_list("state", "cases"))
    return {state: found.get(state, 0) for state in CASE_STATES}


def count_open() -> int:
    """Return how many cases wait for somebody, as the queue lists them; one query."""
    return _standing_alone().filter(state__in=OPEN).count()


def spoken_for(ring_id: UUID | None = None) -> QuerySet[FraudCase]:
    """Return the untaken cases of parties that their ring's open case speaks for.

    They tell of nothing but sharing; of one ring, or of all.
    """
    rings = FraudCase.objects.filter(about="ring", state__in=OPEN)
    members = RingMember.objects.filter(ring_id__in=rings.values("subject_id"))
    if ring_id is not None:
        members = RingMember.objects.filter(ring_id=ring_id)
    more = FraudFinding.objects.filter(case=OuterRef("pk")).exclude(code__in=OF_SHARING)
    return FraudCase.objects.filter(
        ~Exists(more), about="party", state="open", subject_id__in=members.values("subject_id")
    )


def next_case(taken_by: str, besides: UUID | None = None) -> UUID | None:
    """Return the most pressing case: one's own first, then one that nobody has taken."""
    for rows in (
        FraudCase.objects.filter(state="taken", taken_by=taken_by),
        _standing_alone().filter(state="open"),
    ):
        others = rows.exclude(pk=besides) if besides else rows
        ordered = others.order_by("-score", "opened_at", "id")
        found = ordered.values_list("pk", flat=True).first()
        if found is not None:
            return found
    return None


def cases_of(subject_id: UUID) -> tuple[CaseRow, ...]:
    """Return the cases about one subject, newest first."""
    rows = FraudCase.objects.filter(subject_id=subject_id).prefetch_related("findings")
    return _rows(rows.order_by("-opened_at"))


def get_case(case_id: UUID) -> CaseView:
    """Return a case; raises NotFound."""
    case = FraudCase.objects.filter(pk=case_id).prefetch_related("findings", "acts").first()
    if case is None:
        raise NotFound(what="fraud-case")
    (row,) = _rows([case])
    ring_id: UUID | None = case.subject_id
    if case.about == "party":
        rings = RingMember.objects.filter(subject_id=case.subject_id)
        ring_id = rings.values_list("ring_id", flat=True).first()
    return CaseView(
        row=row,
        findings=tuple(
            FindingView(
                code=one.code,
                figure=one.figure,
                value=one.value,
                bound=one.bound,
                points=one.points,
                rules_version=one.rules_version,
                found_at=one.found_at,
            )
            for one in sorted(case.findings.all(), key=lambda one: (-one.points, one.pk))
        ),
        acts=tuple(
            ActView(verb=one.verb, reason=one.reason, actor=one.actor, acted_at=one.acted_at)
            for one in sorted(case.acts.all(), key=lambda one: one.pk)
        ),
        ring_id=ring_id,
        speaks_for=spoken_for(case.subject_id).count()
        if case.about == "ring" and row.is_open
        else 0,
        closed_at=case.closed_at,
    )


def _filtered(state: str, taken_by: str) -> QuerySet[FraudCase]:
    states = [state] if state else list(OPEN)
    rows = _standing_alone().filter(state__in=states)
    return rows.filter(taken_by=taken_by) if taken_by else rows


def _standing_alone() -> QuerySet[FraudCase]:
    return FraudCase.objects.exclude(pk__in=spoken_for().values("pk"))


def _rows(cases: Iterable[FraudCase]) -> tuple[CaseRow, ...]:
    found = list(cases)
    rings = Ring.objects.in_bulk([one.subject_id for one in found if one.about == "ring"])
    shown = []
    for one in found:
        ring = rings.get(one.subject_id)
        heaviest = sorted(one.findings.all(), key=lambda finding: -finding.points)
        shown.append(
            CaseRow(
                id=one.pk,
                number=one.number,
                about=one.about,
                subject_id=one.subject_id,
                state=one.state,
                score=one.score,
                opened_at=one.opened_at,
                taken_by=one.taken_by,
                proposed_by=one.proposed_by,
                ring_number=ring.number if ring else "",
                ring_size=ring.size if ring else 0,
                codes=tuple(dict.fromkeys(finding.code for finding in heaviest)),
            )
        )
    return tuple(shown)
