"""What training writes and scoring reads: the scorecard, how its columns are read, the grades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from rongqiao.risk.scorecards.card import Scorecard
from rongqiao.risk.scorecards.modelcard import FORMAT, hash_of, opened, sealed
from rongqiao.risk.scorecards.training.intake.schema import Field

KIND = "trained-scorecard"
# Best first: each holds about a fifth of the rows learnt from.
GRADES = ("A", "B", "C", "D", "E")


@dataclass(frozen=True, kw_only=True)
class TrainedModel:
    """A scorecard and all that scoring a file with it needs.

    `grades` are the least points of every grade but the last, rising: E below the first of them.
    `evidence` is what a reader is shown and monitoring compares with: roc, calibration, grades,
    score_edges and score_shares; scoring never reads it.
    """

    card: Scorecard
    fields: tuple[Field, ...]
    target: str
    grades: tuple[int, ...]
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def sha256(self) -> str:
        """Return the hash of everything in the file."""
        return hash_of(self._body())

    def to_json(self) -> str:
        """Return one sealed canonical JSON text; the card's own seal stays within."""
        return sealed(self._body())

    @classmethod
    def from_json(cls, text: str) -> TrainedModel:
        """Return the model of a text.

        Raises ModelChanged where a byte of it was changed, ValueError where it is no such model.
        """
        body = opened(text, KIND)
        return cls(
            card=Scorecard.from_json(body["card"]),
            fields=tuple(Field.of(one) for one in body["fields"]),
            target=body["target"],
            grades=tuple(body["grades"]),
            evidence=body["evidence"],
        )

    def grades_of(self, points: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return each score's grade."""
        names = np.array(GRADES[len(GRADES) - 1 - len(self.grades) :][::-1], object)
        return np.asarray(names[np.searchsorted(np.array(self.grades), points, side="right")])

    def _body(self) -> dict[str, Any]:
        return {
            "kind": KIND,
            "format": FORMAT,
            "card": self.card.to_json(),
            "fields": [one.plain() | {"levels": list(one.levels)} for one in self.fields],
            "target": self.target,
            "grades": list(self.grades),
            "evidence": dict(self.evidence),
        }


def grade_edges(points: npt.NDArray[Any]) -> tuple[int, ...]:
    """Return the points where each better grade begins: fifths of the rows learnt from."""
    at = np.quantile(points, [0.2, 0.4, 0.6, 0.8], method="higher")
    return tuple(int(one) for one in at)


def reason_texts(codes: Sequence[str]) -> npt.NDArray[Any]:
    """Return codes as an array whose last place, -1, is empty: no reason."""
    names = np.empty(len(codes) + 1, object)
    names[:] = [*codes, ""]
    return names
