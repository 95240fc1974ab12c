"""Hold a customer against the lists in force: on registration, by hand, when a list changes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.parties.queries import Identity, get_identity
from rongqiao.platform.crypto import blind_index
from rongqiao.platform.operations import Call, operation
from rongqiao.risk.laundering.names.matching import FIRM, PERSON, Match, Subject, keys_of, matches
from rongqiao.risk.models.laundering.casework import ListedEntry, ScreenedKey, Screening
from rongqiao.risk.operations.laundering.raising import Raise, raise_alerts
from rongqiao.risk.queries.laundering.candidates import candidates_of, listed_of

SELF, REPRESENTATIVE = "self", "representative"
REGISTERED, LIST_CHANGED, BY_HAND = "registered", "list-changed", "by-hand"
# Who came with a portfolio, or was a customer before there were lists.
NOT_YET = "not-yet"
# Identity documents of the mainland are Chinese citizens' and firms'.
COUNTRY = "CN"


@dataclass(frozen=True, kw_only=True)
class ScreenParty:
    """Whom, and why: `registered`, `list-changed`, `not-yet` (screened before) or `by-hand`."""

    party_id: UUID
    cause: str


@dataclass(frozen=True, kw_only=True)
class PartyScreened:
    """Done. What was found stands behind the wall, not on record here."""

    party_id: UUID


@operation("risk.laundering.screen_party", restore=PartyScreened)
def screen_party(command: ScreenParty, call: Call) -> PartyScreened:
    """Screen the party and, of a firm, its legal representative; a likeness raises an alert.

    Nothing changes for the customer. Raises NotFound.
    """
    identity = get_identity(command.party_id, call.on)
    ScreenedKey.objects.filter(party_id=command.party_id).delete()
    found: list[Raise] = []
    for part, subject in subjects_of(identity).items():
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


def subjects_of(identity: Identity) -> dict[str, Subject]:
    """Return who of a party is screened, by the part they play."""
    person = Subject(
        kind=PERSON,
        name=identity.representative,
        born=identity.resident.birth_on.isoformat(),
        number=identity.resident.number,
        country=COUNTRY,
    )
    if identity.kind == "person":
        return {SELF: person}
    firm = Subject(kind=FIRM, name=identity.name, number=identity.number, country=COUNTRY)
    return {SELF: firm, REPRESENTATIVE: person}


def digest_of_key(key: str) -> bytes:
    """Return the keyed digest under which a key of a customer's name is kept."""
    return blind_index("risk.laundering-key", key)


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
