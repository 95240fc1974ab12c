"""Asking `rongqiao quote` and `rongqiao apr` as a line would, for cases from elsewhere."""

import json
from decimal import Decimal
from functools import partial

from rongqiao.cli.lines import apr
from rongqiao.cli.lines.quote import answer
from tests.finance.vectors.registry import Case

COLUMNS = ("principal", "interest", "payment", "balance")


def ask(**line):
    """Return the quote of one line, through the whole contract."""
    return json.loads(json.dumps(answer(line)))


def ask_apr(**line):
    """Return the rates of one line of flows."""
    return apr.answer(line)


def yuan(text):
    """Return an amount as printed elsewhere in the form of ours: "1,000.0" -> "1000.00"."""
    return f"{Decimal(str(text).replace(',', '')):.2f}"


def part(percent):
    """Return a percentage as the fraction our contract wants: "4.9" -> "0.049"."""
    return f"{Decimal(percent) / 100:f}"


def column(quoted, name):
    return [row[name] for row in quoted["rows"]]


def must(found, expected):
    assert found == expected, f"{found!r}, expected {expected!r}"


def near(found, expected, tolerance):
    gap = abs(Decimal(str(found)) - Decimal(str(expected)))
    assert gap <= Decimal(str(tolerance)), f"{found}, expected {expected} within {tolerance}"


def rows_must(quoted, expected, names):
    """Hold each printed column of each printed row; `names` maps theirs to ours."""
    rows = quoted["rows"]
    must(len(rows), len(expected))
    for row, printed in zip(rows, expected, strict=True):
        for theirs, ours in names.items():
            if theirs in printed:
                value = printed[theirs]
                whole = ours in ("due", "from", "days", "no")
                must(
                    (row["no"], ours, row[ours]), (row["no"], ours, value if whole else yuan(value))
                )


def family(file, cases, runs, reasons, parts=()):
    """Return one Case for each: `runs[id](case)` proves it, `reasons[id]` says why none can."""
    found = []
    for case in cases:
        run = runs.get(case["id"])
        bound = partial(run, case) if run else None
        found.append(Case(case["id"], file, bound, None if run else reasons[case["id"]]))
        found += [
            Case(case["id"], file, partial(proof, case), None, name)
            for id_, name, proof in parts
            if id_ == case["id"]
        ]
    return found
