"""Policies and models by the sha256 of their text; a text that does not fit its name is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rongqiao.risk.judging.points import Scorer
from rongqiao.risk.models.documents import RuleDocument
from rongqiao.risk.models.registry import ScoringModel


class DocumentChanged(Exception):
    """The text kept under a sha256 is another one: it was changed outside the platform."""

    def __init__(self, sha256: str) -> None:
        super().__init__(f"the document {sha256} was changed")
        self.sha256 = sha256


class DocumentNotKept(LookupError):
    """No document is kept under that sha256."""


@dataclass(frozen=True)
class Kept:
    """A document: its digest, `policy` or `model`, and its text."""

    sha256: str
    kind: str
    body: bytes


def digest_of(body: bytes) -> str:
    """Return the sha256 of a text, in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def kept_documents(digests: Iterable[str]) -> dict[str, Kept]:
    """Return the documents of these digests, in one query.

    Raises DocumentNotKept, and DocumentChanged where a text does not fit its digest.
    """
    wanted = {digest for digest in digests if digest}
    rows = RuleDocument.objects.filter(sha256__in=wanted) if wanted else ()
    found = {row.sha256: Kept(row.sha256, row.kind, row.body.encode()) for row in rows}
    for digest in sorted(wanted):
        if digest not in found:
            raise DocumentNotKept(digest)
        if digest_of(found[digest].body) != digest:
            raise DocumentChanged(digest)
    return found


def model_document(sha256: str) -> Kept:
    """Return a model that a policy names: kept already, or released in the register of models.

    Raises DocumentNotKept, DocumentChanged.
    """
    # Models bring numpy along; a points table does without.
    from rongqiao.risk.queries.modelling.scorers import model_body  # noqa: PLC0415

    try:
        return kept_documents([sha256])[sha256]
    except DocumentNotKept:
        row = ScoringModel.objects.filter(sha256=sha256, decisions__word="released").first()
    if row is None:
        raise DocumentNotKept(sha256)
    body = model_body(row.body)
    if digest_of(body) != sha256:
        raise DocumentChanged(sha256)
    return Kept(sha256, "model", body)


@lru_cache(maxsize=32)
def scorer_of(model: Kept) -> Scorer:
    """Return a kept model ready to score; raises NotAModel."""
    # Models bring numpy along; a points table does without.
    from rongqiao.risk.queries.modelling import scorers  # noqa: PLC0415

    return scorers.scorer_of(model.body)


def sound_documents(digests: Iterable[str]) -> dict[str, Kept]:
    """Return those of these documents that are kept and unchanged, in one query."""
    rows = RuleDocument.objects.filter(sha256__in={digest for digest in digests if digest})
    found = (Kept(row.sha256, row.kind, row.body.encode()) for row in rows)
    return {one.sha256: one for one in found if digest_of(one.body) == one.sha256}


def count_documents() -> tuple[int, tuple[str, ...]]:
    """Return how many documents are kept, and the digests whose text does not fit them."""
    rows = RuleDocument.objects.order_by("sha256").values_list("sha256", "body")
    checked, changed = 0, []
    for digest, body in rows.iterator(chunk_size=200):
        checked += 1
        if digest_of(body.encode()) != digest:
            changed.append(digest)
    return checked, tuple(changed)
