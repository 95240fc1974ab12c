"""Who is linked to a customer and why, and what officers said of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.lending.collateral.queries.guarantors import guarantees_in_force
from rongqiao.parties.queries import PartyView, get_parties
from rongqiao.platform.operations import Call
from rongqiao.risk.operations.laundering.keeping.clear_link import ClearLink, clear_link
from rongqiao.risk.operations.laundering.officers import LONGEST_REASON
from rongqiao.risk.queries.laundering.links import LinkWord, circles_of, words_about
from rongqiao.web.backoffice.finance.acts import Refused, Verb, refusal_of, shown_verbs
from rongqiao.web.backoffice.finance.words import officer, say
from rongqiao.web.backoffice.risk.laundering.words import CLEARINGS, LINKS
from rongqiao.web.frame.forms import KeyedForm

# A ring may have hundreds.
MOST_LINKED = 20


class LinkForm(KeyedForm):
    """Why a link counts, or does not."""

    reason = forms.CharField(
        label=gettext_lazy("理由"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def _say(word: str) -> Any:
    """Return what carries a word out; its target is customer, other and what links them now."""

    def run(target: tuple[UUID, UUID, tuple[str, ...]], said: dict[str, Any], call: Call) -> Any:
        party_id, other_id, reasons = target
        command = ClearLink(
            party_id=party_id,
            other_id=other_id,
            word=word,
            reasons=reasons,
            reason=said["reason"],
        )
        return clear_link(command, call)

    return run


VERBS = {
    "no-link": Verb(
        label=gettext_lazy("没有关联"),
        says=gettext_lazy("两者其实没有关联。以后出现新的关联原因时，会再列出来。"),
        run=_say("no-link"),
        form=LinkForm,
    ),
    "namesake": Verb(
        label=gettext_lazy("付款的是同名他人"),
        says=gettext_lazy("关联仍在，但以这个名字付款的是另一个人，不再当作关联方的付款。"),
        run=_say("namesake"),
        form=LinkForm,
    ),
    "restore": Verb(
        label=gettext_lazy("恢复关联"),
        says=gettext_lazy("收回此前的排除，重新当作关联方。"),
        run=_say("restore"),
        form=LinkForm,
    ),
}


def circle_of(party_id: UUID, refused: tuple[UUID, Refused] | None) -> dict[str, Any]:
    """Return who is linked and why with what may be said of it, and what was said."""
    links = circles_of([party_id], guarantees_in_force()).get(party_id, {})
    words = words_about(party_id)
    latest: dict[UUID, LinkWord] = {one.other_id: one for one in reversed(words)}
    names = get_parties({*links, *latest})
    linked = [
        _linked(party_id, (other, whys), latest.get(other), names, refused)
        for other, whys in sorted(links.items())[:MOST_LINKED]
    ]
    return {
        "linked": linked,
        "error": _error(linked, refused),
        "linked_more": max(0, len(links) - MOST_LINKED),
        "link_words": [
            {
                "one": one,
                "name": _name(one.other_id, names),
                "word": say(CLEARINGS, one.ground if one.is_cleared else "restore"),
                "by": officer(one.cleared_by),
            }
            for one in words
        ],
    }


def reasons_now(party_id: UUID, other_id: UUID) -> tuple[str, ...]:
    """Return what links the two now, whatever was said of it; nothing where they are not linked."""
    links = circles_of([party_id], guarantees_in_force()).get(party_id, {})
    return tuple(sorted(links.get(other_id, ())))


def _linked(
    party_id: UUID,
    link: tuple[UUID, frozenset[str]],
    word: LinkWord | None,
    names: Mapping[UUID, PartyView],
    refused: tuple[UUID, Refused] | None,
) -> dict[str, Any]:
    other, whys = link
    stands = word if word is not None and word.clears(whys) else None
    verbs = ["restore"] if stands else ["no-link", "namesake"]
    return {
        "id": other,
        "name": _name(other, names),
        "is_party": other in names,
        "why": [say(LINKS, one) for one in sorted(whys)],
        "cleared": say(CLEARINGS, stands.ground) if stands else "",
        "verbs": shown_verbs(
            VERBS,
            verbs,
            lambda verb: reverse("laundering-link-act", args=[party_id, other, verb]),
            refused[1] if refused and refused[0] == other else None,
            mark=f"-{other.hex[-8:]}",
        ),
    }


def _error(linked: list[dict[str, Any]], refused: tuple[UUID, Refused] | None) -> str:
    """Return why a word was refused that the link no longer offers."""
    if refused is None:
        return ""
    offered = (act["name"] for one in linked if one["id"] == refused[0] for act in one["verbs"])
    return refusal_of(refused[1], offered)


def _name(other: UUID, names: Mapping[UUID, PartyView]) -> str:
    return names[other].name if other in names else _("尚未实名的登录")
