"""Keep what early warning saw of a firm in a month, and open a case where it is serious."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.risk.enterprise.heard import counts_heard
from rongqiao.risk.enterprise.watching.hazard import shipped_hazard
from rongqiao.risk.enterprise.watching.measures import Known, measures
from rongqiao.risk.enterprise.watching.warnings import (
    LEVELS,
    Signal,
    level_of,
    rules_version,
    signals,
)
from rongqiao.risk.models.enterprise import FirmWatch, WarningCase
from rongqiao.risk.queries.enterprise import statements_of
from rongqiao.risk.queries.features import features_of

# Days to look at a case, by level.
DAYS_TO_LOOK = {"serious": 10, "grave": 3}
_PLACES = Decimal("0.000001")


@dataclass(frozen=True, kw_only=True)
class WatchFirm:
    """What others know of the firm on the day: counts and amounts by measure, as decimal text.

    What outside sources told is known here and counts where the command says nothing.
    """

    party_id: UUID
    counts: tuple[tuple[str, str], ...]
    invoices: tuple[tuple[date, str], ...] = ()
    invoices_from: date | None = None
    last_invoice_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class FirmWatched:
    """The firm's level, and the case that was opened or raised; None where none was."""

    level: str
    case_id: UUID | None


@operation("risk.watch-firm", restore=FirmWatched)
def watch_firm(command: WatchFirm, call: Call) -> FirmWatched:
    """Look at the firm once in a month. A case opens at serious, and rises with the level."""
    month = call.on.replace(day=1)
    seen = FirmWatch.objects.filter(party_id=command.party_id, month=month).first()
    if seen is not None:
        return FirmWatched(level=seen.level, case_id=None)
    known = Known(
        on=call.on,
        statements=tuple(one.statement for one in statements_of(command.party_id)),
        invoices={day: Decimal(amount) for day, amount in command.invoices},
        invoices_from=command.invoices_from,
        last_invoice_on=command.last_invoice_on,
        counts=counts_heard(_heard(command.party_id, call))
        | {name: Decimal(value) for name, value in command.counts},
    )
    met = signals(measures(known))
    level = level_of(met)
    row_id = new_id(call.at)
    watch = FirmWatch.objects.create(
        id=row_id,
        party_id=command.party_id,
        month=month,
        level=level,
        hazard=Decimal(repr(shipped_hazard().of(met))).quantize(_PLACES),
        signals=[_shown(one) for one in met],
        rules_version=rules_version(),
        watched_at=call.at,
    )
    return FirmWatched(level=level, case_id=_case(watch, call))


def _heard(party_id: UUID, call: Call) -> dict[str, object]:
    return {one.name: one.value for one in features_of(party_id, call.at)}


def _case(watch: FirmWatch, call: Call) -> UUID | None:
    days = DAYS_TO_LOOK.get(watch.level)
    if days is None:
        return None
    due_on = call.on + timedelta(days=days)
    rows = WarningCase.objects.select_for_update(of=("self",))
    open_case = rows.filter(party_id=watch.party_id).exclude(state="closed").first()
    if open_case is None:
        return WarningCase.objects.create(
            id=new_id(call.at),
            party_id=watch.party_id,
            watch=watch,
            level=watch.level,
            opened_at=call.at,
            due_on=due_on,
        ).pk
    if LEVELS.index(watch.level) <= LEVELS.index(open_case.level):
        return None
    open_case.watch, open_case.level = watch, watch.level
    open_case.due_on = min(open_case.due_on, due_on)
    open_case.save(update_fields=["watch", "level", "due_on"])
    return open_case.pk


def _shown(one: Signal) -> dict[str, str | int]:
    return {
        "code": one.code,
        "kind": one.kind,
        "severity": one.severity,
        "value": f"{one.value.quantize(Decimal('0.0001')):f}",
        "threshold": f"{one.threshold:f}",
    }
