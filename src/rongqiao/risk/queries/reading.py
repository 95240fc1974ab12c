"""A scoring model as people read it: its card, every bin, the curves it was sealed with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rongqiao.risk.scorecards.card import Scorecard
from rongqiao.risk.scorecards.training.opening import Opened


@dataclass(frozen=True, kw_only=True)
class BinLine:
    """One bin: its text and points; rows, bad rate and WOE where a single column is cut."""

    text: str
    points: int
    rows: int | None = None
    rate: float | None = None
    woe: float | None = None


@dataclass(frozen=True, kw_only=True)
class CharacteristicView:
    """One characteristic of a scorecard; `iv` and `direction` are empty for crossed columns."""

    name: str
    iv: float | None
    direction: str
    best: int
    bins: tuple[BinLine, ...]


@dataclass(frozen=True, kw_only=True)
class CardView:
    """What a model says of itself; a challenger has columns and no characteristics."""

    kind: str
    sha256: str
    data: str
    population: str
    target: str
    trained_on: str
    trained_by: str
    rows: int
    rate: float
    notes: tuple[str, ...]
    metrics: Mapping[str, Mapping[str, float]]
    columns: tuple[str, ...]
    base: int | None = None
    characteristics: tuple[CharacteristicView, ...] = ()
    roc: tuple[tuple[float, float], ...] = ()
    calibration: tuple[Mapping[str, float], ...] = field(default=())


def card_view(opened: Opened) -> CardView:
    """Return what a page tells of an opened model."""
    about, card = opened.about, opened.card
    return CardView(
        kind=opened.kind,
        sha256=opened.sha256,
        data=about.data,
        population=about.population,
        target=about.target,
        trained_on=about.trained_on,
        trained_by=about.trained_by,
        rows=about.rows,
        rate=about.rate,
        notes=about.notes,
        metrics=about.metrics,
        columns=opened.columns,
        base=card.base if card else None,
        characteristics=_characteristics(card) if card else (),
        roc=tuple((float(x), float(y)) for x, y in opened.evidence.get("roc", ())),
        calibration=tuple(opened.evidence.get("calibration", ())),
    )


def _characteristics(card: Scorecard) -> tuple[CharacteristicView, ...]:
    found = []
    for one in card.characteristics:
        first = card.binnings[one.columns[0]]
        if len(one.columns) == 1:
            lines = tuple(
                BinLine(text=text, points=points, rows=rows, rate=_rate(bads, rows), woe=woe)
                for text, points, rows, bads, woe in zip(
                    first.texts, one.points, first.counts, first.bads, first.woe, strict=True
                )
            )
        else:
            second = card.binnings[one.columns[1]]
            texts = (f"{a} × {b}" for a in first.texts for b in second.texts)
            lines = tuple(
                BinLine(text=text, points=points)
                for text, points in zip(texts, one.points, strict=True)
            )
        is_single = len(one.columns) == 1
        found.append(
            CharacteristicView(
                name=one.name,
                iv=first.iv if is_single else None,
                direction=first.direction if is_single else "",
                best=one.best,
                bins=lines,
            )
        )
    return tuple(sorted(found, key=lambda one: -(one.iv or 0)))


def _rate(bads: int, rows: int) -> float | None:
    return bads / rows if rows else None
