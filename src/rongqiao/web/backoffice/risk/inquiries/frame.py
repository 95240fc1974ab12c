"""What the pages of this room share: the row of pages, and what is shown of an inquiry."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rongqiao.risk.queries.inquiring.inquiries import InquiryView
from rongqiao.web.account.checks import words
from rongqiao.web.backoffice.finance.words import officer
from rongqiao.web.backoffice.risk.rooms import risk_room

PAGES = (
    ("inquiries", _("查询记录")),
    ("inquiry-sources", _("来源状况")),
    ("inquiry-costs", _("查询费用")),
)


def inquiry_room(request: HttpRequest, here: str, **more: Any) -> dict[str, Any]:
    """Return the context of a page of this room, `here` its URL name."""
    pages = [
        {"address": reverse(name), "label": label, "is_here": name == here} for name, label in PAGES
    ]
    return risk_room(request, "inquiries", pages=pages, **more)


def shown(one: InquiryView) -> dict[str, Any]:
    """Return an inquiry with the words of its codes."""
    return {
        "one": one,
        "source": words.SOURCES[one.source.code],
        "purpose": words.PURPOSES[one.purpose],
        "outcome": words.OUTCOMES[one.outcome],
        "tone": words.TONES[one.outcome],
        "fault": words.fault_words(one.fault),
        "consent": words.consent_words(one.consent_kind, one.consent_version),
        "asker": asker(one.asked_by),
    }


def asker(actor: str) -> str:
    """Return who asked: the customer's own page, a source standing in, or an officer."""
    return str(_("系统")) if actor.startswith("system:") else officer(actor)
