"""Refusal: the platform said no, for a reason it foresaw. A bug is never a Refusal."""

from enum import StrEnum
from typing import ClassVar


class Kind(StrEnum):
    """What sort of no; the web maps it to a status code."""

    INVALID = "invalid"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    CONFLICT = "conflict"
    TOO_MANY = "too-many"


class Refusal(Exception):
    """Subclass beside the verb that raises it; `code` is stable, `facts` fill the sentence."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str]

    def __init__(self, **facts: str) -> None:
        super().__init__(self.code, facts)
        self.facts = facts


class NotFound(Refusal):
    """The object is not there, or not for this actor: the two are never told apart."""

    kind, code = Kind.NOT_FOUND, "platform.not-found"
