"""What may be read of firms' statements, ratings, watches and warning cases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber

from rongqiao.risk.enterprise.rating import questions
from rongqiao.risk.enterprise.scale import Band, master_scale
from rongqiao.risk.enterprise.standards import shipped_standards
from rongqiao.risk.enterprise.statements import FIGURES, Statement, read_statement
from rongqiao.risk.enterprise.watching.polish import (
    BackTest,
    RuleMeasure,
    back_test,
    shipped_back_test,
)
from rongqiao.risk.enterprise.watching.steps import StepMeasure
from rongqiao.risk.enterprise.watching.warnings import warning_rules
from rongqiao.risk.models.enterprise import (
    FinancialStatement,
    FirmRating,
    FirmWatch,
    RatingOverride,
    WarningCase,
)
from rongqiao.risk.models.sealing import unseal

__all__ = [
    "BackTest",
    "OverrideView",
    "RatingView",
    "RuleMeasure",
    "RuleView",
    "StatementView",
    "StepMeasure",
    "WarningView",
    "WatchView",
    "asked_of_people",
    "count_grades",
    "count_levels",
    "count_warnings",
    "figures",
    "firms_with_statements",
    "get_rating",
    "get_warning",
    "latest_rating",
    "rated_firms",
    "ratings_of",
    "rules_back_test",
    "rules_tried",
    "scale",
    "standard_tables",
    "statements_of",
    "try_rules",
    "warnings",
    "watched_in",
    "watched_levels",
    "watches_of",
]

# What an auditor signed counts before what the tax office has, and that before the firm's word.
_RANK = {"firm": 0, "tax": 1, "audited": 2}


@dataclass(frozen=True, kw_only=True)
class StatementView:
    """A statement on record: who stated it, when, and what does not add up in it."""

    id: UUID
    statement: Statement
    source: str
    contradictions: tuple[str, ...]
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class OverrideView:
    """Another grade, proposed or decided on."""

    id: UUID
    grade: str
    reason: str
    state: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class RatingView:
    """A rating as it came out, and the grade that counts: an approved other one, else its own."""

    id: UUID
    party_id: UUID
    number: int
    score: Decimal | None
    probability: Decimal | None
    grade: str
    coverage: Decimal
    standards: str
    rules_version: str
    lines: tuple[dict[str, str], ...]
    checks: tuple[dict[str, str], ...]
    rated_by: str
    rated_at: datetime
    rated_on: date
    review_on: date
    overrides: tuple[OverrideView, ...] = ()

    @property
    def grade_that_counts(self) -> str:
        """Return an approved other grade, else the reckoned one; empty where there is none."""
        return next((one.grade for one in self.overrides if one.state == "approved"), self.grade)


@dataclass(frozen=True, kw_only=True)
class WatchView:
    """What early warning saw of a firm in one month."""

    party_id: UUID
    month: date
    level: str
    hazard: Decimal
    signals: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class WarningView:
    """A warning case, with the watch that raised it last."""

    id: UUID
    party_id: UUID
    level: str
    state: str
    opened_at: datetime
    due_on: date
    taken_by: str
    outcome: str
    note: str
    closed_by: str
    closed_at: datetime | None
    watch: WatchView


@dataclass(frozen=True, kw_only=True)
class RuleView:
    """A rule of early warning with its three bounds; None where a step is not used.

    `measured` is None where no public set expresses the rule, or a bound was moved since.
    """

    code: str
    kind: str
    is_upwards: bool
    bounds: tuple[str | None, ...]
    measured: RuleMeasure | None


def figures() -> tuple[str, ...]:
    """Return the names of the figures a statement can have."""
    return FIGURES


def asked_of_people() -> tuple[str, ...]:
    """Return the codes of what officers answer of a firm, a (best) to e."""
    return questions()


def scale() -> tuple[Band, ...]:
    """Return the master scale, safest grade first."""
    return master_scale()


def standard_tables() -> dict[str, tuple[str, str]]:
    """Return the tables of standard values: label and source by code."""
    return {code: (one.label, one.source) for code, one in shipped_standards().items()}


def statements_of(party_id: UUID, at: datetime | None = None) -> tuple[StatementView, ...]:
    """Return the statement that counts for each period of a firm, oldest period first.

    An audited one before the tax office's before the firm's own; of one source the last row. With
    `at` only what was on record by then.
    """
    rows = FinancialStatement.objects.filter(party_id=party_id).order_by("number")
    if at is not None:
        rows = rows.filter(recorded_at__lte=at)
    chosen: dict[tuple[date, int], FinancialStatement] = {}
    for row in rows:
        period = (row.ends_on, row.months)
        there = chosen.get(period)
        if there is None or _RANK[row.source] >= _RANK[there.source]:
            chosen[period] = row
    return tuple(_statement(chosen[period]) for period in sorted(chosen))


def latest_rating(party_id: UUID) -> RatingView | None:
    """Return a firm's last rating, or None."""
    row = (
        FirmRating.objects.filter(party_id=party_id)
        .prefetch_related("overrides")
        .order_by("-number")
        .first()
    )
    return None if row is None else _rating(row)


def ratings_of(party_id: UUID) -> tuple[RatingView, ...]:
    """Return a firm's ratings, newest first."""
    rows = FirmRating.objects.filter(party_id=party_id).prefetch_related("overrides")
    return tuple(_rating(row) for row in rows.order_by("-number"))


def get_rating(rating_id: UUID) -> RatingView | None:
    """Return one rating, or None."""
    row = FirmRating.objects.filter(pk=rating_id).prefetch_related("overrides").first()
    return None if row is None else _rating(row)


def rated_firms(grade: str = "", before: int | None = None, limit: int = 50) -> list[RatingView]:
    """Return each firm's last rating, newest first, in two queries; `grade` as reckoned."""
    place = Window(RowNumber(), partition_by=F("party_id"), order_by=F("number").desc())
    rows = FirmRating.objects.annotate(place=place).filter(place=1)
    if grade:
        rows = rows.filter(grade="" if grade == "none" else grade)
    start = before or 0
    found = rows.prefetch_related("overrides").order_by("-rated_at", "-id")[start : start + limit]
    return [_rating(row) for row in found]


def count_grades() -> dict[str, int]:
    """Return how many firms stand at each reckoned grade of their last rating."""
    place = Window(RowNumber(), partition_by=F("party_id"), order_by=F("number").desc())
    rows = FirmRating.objects.annotate(place=place).filter(place=1).values_list("grade", flat=True)
    counted: dict[str, int] = {}
    for grade in rows:
        counted[grade] = counted.get(grade, 0) + 1
    return counted


def firms_with_statements(limit: int = 200) -> list[tuple[UUID, date]]:
    """Return firms and the end of their newest period, newest first."""
    place = Window(RowNumber(), partition_by=F("party_id"), order_by=F("ends_on").desc())
    rows = FinancialStatement.objects.annotate(place=place).filter(place=1)
    return list(rows.order_by("-ends_on").values_list("party_id", "ends_on")[:limit])


def watches_of(party_id: UUID) -> tuple[WatchView, ...]:
    """Return what early warning saw of a firm, newest month first."""
    rows = FirmWatch.objects.filter(party_id=party_id).order_by("-month")
    return tuple(_watch(row) for row in rows)


def warnings(state: str = "", limit: int = 500) -> tuple[WarningView, ...]:
    """Return warning cases, those due first; open and taken ones where no state is asked for."""
    rows = WarningCase.objects.select_related("watch")
    rows = rows.filter(state=state) if state else rows.exclude(state="closed")
    return tuple(_warning(row) for row in rows.order_by("due_on", "-level", "id")[:limit])


def count_warnings(state: str) -> int:
    """Return how many warning cases are in a state."""
    return WarningCase.objects.filter(state=state).count()


def get_warning(case_id: UUID) -> WarningView | None:
    """Return one warning case, or None."""
    row = WarningCase.objects.select_related("watch").filter(pk=case_id).first()
    return None if row is None else _warning(row)


def count_levels(since: date) -> list[tuple[date, str, int]]:
    """Return how many firms stood at each level, by month since a day."""
    rows = FirmWatch.objects.filter(month__gte=since).values_list("month", "level")
    return list(rows.annotate(firms=Count("id")).order_by("month", "level"))


def rules_tried() -> tuple[RuleView, ...]:
    """Return every rule in force beside what it did when it was last tried on public firms."""
    tried = {one.code: one for one in shipped_back_test().rules}
    found = []
    for rule in warning_rules():
        bounds = tuple(None if step is None else str(step) for step in rule.steps)
        measured = tried.get(rule.code)
        if measured and tuple(one.bound for one in measured.steps) != tuple(filter(None, bounds)):
            measured = None
        found.append(
            RuleView(
                code=rule.code,
                kind=rule.kind,
                is_upwards=rule.is_upwards,
                bounds=bounds,
                measured=measured,
            )
        )
    return tuple(found)


def rules_back_test() -> BackTest:
    """Return how the rules were last tried: the firms, and the levels that they were given."""
    return shipped_back_test()


def try_rules() -> BackTest:
    """Return the rules tried anew on the bundled set of Polish firms."""
    return back_test()


def watched_in(month: date) -> set[UUID]:
    """Return the firms that were watched in the month of that first day."""
    return set(FirmWatch.objects.filter(month=month).values_list("party_id", flat=True))


def watched_levels(party_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the last level of each of the firms, in one query."""
    rows = FirmWatch.objects.filter(party_id__in=list(party_ids)).order_by("party_id", "-month")
    return dict(rows.distinct("party_id").values_list("party_id", "level"))


def _statement(row: FinancialStatement) -> StatementView:
    given = unseal(row.figures_sealed, FinancialStatement, "figures_sealed", row.pk)
    return StatementView(
        id=row.pk,
        statement=read_statement(row.ends_on, row.months, given),
        source=row.source,
        contradictions=tuple(row.contradictions),
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
    )


def _rating(row: FirmRating) -> RatingView:
    return RatingView(
        id=row.pk,
        party_id=row.party_id,
        number=row.number,
        score=row.score,
        probability=row.probability,
        grade=row.grade,
        coverage=row.coverage,
        standards=row.standards,
        rules_version=row.rules_version,
        lines=tuple(row.lines),
        checks=tuple(row.checks),
        rated_by=row.rated_by,
        rated_at=row.rated_at,
        rated_on=row.rated_on,
        review_on=row.review_on,
        overrides=tuple(
            _override(one)
            for one in sorted(row.overrides.all(), key=lambda one: one.proposed_at, reverse=True)
        ),
    )


def _override(row: RatingOverride) -> OverrideView:
    return OverrideView(
        id=row.pk,
        grade=row.grade,
        reason=unseal(row.reason_sealed, RatingOverride, "reason_sealed", row.pk),
        state=row.state,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


def _watch(row: FirmWatch) -> WatchView:
    return WatchView(
        party_id=row.party_id,
        month=row.month,
        level=row.level,
        hazard=row.hazard,
        signals=tuple(row.signals),
    )


def _warning(row: WarningCase) -> WarningView:
    note = (
        ""
        if row.note_sealed is None
        else unseal(row.note_sealed, WarningCase, "note_sealed", row.pk)
    )
    return WarningView(
        id=row.pk,
        party_id=row.party_id,
        level=row.level,
        state=row.state,
        opened_at=row.opened_at,
        due_on=row.due_on,
        taken_by=row.taken_by,
        outcome=row.outcome,
        note=note,
        closed_by=row.closed_by,
        closed_at=row.closed_at,
        watch=_watch(row.watch),
    )
