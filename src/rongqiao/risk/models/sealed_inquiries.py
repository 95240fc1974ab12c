"""Which key seals what of an inquiry, and the digests by which equal ones are found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from uuid import UUID

from rongqiao.platform.crypto import blind_index, decrypt, encrypt

TABLE = "risk_inquiry"


def seal_asked(elements: Mapping[str, str], inquiry_id: UUID) -> bytes:
    """Return what is asked, sealed for the row."""
    return encrypt(_text(elements), table=TABLE, column="asked_sealed", row=inquiry_id)


def unseal_asked(sealed: bytes | memoryview, inquiry_id: UUID) -> dict[str, str]:
    """Return what is asked; raises Unreadable."""
    text = decrypt(sealed, table=TABLE, column="asked_sealed", row=inquiry_id)
    found: dict[str, str] = json.loads(text)
    return found


def seal_answer(text: str, inquiry_id: UUID) -> bytes:
    """Return an answer's canonical text, sealed for the row."""
    return encrypt(text, table=TABLE, column="answer_sealed", row=inquiry_id)


def unseal_answer(sealed: bytes | memoryview, inquiry_id: UUID, sha256: str) -> str:
    """Return an answer's canonical text; raises Unreadable, and ValueError if it was exchanged."""
    text = decrypt(sealed, table=TABLE, column="answer_sealed", row=inquiry_id)
    if digest_of(text) != sha256:
        raise ValueError("an answer that is not the one its digest was taken of")
    return text


def digest_of(answer: str) -> str:
    """Return the SHA-256 of an answer's canonical text, in hex."""
    return hashlib.sha256(answer.encode()).hexdigest()


def subject_index(number: str) -> bytes:
    """Return the digest of a normalised resident id or credit code: one subject, one index."""
    return blind_index("risk.inquiry-subject", number)


def asked_index(source: str, elements: Mapping[str, str]) -> bytes:
    """Return the digest of a whole question: the same one again may be answered from the cache."""
    return blind_index(f"risk.inquiry-asked.{source}", _text(elements))


def _text(elements: Mapping[str, str]) -> str:
    return json.dumps(elements, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
