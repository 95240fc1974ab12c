"""Any sealed model file opened: what kind it is, what it says of itself, what it looks at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rongqiao.risk.scorecards import card as scorecards
from rongqiao.risk.scorecards import challenger as challengers
from rongqiao.risk.scorecards.card import Scorecard
from rongqiao.risk.scorecards.challenger import Challenger
from rongqiao.risk.scorecards.modelcard import About, ModelChanged
from rongqiao.risk.scorecards.training import model as trained
from rongqiao.risk.scorecards.training.model import TrainedModel

KINDS = (scorecards.KIND, trained.KIND, challengers.KIND)


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A model that is byte for byte what was sealed.

    `card` is None for a challenger; `trained` is there for a file that `train` wrote.
    """

    kind: str
    sha256: str
    about: About
    columns: tuple[str, ...]
    card: Scorecard | None = None
    trained: TrainedModel | None = None
    challenger: Challenger | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)


def open_model(text: str) -> Opened:
    """Return the model of a sealed text of any kind.

    Raises ModelChanged where a byte of it was changed or it is no sealed model at all, and
    ValueError where its kind or format is not known.
    """
    try:
        kind = json.loads(text)["kind"]
    except (ValueError, KeyError, TypeError):
        raise ModelChanged("the text is no sealed model") from None
    if kind not in KINDS:
        raise ValueError(f"the model is of kind {kind!r}; allowed: {', '.join(KINDS)}")
    try:
        return _opened(kind, text)
    except (KeyError, TypeError, AttributeError, IndexError) as problem:
        raise ValueError(f"the {kind} lacks {problem}") from None


def _opened(kind: str, text: str) -> Opened:
    if kind == challengers.KIND:
        other = Challenger.from_json(text)
        return Opened(
            kind=kind,
            sha256=other.sha256,
            about=other.about,
            columns=other.names,
            challenger=other,
        )
    if kind == trained.KIND:
        model = TrainedModel.from_json(text)
        return Opened(
            kind=kind,
            sha256=model.sha256,
            about=model.card.about,
            columns=tuple(model.card.binnings),
            card=model.card,
            trained=model,
            evidence=model.evidence,
        )
    card = Scorecard.from_json(text)
    return Opened(
        kind=kind,
        sha256=card.sha256,
        about=card.about,
        columns=tuple(card.binnings),
        card=card,
    )
