"""A file of cases scored in a stream: points, chance, grade and four reasons a row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np

from rongqiao.policies.spreadsheets import plain
from rongqiao.risk.scorecards.card import REASONS, Scores
from rongqiao.risk.scorecards.table import Columns
from rongqiao.risk.scorecards.training.intake.cells import number, numbers_of
from rongqiao.risk.scorecards.training.intake.reading import (
    Block,
    Layout,
    UnreadableTable,
    blocks_of,
    layout_of,
)
from rongqiao.risk.scorecards.training.intake.schema import Kind, column_of
from rongqiao.risk.scorecards.training.model import TrainedModel, reason_texts

HEADS = ("row", "points", "probability", "grade", *(f"reason_{i}" for i in range(1, REASONS + 1)))
_QUOTED = frozenset(',"\r\n')


class WrongScoring(ValueError):
    """The file cannot be scored by the model; the sentence says which columns and why."""


@dataclass
class Tally:
    """What was scored so far: rows, rows of a grade, sums, and cells that read as nothing."""

    rows: int = 0
    ragged: int = 0
    points: int = 0
    probability: float = 0.0
    grades: dict[str, int] = field(default_factory=dict)
    strange: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Scoring:
    """A file and the model that fits it; `unknown` are columns that the model does not use."""

    model: TrainedModel
    layout: Layout
    unknown: tuple[str, ...]
    copied: tuple[str, ...]


def fit_to_file(model: TrainedModel, file: BinaryIO, copied: Sequence[str] = ()) -> Scoring:
    """Return what scoring the file needs; `copied` are columns of it to stand beside the scores.

    Raises WrongScoring naming every column of the model that the file does not have.
    """
    wanted = [one.name for one in model.fields]
    try:
        layout = layout_of(file, wanted)
    except UnreadableTable as problem:
        raise WrongScoring(f"FILE: {problem}") from None
    if gone := [name for name in wanted if name not in layout.names]:
        raise WrongScoring(
            f"FILE lacks {len(gone)} of the model's {len(wanted)} columns: {', '.join(gone)}"
        )
    if strange := [name for name in copied if name not in layout.names]:
        raise WrongScoring(f"--copy is {strange[0]!r}; allowed: {', '.join(layout.names)}")
    unknown = tuple(name for name in layout.names if name not in wanted)
    return Scoring(model=model, layout=layout, unknown=unknown, copied=tuple(copied))


def heading(scoring: Scoring) -> str:
    """Return the first line of the CSV."""
    return ",".join([*HEADS, *(safe_cell(name) for name in scoring.copied)]) + "\r\n"


def score_lines(
    scoring: Scoring, file: BinaryIO, tally: Tally, *, as_json: bool = False
) -> Iterator[str]:
    """Yield the scores of a block of rows at a time, as CSV lines or as JSON lines.

    Raises WrongScoring where the file breaks off.
    """
    write = _json_lines if as_json else _csv_lines
    try:
        for block in blocks_of(file, scoring.layout):
            columns = _columns(scoring, block, tally)
            scores = scoring.model.card.score_all(columns)
            first = tally.rows + 1
            _count(scoring.model, scores, block, tally)
            yield write(scoring, block, scores, first)
    except (UnreadableTable, UnicodeDecodeError) as problem:
        raise WrongScoring(f"FILE after row {tally.rows}: {problem}") from None


def safe_cell(text: str) -> str:
    """Return a CSV cell that no spreadsheet runs: quoted where need be, a formula made plain."""
    if (safe := plain(text)) != text and number(text) is None:
        text = safe
    if _QUOTED.isdisjoint(text):
        return text
    return '"' + text.replace('"', '""') + '"'


def _columns(scoring: Scoring, block: Block, tally: Tally) -> Columns:
    found = {}
    for one in scoring.model.fields:
        texts = block.columns[scoring.layout.names.index(one.name)]
        if one.kind is Kind.NUMBER:
            found[one.name], strange = numbers_of(texts, comma=one.comma)
            if strange:
                tally.strange[one.name] = tally.strange.get(one.name, 0) + strange
        else:
            found[one.name] = column_of(one, texts)
    if not found:
        # A card without a characteristic gives everybody its base.
        found[""] = np.full(block.rows, np.nan)
    return found


def _count(model: TrainedModel, scores: Scores, block: Block, tally: Tally) -> None:
    tally.rows += block.rows
    tally.ragged += block.ragged
    tally.points += int(scores.points.sum())
    tally.probability += float(scores.probability.sum())
    names, counts = np.unique(model.grades_of(scores.points).astype(str), return_counts=True)
    for name, count in zip(names.tolist(), counts.tolist(), strict=True):
        tally.grades[name] = tally.grades.get(name, 0) + count


def _by_points(
    model: TrainedModel, scores: Scores, say: Callable[[int, float, str], str]
) -> list[str]:
    """Return what is said of each row's score; a score is put in words once, however many rows."""
    distinct, inverse = np.unique(scores.points, return_inverse=True)
    chances = model.card.probability_of(distinct)
    grades = model.grades_of(distinct)
    said = np.empty(len(distinct), object)
    said[:] = [
        say(int(p), float(c), str(g)) for p, c, g in zip(distinct, chances, grades, strict=True)
    ]
    texts: list[str] = said[inverse].tolist()
    return texts


def _csv_lines(scoring: Scoring, block: Block, scores: Scores, first: int) -> str:
    codes = reason_texts([safe_cell(code) for code in scoring.model.card.codes])
    heads = _by_points(scoring.model, scores, lambda p, c, g: f"{p},{c:.6f},{g}")
    reasons = codes[scores.reasons].T.tolist()
    copied = [
        [safe_cell(text) for text in block.columns[scoring.layout.names.index(name)]]
        for name in scoring.copied
    ]
    rows = map(str, range(first, first + block.rows))
    lines = map(",".join, zip(rows, heads, *reasons, *copied, strict=True))
    return "\r\n".join(lines) + "\r\n"


def _json_lines(scoring: Scoring, block: Block, scores: Scores, first: int) -> str:
    codes = reason_texts(scoring.model.card.codes)
    heads = _by_points(
        scoring.model,
        scores,
        lambda p, c, g: f'"points":{p},"probability":"{c:.6f}","grade":"{g}"',
    )
    told = codes[scores.reasons].tolist()
    names = scoring.layout.names
    lines = []
    for at, (head, reasons) in enumerate(zip(heads, told, strict=True)):
        kept: Mapping[str, Any] = {
            name: block.columns[names.index(name)][at] for name in scoring.copied
        }
        said = json.dumps([one for one in reasons if one], ensure_ascii=False)
        copied = f',"copied":{json.dumps(kept, ensure_ascii=False)}' if kept else ""
        lines.append(f'{{"row":{first + at},{head},"reasons":{said}{copied}}}\n')
    return "".join(lines)
