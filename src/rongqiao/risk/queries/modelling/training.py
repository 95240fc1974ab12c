"""Models made and applied offline: a table of cases in, a sealed model and its report out.

Nothing is written here, and no table of the platform is read: files and values only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from rongqiao.risk.scorecards.modelcard import ModelChanged
from rongqiao.risk.scorecards.training.model import TrainedModel
from rongqiao.risk.scorecards.training.preparing import Wanted, WrongTraining
from rongqiao.risk.scorecards.training.report.page import page
from rongqiao.risk.scorecards.training.run import Moment, train
from rongqiao.risk.scorecards.training.scoring import (
    Scoring,
    Tally,
    WrongScoring,
    fit_to_file,
    heading,
    score_lines,
)

# What a training does, in its order, for whoever shows how far it is.
STEPS = ("read", "look", "leaks", "champion", "challenger", "report")
LANGUAGES = ("zh", "en")
Told = Callable[[str, int, int], None]


class WrongInput(ValueError):
    """A file, a model or a column is not what it must be; one sentence says which and why."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What to learn: of which table, which column, and what was said beside it.

    `time`: the column that orders the rows, else it is looked for. `bad`: values of the target
    that count as bad, else they are told by their meaning. `keep` and `drop` override what is
    left out. `on` is an ISO date, `by` who trains, `sha256` of the file.
    """

    name: str
    target: str
    time: str = ""
    bad: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    on: str
    by: str = ""
    sha256: str = ""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A model as sealed JSON with its hash, the challenger likewise (or empty), and the report."""

    sha256: str
    model: str
    challenger: str
    report: dict[str, Any]
    page: str


@dataclass(frozen=True, kw_only=True)
class Scored:
    """What came of a file: rows, mean points and chance, rows by grade, cells nobody could read."""

    rows: int
    ragged: int
    points_mean: float
    probability_mean: float
    grades: dict[str, int]
    strange: dict[str, int]


def learn(
    file: BinaryIO,
    question: Question,
    told: Told,
    *,
    with_challenger: bool = True,
    language: str = "zh",
) -> Made:
    """Return the model of a table of cases. Raises WrongInput. `told` hears of every step."""
    asked = {name: getattr(question, name) for name in Wanted.__dataclass_fields__}
    moment = Moment(on=question.on, by=question.by, data_sha256=question.sha256)
    try:
        done = train(file, Wanted(**asked), moment, told, with_challenger=with_challenger)
    except WrongTraining as problem:
        raise WrongInput(str(problem)) from None
    return Made(
        sha256=done.model.sha256,
        model=done.model.to_json(),
        challenger=done.challenger.to_json() if done.challenger else "",
        report=done.report,
        page=page(done.report, language),
    )


class Scorer:
    """A model opened for a file: what it lacks is refused at once, what it has is scored."""

    def __init__(self, model: str, file: BinaryIO, copied: Sequence[str] = ()) -> None:
        """Open a sealed model for a file; `copied` columns stand beside the scores.

        Raises WrongInput where the model was changed or the file lacks columns of it.
        """
        try:
            self._scoring: Scoring = fit_to_file(TrainedModel.from_json(model), file, copied)
        except WrongScoring as problem:
            raise WrongInput(str(problem)) from None
        except ModelChanged as problem:
            raise WrongInput(f"--model: {problem}") from None
        except (ValueError, KeyError, TypeError) as problem:
            raise WrongInput(f"--model is no trained scorecard ({problem})") from None
        self._file, self._tally = file, Tally()

    @property
    def sha256(self) -> str:
        """Return the hash of the model."""
        return self._scoring.model.sha256

    @property
    def unknown(self) -> tuple[str, ...]:
        """Return the columns of the file that the model does not look at."""
        return self._scoring.unknown

    def lines(self, *, as_json: bool = False) -> Iterator[str]:
        """Yield the scores, many lines at a time: CSV with a heading, or JSON lines.

        Raises WrongInput where the file breaks off; what came before stands.
        """
        if not as_json:
            yield heading(self._scoring)
        try:
            yield from score_lines(self._scoring, self._file, self._tally, as_json=as_json)
        except WrongScoring as problem:
            raise WrongInput(str(problem)) from None

    @property
    def scored(self) -> Scored:
        """Return what was scored so far."""
        tally, rows = self._tally, max(self._tally.rows, 1)
        return Scored(
            rows=tally.rows,
            ragged=tally.ragged,
            points_mean=tally.points / rows,
            probability_mean=tally.probability / rows,
            grades=dict(sorted(tally.grades.items())),
            strange=dict(tally.strange),
        )
