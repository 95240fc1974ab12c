"""Call the SQL functions that write the books; turn what they refuse into Refusals.

A function refuses with SQLSTATE RQ1nn, its code as the message and facts as JSON in the detail.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import DatabaseError, connection
from psycopg import Cursor, Error

from rongqiao.finance.bookkeeping import Journal, Leg
from rongqiao.finance.money import Money
from rongqiao.money.ledger.models import LARGEST_AMOUNT
from rongqiao.money.ledger.operations.refusals import (
    BY_CODE,
    AmountOutOfRange,
    KeyReused,
    Unbalanced,
)
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Refusal

REFUSED = "RQ1"
_AMOUNTS = {"available", "wanted", "held"}


def post_batch(keys: Sequence[str], journals: Sequence[Journal], call: Call) -> tuple[int, ...]:
    """Post journals under their keys in one round trip; return their numbers, in order.

    A key used before for the same journal gives the first number. Raises the refusals of the books.
    """
    if len(journals) == 1 and _is_transfer(journals[0]):
        return (_post_transfer(keys[0], journals[0], call),)
    legs = [(nr, leg) for nr, journal in enumerate(journals, 1) for leg in journal.legs]
    if len({nr for nr, _ in legs}) != len(journals):
        raise Unbalanced
    _check_amounts([leg for _, leg in legs])
    answers: list[int | None] = _ask(
        """SELECT ledger_post_batch(%s::text[], %s::text[], %s::text[], %s::date[], %s::int[],
                  %s::text[], %s::bigint[], %s::text[], %s, %s)""",
        [
            _texts(keys),
            _texts(journal.kind for journal in journals),
            _texts(journal.document for journal in journals),
            _array(journal.value_on for journal in journals),
            _array(nr for nr, _ in legs),
            _texts(leg.account for _, leg in legs),
            _array(leg.amount.minor for _, leg in legs),
            _texts(leg.amount.currency for _, leg in legs),
            call.actor,
            call.at,
        ],
    )
    for key, answer in zip(keys, answers, strict=True):
        if answer is None:
            raise KeyReused(key=key)
    return tuple(answer for answer in answers if answer is not None)


def _is_transfer(journal: Journal) -> bool:
    if len(journal.legs) != 2:
        return False
    source, target = journal.legs
    return (
        target.amount.minor > 0
        and source.amount == -target.amount
        and source.account != target.account
    )


def _post_transfer(key: str, journal: Journal, call: Call) -> int:
    source, target = journal.legs
    _check_amounts(journal.legs)
    return _number(
        key,
        "SELECT ledger_post_transfer(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            key,
            journal.kind,
            journal.document,
            journal.value_on,
            source.account,
            target.account,
            target.amount.minor,
            target.amount.currency,
            call.actor,
            call.at,
        ],
    )


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """`amount` from the account `source` to `holders`: codes, each with the weight of its share."""

    kind: str
    document: str
    value_on: date
    source: str
    amount: Money
    holders: Sequence[tuple[str, int]]


def distribute(key: str, asked: Distribution, call: Call) -> tuple[int, tuple[Money, ...]]:
    """Post one journal that shares an amount; return its number and the shares, in order."""
    _check_amounts([Leg(asked.source, asked.amount)])
    currency = asked.amount.currency
    number, shares = _ask_row(
        """SELECT journal, shares FROM ledger_distribute(%s, %s, %s, %s, %s, %s, %s, %s::text[],
                  %s::bigint[], %s, %s)""",
        [
            key,
            asked.kind,
            asked.document,
            asked.value_on,
            asked.source,
            asked.amount.minor,
            currency,
            _texts(code for code, _ in asked.holders),
            _array(weight for _, weight in asked.holders),
            call.actor,
            call.at,
        ],
    )
    if number is None:
        raise KeyReused(key=key)
    return number, tuple(Money(minor, currency) for minor in shares)


def open_accounts(lines: Sequence[tuple[str, str, str, int, bool, str]], call: Call) -> int:
    """Open accounts: code, family, currency, floor in fen, of the platform, mode; tell how many."""
    codes, families, currencies, floors, of_platform, modes = zip(*lines, strict=True)
    opened: int = _ask(
        """SELECT ledger_open_accounts(%s::text[], %s::text[], %s::text[], %s::bigint[],
                  %s::boolean[], %s, %s::text[])""",
        [
            _texts(codes),
            _texts(families),
            _texts(currencies),
            _array(floors),
            _array(of_platform),
            call.at,
            _texts(modes),
        ],
    )
    return opened


def hold(
    key: str, account: str, amount: Money, document: str, call: Call, lasts: int | None
) -> int:
    """Set money aside, for `lasts` seconds where given; return the hold's number."""
    _check_amounts([Leg(account, amount)])
    return _number(
        key,
        "SELECT ledger_hold(%s, %s, %s, %s, %s, make_interval(secs => %s))",
        [key, account, amount.minor, document, call.at, lasts],
    )


def release_hold(key: str, hold_id: int, call: Call) -> None:
    """Give back what a hold kept."""
    _number(key, "SELECT ledger_release_hold(%s, %s, %s)", [key, hold_id, call.at])


def capture_hold(key: str, hold_id: int, journal: Journal, call: Call) -> int:
    """End a hold by a journal that takes from its account; return the journal's number."""
    _check_amounts(journal.legs)
    return _number(
        key,
        """SELECT ledger_capture_hold(%s, %s, %s, %s, %s, %s::text[], %s::bigint[],
                  %s::text[], %s, %s)""",
        [
            hold_id,
            key,
            journal.kind,
            journal.document,
            journal.value_on,
            _texts(leg.account for leg in journal.legs),
            _array(leg.amount.minor for leg in journal.legs),
            _texts(leg.amount.currency for leg in journal.legs),
            call.actor,
            call.at,
        ],
    )


def release_expired(most: int, call: Call) -> int:
    """Free holds that have expired by the database's clock; return how many."""
    freed: int = _ask("SELECT ledger_release_expired(%s, %s)", [call.at, most])
    return freed


def reverse(key: str, journal_id: int, document: str, call: Call) -> int:
    """Post the opposite of a journal; return the new journal's number."""
    return _number(
        key,
        "SELECT ledger_reverse(%s, %s, %s, %s, %s, %s)",
        [key, journal_id, document, call.on, call.actor, call.at],
    )


def _check_amounts(legs: Sequence[Leg]) -> None:
    # What no bigint holds would not even reach the database as one.
    if any(abs(leg.amount.minor) > LARGEST_AMOUNT for leg in legs):
        raise AmountOutOfRange


def _number(key: str, statement: str, values: list[Any]) -> int:
    answer: int | None = _ask(statement, values)
    if answer is None:
        raise KeyReused(key=key)
    return answer


def _array(values: Iterable[int | date]) -> str:
    """Write numbers, truths or dates as PostgreSQL does.

    The driver would ask each one for its type, and choose another for larger numbers: another plan.
    """
    return "{" + ",".join(map(str, values)) + "}"


def _texts(values: Iterable[str]) -> str:
    """Write texts as PostgreSQL does, each in quotes."""
    escaped = (text.replace("\\", "\\\\").replace('"', '\\"') for text in values)
    return "{" + ",".join(f'"{text}"' for text in escaped) + "}"


def _ask(statement: str, values: list[Any]) -> Any:
    return _ask_row(statement, values)[0]


def _ask_row(statement: str, values: list[Any]) -> tuple[Any, ...]:
    """Call a writer by a prepared statement: reading and planning the call costs as much as it."""
    connection.ensure_connection()
    try:
        with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
            row: tuple[Any, ...] | None = cursor.execute(statement, values, prepare=True).fetchone()
            assert row is not None, statement
            return row
    except DatabaseError as error:
        refusal = _refusal(error)
        if refusal is None:
            raise
        raise refusal from error


def _refusal(error: DatabaseError) -> Refusal | None:
    cause = error.__cause__
    if not isinstance(cause, Error) or not (cause.sqlstate or "").startswith(REFUSED):
        return None
    kind = BY_CODE[cause.diag.message_primary or ""]
    facts = json.loads(cause.diag.message_detail or "{}")
    return kind(
        **{
            name: Money(int(value)).text() if name in _AMOUNTS else value
            for name, value in facts.items()
        }
    )
