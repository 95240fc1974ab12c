"""The second person's word on a pledge, or the proposer's own withdrawal; with a swap, in one."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Max

from rongqiao.finance.money import Money
from rongqiao.lending.collateral.models import Collateral, Pledge, PledgeRelease
from rongqiao.lending.collateral.operations.acting import (
    DECIDERS,
    KEEPERS,
    CollateralDecided,
    acting,
    check_not_own,
    check_word,
    checked_words,
    locked_item,
    locked_pledges,
)
from rongqiao.lending.collateral.operations.pledging.bearing import check_bears
from rongqiao.lending.collateral.operations.releasing.letting_go import (
    PledgeStillNeeded,
    let_go,
    note_release,
    tell,
)
from rongqiao.lending.collateral.queries.security import security_of_pledge
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound

STATES = {"agree": "agreed", "decline": "declined", "withdraw": "withdrawn"}
DECIDED = ("state", "decided_by", "decided_at", "decided_on")


@dataclass(frozen=True, kw_only=True)
class DecidePledge:
    """Which pledge, and the word: `agree`, `decline` (for a reason) or `withdraw`."""

    pledge_id: UUID
    word: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class PledgeDecided:
    """What became of it; its rank among the standing pledges on the item where it was agreed."""

    pledge_id: UUID
    state: str
    rank: int | None


@operation("collateral.decide-pledge", restore=PledgeDecided)
def decide_pledge(command: DecidePledge, call: Call) -> PledgeDecided:
    """Let the item secure the case from now on, in the next rank; or decline, or take back.

    Value, charges and age of the valuation are looked at again under the item's lock. One that
    replaces another releases it in the same breath. Raises NotFound, CollateralRoleNeeded,
    CollateralOwnAffair, CollateralSecondPersonNeeded, CollateralDecided, CollateralRetired,
    CollateralEnded, ValuationStale, PledgeBeyondFreeValue, PledgeStillNeeded,
    CollateralWordsNeeded.
    """
    takes_back = command.word == "withdraw"
    user_id = acting(call, *(KEEPERS if takes_back else DECIDERS))
    seen = Pledge.objects.select_related("collateral").filter(pk=command.pledge_id).first()
    if seen is None or command.word not in STATES:
        raise NotFound(what="pledge")
    check_not_own(user_id, seen.party_id, seen.collateral.party_id)
    check_word(seen.proposed_by, user_id, takes_back=takes_back)
    standing = locked_pledges(seen)
    pledge = Pledge.objects.select_for_update(no_key=True).get(pk=seen.pk)
    if pledge.state != "proposed":
        raise CollateralDecided(value=pledge.state)
    if command.word == "agree":
        item = locked_item(pledge.collateral_id)
        _agree(pledge, item, call)
        tell(pledge, call)
        if pledge.replaces_id is not None:
            _swap(pledge, standing, call)
    else:
        if command.word == "decline":
            pledge.declined_because = checked_words("reason", command.reason)
        _decide(pledge, STATES[command.word], call)
        pledge.save(update_fields=[*DECIDED, "declined_because"])
    return PledgeDecided(pledge_id=pledge.pk, state=pledge.state, rank=pledge.rank)


def _decide(pledge: Pledge, state: str, call: Call) -> None:
    pledge.state, pledge.decided_by = state, call.actor
    pledge.decided_at, pledge.decided_on = call.at, call.on


def _agree(pledge: Pledge, item: Collateral, call: Call) -> None:
    """Give a locked pledge the next rank on its locked item, with what was found."""
    amount = Money(pledge.amount_minor)
    free = check_bears(item, amount, call, is_beyond=pledge.is_beyond)
    standing = Pledge.objects.filter(collateral=item, state="agreed")
    pledge.rank = (standing.aggregate(last=Max("rank"))["last"] or 0) + 1
    pledge.value_minor, pledge.prior_minor = item.value_minor, item.prior_minor
    pledge.free_minor = free.minor
    _decide(pledge, "agreed", call)
    pledge.save(update_fields=[*DECIDED, "rank", "value_minor", "prior_minor", "free_minor"])
    item.secured_minor += pledge.amount_minor
    item.save(update_fields=["secured_minor"])


def _swap(pledge: Pledge, standing: list[Pledge], call: Call) -> None:
    """Release what the agreed pledge replaces.

    The case is then covered as the rule asks, or no worse than before. Raises CollateralDecided,
    PledgeStillNeeded.
    """
    old = next((one for one in standing if one.pk == pledge.replaces_id), None)
    if old is None:
        raise CollateralDecided(value="released")
    security = security_of_pledge(old, call.on)
    left = security.cover_without(old.pk)
    is_worse = left < security.cover_without(pledge.pk) or security.demanded_without(
        old.pk
    ) < security.demanded_without(pledge.pk)
    if is_worse and not security.can_do_without(old.pk):
        raise PledgeStillNeeded(debt=security.debt.text(), left=left.text())
    waiting = PledgeRelease.objects.filter(pledge=old, state="waiting")
    waiting.update(state="declined", decided_by=call.actor, decided_at=call.at)
    release = PledgeRelease(
        id=new_id(call.at),
        pledge=old,
        reason="substituted",
        proposed_by=pledge.proposed_by,
        proposed_at=pledge.proposed_at,
    )
    note_release(release, security, call)
    release.save(force_insert=True)
    let_go(old, locked_item(old.collateral_id), call)
    tell(old, call)
