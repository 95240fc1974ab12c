"""Concentration limits: what a signature commits is counted, and held under them, in its own
transaction.

Everyone takes rows of `Exposure` in the order of kind and key, so nobody waits in a circle. A
repayment takes none of them: what was paid back is counted off as a day closes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from rongqiao.lending.origination.models import Agreement, Application
from rongqiao.lending.origination.models.concentration import (
    Commitment,
    ConcentrationLimit,
    Exposure,
)
from rongqiao.lending.origination.sealing import unseal
from rongqiao.parties.queries import belonging_of
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, Refusal

# What persons borrow for is no industry of theirs.
OF_PERSONS = "personal"
ALL = "all"


class ConcentrationReached(Refusal):
    """Too much would be out on one borrower, group, industry, ...; fact: `limit`, its kind.

    No figure: it would tell what others owe.
    """

    kind, code = Kind.CONFLICT, "origination.concentration-reached"


@dataclass(frozen=True, order=True)
class Place:
    """One thing lending may gather in; `broader` is the wider key that limits may name."""

    kind: str
    key: str
    broader: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys of the limits that may be this place's, the closest first."""
        return self.key, *((self.broader,) if self.broader else ()), ""


def reserve(agreement: Agreement, call: Call) -> None:
    """Count a loan or drawing being signed, inside its operation. Raises ConcentrationReached.

    The rows stay locked until the signature commits: call it last.
    """
    made = commitment_of(agreement)
    made.left_minor = made.amount_minor
    made.save(force_insert=True)
    _count(places_of(made), made.left_minor, call)


def raise_to(row: Commitment, minor: int, call: Call) -> None:
    """Count a locked commitment for `minor` fen, never for less than it is counted for.

    Raises ConcentrationReached. The rows stay locked until the caller commits: call it last.
    """
    more = minor - row.left_minor
    if more <= 0:
        return
    _write({row.pk: minor})
    _count(places_of(row), more, call)


def _count(places: tuple[Place, ...], more: int, call: Call) -> None:
    """Add to exposures and hold them under their limits. Raises ConcentrationReached."""
    used = change(dict.fromkeys(places, more))
    limits = limits_of(places, call.on)
    for place in places:
        most = limits.get(place)
        if most is not None and used[place.kind, place.key] > most:
            raise ConcentrationReached(limit=place.kind)


def give_up(agreements: Iterable[Agreement]) -> None:
    """Count agreements that were cancelled no more; those not counted are left alone."""
    ids = [one.pk for one in agreements]
    settle(dict.fromkeys(ids, 0))


def settle(left: Mapping[UUID, int]) -> int:
    """Bring commitments to what is `left` of each, by agreement; return how many changed."""
    rows = (
        Commitment.objects.select_for_update(of=("self",))
        .select_related("agreement")
        # A contract's text is no part of what it counts for.
        .defer("agreement__text_sealed", "agreement__confirmation_sealed")
        .filter(pk__in=left)
        .order_by("pk")
    )
    deltas: dict[Place, int] = {}
    changed: dict[UUID, int] = {}
    for row in rows:
        delta = left[row.pk] - row.left_minor
        if delta:
            changed[row.pk] = left[row.pk]
        for place in places_of(row) if delta else ():
            deltas[place] = deltas.get(place, 0) + delta
    if changed:
        _write(changed)
        change(deltas)
    return len(changed)


def commitment_of(agreement: Agreement) -> Commitment:
    """Return the unsaved commitment of an agreement, with nothing counted yet."""
    belonging = belonging_of(agreement.party_id)
    return Commitment(
        agreement=agreement,
        party_id=agreement.party_id,
        party_kind=belonging.kind,
        group_key=belonging.behind,
        industry=_industry(_application(agreement)),
        region=belonging.province,
        amount_minor=agreement.amount_minor,
        left_minor=0,
    )


def places_of(row: Commitment) -> tuple[Place, ...]:
    """Return the places a commitment counts in."""
    return (
        Place("borrower", str(row.party_id), row.party_kind),
        Place("group", row.group_key),
        Place("industry", row.industry),
        Place("product", row.agreement.product_code),
        Place("region", row.region),
        Place("whole", ALL),
    )


def limits_of(places: Iterable[Place], on: date) -> dict[Place, int | None]:
    """Return the fen that may be out in each place on a date; None, or no entry, for no limit."""
    places = tuple(places)
    keys = {key for place in places for key in place.keys}
    rows = (
        ConcentrationLimit.objects.filter(state="released", from_on__lte=on, key__in=keys)
        .order_by("kind", "key", "-from_on", "-number")
        .distinct("kind", "key")
    )
    found = {(row.kind, row.key): row.amount_minor for row in rows}
    return {
        place: next(found[place.kind, key] for key in place.keys if (place.kind, key) in found)
        for place in places
        if any((place.kind, key) in found for key in place.keys)
    }


def change(deltas: Mapping[Place, int]) -> dict[tuple[str, str], int]:
    """Add to the exposures, in fen, making rows that are not there; return what each is now."""
    ordered = sorted(deltas)
    rows = [[getattr(one, name) for one in ordered] for name in ("kind", "key", "broader")]
    added = [deltas[one] for one in ordered]
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO origination_exposure (kind, key, broader, used_minor)
               SELECT kind, key, broader, 0
               FROM unnest(%s::text[], %s::text[], %s::text[]) AS new (kind, key, broader)
               ORDER BY kind, key ON CONFLICT (kind, key) DO NOTHING""",
            rows,
        )
        cursor.execute(
            """SELECT exposure.id FROM origination_exposure AS exposure
               JOIN unnest(%s::text[], %s::text[]) AS wanted (kind, key) USING (kind, key)
               ORDER BY kind, key FOR UPDATE OF exposure""",
            rows[:2],
        )
        cursor.execute(
            """UPDATE origination_exposure AS exposure
               SET used_minor = exposure.used_minor + added.minor
               FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS added (kind, key, minor)
               WHERE (exposure.kind, exposure.key) = (added.kind, added.key)
               RETURNING exposure.kind, exposure.key, exposure.used_minor""",
            [*rows[:2], added],
        )
        return {(kind, key): used for kind, key, used in cursor.fetchall()}


def _write(left: Mapping[UUID, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE origination_commitment AS commitment SET left_minor = known.minor
               FROM unnest(%s::uuid[], %s::bigint[]) AS known (agreement_id, minor)
               WHERE commitment.agreement_id = known.agreement_id""",
            [list(left), list(left.values())],
        )


def stamp(call: Call) -> None:
    """Note on the row of the whole when what was paid back was taken in."""
    Exposure.objects.filter(kind="whole", key=ALL).update(settled_at=call.at)


def _application(agreement: Agreement) -> Application:
    drawing = agreement.drawing
    case = agreement.application if drawing is None else drawing.limit.agreement.application
    assert case is not None
    return case


def _industry(case: Application) -> str:
    answers = unseal(case.answers_sealed, Application, "answers_sealed", case.pk)
    sector: str = answers.get("business", {}).get("sector", "")
    return sector or OF_PERSONS
