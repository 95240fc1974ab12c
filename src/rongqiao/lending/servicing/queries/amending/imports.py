"""Portfolios brought from other systems: the check of their files, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.queries.papers import numbers_of_agreements
from rongqiao.lending.products.queries import list_products
from rongqiao.lending.servicing.models.imports import PortfolioImport
from rongqiao.lending.servicing.models.loans import CLASSES, Loan
from rongqiao.lending.servicing.taking_over.borrowers import check_names, read_borrowers
from rongqiao.lending.servicing.taking_over.columns import COLUMNS, File, template_of
from rongqiao.lending.servicing.taking_over.loans import read_loans
from rongqiao.lending.servicing.taking_over.portfolio import Known, Portfolio
from rongqiao.lending.servicing.taking_over.reading import Line, read_lines
from rongqiao.lending.servicing.taking_over.report import Fault, Faults
from rongqiao.lending.servicing.taking_over.standing import Standing, standing_of
from rongqiao.parties.queries import find_identities
from rongqiao.platform.refusals import NotFound

PAGE = 50
FILES = tuple(file.value for file in File)


@dataclass(frozen=True, kw_only=True)
class ClassTotal:
    """Loans of one five-tier class: how many, and their principal outstanding."""

    risk_class: str
    loans: int
    principal: Money


@dataclass(frozen=True, kw_only=True)
class ProductTotal:
    """What the loans of one product owe: what its accounts are opened with."""

    product: str
    loans: int
    principal: Money
    interest: Money
    penalty: Money
    fee: Money


@dataclass(frozen=True, kw_only=True)
class Totals:
    """What would stand here once the portfolio is taken over. Interest is what is earned by now."""

    borrowers: int
    loans: int
    instalments: int
    payments: int
    lent: Money
    products: tuple[ProductTotal, ...]
    classes: tuple[ClassTotal, ...]

    @property
    def principal(self) -> Money:
        """Return the principal outstanding."""
        return _sum(one.principal for one in self.products)

    @property
    def interest(self) -> Money:
        """Return the interest owed, of the running periods too."""
        return _sum(one.interest for one in self.products)

    @property
    def penalty(self) -> Money:
        """Return the penalty interest owed."""
        return _sum(one.penalty for one in self.products)

    @property
    def fee(self) -> Money:
        """Return the fees owed."""
        return _sum(one.fee for one in self.products)


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a dry run found: faults (the first thousand told), and totals where there are none."""

    faults: tuple[Fault, ...]
    fault_count: int
    portfolio: Portfolio
    standings: Mapping[str, Standing]
    totals: Totals | None


@dataclass(frozen=True, kw_only=True)
class ImportView:
    """An import: its totals as they were checked, who proposed and decided, where it stands."""

    id: UUID
    number: str
    state: str
    checked_on: date
    totals: Totals
    reason: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    declined_because: str
    failed_because: str
    done_at: datetime | None


def check_portfolio(files: Mapping[str, bytes], on: date) -> Checked:
    """Check the files of a portfolio as of business date `on`; write nothing.

    `files` are their contents by `FILES`; one that is absent is faulty.
    """
    faults = Faults()
    lines: dict[File, list[Line]] = {}
    for file in File:
        content = files.get(file.value)
        if content is None:
            faults.add(file, 0, "", "", "file-missing", f"{file.value}.csv")
        lines[file] = read_lines(file, content, faults) if content is not None else []
    people = read_borrowers(lines[File.BORROWERS], on, faults)
    known = _known(lines, {one.number for one in people.values() if one}, on)
    check_names(lines[File.BORROWERS], people, known, faults)
    loans = read_loans(lines, people.keys(), known, on, faults)
    portfolio = Portfolio(borrowers=tuple(one for one in people.values() if one), loans=loans)
    standings = {loan.number: standing_of(loan.rows, loan.settled, on) for loan in loans}
    return Checked(
        faults=faults.in_order,
        fault_count=faults.count,
        portfolio=portfolio,
        standings=standings,
        totals=None if faults.count else _totals(portfolio, standings),
    )


def template(file: str, *, in_chinese: bool = True) -> str:
    """Return the template of a file by its name. Raises NotFound."""
    if file not in FILES:
        raise NotFound(what="template")
    return template_of(File(file), in_chinese=in_chinese)


def columns_of(file: str) -> tuple[tuple[str, str, bool], ...]:
    """Return a file's columns: the English name, the Chinese, and whether it may be left out."""
    return tuple((one.name, one.chinese, one.is_optional) for one in COLUMNS[File(file)])


def list_imports(offset: int = 0, limit: int = PAGE) -> tuple[ImportView, ...]:
    """Return imports, the latest proposed first."""
    rows = PortfolioImport.objects.order_by("-proposed_at", "-id")
    return tuple(_view(row) for row in rows[offset : offset + limit])


def get_import(import_id: UUID) -> ImportView:
    """Return one import. Raises NotFound."""
    row = PortfolioImport.objects.filter(pk=import_id).first()
    if row is None:
        raise NotFound(what="import")
    return _view(row)


def plain_totals(totals: Totals) -> dict[str, object]:
    """Return totals as the import keeps them: plain values, amounts in fen."""
    return {
        "borrowers": totals.borrowers,
        "loans": totals.loans,
        "instalments": totals.instalments,
        "payments": totals.payments,
        "lent": totals.lent.minor,
        "products": [
            [
                one.product,
                one.loans,
                one.principal.minor,
                one.interest.minor,
                one.penalty.minor,
                one.fee.minor,
            ]
            for one in totals.products
        ],
        "classes": [[one.risk_class, one.loans, one.principal.minor] for one in totals.classes],
    }


def _known(lines: Mapping[File, list[Line]], identities: set[str], on: date) -> Known:
    numbers = {line.text("number") for line in lines[File.LOANS]} - {""}
    taken = set(Loan.objects.filter(number__in=numbers).values_list("number", flat=True))
    found = find_identities(identities)
    return Known(
        products=frozenset(one.code for one in list_products(on)),
        numbers=frozenset(taken | numbers_of_agreements(numbers)),
        names={number: one.name for number, one in found.items()},
    )


def _totals(portfolio: Portfolio, standings: Mapping[str, Standing]) -> Totals:
    products: dict[str, list[int]] = {}
    classes: dict[str, list[int]] = {}
    for loan in portfolio.loans:
        one = standings[loan.number]
        added = (1, one.principal, one.interest, one.penalty, one.fee)
        sums = products.setdefault(loan.product, [0] * 5)
        products[loan.product] = [a + b for a, b in zip(sums, added, strict=True)]
        if one.closed_on is None:
            count, principal = classes.get(one.risk_class.value, [0, 0])
            classes[one.risk_class.value] = [count + 1, principal + one.principal]
    return Totals(
        borrowers=len(portfolio.borrowers),
        loans=len(portfolio.loans),
        instalments=sum(len(loan.rows) for loan in portfolio.loans),
        payments=sum(len(loan.payments) for loan in portfolio.loans),
        lent=Money(sum(loan.principal for loan in portfolio.loans)),
        products=tuple(_product(code, *products[code]) for code in sorted(products)),
        classes=tuple(
            ClassTotal(risk_class=name, loans=classes[name][0], principal=Money(classes[name][1]))
            for name in CLASSES
            if name in classes
        ),
    )


def _product(code: str, *figures: int) -> ProductTotal:
    loans, principal, interest, penalty, fee = figures
    return ProductTotal(
        product=code,
        loans=loans,
        principal=Money(principal),
        interest=Money(interest),
        penalty=Money(penalty),
        fee=Money(fee),
    )


def _view(row: PortfolioImport) -> ImportView:
    kept = row.totals
    totals = Totals(
        borrowers=kept["borrowers"],
        loans=kept["loans"],
        instalments=kept["instalments"],
        payments=kept["payments"],
        lent=Money(kept["lent"]),
        products=tuple(_product(*one) for one in kept["products"]),
        classes=tuple(
            ClassTotal(risk_class=name, loans=loans, principal=Money(principal))
            for name, loans, principal in kept["classes"]
        ),
    )
    return ImportView(
        id=row.pk,
        number=row.number,
        state=row.state,
        checked_on=row.checked_on,
        totals=totals,
        reason=row.reason,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        declined_because=row.declined_because,
        failed_because=row.failed_because,
        done_at=row.done_at,
    )


def _sum(amounts: object) -> Money:
    return sum(amounts, Money.zero())  # type: ignore[call-overload,no-any-return]
