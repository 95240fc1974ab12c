"""The chart of accounts with the accounting codes it is reported under, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from rongqiao.money.ledger.accounting_codes import CODES
from rongqiao.money.ledger.chart import NAMED, PREFIXED
from rongqiao.money.ledger.closing import CodeMapping
from rongqiao.money.ledger.models import Account

# Shown where a line was given no code for a date: it must never vanish from a report.
NO_CODE = ("", "未设科目")


@dataclass(frozen=True, kw_only=True)
class ChartLine:
    """One line of the chart on a date: its family and book, its accounting code and title.

    `product` is empty for the code that holds for all products.
    """

    line: str
    product: str
    family: str
    book: str
    code: str
    title: str
    effective_on: date | None


@dataclass(frozen=True, kw_only=True)
class MappingView:
    """A code given to a line from a date on: proposed, confirmed or rejected (`note` says why)."""

    id: UUID
    line: str
    product: str
    code: str
    title: str
    effective_on: date
    reason: str
    state: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    note: str


@dataclass(frozen=True, slots=True)
class Codes:
    """The accounting codes in force on one date, by line and product."""

    given: dict[tuple[str, str], CodeMapping]

    def of(self, account: str) -> tuple[str, str]:
        """Return the code and title an account is reported under; a product's own goes first."""
        prefix, _, rest = account.partition(":")
        row = self.given.get((prefix, rest)) or self.given.get((prefix, ""))
        return (row.code, row.title) if row else NO_CODE


def codes_on(on: date) -> Codes:
    """Return the codes in force on a date, for reports."""
    rows = CodeMapping.objects.filter(
        state=CodeMapping.State.CONFIRMED, effective_on__lte=on
    ).order_by("effective_on")
    return Codes({(row.line, row.product): row for row in rows})


def list_chart(on: date) -> tuple[ChartLine, ...]:
    """Return every line of the chart with the code in force on a date; products' own after it."""
    given = codes_on(on).given
    lines = []
    for name, line in {**NAMED, **PREFIXED}.items():
        of_products = sorted(product for kept, product in given if kept == name and product)
        for product in ("", *of_products):
            row = given.get((name, product))
            code, title = (row.code, row.title) if row else NO_CODE
            lines.append(
                ChartLine(
                    line=name,
                    product=product,
                    family=line.family.value,
                    book=line.book.value,
                    code=code,
                    title=title,
                    effective_on=row.effective_on if row else None,
                )
            )
    return tuple(lines)


def list_mappings(*, line: str = "", state: str = "") -> tuple[MappingView, ...]:
    """Return the codes given and proposed, those in force latest first."""
    rows = CodeMapping.objects.order_by("-effective_on", "line", "product", "-proposed_at")
    if line:
        rows = rows.filter(line=line)
    if state:
        rows = rows.filter(state=state)
    return tuple(
        MappingView(
            id=row.pk,
            line=row.line,
            product=row.product,
            code=row.code,
            title=row.title,
            effective_on=row.effective_on,
            reason=row.reason,
            state=row.state,
            proposed_by=row.proposed_by,
            proposed_at=row.proposed_at,
            decided_by=row.decided_by,
            decided_at=row.decided_at,
            note=row.note,
        )
        for row in rows
    )


def list_products() -> tuple[str, ...]:
    """Return the codes of the products that have accounts."""
    codes = Account.objects.filter(code__startswith="loan-principal:").values_list(
        "code", flat=True
    )
    return tuple(sorted(code.partition(":")[2] for code in codes))


def has_product(product: str) -> bool:
    """Tell whether a product has accounts."""
    return Account.objects.filter(code=f"loan-principal:{product}").exists()


def list_standard_codes() -> tuple[tuple[str, str], ...]:
    """Return the four-digit codes of the accounting standard with their titles."""
    return tuple(CODES.items())
