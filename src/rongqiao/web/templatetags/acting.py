"""For whom a form is shown."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html

register = template.Library()
# The hidden field that says for whom a form was shown; `web.frame.access` reads it.
SHOWN_FOR = "shown_for"


@register.simple_tag(takes_context=True)
def party_token(context: Context) -> str:
    """Return what a form of the acting party carries unseen: the CSRF token, and for whom it is.

    On pages that no party opens, as staff's, it is the CSRF token alone.
    """
    csrf = CsrfTokenNode().render(context)
    party: Any = getattr(context["request"], "party", None)
    if party is None:
        return csrf
    return format_html('{}<input type="hidden" name="{}" value="{}">', csrf, SHOWN_FOR, party.id)
