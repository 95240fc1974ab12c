"""`rongqiao bench NAME`: run one benchmark, show it, and say whether its targets are held."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Annotated

import typer

from rongqiao.cli.bench.report import Report, Work

# Each module has `measure(work: Work) -> Report`.
BENCHES = {
    "schedule": "rongqiao.cli.bench.schedule",
    "ledger": "rongqiao.cli.bench.ledger",
    "eod": "rongqiao.cli.bench.eod",
    "screening": "rongqiao.cli.bench.risk.screening",
    "decision": "rongqiao.cli.bench.decision.measuring",
    "risk": "rongqiao.cli.bench.risk.figures",
    "warnings": "rongqiao.cli.bench.risk.warnings",
}


def command(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(BENCHES)}.")],
    quick: Annotated[bool, typer.Option(help="Smaller work, within 45 seconds.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    loans: Annotated[int | None, typer.Option(min=1, help="For `eod`: how many loans.")] = None,
    terms: Annotated[
        int | None,
        typer.Option(min=1, max=12, help="For `eod`: most instalments a loan; else 12."),
    ] = None,
) -> None:
    """Measure one part of the platform; exit 1 where a target is not held."""
    if name not in BENCHES:
        print(f"NAME is {name!r}; allowed: {', '.join(BENCHES)}", file=sys.stderr)
        raise typer.Exit(2)
    given = {"loans": loans, "terms": terms}
    options = {option: value for option, value in given.items() if value is not None}
    for option, value in options.items():
        if name != "eod":
            print(f"--{option} is {value}; allowed: only with eod", file=sys.stderr)
            raise typer.Exit(2)
    report: Report = import_module(BENCHES[name]).measure(Work(quick=quick, options=options))
    if as_json:
        print(report.json())
    else:
        report.show()
    raise typer.Exit(0 if report.held else 1)
