"""Is this file what it says, and harmless to open? Decoded, not believed; images made anew.

Allowed: JPEG and PNG images, PDF files. There is no virus scanner here: the EICAR test file is
known by its signature, and what could act when opened (scripts, launches, files within) is refused.
"""

from __future__ import annotations

import io
import unicodedata
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageOps
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

BYTES_MOST = 20 * 1024 * 1024
PIXELS_MOST = 40_000_000
PAGES_MOST = 60
OBJECTS_MOST = 20_000
TYPES = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "pdf": "application/pdf"}
_MAGIC = {
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "application/pdf": b"%PDF-",
}
# Kept in two parts, so that this source is not itself taken for the test file.
_EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
_ACTIVE = frozenset(
    {
        "/JavaScript",
        "/JS",
        "/Launch",
        "/EmbeddedFile",
        "/EmbeddedFiles",
        "/RichMedia",
        "/XFA",
        "/AA",
        "/SubmitForm",
        "/ImportData",
        # They open another file, and send who opens this one to the machine it lies on.
        "/GoToR",
        "/GoToE",
    }
)
# Bidirectional controls turn a name around on the screen (CVE-2021-42574).
_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class BadContent(ValueError):
    """The file is refused; `reason` is a stable word, `allowed` says what is taken."""

    def __init__(self, reason: str, allowed: str) -> None:
        super().__init__(reason, allowed)
        self.reason, self.allowed = reason, allowed


@dataclass(frozen=True)
class Inspected:
    """What may be kept: bytes that decode, their type, and how many pages."""

    content: bytes
    media_type: str
    pages: int


def inspect(content: bytes, name: str) -> Inspected:
    """Return the file as it may be kept; raises BadContent."""
    media_type = _declared(name)
    if not content:
        raise BadContent("empty", "1 byte and more")
    if len(content) > BYTES_MOST:
        raise BadContent("too-large", f"{BYTES_MOST // 1024 // 1024} MB")
    if _EICAR in content:
        raise BadContent("malware", "a clean file")
    if not content.startswith(_MAGIC[media_type]):
        raise BadContent("not-what-it-says", "JPEG, PNG, PDF")
    if media_type == TYPES["pdf"]:
        return Inspected(content, media_type, _pdf_pages(content))
    return Inspected(_redrawn(content, media_type), media_type, 1)


def _declared(name: str) -> str:
    if any(unicodedata.category(mark) == "Cc" or mark in _BIDI for mark in name):
        raise BadContent("bad-name", "a name without control characters")
    if not name or len(name) > 200 or "/" in name or "\\" in name or ".." in name:
        raise BadContent("bad-name", "a plain file name")
    ending = name.rpartition(".")[2].lower()
    if ending not in TYPES:
        raise BadContent("type-not-taken", "JPEG, PNG, PDF")
    return TYPES[ending]


def _redrawn(content: bytes, media_type: str) -> bytes:
    """Return the picture drawn anew: whatever else the file carried (EXIF, a script) is gone."""
    form = "JPEG" if media_type == TYPES["jpg"] else "PNG"
    try:
        with Image.open(io.BytesIO(content), formats=[form]) as picture:
            _check_pixels(*picture.size)
            plain = ImageOps.exif_transpose(picture).convert("RGB")
    except BadContent:
        raise
    except Exception as error:
        raise BadContent(_picture_fault(error), "a readable picture") from error
    drawn = Image.new("RGB", plain.size)
    drawn.paste(plain)
    out = io.BytesIO()
    drawn.save(out, form, **({"quality": 88} if form == "JPEG" else {}))
    return out.getvalue()


def _check_pixels(width: int, height: int) -> None:
    if width * height > PIXELS_MOST:
        raise BadContent("too-many-pixels", f"{PIXELS_MOST // 1_000_000} megapixels")


def _picture_fault(error: Exception) -> str:
    is_bomb = isinstance(error, (Image.DecompressionBombError, Image.DecompressionBombWarning))
    return "too-many-pixels" if is_bomb else "unreadable"


def _pdf_pages(content: bytes) -> int:
    """Return the pages of a plain, passive PDF; raises BadContent for any other."""
    if any(mark in content for mark in _ZIP_MARKS) or not _ends_as_pdf(content):
        raise BadContent("two-files-in-one", "a PDF and nothing else")
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        _refuse_encrypted(reader)
        pages = len(reader.pages)
        _refuse_active(reader.trailer)
    except BadContent:
        raise
    except Exception as error:
        raise BadContent("unreadable", "a readable PDF") from error
    if not 1 <= pages <= PAGES_MOST:
        raise BadContent("too-many-pages", f"1 - {PAGES_MOST}")
    return pages


def _refuse_encrypted(reader: PdfReader) -> None:
    if reader.is_encrypted:
        raise BadContent("encrypted", "a PDF without a password")


def _ends_as_pdf(content: bytes) -> bool:
    before, mark, after = content.rpartition(b"%%EOF")
    return bool(mark) and bool(before) and not after.strip(b"\r\n \x00")


def _refuse_active(trailer: Any) -> None:
    """Walk every object once; raise BadContent where one acts on its own or hides a file."""
    waiting, seen, count = [trailer], set(), 0
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, IndirectObject):
            if (thing.idnum, thing.generation) in seen:
                continue
            seen.add((thing.idnum, thing.generation))
            thing = thing.get_object()
        count += 1
        if count > OBJECTS_MOST:
            raise BadContent("unreadable", "a simpler PDF")
        if isinstance(thing, (DictionaryObject, StreamObject)):
            if _is_active(thing):
                raise BadContent("active-content", "a PDF without scripts and attachments")
            waiting.extend(thing.values())
        elif isinstance(thing, ArrayObject):
            waiting.extend(thing)


def _is_active(thing: DictionaryObject) -> bool:
    """Tell whether an object acts, or fetches what it is made of from elsewhere."""
    # What stands for a word may stand elsewhere in the file: by its key it is looked up there.
    words = {str(key) for key in thing} | {
        str(thing[key]) for key in ("/S", "/Type") if key in thing
    }
    return bool(words & _ACTIVE) or (isinstance(thing, StreamObject) and "/F" in thing)
