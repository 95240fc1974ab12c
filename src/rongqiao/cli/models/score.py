"""`rongqiao score FILE.csv`: points, chance of default, grade and four reasons for every row."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO, Annotated, NoReturn

import typer

from rongqiao.cli.models.places import newest_model
from rongqiao.risk.queries.modelling.training import Scored, Scorer, WrongInput

WRONG_INPUT = 2


def command(
    file: Annotated[Path, typer.Argument(help="A CSV file, gzip or not, with a heading.")],
    model: Annotated[
        Path | None, typer.Option(help="A model.json of `train`; else the one trained last.")
    ] = None,
    copy: Annotated[
        list[str] | None, typer.Option(help="A column of FILE to stand beside the scores.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The file to write; else to the screen.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON lines, not CSV.")] = False,
) -> None:
    """Score every row of a file; a cell that a spreadsheet would run is made plain text."""
    path = model or newest_model()
    if path is None:
        _refuse("--model is missing and nothing was trained here yet; allowed: a model.json")
    for option, one in (("FILE", file), ("--model", path)):
        if not one.is_file():
            _refuse(f"{option} is {str(one)!r}; allowed: a file that is there")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        _refuse(f"--model is {str(path)!r}, which is no text; allowed: a model.json")
    try:
        with file.open("rb") as rows, _target(out) as target:
            scorer = Scorer(text, rows, copy or ())
            for lines in scorer.lines(as_json=as_json):
                target.write(lines.encode())
    except WrongInput as problem:
        _refuse(str(problem))
    except BrokenPipeError:
        # The reader has gone, as `head` does: nobody is left to be told.
        sys.stdout = None
        raise SystemExit(0) from None
    sys.stdout.flush()
    _tell(scorer, path, scorer.scored)


def _refuse(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise typer.Exit(WRONG_INPUT)


def _target(out: Path | None) -> AbstractContextManager[IO[bytes]]:
    if out is None:
        return nullcontext(sys.stdout.buffer)
    return out.open("wb")


def _tell(scorer: Scorer, path: Path, scored: Scored) -> None:
    """Say on standard error what was scored, by which model, and what of the file was not used."""
    grades = ", ".join(f"{name} {count}" for name, count in scored.grades.items())
    means = f"mean {scored.points_mean:.1f} points, chance {scored.probability_mean:.4f}"
    said = [f"{scored.rows} rows scored by {path} (sha256 {scorer.sha256}): {means}; {grades}"]
    if scorer.unknown:
        said.append(f"columns the model does not look at: {', '.join(scorer.unknown)}")
    said += [
        f"{count} cells of {name} read as no number and count as missing"
        for name, count in scored.strange.items()
    ]
    if scored.ragged:
        said.append(f"{scored.ragged} rows had another number of fields than the heading")
    print("\n".join(said), file=sys.stderr)
