"""Hold a business date's movements against the large-value rule and the suspicious patterns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from rongqiao.money.payments.queries.movements import (
    WalletMovement,
    list_wallet_movements,
    parties_moving_on,
)
from rongqiao.parties.queries import get_parties
from rongqiao.platform.ids import new_id, short_number
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.risk.laundering.large_value import LargeSum, large_sums
from rongqiao.risk.laundering.movements import Finding, Movement, Profile
from rongqiao.risk.laundering.patterns import LOOKS_BACK, findings
from rongqiao.risk.laundering.thresholds import deadlines, document_on
from rongqiao.risk.models.laundering.casework import LaunderingAlert, LaunderingReport, WatchedDay
from rongqiao.risk.operations.laundering.officers import due_after, sealed
from rongqiao.risk.operations.laundering.raising import Raise, raise_alerts
from rongqiao.risk.queries.laundering.links import linked_payers
from rongqiao.risk.queries.laundering.ratings import incomes_of

CHUNK = 500
# The same pattern of the same customer is not raised anew while it slides through its window.
QUIET_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class WatchDay:
    """Which business date; it is over, so that nothing more comes to it.

    What lending knows: (for whom, by whom) guarantees are, and stated incomes a month in fen.
    """

    on: date
    guarantees: tuple[tuple[UUID, UUID], ...] = sensitive(default=())
    incomes: tuple[tuple[UUID, int], ...] = sensitive(default=())


@dataclass(frozen=True, kw_only=True)
class DayWatched:
    """How many customers had moved money."""

    customers: int


@operation("risk.laundering.watch_day", restore=DayWatched)
def watch_day(command: WatchDay, call: Call) -> DayWatched:
    """Prepare the day's large-value reports and raise alerts for patterns; once for each day."""
    if WatchedDay.objects.filter(on=command.on).exists():
        return DayWatched(customers=0)
    parties = parties_moving_on(command.on)
    counted = [_watch(parties[n : n + CHUNK], command, call) for n in _steps(parties)]
    WatchedDay.objects.create(
        on=command.on,
        customers=len(parties),
        movements=sum(one[0] for one in counted),
        reports=sum(one[1] for one in counted),
        alerts=sum(one[2] for one in counted),
        at=call.at,
    )
    return DayWatched(customers=len(parties))


def _steps(parties: Sequence[UUID]) -> Iterator[int]:
    yield from range(0, len(parties), CHUNK)


def _watch(parties: Sequence[UUID], command: WatchDay, call: Call) -> tuple[int, int, int]:
    """Return how many movements, reports and alerts, in a fixed number of queries."""
    on = command.on
    rows = list_wallet_movements(parties, on - timedelta(days=LOOKS_BACK), on)
    kinds = {str(pk): view.kind for pk, view in get_parties(parties).items()}
    # What an officer found out stands above what the customer stated.
    incomes = {**dict(command.incomes), **incomes_of(parties)}
    linked = linked_payers(parties, command.guarantees)
    own: dict[str, list[Movement]] = defaultdict(list)
    for row in rows:
        own[str(row.party_id)].append(_movement(row))
    today = [one for movements in own.values() for one in movements if one.on == on]
    sums = large_sums([one for one in today if one.channel != "loan"], kinds)
    reports = [_report(one, [m for m in today if m.party == one.party], call) for one in sums]
    LaunderingReport.objects.bulk_create(reports, ignore_conflicts=True)
    found = [
        finding
        for party, movements in own.items()
        for finding in findings(
            movements,
            Profile(
                party=party,
                kind=kinds.get(party, "person"),
                income_minor=incomes.get(UUID(party)),
                linked=linked.get(UUID(party), frozenset()),
            ),
            on,
        )
    ]
    return len(today), len(reports), raise_alerts(_fresh(found, on), call)


def _movement(row: WalletMovement) -> Movement:
    return Movement(
        party=str(row.party_id),
        on=row.on,
        minor=row.minor,
        is_in=row.is_in,
        channel="loan" if row.is_of_a_loan else "transfer",
        counterparty=row.counterparty,
        is_third_party=row.is_third_party,
        reference=row.document,
    )


def _fresh(found: Sequence[Finding], on: date) -> list[Raise]:
    """Return what was not raised of the same customer and pattern lately."""
    since = on - timedelta(days=QUIET_DAYS)
    lately = set(
        LaunderingAlert.objects.filter(
            party_id__in={UUID(one.party) for one in found}, raised_on__gt=since
        ).values_list("party_id", "kind")
    )
    return [
        Raise(
            party_id=UUID(one.party),
            kind=one.pattern,
            score=one.score,
            evidence={
                "since": one.since.isoformat(),
                "until": one.until.isoformat(),
                "facts": dict(one.facts),
                "references": list(one.references),
            },
            basis=on.isoformat(),
        )
        for one in found
        if (UUID(one.party), one.pattern) not in lately
    ]


def _report(one: LargeSum, movements: Sequence[Movement], call: Call) -> LaunderingReport:
    report_id = new_id(call.at)
    wanted = set(one.references)
    content: dict[str, Any] = {
        "rule": document_on(one.on),
        "movements": [
            {
                "on": m.on.isoformat(),
                "direction": "in" if m.is_in else "out",
                "amount": f"{m.minor // 100}.{m.minor % 100:02}",
                "reference": m.reference,
            }
            for m in movements
            if m.reference in wanted and m.is_in == one.is_in
        ],
    }
    return LaunderingReport(
        id=report_id,
        number=short_number("LV", call.at),
        kind="large-value",
        party_id=UUID(one.party),
        feature=one.code,
        is_in=one.is_in,
        amount_minor=one.minor,
        movements=one.count,
        happened_on=one.on,
        due_on=due_after(one.on, deadlines().large_value),
        content_sealed=sealed(content, "launderingreport", "content_sealed", report_id),
        state="prepared",
        prepared_by=call.actor,
        prepared_at=call.at,
    )
