"""What a model file says about itself, and the one text form whose every byte is sealed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any

FORMAT = 1


class ModelChanged(ValueError):
    """A model file is not byte for byte what was written."""


@dataclass(frozen=True, kw_only=True)
class About:
    """Who made a model of what: words and figures that scoring never reads.

    `trained_on` is an ISO date; `metrics` has for each group of cases ("all", "fold-1", a value
    of a column) named figures.
    """

    data: str = ""
    population: str = ""
    target: str = ""
    trained_on: str = ""
    trained_by: str = ""
    rows: int = 0
    rate: float = 0.0
    metrics: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Return what JSON can carry."""
        return {**asdict(self), "notes": list(self.notes)}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> About:
        """Return what `plain` gave."""
        return cls(**{**plain, "notes": tuple(plain["notes"])})


def canonical(body: Mapping[str, Any]) -> str:
    """Return the one JSON text of a body: sorted keys, no spaces, numbers exact.

    Python writes a float as the shortest text that reads back as the same float (repr).
    Raises ValueError for NaN and infinities, which JSON does not have.
    """
    return json.dumps(
        body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def hash_of(body: Mapping[str, Any]) -> str:
    """Return the sha256 of the canonical text in hexadecimal."""
    return sha256(canonical(body).encode()).hexdigest()


def sealed(body: Mapping[str, Any]) -> str:
    """Return the canonical text of a body with its own hash inside."""
    return canonical({**body, "sha256": hash_of(body)})


def opened(text: str, kind: str) -> dict[str, Any]:
    """Return the body of a sealed text of a kind of model.

    Raises ModelChanged where any byte differs from what `sealed` wrote, and ValueError where it is
    another kind of model or a format of another time.
    """
    try:
        body: dict[str, Any] = json.loads(text)
        told = body.pop("sha256")
        is_whole = told == hash_of(body) and sealed(body) == text
    except (ValueError, KeyError, TypeError, AttributeError):
        is_whole = False
        body = {}
    if not is_whole:
        raise ModelChanged("the model file is not what was written: its sha256 differs")
    if (body.get("kind"), body.get("format")) != (kind, FORMAT):
        raise ValueError(f"the file is not a {kind} of format {FORMAT}")
    return body
