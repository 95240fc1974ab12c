"""Propose to let a pledge go; another person releases it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError

from rongqiao.lending.collateral.models import Pledge, PledgeRelease
from rongqiao.lending.collateral.operations.acting import (
    KEEPERS,
    LONGEST_REASON,
    CollateralDecided,
    CollateralWordsNeeded,
    acting,
    check_not_own,
)
from rongqiao.lending.collateral.operations.releasing.letting_go import check_spared
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation, undone_if_it_fails
from rongqiao.platform.refusals import NotFound, Refusal

REASONS = ("settled", "surplus")


class ReleaseWaits(Refusal):
    """A release of the pledge waits for its second person."""

    code = "collateral.release-waits"


@dataclass(frozen=True, kw_only=True)
class ProposeRelease:
    """Which pledge, and why: `settled` (nothing is owed) or `surplus` (the rest is enough)."""

    pledge_id: UUID
    reason: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class ReleaseProposed:
    """The release that waits."""

    release_id: UUID
    pledge_id: UUID


@operation("collateral.propose-release", restore=ReleaseProposed)
def propose_release(command: ProposeRelease, call: Call) -> ReleaseProposed:
    """Propose it. Raises NotFound, CollateralRoleNeeded, CollateralOwnAffair, CollateralDecided,
    CollateralWordsNeeded, PledgeStillNeeded, ReleaseWaits.
    """
    user_id = acting(call, *KEEPERS)
    pledge = (
        Pledge.objects.select_for_update(no_key=True, of=("self",))
        .select_related("collateral")
        .filter(pk=command.pledge_id)
        .first()
    )
    if pledge is None:
        raise NotFound(what="pledge")
    check_not_own(user_id, pledge.party_id, pledge.collateral.party_id)
    if pledge.state != "agreed":
        raise CollateralDecided(value=pledge.state)
    note = " ".join(command.note.split())
    _check("reason", command.reason, ", ".join(REASONS), ok=command.reason in REASONS)
    _check("note", note, f"0 - {LONGEST_REASON}", ok=len(note) <= LONGEST_REASON)
    check_spared(pledge, command.reason, call)
    row = PledgeRelease(
        id=new_id(call.at),
        pledge=pledge,
        reason=command.reason,
        note=note,
        proposed_by=call.actor,
        proposed_at=call.at,
    )
    try:
        with undone_if_it_fails():
            row.save(force_insert=True)
    except IntegrityError:
        raise ReleaseWaits from None
    return ReleaseProposed(release_id=row.pk, pledge_id=pledge.pk)


def _check(field: str, value: str, allowed: str, *, ok: bool) -> None:
    if not ok:
        raise CollateralWordsNeeded(field=field, value=value[:40], allowed=allowed)
