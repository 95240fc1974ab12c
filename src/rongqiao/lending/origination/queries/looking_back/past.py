"""Applications as they were screened, in the order of time: what a policy can be tried on again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from rongqiao.lending.origination.models import Agreement, Decision
from rongqiao.lending.origination.sealing import unseal
from rongqiao.lending.products.queries import get_versions
from rongqiao.risk.queries.judging import Case, Value
from rongqiao.risk.queries.recording import asked_in

_CHUNK = 2000


@dataclass(frozen=True, kw_only=True)
class PastCase:
    """The last screening of an application: what it looked at, and what was signed afterwards.

    `features` are those of the decision's record: personal, for reckoning and not for showing.
    `agreements` are the one signed and those of its drawings; empty where nothing came of it.
    """

    application_id: UUID
    number: str
    product_code: str
    policy_code: str
    outcome: str
    decided_at: datetime
    decided_on: date
    features: Mapping[str, Value]
    case: Case
    agreements: tuple[UUID, ...]


def count_screened(first: date, last: date) -> int:
    """Return how many applications were screened last between two days, both included."""
    return _screened(first, last).count()


def past_cases(first: date, last: date) -> Iterator[PastCase]:
    """Yield the applications screened last between two days, oldest first.

    Four queries for two thousand of them.
    """
    rows = _screened(first, last).select_related("application")
    for chunk in _chunks(rows.order_by("decided_at", "pk").iterator(chunk_size=_CHUNK)):
        versions = get_versions({row.application.version_id for row in chunk})
        signed = _agreements([row.application_id for row in chunk])
        for row in chunk:
            inputs = unseal(row.inputs_sealed, Decision, "inputs_sealed", row.pk)
            features, case = asked_in(inputs)
            caps = dict(case.caps or ())
            # Another policy may come to another amount, whose cap nobody asked for that day.
            case = replace(case, caps=None, rate_max=caps.get(case.amount, case.rate_max))
            version = versions[row.application.version_id]
            asked = version.terms.borrower(inputs["facts"]["party_kind"])
            yield PastCase(
                application_id=row.application_id,
                number=row.application.number,
                product_code=version.code,
                policy_code=asked.policy if asked else "",
                outcome=row.outcome,
                decided_at=row.decided_at,
                decided_on=row.decided_on,
                features=features,
                case=case,
                agreements=signed.get(row.application_id, ()),
            )


def _screened(first: date, last: date) -> QuerySet[Decision]:
    """Return the screenings of these days that no later screening of the application replaced."""
    later = Decision.objects.filter(
        application=OuterRef("application"), stage="screening", number__gt=OuterRef("number")
    )
    rows = Decision.objects.filter(stage="screening", decided_on__range=(first, last))
    return rows.exclude(Exists(later))


def _chunks(rows: Iterable[Decision]) -> Iterator[list[Decision]]:
    waiting = iter(rows)
    while chunk := list(islice(waiting, _CHUNK)):
        yield chunk


def _agreements(application_ids: list[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    """Return what was signed for each application: its agreement, and those of its drawings."""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    own = Agreement.objects.filter(application__in=application_ids)
    for application_id, agreement_id in own.values_list("application", "pk"):
        found[application_id].append(agreement_id)
    drawn = Agreement.objects.filter(drawing__limit__agreement__application__in=application_ids)
    limit = "drawing__limit__agreement__application"
    for application_id, agreement_id in drawn.values_list(limit, "pk"):
        found[application_id].append(agreement_id)
    return {one: tuple(ids) for one, ids in found.items()}
