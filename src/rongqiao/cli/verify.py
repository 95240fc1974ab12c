"""`rongqiao verify`: every law of the books (domain.md, section 3), with counts and what broke."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import django
import typer

django.setup()

from django.conf import settings  # noqa: E402 - Django is set up above
from django.db import connection  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from rongqiao.lending.collateral.queries.checks import check_collateral  # noqa: E402
from rongqiao.lending.origination.queries.looking_back.replays import (  # noqa: E402
    check_decisions,
    check_documents,
)
from rongqiao.lending.servicing.queries.checks import check_loans, subledger_totals  # noqa: E402
from rongqiao.lending.servicing.queries.exposures import check_settled  # noqa: E402
from rongqiao.lending.servicing.queries.provisioning.chained import (  # noqa: E402
    check_movements,
)
from rongqiao.lending.servicing.queries.provisioning.checks import (  # noqa: E402
    allowance_totals,
    entry_totals,
)
from rongqiao.money.ledger.queries import books  # noqa: E402
from rongqiao.money.ledger.queries.books import NAMED_AT_MOST, Checked  # noqa: E402
from rongqiao.money.ledger.queries.chain import check_chain, check_custody_book  # noqa: E402
from rongqiao.money.ledger.queries.heads import check_heads  # noqa: E402
from rongqiao.money.ledger.queries.periods import check_periods  # noqa: E402
from rongqiao.money.payments.queries.custody import check_custody  # noqa: E402
from rongqiao.platform import audit  # noqa: E402
from rongqiao.risk.queries.modelling.registry import check_models  # noqa: E402


def _subledger() -> Checked:
    """Law 5: what the loans of a product owe is what the books hold on its accounts."""
    in_books, in_loans = books.product_balances(), subledger_totals()
    wrong = []
    for code in sorted({*in_books, *in_loans}):
        booked = in_books[code].minor if code in in_books else 0
        owed = in_loans[code].minor if code in in_loans else 0
        if booked != owed:
            wrong.append(f"{code}: books {booked}, loans {owed}")
    totals = [sum(money.minor for money in part.values()) for part in (in_books, in_loans)]
    if totals[0] != totals[1]:
        wrong.append(f"in all: books {totals[0]}, loans {totals[1]}")
    return Checked(
        law="5 loan sub-ledger equals the general ledger, per product and in all",
        checked=len({*in_books, *in_loans}),
        broken=len(wrong),
        examples=tuple(wrong[:NAMED_AT_MOST]),
    )


def _loans() -> Checked:
    found = check_loans()
    return Checked(
        law="5 each loan equals its own entries and instalments",
        checked=found.checked,
        broken=found.broken,
        examples=tuple(f"loan {number}" for number in found.examples),
    )


def _exposures() -> Checked:
    found = check_settled()
    return Checked(
        law="5 exposures equal what is committed, and that what loans owed at the last close",
        checked=found.checked,
        broken=found.broken,
        examples=found.examples,
    )


def _collateral() -> Checked:
    found = check_collateral()
    return Checked(
        law="5 collateral secures what was agreed, within its value, by two people",
        checked=found.checked,
        broken=found.broken,
        examples=found.examples,
    )


def _allowance() -> Checked:
    """Law 5: a product's allowance is its approved runs less write-offs plus recoveries."""
    told = (books.balances_of_line("loan-loss-allowance"), allowance_totals(), entry_totals())
    codes = sorted({code for part in told for code in part})
    wrong = []
    for code in codes:
        booked, papers, entries = (part[code].minor if code in part else 0 for part in told)
        if not booked == papers == entries:
            wrong.append(f"{code}: books {booked}, papers {papers}, entries {entries}")
    return Checked(
        law="5 loan loss allowance equals approved runs less write-offs plus recoveries",
        checked=len(codes),
        broken=len(wrong),
        examples=tuple(wrong[:NAMED_AT_MOST]),
    )


def _chain() -> Checked:
    links, broken = audit.check()
    why = (f"link {broken.position}, record {broken.record_id}: {broken.why}",) if broken else ()
    return Checked(
        law="9 operations on record form an unbroken hash chain",
        checked=links,
        broken=len(why),
        examples=why,
    )


def _models() -> Checked:
    found = check_models()
    return Checked(
        law="9 scoring models are byte for byte what was sealed",
        checked=found.checked,
        broken=found.broken,
        examples=found.examples,
    )


LAWS: tuple[Callable[[], Checked], ...] = (
    books.check_journals,
    books.check_balances,
    books.check_floors,
    books.check_keys,
    _subledger,
    _loans,
    _exposures,
    _collateral,
    _allowance,
    check_movements,
    check_periods,
    check_custody_book,
    check_custody,
    check_chain,
    _chain,
    _models,
    check_documents,
    check_decisions,
)


def check_all(heads: Path | None = None) -> tuple[Checked, ...]:
    """Check every law on one and the same state of the database, while others go on writing.

    With `heads`, the folder of heads written day by day, the chains are held to those as well.
    """
    with _one_snapshot():
        found = tuple(law() for law in LAWS)
        return (*found, check_heads(heads)) if heads else found


@contextmanager
def _one_snapshot() -> Iterator[None]:
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Check the laws of the books; exit 1 if any is broken."""
    found = check_all(settings.PLACES.heads)
    held = not any(check.broken for check in found)
    if as_json:
        laws = [asdict(check) for check in found]
        print(json.dumps({"laws": laws, "held": held}, ensure_ascii=False))
    else:
        _show(found)
    raise typer.Exit(0 if held else 1)


def _show(found: tuple[Checked, ...]) -> None:
    table = Table("law", "checked", "broken", "held")
    for check in found:
        table.add_row(
            check.law, f"{check.checked:,}", f"{check.broken:,}", "NO" if check.broken else "yes"
        )
    Console().print(table)
    for check in found:
        for example in check.examples:
            print(f"  {check.law[:1]}: {example}")
