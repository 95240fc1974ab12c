"""What the writes of collateral share: who may act, the locked rows, the rule in force, words."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from rongqiao.lending.collateral.models import Collateral, CollateralRule, Pledge
from rongqiao.lending.collateral.queries.rules import rule_in_force
from rongqiao.lending.collateral.valuing import Yardstick
from rongqiao.parties.queries import is_own_affair, person_keys_of, roles_of, user_of
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.roles import Role

# Who registers, values and proposes; and who agrees.
KEEPERS = (Role.REVIEWER, Role.OPERATOR)
DECIDERS = (Role.APPROVER, Role.RISK_ANALYST)
LONGEST_REASON = 200


class CollateralRoleNeeded(Refusal):
    """The actor holds no role that may do this; fact: `allowed`."""

    kind, code = Kind.FORBIDDEN, "collateral.role-needed"


class CollateralOwnAffair(Refusal):
    """Nobody registers, values or decides on what they or their firms give or owe."""

    kind, code = Kind.FORBIDDEN, "collateral.own-affair"


class CollateralSecondPersonNeeded(Refusal):
    """Whoever proposed does not decide, nor does anybody else take it back."""

    kind, code = Kind.FORBIDDEN, "collateral.second-person-needed"


class CollateralWordsNeeded(Refusal):
    """A value cannot stand; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "collateral.words-needed"


class CollateralDecided(Refusal):
    """It was decided on before; fact: `value`."""

    code = "collateral.decided"


class CollateralRetired(Refusal):
    """The item has left the register."""

    code = "collateral.retired"


def acting(call: Call, *roles: Role) -> UUID:
    """Return the acting user, who holds one of `roles`; raises CollateralRoleNeeded."""
    user_id = user_of(call.actor)
    if user_id is None or not roles_of(user_id) & set(roles):
        raise CollateralRoleNeeded(allowed=", ".join(sorted(role.value for role in roles)))
    return user_id


def check_not_own(user_id: UUID, *party_ids: UUID) -> None:
    """Raise CollateralOwnAffair where the user is behind one of the parties."""
    if any(is_own_affair(user_id, one) for one in set(party_ids)):
        raise CollateralOwnAffair


def check_word(proposed_by: str, user_id: UUID, *, takes_back: bool) -> None:
    """Raise CollateralSecondPersonNeeded where the wrong one of the two speaks."""
    maker = user_of(proposed_by)
    if maker is None or _are_one_person(maker, user_id) != takes_back:
        raise CollateralSecondPersonNeeded


def locked_item(collateral_id: UUID) -> Collateral:
    """Return the locked item, in the register; raises NotFound, CollateralRetired."""
    row = Collateral.objects.select_for_update(no_key=True).filter(pk=collateral_id).first()
    if row is None:
        raise NotFound(what="collateral")
    if row.retired_at is not None:
        raise CollateralRetired
    return row


def locked_pledges(first: Pledge) -> list[Pledge]:
    """Return every standing pledge of the same case, locked in one order for all writers.

    Two releases of one case wait for each other: neither counts on what the other lets go.
    """
    standing = Pledge.objects.of_case(first.application_id, first.agreement_id)
    standing = standing.filter(state="agreed")
    return list(standing.select_for_update(no_key=True).order_by("pk"))


def yardstick_of(kind: str, on: date) -> Yardstick:
    """Return how a kind is judged on a date; there is a released rule for each from the start."""
    rule: CollateralRule | None = rule_in_force(kind, on)
    assert rule is not None, f"no rule for {kind}"
    return rule.yardstick


def checked_words(field: str, given: str, longest: int = LONGEST_REASON) -> str:
    """Return words without superfluous blanks; raises CollateralWordsNeeded."""
    words = " ".join(given.split())
    if not 0 < len(words) <= longest or not words.isprintable():
        raise CollateralWordsNeeded(field=field, value=words[:40], allowed=f"1 - {longest}")
    return words


def _are_one_person(one: UUID, other: UUID) -> bool:
    return one == other or bool(person_keys_of(one) & person_keys_of(other))
