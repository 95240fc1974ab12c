"""A firm's beneficial owners as compliance reads them: the list, and the part an owner plays."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from rongqiao.parties.queries import Identity
from rongqiao.parties.queries.owners import (
    OwnerInFull,
    declarations_of,
    owner_under,
    owners_in_force,
)
from rongqiao.platform import clock
from rongqiao.risk.queries.laundering.terms.owners import OWNER, mark_in
from rongqiao.web.backoffice.finance.words import officer, say
from rongqiao.web.backoffice.risk.laundering.words import PARTIES
from rongqiao.web.borrower.statements.owners import shown_declaration
from rongqiao.web.borrower.statements.words import DECLARED, DECLARED_TONES, GROUNDS
from rongqiao.web.templatetags.figures import percent


def owners_of(party: Identity, standing: str) -> dict[str, Any] | None:
    """Return what a firm declared, newest first, numbers masked; None of a person.

    `standing` is the firm's answer of the rating's factor today.
    """
    if party.kind == "person":
        return None
    history = declarations_of(party.party_id)
    return {
        "word": say(DECLARED, standing),
        "tone": DECLARED_TONES[standing],
        "versions": [{**shown_declaration(one), "by": officer(one.declared_by)} for one in history],
        "renew_on": history[0].renew_on if history else None,
    }


def parts_of(owners: dict[str, Any] | None) -> dict[str, str]:
    """Return by part of a screening who that is, owners with their masked names."""
    names = {
        f"{OWNER}{owner['one'].mark}": f"{say(PARTIES, 'owner')} {owner['one'].name}"
        for version in reversed(owners["versions"] if owners else [])
        for owner in version["owners"]
    }
    return {**{part: say(PARTIES, part) for part in PARTIES}, **names}


def role_in(part: str, party: Identity) -> tuple[str, OwnerInFull | None]:
    """Return in words whom an alert is about, and the owner where it is one.

    Who represents a firm and owns it is both.
    """
    on = clock.business_date()
    if mark := mark_in(part):
        one = owner_under(party.party_id, mark, on)
        return (_role(one) if one else say(PARTIES, "owner")), one
    if part != "representative":
        return (say(PARTIES, part) if part else ""), None
    own = (one for one in owners_in_force(party.party_id, on))
    same = next((one for one in own if one.resident.number == party.resident.number), None)
    word = say(PARTIES, part)
    return (_("%(one)s、%(other)s") % {"one": word, "other": _role(same)} if same else word), None


def _role(one: OwnerInFull) -> str:
    """Return `受益所有人（持股，60.00%）`."""
    ground = say(GROUNDS, one.control)
    if one.share_bp is not None:
        share = percent(Decimal(one.share_bp) / 10_000)
        ground = _("%(ground)s，%(share)s") % {"ground": ground, "share": share}
    return _("受益所有人（%(ground)s）") % {"ground": ground}
