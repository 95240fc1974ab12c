"""The rows of loans that come from another system, in as many statements as there are tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django.db import connection, models

from rongqiao.lending.products.queries import VersionView
from rongqiao.lending.servicing.engine import Row
from rongqiao.lending.servicing.models.loans import Instalment, Loan, LoanEntry
from rongqiao.lending.servicing.taking_over.portfolio import BroughtLoan
from rongqiao.lending.servicing.taking_over.standing import Standing
from rongqiao.parties.operations.bring_in import CameIn
from rongqiao.platform.operations import Call

NOON = time(4, 0, tzinfo=UTC)
LOANS_AT_ONCE = 1_000


@dataclass(frozen=True, kw_only=True)
class Arriving:
    """A loan on its way in: as told, where it stands, whose it is and under which product."""

    loan_id: UUID
    agreement_id: UUID
    party: CameIn
    loan: BroughtLoan
    standing: Standing
    version: VersionView


def write_loans(arriving: Sequence[Arriving], journals: Mapping[str, int], call: Call) -> None:
    """Write loans, instalments and the lines of their history, inside the caller's operation.

    `journals` opened the balances, by product. Lines bear the days on which things happened.
    """
    Loan.objects.bulk_create([_loan(one, call) for one in arriving], batch_size=LOANS_AT_ONCE)
    _copy(Instalment, _INSTALMENT, (row for one in arriving for row in _instalments(one)))
    lines = (line for one in arriving for line in _lines(one, journals.get(one.loan.product), call))
    _copy(LoanEntry, _ENTRY, lines)


def _loan(one: Arriving, call: Call) -> Loan:
    told, stands, terms = one.loan, one.standing, one.version.terms
    running = stands.running
    is_closed = stands.closed_on is not None
    matures_on = told.rows[-1].due_on
    return Loan(
        id=one.loan_id,
        number=told.number,
        party_id=one.party.party_id,
        agreement_id=one.agreement_id,
        product_code=told.product,
        product_version=one.version.number,
        method=told.method,
        rate_annual=told.rate,
        penalty_rate_annual=(
            terms.penalty_rate(told.rate) if told.penalty_rate is None else told.penalty_rate
        ),
        grace_days=terms.grace_days,
        is_penalty_on_interest=terms.is_penalty_on_interest,
        prepayment_fee_rate=terms.prepayment_fee_rate,
        prepayment_fee_free_after=terms.prepayment_fee_free_after,
        is_prepayable=terms.prepayment != "none",
        prepayment=terms.prepayment,
        day_count=told.day_count,
        allocation_order=terms.allocation_order,
        state=stands.state.value,
        principal_minor=told.principal,
        disbursed_at=datetime.combine(told.lent_on, NOON),
        disbursed_on=told.lent_on,
        matures_on=matures_on,
        closed_on=stands.closed_on,
        is_prepaid=is_closed and stands.closed_on is not None and stands.closed_on < matures_on,
        principal_outstanding_minor=stands.principal,
        interest_outstanding_minor=stands.interest,
        penalty_outstanding_minor=stands.penalty,
        fee_outstanding_minor=stands.fee,
        days_past_due=stands.days_past_due,
        days_past_due_worst=stands.worst,
        risk_class=stands.risk_class.value,
        period_no=running.no if running else None,
        period_from_on=running.from_on if running else None,
        period_due_on=running.due_on if running else None,
        period_interest_minor=running.interest if running else 0,
        period_accrued_minor=stands.accrued,
        accrued_on=call.on,
    )


_INSTALMENT = (
    "loan_id",
    "no",
    "from_on",
    "due_on",
    "days",
    "principal_minor",
    "interest_minor",
    "fee_minor",
    "balance_minor",
    "is_due",
    "interest_charged_minor",
    "fee_charged_minor",
    "penalty_micro",
    "penalty_charged_minor",
    "principal_paid_minor",
    "interest_paid_minor",
    "fee_paid_minor",
    "penalty_paid_minor",
    "settled_on",
    "is_prepayment",
)


def _instalments(one: Arriving) -> Iterator[tuple[Any, ...]]:
    balance = one.loan.principal
    for row in one.loan.rows:
        balance -= row.principal
        yield (
            one.loan_id,
            row.no,
            row.from_on,
            row.due_on,
            (row.due_on - row.from_on).days,
            row.principal,
            row.interest,
            row.fee,
            balance,
            row.is_due,
            row.interest if row.is_due else 0,
            row.fee if row.is_due else 0,
            row.penalty_micro,
            row.penalty,
            row.principal_paid,
            row.interest_paid,
            row.fee_paid,
            row.penalty_paid,
            one.loan.settled.get(row.no),
            row.is_prepayment,
        )


_ENTRY = (
    "loan_id",
    "kind",
    "on",
    "booked_at",
    "instalment_no",
    "principal_minor",
    "interest_minor",
    "penalty_minor",
    "fee_minor",
    "journal_id",
    "is_chosen",
)


def _lines(one: Arriving, journal: int | None, call: Call) -> Iterator[tuple[Any, ...]]:
    """Yield the history's lines by their days; a day charges before it is paid.

    Penalty interest is charged on the day its instalment was settled, or today: the files do not
    say when it grew.
    """
    told = one.loan
    dated: list[tuple[date, int, tuple[Any, ...]]] = [
        (told.lent_on, 0, ("disbursement", None, told.principal, 0, 0, 0))
    ]
    for row in told.rows:
        if row.is_due:
            dated += _charges(row, told.settled.get(row.no, call.on))
    for paid in told.payments:
        parts = (-paid.principal, -paid.interest, -paid.penalty, -paid.fee)
        dated.append((paid.on, 2, ("repayment", None, *parts)))
    for on, _, (kind, no, *figures) in sorted(dated, key=lambda line: line[:2]):
        yield (one.loan_id, kind, on, call.at, no, *figures, journal, False)


def _charges(row: Row, penalty_on: date) -> Iterable[tuple[date, int, tuple[Any, ...]]]:
    if row.interest or row.fee:
        yield row.due_on, 1, ("fall-due", row.no, 0, row.interest, 0, row.fee)
    if row.penalty:
        yield penalty_on, 1, ("penalty", row.no, 0, 0, row.penalty, 0)


def _copy(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Write rows by COPY: a tenth of the time that inserting them takes."""
    quote = connection.ops.quote_name
    names = ", ".join(map(quote, columns))
    statement = f"COPY {quote(model._meta.db_table)} ({names}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
