"""A portfolio as its files tell it, once nothing is wrong with them. Amounts are fen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rongqiao.lending.servicing.engine import Row


@dataclass(frozen=True, kw_only=True)
class Borrower:
    """A party to be found or made; numbers in their normal form, names in full.

    Of a firm the representative's name and resident id are there, of a person they are empty.
    `industry` is empty where none is named.
    """

    reference: str
    kind: str
    name: str
    number: str
    phone: str
    representative_name: str
    representative_id: str
    industry: str


@dataclass(frozen=True, kw_only=True)
class Payment:
    """What was paid on a day, by bucket."""

    on: date
    principal: int
    interest: int
    penalty: int
    fee: int


@dataclass(frozen=True, kw_only=True)
class BroughtLoan:
    """A loan with its plan, what is paid of it, and its history.

    Rates are yearly fractions; `penalty_rate` is the product's where it is None. `settled` has the
    day on which each instalment that is paid whole was.
    """

    number: str
    borrower: str
    product: str
    principal: int
    rate: Decimal
    penalty_rate: Decimal | None
    method: str
    day_count: str
    lent_on: date
    rows: tuple[Row, ...]
    settled: Mapping[int, date]
    payments: tuple[Payment, ...]


@dataclass(frozen=True, kw_only=True)
class Portfolio:
    """Everything the files hold."""

    borrowers: tuple[Borrower, ...]
    loans: tuple[BroughtLoan, ...]


@dataclass(frozen=True, kw_only=True)
class Known:
    """What stands here already and bears on the files.

    `products` are the codes on offer; `numbers` those numbers of loans that are taken; `names` the
    names under which identity numbers of the files are registered.
    """

    products: frozenset[str]
    numbers: frozenset[str]
    names: Mapping[str, str]
