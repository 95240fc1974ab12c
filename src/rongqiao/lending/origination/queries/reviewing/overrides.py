"""How often officers decide against the system's word, both ways, by month and by officer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncMonth

from rongqiao.lending.origination.conduct.standing import share_of
from rongqiao.lending.origination.models import Decision
from rongqiao.lending.origination.models.desk import OVERRIDES_DOWN, OVERRIDES_UP, Override
from rongqiao.parties.queries import user_of

PAGE = 50
UP, DOWN = "up", "down"
LENDING = ("recommend", "counter", "approve")

# Every agreement that a loan may stand on, and whether people decided on it: `automatic` where the
# policy did alone, `person` where officers went along with it, `against` where one lent against it.
DECIDED = f"""
(SELECT agreement.id AS agreement_id,
   CASE WHEN EXISTS (SELECT FROM origination_override AS override
                     WHERE override.application_id = cause.id
                       AND override.kind IN ({", ".join(f"'{one}'" for one in OVERRIDES_UP)}))
          THEN 'against'
        WHEN EXISTS (SELECT FROM origination_decision AS decision
                     WHERE decision.application_id = cause.id AND decision.stage <> 'screening')
          THEN 'person'
        ELSE 'automatic' END AS decided
 FROM origination_agreement AS agreement
 LEFT JOIN origination_drawing AS drawing ON drawing.id = agreement.drawing_id
 LEFT JOIN origination_creditlimit AS credit ON credit.id = drawing.limit_id
 LEFT JOIN origination_agreement AS frame ON frame.id = credit.agreement_id
 JOIN origination_application AS cause
   ON cause.id = coalesce(agreement.application_id, frame.application_id))
"""  # noqa: S608 - own words


@dataclass(frozen=True, kw_only=True)
class OverrideCounts:
    """Decisions of officers in a month or of one officer, and those against the system's word.

    `lent` are those to lend (recommended, countered, approved), `declined` those not to; `up` and
    `down` are how many of either went against it. Each officer's decision on a case counts.
    """

    lent: int
    declined: int
    up: int
    down: int

    @property
    def up_share(self) -> Decimal | None:
        """Return which share of the decisions to lend went against the system's word."""
        return share_of(self.up, self.lent)

    @property
    def down_share(self) -> Decimal | None:
        """Return which share of the declines went against the system's word."""
        return share_of(self.down, self.declined)

    def plus(self, other: OverrideCounts) -> OverrideCounts:
        """Return both together."""
        return OverrideCounts(
            lent=self.lent + other.lent,
            declined=self.declined + other.declined,
            up=self.up + other.up,
            down=self.down + other.down,
        )


NONE = OverrideCounts(lent=0, declined=0, up=0, down=0)


@dataclass(frozen=True, kw_only=True)
class OverrideReport:
    """Counts by month (first days, oldest first) and by officer (most decisions first)."""

    months: tuple[tuple[date, OverrideCounts], ...]
    officers: tuple[tuple[UUID, OverrideCounts], ...]
    total: OverrideCounts


@dataclass(frozen=True, kw_only=True)
class OverrideRow:
    """One decision against the system's word."""

    application_id: UUID
    number: str
    kind: str
    code: str
    stage: str
    officer_id: UUID
    made_at: datetime


def override_report(
    since: date, until: date, *, months: Iterable[date], officer_id: UUID | None = None
) -> OverrideReport:
    """Return the counts from the day `since` to `until`, in one query.

    Each of `months` (first days) has its line, one without decisions too. With `officer_id`, only
    that officer's.
    """
    counted = (
        _decisions(since, until, officer_id)
        .annotate(month=TruncMonth("decided_on"))
        .values("month", "decided_by")
        .annotate(
            lent=Count("pk", filter=Q(outcome__in=LENDING)),
            declined=Count("pk", filter=Q(outcome="decline")),
            up=Count("pk", filter=Q(override__kind__in=OVERRIDES_UP)),
            down=Count("pk", filter=Q(override__kind__in=OVERRIDES_DOWN)),
        )
    )
    by_month: dict[date, OverrideCounts] = dict.fromkeys(months, NONE)
    by_officer: dict[UUID, OverrideCounts] = defaultdict(lambda: NONE)
    total = NONE
    for one in counted:
        counts = OverrideCounts(**{name: one[name] for name in ("lent", "declined", "up", "down")})
        by_month[one["month"]] = by_month.get(one["month"], NONE).plus(counts)
        if (officer := user_of(one["decided_by"])) is not None:
            by_officer[officer] = by_officer[officer].plus(counts)
        total = total.plus(counts)
    busiest = sorted(
        by_officer.items(), key=lambda pair: (-(pair[1].lent + pair[1].declined), str(pair[0]))
    )
    return OverrideReport(
        months=tuple(sorted(by_month.items())), officers=tuple(busiest), total=total
    )


def list_overrides(
    since: date,
    until: date,
    *,
    way: str = "",
    officer_id: UUID | None = None,
    limit: int = PAGE,
) -> tuple[OverrideRow, ...]:
    """Return decisions against the system's word, newest first, in one query.

    `way` is `up` (lent against it) or `down` (declined against it).
    """
    rows = _overrides(since, until, way, officer_id)
    rows = rows.select_related("application", "decision").order_by("-made_at", "-decision_id")
    return tuple(
        OverrideRow(
            application_id=row.application_id,
            number=row.application.number,
            kind=row.kind,
            code=row.code,
            stage=row.decision.stage,
            officer_id=row.officer_id,
            made_at=row.made_at,
        )
        for row in rows[:limit]
    )


def count_overrides(
    since: date, until: date, *, way: str = "", officer_id: UUID | None = None
) -> int:
    """Return how many `list_overrides` would list in all."""
    return _overrides(since, until, way, officer_id).count()


def count_codes(since: date, until: date) -> tuple[tuple[str, int], ...]:
    """Return why officers went against the system's word, the most frequent first."""
    counted = (
        Override.objects.filter(made_on__gte=since, made_on__lte=until)
        .values("code")
        .annotate(n=Count("pk"))
        .order_by("-n", "code")
    )
    return tuple((one["code"], one["n"]) for one in counted)


def _decisions(since: date, until: date, officer_id: UUID | None) -> Any:
    rows = Decision.objects.filter(
        stage__in=["review", "approval"], decided_on__gte=since, decided_on__lte=until
    ).exclude(outcome="return")
    return rows if officer_id is None else rows.filter(decided_by=f"user:{officer_id}")


def _overrides(since: date, until: date, way: str, officer_id: UUID | None) -> QuerySet[Override]:
    rows = Override.objects.filter(made_on__gte=since, made_on__lte=until)
    if way:
        rows = rows.filter(kind__in=OVERRIDES_UP if way == UP else OVERRIDES_DOWN)
    return rows if officer_id is None else rows.filter(officer_id=officer_id)
