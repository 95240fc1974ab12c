"""A file as it may be kept beside something, judged as documents of applications are."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from rongqiao.lending.origination.intake.content import BYTES_MOST, BadContent, inspect
from rongqiao.lending.origination.intake.pages import NoSuchPage, page_of
from rongqiao.platform.refusals import NotFound

_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}
_ENCODED_MOST = BYTES_MOST * 4 // 3 + 8


@dataclass(frozen=True)
class Kept:
    """Bytes that decode and harm nobody, their type, and the ending of their name."""

    content: bytes
    media_type: str
    ending: str


def as_kept(name: str, encoded: str) -> Kept | None:
    """Return the file of a name, its bytes in base64, as it may be kept; None for one that may not.

    JPEG and PNG, drawn anew, and passive PDF of at most 20 MB.
    """
    if len(encoded) > _ENCODED_MOST:
        return None
    try:
        found = inspect(base64.b64decode(encoded, validate=True), name)
    except (binascii.Error, BadContent):
        return None
    return Kept(found.content, found.media_type, _ENDINGS[found.media_type])


def one_page(content: bytes, media_type: str, number: int) -> bytes:
    """Return one page (from 1) of a kept document in its own type; raises NotFound."""
    try:
        return page_of(content, media_type, number)
    except NoSuchPage:
        raise NotFound(what="page") from None
