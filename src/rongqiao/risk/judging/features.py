"""What a decision looks at: named plain values, each with its source and the moment it was true."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

Value = Decimal | str | bool | date | None


class FromTheFuture(ValueError):
    """A feature was known only after the moment of the decision; `name` is the feature's."""

    def __init__(self, name: str) -> None:
        super().__init__(f"feature {name!r} is later than the decision")
        self.name = name


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One value under a dotted name (`bureau.overdue-count`), as known at `as_of` (UTC).

    `source` names the kind of inquiry, `answers` or `platform`; `value` None means asked for and
    not known, which is not the same as a feature that is not there.
    """

    name: str
    value: Value
    as_of: datetime
    source: str


def known_at(features: Iterable[Feature], at: datetime) -> dict[str, Value]:
    """Return the values by name; raises FromTheFuture for one that is later than `at`."""
    known: dict[str, Value] = {}
    for feature in features:
        if feature.as_of > at:
            raise FromTheFuture(feature.name)
        known[feature.name] = feature.value
    return known
