"""`rongqiao import portfolio FOLDER`: check another system's loans, or put them to a second person.

Exit code 1 where the files have faults, each told in Chinese and English with its code.
"""

from __future__ import annotations

import base64
import csv
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import django
import typer

django.setup()

from django.utils.translation import override  # noqa: E402 - Django is set up above

from rongqiao.lending.servicing.operations.importing.propose_import import (  # noqa: E402
    ProposeImport,
    propose_import,
)
from rongqiao.lending.servicing.queries.amending.imports import (  # noqa: E402
    FILES,
    Checked,
    check_portfolio,
    plain_totals,
)
from rongqiao.platform import clock  # noqa: E402
from rongqiao.platform.ids import new_id  # noqa: E402
from rongqiao.platform.operations import Call  # noqa: E402
from rongqiao.platform.refusals import Refusal  # noqa: E402
from rongqiao.web.backoffice.portfolio.importing.words import FAULTS  # noqa: E402
from rongqiao.web.frame.refusals import message_for  # noqa: E402

ACTOR = "system:import"
HEADS = ("file", "line", "field", "value", "code", "zh", "en", "allowed")


def command(
    what: Annotated[str, typer.Argument(help="What to bring: portfolio.")],
    folder: Annotated[
        Path, typer.Argument(help="Where borrowers, loans, instalments and payments .csv lie.")
    ],
    is_proposed: Annotated[
        bool,
        typer.Option(
            "--propose/--dry-run", help="Keep the files for a second person, or only check them."
        ),
    ] = False,
    reason: Annotated[str, typer.Option(help="Where the files come from; with --propose.")] = "",
    report: Annotated[
        Path | None, typer.Option(help="Write the faults to this CSV file as well.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Check a portfolio's files; with --propose put it to a second person, who approves it."""
    if what != "portfolio":
        print(f"what to import is {what!r}; allowed: portfolio", file=sys.stderr)
        raise typer.Exit(2)
    if not folder.is_dir():
        print(f"FOLDER is {str(folder)!r}; allowed: a folder that is there", file=sys.stderr)
        raise typer.Exit(2)
    contents = _contents(folder)
    checked = check_portfolio(contents, clock.business_date())
    rows = _told(checked)
    if report is not None:
        with report.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([HEADS, *rows])
    number = _propose(contents, reason) if is_proposed and checked.totals is not None else ""
    if as_json:
        print(json.dumps(_document(checked, rows, number), ensure_ascii=False))
    else:
        _print(checked, rows, number)
    if checked.totals is None:
        raise typer.Exit(1)


def _contents(folder: Path) -> dict[str, bytes]:
    paths = {name: folder / f"{name}.csv" for name in FILES}
    return {name: path.read_bytes() for name, path in paths.items() if path.is_file()}


def _told(checked: Checked) -> list[tuple[Any, ...]]:
    rows = []
    for one in checked.faults:
        said = []
        for language in ("zh-hans", "en"):
            with override(language):
                said.append(str(FAULTS[one.code]))
        rows.append(
            (f"{one.file.value}.csv", one.line, one.field, one.value, one.code, *said, one.allowed)
        )
    return rows


def _propose(contents: dict[str, bytes], reason: str) -> str:
    call = Call(actor=ACTOR, key=str(new_id(clock.now())), at=clock.now(), on=clock.business_date())
    said = {name: base64.b64encode(content).decode() for name, content in contents.items()}
    try:
        return propose_import(ProposeImport(reason=reason, **said), call).number
    except Refusal as refusal:
        with override("en"):
            print(f"{refusal.code}: {message_for(refusal)}", file=sys.stderr)
        raise typer.Exit(1) from None


def _document(checked: Checked, rows: list[tuple[Any, ...]], number: str) -> dict[str, Any]:
    return {
        "faults": checked.fault_count,
        "told": [dict(zip(HEADS, row, strict=True)) for row in rows],
        "totals": None if checked.totals is None else plain_totals(checked.totals),
        "proposed": number or None,
    }


def _print(checked: Checked, rows: list[tuple[Any, ...]], number: str) -> None:
    for file, line, field, value, code, chinese, english, allowed in rows:
        place = f"{file}:{line}" if line else file
        shown = f" {field}={value!r}" if field else ""
        wanted = f" [{allowed}]" if allowed else ""
        print(f"{place}{shown} {code}: {chinese} {english}{wanted}")
    totals = checked.totals
    if totals is None:
        print(f"{checked.fault_count} faults; nothing was written")
        return
    print(
        f"{totals.loans} loans of {totals.borrowers} borrowers, {totals.instalments} instalments, "
        f"{totals.payments} payments"
    )
    for name in ("principal", "interest", "penalty", "fee"):
        print(f"  {name:<10}{getattr(totals, name).text():>20}")
    for one in totals.classes:
        print(f"  {one.risk_class:<16}{one.loans:>8}{one.principal.text():>20}")
    if number:
        print(f"proposed as {number}: another person approves it at the desk")
    else:
        print("no faults; nothing was written")
