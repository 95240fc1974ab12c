"""The second person's word on letting a pledge go, or the proposer's own withdrawal."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.collateral.models import PledgeRelease
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
from rongqiao.lending.collateral.operations.releasing.letting_go import (
    check_spared,
    let_go,
    note_release,
    tell,
)
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound

STATES = {"release": "released", "decline": "declined", "withdraw": "withdrawn"}
DECIDED = (
    "state",
    "debt_minor",
    "cover_left_minor",
    "decided_by",
    "decided_at",
    "declined_because",
)


@dataclass(frozen=True, kw_only=True)
class DecideRelease:
    """Which release, and the word: `release`, `decline` (for a reason) or `withdraw`."""

    release_id: UUID
    word: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ReleaseDecided:
    """What became of it."""

    release_id: UUID
    pledge_id: UUID
    state: str


@operation("collateral.decide-release", restore=ReleaseDecided)
def decide_release(command: DecideRelease, call: Call) -> ReleaseDecided:
    """Release the pledge for good, or leave it standing.

    What is owed and covered is looked at again, under the lock of all pledges of the case. Raises
    NotFound, CollateralRoleNeeded, CollateralOwnAffair, CollateralSecondPersonNeeded,
    CollateralDecided, CollateralWordsNeeded, PledgeStillNeeded.
    """
    takes_back = command.word == "withdraw"
    user_id = acting(call, *(KEEPERS if takes_back else DECIDERS))
    found = PledgeRelease.objects.select_related("pledge__collateral").filter(pk=command.release_id)
    seen = found.first()
    if seen is None or command.word not in STATES:
        raise NotFound(what="release")
    check_not_own(user_id, seen.pledge.party_id, seen.pledge.collateral.party_id)
    check_word(seen.proposed_by, user_id, takes_back=takes_back)
    standing = locked_pledges(seen.pledge)
    release = PledgeRelease.objects.select_for_update(no_key=True).get(pk=seen.pk)
    pledge = next((one for one in standing if one.pk == release.pledge_id), None)
    if release.state != "waiting" or pledge is None:
        raise CollateralDecided(value=release.state)
    if command.word == "release":
        security = check_spared(pledge, release.reason, call)
        note_release(release, security, call)
        let_go(pledge, locked_item(pledge.collateral_id), call)
        tell(pledge, call)
    else:
        release.state, release.decided_by = STATES[command.word], call.actor
        release.decided_at = call.at
        if command.word == "decline":
            release.declined_because = checked_words("reason", command.reason)
    release.save(update_fields=DECIDED)
    return ReleaseDecided(release_id=release.pk, pledge_id=pledge.pk, state=release.state)
