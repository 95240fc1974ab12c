"""The other three files: loans, their instalments and payments, held against each other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.engine import MICRO, Row
from rongqiao.lending.servicing.taking_over.columns import File
from rongqiao.lending.servicing.taking_over.portfolio import BroughtLoan, Known, Payment
from rongqiao.lending.servicing.taking_over.reading import Line
from rongqiao.lending.servicing.taking_over.report import Faults

BUCKETS = ("principal", "interest", "penalty", "fee")
_LOANS, _ROWS, _PAID = File.LOANS, File.INSTALMENTS, File.PAYMENTS
Lines = Mapping[File, Sequence[Line]]


def read_loans(
    lines: Lines, borrowers: Collection[str], known: Known, on: date, faults: Faults
) -> tuple[BroughtLoan, ...]:
    """Return the loans that nothing is wrong with, as of business date `on`."""
    numbers = {line.text("number") for line in lines[_LOANS]}
    rows = _by_loan(_ROWS, lines[_ROWS], numbers, faults)
    payments = _by_loan(_PAID, lines[_PAID], numbers, faults)
    # Where a row does not say whose it is, nothing follows from what is missing elsewhere.
    is_told = bool(lines[_ROWS]) and "" not in rows and "" not in payments
    found, begun = [], dict[str, int]()
    for line in lines[_LOANS]:
        number = line.text("number")
        if number and number in begun:
            faults.add(_LOANS, line.line, "number", number, "twice", begun[number])
            continue
        begun[number] = line.line
        before = faults.count
        _check_terms(line, borrowers, known, on, faults)
        mine = rows.get(number, []) if is_told else []
        if is_told and not mine and number:
            faults.add(_LOANS, line.line, "number", number, "no-instalments")
        loan = _loan(line, mine, payments.get(number, []), on, faults)
        if faults.count == before and loan is not None:
            found.append(loan)
    return tuple(found)


def _by_loan(
    file: File, lines: Iterable[Line], numbers: Collection[str], faults: Faults
) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    is_whole = bool(numbers) and "" not in numbers
    for line in lines:
        number = line.text("loan")
        if number and is_whole and number not in numbers:
            faults.add(file, line.line, "loan", number, "loan-unknown")
        found.setdefault(number, []).append(line)
    return found


def _check_terms(
    line: Line, borrowers: Collection[str], known: Known, on: date, faults: Faults
) -> None:
    number, borrower, product = line.text("number"), line.text("borrower"), line.text("product")
    if number in known.numbers:
        faults.add(_LOANS, line.line, "number", number, "number-taken")
    if borrower and "" not in borrowers and borrower not in borrowers:
        faults.add(_LOANS, line.line, "borrower", borrower, "borrower-unknown")
    if product and product not in known.products:
        allowed = ", ".join(sorted(known.products))
        faults.add(_LOANS, line.line, "product", product, "product-unknown", allowed)
    if line.is_sound and not line.fen("principal"):
        faults.add(_LOANS, line.line, "principal", "0.00", "nothing-lent", "0.01")
    lent_on = line.day("lent_on")
    if lent_on and lent_on > on:
        faults.add(_LOANS, line.line, "lent_on", lent_on, "in-the-future", on)


def _loan(
    line: Line, rows: Sequence[Line], payments: Sequence[Line], on: date, faults: Faults
) -> BroughtLoan | None:
    number, lent_on, rate = line.text("number"), line.day("lent_on"), line.rate("annual_rate")
    if not line.is_sound or lent_on is None or rate is None or not rows:
        return None
    if not all(one.is_sound for one in (*rows, *payments)):
        return None
    before = faults.count
    ordered = sorted(rows, key=_no)
    _check_dates(ordered, lent_on, faults)
    for one in ordered:
        _check_row(one, on, faults)
    for one in payments:
        _check_payment(one, lent_on, on, faults)
    _check_sums(line, ordered, payments, faults)
    if faults.count > before:
        return None
    return BroughtLoan(
        number=number,
        borrower=line.text("borrower"),
        product=line.text("product"),
        principal=line.fen("principal"),
        rate=rate,
        penalty_rate=line.rate("penalty_rate"),
        method=line.text("method"),
        day_count=line.text("day_count"),
        lent_on=lent_on,
        rows=tuple(_row(one, on) for one in ordered),
        settled={_no(one): day for one in ordered if (day := one.day("settled_on"))},
        payments=tuple(
            sorted((_payment(one, lent_on) for one in payments), key=lambda one: one.on)
        ),
    )


def _no(line: Line) -> int:
    value = line.cells["no"]
    assert isinstance(value, int)
    return value


def _days(line: Line) -> tuple[date, date]:
    start, end = line.day("from_on"), line.day("due_on")
    assert start
    assert end
    return start, end


def _row(line: Line, on: date) -> Row:
    start, end = _days(line)
    return Row(
        _no(line),
        start,
        end,
        line.fen("principal"),
        line.fen("interest"),
        line.fen("fee"),
        is_due=end <= on,
        penalty_micro=line.fen("penalty") * MICRO,
        principal_paid=line.fen("principal_paid"),
        interest_paid=line.fen("interest_paid"),
        fee_paid=line.fen("fee_paid"),
        penalty_paid=line.fen("penalty_paid"),
    )


def _payment(line: Line, lent_on: date) -> Payment:
    return Payment(
        on=line.day("paid_on") or lent_on, **{bucket: line.fen(bucket) for bucket in BUCKETS}
    )


def _check_dates(rows: Sequence[Line], lent_on: date, faults: Faults) -> None:
    """Numbers count from 1; every period begins where the one before ended, the first as lent."""
    ends = lent_on
    for place, line in enumerate(rows, start=1):
        start, end = _days(line)
        if _no(line) != place:
            faults.add(_ROWS, line.line, "no", _no(line), "number-out-of-order", place)
            return
        if start != ends:
            code = "dates-gap" if start > ends else "dates-overlap"
            faults.add(_ROWS, line.line, "from_on", start, code, ends)
        if end <= start:
            faults.add(_ROWS, line.line, "due_on", end, "due-before-start", f"> {start}")
        ends = max(start, end)


def _check_row(line: Line, on: date, faults: Faults) -> None:
    _start, due_on = _days(line)
    is_due = due_on <= on
    for bucket in BUCKETS:
        asked, paid = line.fen(bucket), line.fen(f"{bucket}_paid")
        if not is_due and paid:
            faults.add(_ROWS, line.line, f"{bucket}_paid", _yuan(paid), "paid-ahead", "0.00")
        elif paid > asked:
            faults.add(
                _ROWS, line.line, f"{bucket}_paid", _yuan(paid), "paid-too-much", _yuan(asked)
            )
    if not is_due and line.fen("penalty"):
        faults.add(_ROWS, line.line, "penalty", _yuan(line.fen("penalty")), "penalty-ahead", "0.00")
    _check_settled(line, on, faults, is_due=is_due)


def _check_settled(line: Line, on: date, faults: Faults, *, is_due: bool) -> None:
    settled_on = line.day("settled_on")
    left = sum(line.fen(bucket) - line.fen(f"{bucket}_paid") for bucket in BUCKETS)
    if settled_on is None:
        if is_due and left == 0:
            faults.add(_ROWS, line.line, "settled_on", "", "settled-day-missing")
    elif settled_on > on:
        faults.add(_ROWS, line.line, "settled_on", settled_on, "in-the-future", on)
    elif left:
        faults.add(_ROWS, line.line, "settled_on", settled_on, "settled-not-paid", _yuan(left))


def _check_payment(line: Line, lent_on: date, on: date, faults: Faults) -> None:
    paid_on = line.day("paid_on")
    assert paid_on
    if paid_on > on:
        faults.add(_PAID, line.line, "paid_on", paid_on, "in-the-future", on)
    elif paid_on < lent_on:
        faults.add(_PAID, line.line, "paid_on", paid_on, "paid-before-lent", lent_on)
    if not sum(line.fen(bucket) for bucket in BUCKETS):
        faults.add(_PAID, line.line, "principal", "0.00", "nothing-paid", "0.01")


def _check_sums(loan: Line, rows: Sequence[Line], payments: Sequence[Line], faults: Faults) -> None:
    """Instalments ask for the principal; payments are what instalments say is paid, by bucket."""
    lent = sum(one.fen("principal") for one in rows)
    if lent != loan.fen("principal"):
        faults.add(
            _LOANS,
            loan.line,
            "principal",
            _yuan(loan.fen("principal")),
            "principal-sum",
            _yuan(lent),
        )
    for bucket in BUCKETS:
        told = sum(one.fen(f"{bucket}_paid") for one in rows)
        came = sum(one.fen(bucket) for one in payments)
        if told != came:
            faults.add(_LOANS, loan.line, f"{bucket}_paid", _yuan(came), "paid-sum", _yuan(told))
    days = {one.day("paid_on") for one in payments}
    for one in rows:
        settled_on = one.day("settled_on")
        asked = sum(one.fen(bucket) for bucket in BUCKETS)
        if settled_on and asked and settled_on not in days:
            faults.add(_ROWS, one.line, "settled_on", settled_on, "settled-without-payment")


def _yuan(fen: int) -> str:
    return Money(fen).text()
