"""A firm declares its beneficial owners, or renews what it declared; every version stays.

Who it is: 受益所有人信息管理办法 (中国人民银行、国家市场监督管理总局令〔2024〕第3号) art. 6 and 7;
docs/statutes.md says what of it was read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongqiao.parties.events import OwnersDeclared
from rongqiao.parties.models import (
    QUARTER_BP,
    WHOLE_BP,
    BeneficialOwner,
    Organization,
    OwnerDeclaration,
)
from rongqiao.parties.operations.refusals import acting_for, checked
from rongqiao.parties.sealing import resident_index, seal, unseal
from rongqiao.parties.words import Control
from rongqiao.platform.events import publish
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.identifiers import ResidentId, person_name, resident_id

# Four may have a quarter of the shares each, four of the votes; some control together.
MOST_OWNERS = 10
# Whoever declares by these has a quarter at least.
BY_QUARTER = (Control.SHARES, Control.VOTES)
# These stand alone: nobody else is a beneficial owner by another standard beside them.
ALONE = (Control.MANAGER, Control.STATE_OWNED)


class OwnersNeeded(Refusal):
    """A firm always has one: at the least, who runs it."""

    kind, code = Kind.INVALID, "parties.owners-needed"


class TooManyOwners(Refusal):
    """More than are taken; fact: `allowed`."""

    kind, code = Kind.INVALID, "parties.owners-too-many"


class ShareOutOfBounds(Refusal):
    """A share is not between 0.01 and 100 percent; facts: `field`, `value` in percent."""

    kind, code = Kind.INVALID, "parties.owner-share"


class ShareTooSmall(Refusal):
    """Who is declared by shares or votes has a quarter at least; fact: `field`."""

    kind, code = Kind.INVALID, "parties.owner-share-small"


class MoreThanTheWhole(Refusal):
    """Shares, or votes, come to more than 100 percent; fact: `value` in percent."""

    kind, code = Kind.INVALID, "parties.owners-over-whole"


class OwnerTwice(Refusal):
    """The same resident id stands in two lines; fact: `field`."""

    kind, code = Kind.INVALID, "parties.owner-twice"


class SinceOutOfBounds(Refusal):
    """Nobody owns from a day that is to come, or before they were born; fact: `field`."""

    kind, code = Kind.INVALID, "parties.owner-since"


class UnknownControl(Refusal):
    """No such ground; facts: `field`, `value`."""

    kind, code = Kind.INVALID, "parties.owner-control"


class StandsAlone(Refusal):
    """A manager, or a representative of the state's firm, beside owners of another kind."""

    kind, code = Kind.INVALID, "parties.owner-stands-alone"


class RepresentativeNeeded(Refusal):
    """A firm of the state declares its legal representative, and nobody else."""

    kind, code = Kind.INVALID, "parties.owner-representative"


class DeclaredMeanwhile(Refusal):
    """Another version was declared since the form was made."""

    kind, code = Kind.CONFLICT, "parties.owners-declared-meanwhile"


@dataclass(frozen=True, kw_only=True)
class DeclaredOwner:
    """One line: who, on which ground, the share in hundredths of a percent, since when.

    `same_as` is an owner of the version in force, whose name and number stay. `row` numbers the
    line for refusals, whose `field` is such as `share-1`.
    """

    row: int
    control: str
    since_on: date
    share_bp: int | None = None
    name: str = ""
    resident_id: str = ""
    same_as: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class DeclareOwners:
    """The firm, the number of the version that the form was made from (0: none), the owners."""

    party_id: UUID
    after: int
    owners: tuple[DeclaredOwner, ...] = sensitive()


@dataclass(frozen=True, kw_only=True)
class OwnersKept:
    """Which version it is."""

    number: int


@dataclass(frozen=True)
class _Checked:
    """A line in order, with who it is."""

    line: DeclaredOwner
    name: str
    resident: ResidentId


@operation("parties.declare_owners", restore=OwnersKept)
def declare_owners(command: DeclareOwners, call: Call) -> OwnersKept:
    """Keep a new version and tell OwnersDeclared.

    Raises NotYours, NotFound, IdentifierRefused and the refusals above.
    """
    acting_for(call, command.party_id)
    firm = Organization.objects.select_for_update().filter(pk=command.party_id).first()
    if firm is None:
        raise NotFound(what="organization")
    last = OwnerDeclaration.objects.filter(organization=firm).order_by("-number").first()
    if command.after != (last.number if last else 0):
        raise DeclaredMeanwhile
    if not command.owners:
        raise OwnersNeeded
    if len(command.owners) > MOST_OWNERS:
        raise TooManyOwners(allowed=str(MOST_OWNERS))
    known = {one.pk: one for one in last.owners.all()} if last else {}
    found = [_checked(line, known, call) for line in command.owners]
    _refuse_together(found, firm)
    number = _write(firm, command.after + 1, found, call)
    publish(
        OwnersDeclared(party_id=firm.pk, number=number, happened_at=call.at, happened_on=call.on)
    )
    return OwnersKept(number=number)


def _checked(line: DeclaredOwner, known: dict[UUID, BeneficialOwner], call: Call) -> _Checked:
    """Return one line with who it is."""
    if line.control not in Control.values:
        raise UnknownControl(field=f"control-{line.row}", value=line.control[:20])
    name, number = _who(line, known)
    named = checked(f"name-{line.row}", lambda: person_name(name))
    resident = checked(f"resident_id-{line.row}", lambda: resident_id(number, call.on))
    share = line.share_bp
    if share is not None and not 1 <= share <= WHOLE_BP:
        raise ShareOutOfBounds(field=f"share-{line.row}", value=_percent(share))
    if line.control in BY_QUARTER and (share is None or share < QUARTER_BP):
        raise ShareTooSmall(field=f"share-{line.row}")
    if not resident.birth_on <= line.since_on <= call.on:
        raise SinceOutOfBounds(field=f"since_on-{line.row}")
    return _Checked(line, named, resident)


def _who(line: DeclaredOwner, known: dict[UUID, BeneficialOwner]) -> tuple[str, str]:
    """Return name and number as given, or as they stand in the version in force."""
    if line.same_as is None:
        return line.name, line.resident_id
    row = known.get(line.same_as)
    if row is None:
        raise DeclaredMeanwhile
    return (
        unseal(row.name_sealed, "beneficialowner", "name", row.pk),
        unseal(row.resident_id_sealed, "beneficialowner", "resident_id", row.pk),
    )


def _refuse_together(found: Sequence[_Checked], firm: Organization) -> None:
    """Refuse what each line may say, and all of them may not."""
    seen: set[str] = set()
    for one in found:
        if one.resident.number in seen:
            raise OwnerTwice(field=f"resident_id-{one.line.row}")
        seen.add(one.resident.number)
    for total in _sums(found):
        if total > WHOLE_BP:
            raise MoreThanTheWhole(value=_percent(total))
    grounds = {one.line.control for one in found}
    if len(grounds) > 1 and grounds & set(ALONE):
        raise StandsAlone
    if Control.STATE_OWNED in grounds:
        representative = bytes(firm.legal_representative_index)
        if {resident_index(number) for number in seen} != {representative}:
            raise RepresentativeNeeded


def _sums(found: Sequence[_Checked]) -> tuple[int, int]:
    """Return the sums of shares and of votes: who holds both is declared by the shares."""
    votes = [one for one in found if one.line.control == Control.VOTES]
    shares = [one for one in found if one.line.control != Control.VOTES]
    return _sum(shares), _sum(votes)


def _sum(lines: Sequence[_Checked]) -> int:
    return sum(one.line.share_bp or 0 for one in lines)


def _write(firm: Organization, number: int, found: Sequence[_Checked], call: Call) -> int:
    shares, votes = _sums(found)
    declaration = OwnerDeclaration.objects.create(
        id=new_id(call.at),
        organization=firm,
        number=number,
        shares_bp=shares,
        votes_bp=votes,
        declared_by=call.actor,
        declared_at=call.at,
        declared_on=call.on,
    )
    lines = enumerate(found, start=1)
    BeneficialOwner.objects.bulk_create(_row(*one, declaration, call) for one in lines)
    return number


def _row(line: int, one: _Checked, declaration: OwnerDeclaration, call: Call) -> BeneficialOwner:
    owner_id = new_id(call.at)
    number = one.resident.number
    return BeneficialOwner(
        id=owner_id,
        declaration=declaration,
        line=line,
        name_sealed=seal(one.name, "beneficialowner", "name", owner_id),
        resident_id_sealed=seal(number, "beneficialowner", "resident_id", owner_id),
        resident_id_index=resident_index(number),
        control=one.line.control,
        share_bp=one.line.share_bp,
        since_on=one.line.since_on,
    )


def _percent(share_bp: int) -> str:
    return f"{share_bp / 100:.2f}"
