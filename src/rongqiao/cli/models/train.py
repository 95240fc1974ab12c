"""`rongqiao train DATASET --target COLUMN`: a scorecard of any CSV, with its report.

Writes model.json, challenger.json, report.json and report.html into a folder of its own.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any, NoReturn

import django
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

django.setup()

from rongqiao.cli.models.places import folder_of_models  # noqa: E402 - Django is set up above
from rongqiao.platform import clock  # noqa: E402
from rongqiao.risk.queries.modelling.training import (  # noqa: E402
    LANGUAGES,
    STEPS,
    Made,
    Question,
    Told,
    WrongInput,
    learn,
)

WRONG_INPUT = 2
ENDINGS = (".gz", ".csv", ".txt", ".tsv")
LABELS = {
    "read": "reading",
    "look": "telling columns apart",
    "leaks": "looking for leaks",
    "champion": "scorecard",
    "challenger": "challenger",
    "report": "report",
}


def command(  # noqa: PLR0913 - one for each option
    dataset: Annotated[Path, typer.Argument(help="A CSV file, gzip or not, of past cases.")],
    target: Annotated[str, typer.Option(help="The column that tells how each case ended.")],
    *,
    time: Annotated[
        str, typer.Option(help="The column that orders the cases; else it is looked for.")
    ] = "",
    bad: Annotated[
        list[str] | None, typer.Option(help="A value of the target that is bad; else told by it.")
    ] = None,
    keep: Annotated[
        list[str] | None, typer.Option(help="Use this column although it would be left out.")
    ] = None,
    drop: Annotated[list[str] | None, typer.Option(help="Leave this column out.")] = None,
    out: Annotated[Path | None, typer.Option(help="The folder to write to.")] = None,
    lang: Annotated[str, typer.Option(help="The language shown first: zh or en.")] = "zh",
    challenger: Annotated[bool, typer.Option(help="Fit boosted trees beside it.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Learn a scorecard from past cases; say which columns knew the outcome and were left out."""
    if not dataset.is_file():
        _refuse(f"DATASET is {str(dataset)!r}; allowed: a file that is there")
    if lang not in LANGUAGES:
        _refuse(f"--lang is {lang!r}; allowed: {', '.join(LANGUAGES)}")
    if out is not None and out.exists() and not out.is_dir():
        _refuse(f"--out is {str(out)!r}; allowed: a folder, or a name that is free")
    question = Question(
        name=_name(dataset),
        target=target,
        time=time,
        bad=tuple(bad or ()),
        keep=tuple(keep or ()),
        drop=tuple(drop or ()),
        on=clock.calendar_date().isoformat(),
        sha256=_hash(dataset),
    )
    bar = _bar(is_shown=not as_json and sys.stderr.isatty())
    try:
        with dataset.open("rb") as file, bar as shown:
            made = learn(
                file,
                question,
                _teller(shown, challenger=challenger),
                with_challenger=challenger,
                language=lang,
            )
    except WrongInput as problem:
        _refuse(str(problem))
    folder = out or folder_of_models() / f"{_safe(question.name)}-{made.sha256[:8]}"
    _write(folder, made)
    if as_json:
        print(json.dumps(made.report | {"folder": str(folder)}, ensure_ascii=False))
    else:
        _show(made, folder)


def _refuse(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise typer.Exit(WRONG_INPUT)


def _name(path: Path) -> str:
    name = path.name
    while name.lower().endswith(ENDINGS):
        name = name[: name.rindex(".")]
    return name or path.name


def _safe(name: str) -> str:
    return re.sub(r"[^\w-]+", "-", name).strip("-") or "model"


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _bar(*, is_shown: bool) -> Any:
    if not is_shown:
        return nullcontext()
    return Progress(
        TextColumn("{task.description:<24}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )


def _teller(bar: Progress | None, *, challenger: bool) -> Told:
    """Return what is told of each step: a bar over all of them, or nothing."""
    if bar is None:
        return lambda _step, _done, _whole: None
    steps = [step for step in STEPS if challenger or step != "challenger"]
    task = bar.add_task(LABELS["read"], total=len(steps))

    def told(step: str, done: int, whole: int) -> None:
        share = done / whole if whole else 1
        bar.update(task, description=LABELS[step], completed=steps.index(step) + share)

    return told


def _write(folder: Path, made: Made) -> None:
    """Write the files; the model last, so that a folder with a model is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    report = json.dumps(made.report, ensure_ascii=False, indent=1)
    (folder / "report.json").write_text(report, encoding="utf-8")
    (folder / "report.html").write_text(made.page, encoding="utf-8")
    if made.challenger:
        (folder / "challenger.json").write_text(made.challenger, encoding="utf-8")
    (folder / "model.json").write_text(made.model, encoding="utf-8")


def _show(made: Made, folder: Path) -> None:
    report = made.report
    target, split = report["target"], report["split"]
    console = Console()
    told = " / ".join(target["bad_values"])
    print(
        f"{report['data']['rows']} rows, {report['data']['columns']} columns; bad is "
        f"{target['name']} = {told} ({target['bad']} rows, {100 * target['rate']:.1f} %)"
    )
    tried = (
        f"out of time by {split['column']}: learnt up to {split['until']}, tried from "
        f"{split['since']} on ({split['rows_tried']} rows)"
        if split["column"]
        else f"{split['tests']}-fold cross-validation (no time in the table)"
    )
    print(tried)
    table = Table("model", "AUC", "KS", "slope", "told", "seen")
    models = [("scorecard", report["champion"])]
    models += [("challenger", report["challenger"])] if report["challenger"] else []
    for name, model in models:
        one = model["metrics"]
        figures = (f"{one[key]:.3f}" for key in ("auc", "ks", "slope"))
        table.add_row(
            name, *figures, f"{100 * one['expected']:.1f}%", f"{100 * one['observed']:.1f}%"
        )
    console.print(table)
    for one in report["warnings"]:
        facts = ", ".join(f"{key} {value}" for key, value in one["facts"].items())
        said = " ".join(part for part in (one["code"], one["column"]) if part)
        print(f"! {said}" + (f": {facts}" if facts else ""))
    print(f"sha256 {made.sha256}")
    print(folder / "report.html")
