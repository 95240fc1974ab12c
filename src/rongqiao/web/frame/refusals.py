"""The one table from refusal to HTTP, and from code to sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.web.frame.sentences.table import SENTENCES
from rongqiao.web.templatetags.figures import moment

STATUS = {
    Kind.INVALID: 422,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.TOO_MANY: 429,
}


# An aware instant, as refusals tell it (`isoformat`).
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


class _Facts(dict[str, str]):
    """Facts of a refusal; one that the sentence wants but nobody gave shows as a dash."""

    def __missing__(self, key: str) -> str:
        return "—"


def message_for(refusal: Refusal) -> str:
    """Return the sentence, in the reader's language, for a refusal's code and facts."""
    return sentence(refusal.code, refusal.facts)


def sentence(code: str, facts: Mapping[str, str]) -> str:
    """Return the sentence of a code; an unknown code shows itself, so that support can name it."""
    text = SENTENCES.get(code)
    if text is None:
        return _("这项操作没有成功（%(code)s）。") % {"code": code}
    return str(text) % _Facts({name: _read(fact) for name, fact in facts.items()})


def _read(fact: str) -> str:
    """Return an instant as people here read it, any other fact as it is."""
    if not _INSTANT.fullmatch(fact):
        return fact
    return moment(datetime.fromisoformat(fact))
