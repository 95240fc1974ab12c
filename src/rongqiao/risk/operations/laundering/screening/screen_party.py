"""Hold a customer against the lists in force: on registration, by hand, when a list changes.

Of a firm also its legal representative and its beneficial owners, when it declares them too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from rongqiao.parties.queries import Identity, get_identity
from rongqiao.parties.queries.owners import OwnerInFull, owners_in_force
from rongqiao.platform.crypto import blind_index
from rongqiao.platform.operations import Call, operation
from rongqiao.policies.identifiers import ResidentId
from rongqiao.risk.laundering.names.matching import FIRM, PERSON, Match, Subject, keys_of, matches
from rongqiao.risk.models.laundering.casework import ListedEntry, ScreenedKey, Screening
from rongqiao.risk.operations.laundering.raising import Raise, raise_alerts
from rongqiao.risk.queries.laundering.candidates import candidates_of, listed_of
from rongqiao.risk.queries.laundering.terms.owners import OWNER

SELF, REPRESENTATIVE = "self", "representative"
REGISTERED, LIST_CHANGED, BY_HAND = "registered", "list-changed", "by-hand"
OWNERS_DECLARED = "owners-declared"
# Who came with a portfolio, or was a customer before there were lists.
NOT_YET = "not-yet"
# Identity documents of the mainland are Chinese citizens' and firms'.
COUNTRY = "CN"


@dataclass(frozen=True, kw_only=True)
class ScreenParty:
    """Whom, and why: `registered`, `list-changed`, `not-yet` (screened before), `by-hand` or
    `owners-declared`.
    """

    party_id: UUID
    cause: str


@dataclass(frozen=True, kw_only=True)
class PartyScreened:
    """Done. What was found stands behind the wall, not on record here."""

    party_id: UUID


@operation("risk.laundering.screen_party", restore=PartyScreened)
def screen_party(command: ScreenParty, call: Call) -> PartyScreened:
    """Screen the party and, of a firm, its legal representative and its beneficial owners.

    A likeness raises an alert. Nothing changes for the customer. Raises NotFound.
    """
    identity = get_identity(command.party_id, call.on)
    ScreenedKey.objects.filter(party_id=command.party_id).delete()
    found: list[Raise] = []
    owners = owners_in_force(command.party_id, call.on)
    for part, subject in subjects_of(identity, owners).items():
        near = candidates_of(subject)
        hits = matches(subject, [listed_of(one) for one in near])
        rows = {one.pk: one for one in near}
        by_reference = {f"{one.code}/{one.reference}": one for one in rows.values()}
        found += [
            _raise(command.party_id, part, by_reference[listed.reference], match)
            for listed, match in hits
        ]
        _keep_keys(command.party_id, part, subject)
        Screening.objects.create(
            party_id=command.party_id,
            part=part,
            cause=command.cause,
            candidates=len(near),
            hits=len(hits),
            at=call.at,
        )
    raise_alerts(found, call)
    return PartyScreened(party_id=command.party_id)


def subjects_of(identity: Identity, owners: Iterable[OwnerInFull]) -> dict[str, Subject]:
    """Return who of a party is screened, by the part they play.

    An owner who is the legal representative is screened as that alone.
    """
    person = _person(identity.representative, identity.resident)
    if identity.kind == "person":
        return {SELF: person}
    firm = Subject(kind=FIRM, name=identity.name, number=identity.number, country=COUNTRY)
    return {
        SELF: firm,
        REPRESENTATIVE: person,
        **{
            f"{OWNER}{one.mark}": _person(one.name, one.resident)
            for one in owners
            if one.resident.number != identity.resident.number
        },
    }


def digest_of_key(key: str) -> bytes:
    """Return the keyed digest under which a key of a customer's name is kept."""
    return blind_index("risk.laundering-key", key)


def _person(name: str, resident: ResidentId) -> Subject:
    return Subject(
        kind=PERSON,
        name=name,
        born=resident.birth_on.isoformat(),
        number=resident.number,
        country=COUNTRY,
    )


def _keep_keys(party_id: UUID, part: str, subject: Subject) -> None:
    keys = keys_of(subject.kind, subject.name) | {f"n:{subject.number}"}
    ScreenedKey.objects.bulk_create(
        ScreenedKey(party_id=party_id, part=part, digest=digest_of_key(key)) for key in keys
    )


def _raise(party_id: UUID, part: str, entry: ListedEntry, match: Match) -> Raise:
    return Raise(
        party_id=party_id,
        kind="name",
        part=part,
        entry_id=entry.pk,
        score=match.score,
        evidence={
            "name": match.name,
            "parts": [[one.code, one.points] for one in match.parts],
        },
        # The entry's own contents: who was looked at is looked at again when the entry changes.
        basis=f"{part}/{entry.code}/{entry.reference}/{bytes(entry.digest).hex()}",
    )
