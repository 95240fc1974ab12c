"""Replaying the published life of a loan on the pure code alone: schedule, allocation, engine.

The engine closes every day and takes every payment of what is due. What it has no event for is
laid on its rows here, and named, so that the table can tell it apart: `Replay.laid`.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from rongqiao.finance.allocation import Order, allocate
from rongqiao.finance.money import Money
from rongqiao.finance.rounding import Mode, Rounding
from rongqiao.finance.schedule.engine import schedule
from rongqiao.finance.schedule.terms import Every, Grace, Method, Unit
from rongqiao.finance.schedule.terms import Terms as ScheduleTerms
from rongqiao.lending.servicing.engine import (
    MICRO,
    Choice,
    Life,
    PlanRule,
    Row,
    Terms,
    accrued_by,
    close_day,
    credited,
    dues_of,
    pay,
    prepaid,
)

DOWN_PAYMENT = "a first instalment due on the day of disbursement"
CHARGE = "a charge put on an instalment, or after the last one"
AHEAD = "an instalment paid before its due date, the plan kept"
# Their penalty on arrears is charged by hand, where at all.
NO_PENALTY = Terms(Decimal(0), 0, False)
CENT = Rounding(Mode.HALF_EVEN)
METHODS = {"FLAT": Method.FLAT, "DECLINING_BALANCE": Method.EQUAL_INSTALMENT}
PERIODS = {"DAYS": Unit.DAY, "MONTHS": Unit.MONTH}
# Days of an actual year of theirs are 365 in a leap year too.
DAY_COUNTS = {"SAME_AS_REPAYMENT_PERIOD": "30/360", "DAILY": "act/365f"}
RECALCULATED = "LP1_INTEREST_DECLINING_BALANCE_DAILY_RECALCULATION"
# Theirs is found with the first period's rate alone; ours is the exact one, from every period's.
LEVEL_OF_RECALCULATED = 862_00
PAYMENTS = ("REPAYMENT", "MERCHANT_ISSUED_REFUND", "PAYOUT_REFUND")


def fen(text):
    """Return a printed amount in fen."""
    minor = Decimal(str(text).replace(",", "")) * 100
    assert minor == int(minor), text
    return int(minor)


def day(text):
    return date.fromisoformat(text)


@dataclass(frozen=True)
class Paid:
    """What one payment put on one row."""

    no: int
    on: date
    minor: int


@dataclass
class Replay:
    """One published loan being lived: its life so far, what was paid when, what was laid."""

    inputs: dict
    today: date
    life: Life | None = None
    next_close: date | None = None
    paid: list[Paid] = field(default_factory=list)
    laid: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, case):
        found = cls(case["inputs"], day(case["inputs"]["loan"]["submitted on date"]))
        found.start(found.today, fen(case["inputs"]["loan"]["with principal"]))
        return found

    @property
    def order(self):
        """One strategy goes bucket by bucket, the others instalment by instalment."""
        is_vertical = self.inputs["product"]["name"].endswith("_VERTICAL")
        return Order.BY_BUCKET if is_vertical else Order.BY_INSTALMENT

    @property
    def is_recalculated(self):
        """Whether a prepayment lowers the interest of the instalments ahead."""
        return self.inputs["product"]["name"].startswith(RECALCULATED)

    def start(self, on, principal):
        """Lay the plan of a loan lent on this day."""
        product = self.inputs["product"]
        down = 0
        if product["down_payment"]:
            down = principal * int(product["down_payment_percent"]) // 100
            self.laid.add(DOWN_PAYMENT)
        first = [Row(1, on, on, down, 0, 0, is_due=True)] if down else []
        planned = schedule(_terms(self.inputs, on, principal - down))
        rest = [
            Row(row.no + len(first), row.from_on, row.due_on, row.principal, row.interest, row.fee)
            for row in planned.rows
        ]
        self.life, self.next_close, self.paid = Life(NO_PENALTY, (*first, *rest)), on, []

    def disburse(self, on, principal):
        """Lend; a product may take the down-payment at once."""
        self.start(on, principal)
        product = self.inputs["product"]
        if product["down_payment"] and "_AUTO" in product["name"]:
            self.take(on, self.life.rows[0].principal)

    def live_to(self, on):
        """Close every day before this one."""
        assert not self.paid or on >= self.paid[-1].on, f"{on} is before the last payment"
        while self.next_close < on:
            self.life = close_day(self.life, self.next_close)
            self.next_close += timedelta(days=1)

    def take(self, on, minor):
        """Pay what is due by the engine; what is over goes ahead."""
        self.live_to(on)
        before = self.life.rows
        due = min(minor, sum(row.left for row in before if row.is_due))
        if due:
            self.life = pay(self.life, on, due, self.order)
            self.tell(before, on)
        if minor > due and any(not row.is_due and row.left for row in self.life.rows):
            self.take_ahead(on, minor - due)

    def take_ahead(self, on, minor):
        """Lower the plan where interest is recalculated; else pay the rows ahead, oldest first."""
        before = self.life.rows
        if self.is_recalculated:
            rate = Fraction(self.inputs["loan"]["annual interest rate %"]) / 100
            rule = PlanRule(Method.EQUAL_INSTALMENT, rate, "act/365f")
            principal = minor - accrued_by(before, on)
            self.life = prepaid(self.life, on, principal, rule, Choice.LOWER)
            self.paid += [Paid(row.no, on, minor) for row in self.life.rows if row.is_prepayment]
            return
        self.laid.add(AHEAD)
        ahead = [row for row in before if not row.is_due and row.left]
        settled = allocate(Money(minor), dues_of(ahead), self.order)
        self.life = replace(self.life, rows=credited(before, settled))
        self.tell(before, on)

    def tell(self, before, on):
        """Note what was paid on which row."""
        for old, new in zip(before, self.life.rows, strict=True):
            if old.left != new.left:
                self.paid.append(Paid(new.no, on, old.left - new.left))

    def charge(self, due_on, kind, minor):
        """Put a charge on the instalment of its day; after the last one it is a row of its own."""
        self.laid.add(CHARGE)
        rows = list(self.life.rows)
        if due_on > rows[-1].due_on:
            last = rows[-1]
            rows.append(Row(last.no + 1, last.due_on, due_on, 0, 0, 0))
        # A down-payment has no days of its own, so that no charge falls in it.
        place = next(
            place
            for place, row in enumerate(rows)
            if due_on <= row.due_on and row.from_on < row.due_on
        )
        row = rows[place]
        if kind == "LOAN_NSF_FEE":
            rows[place] = replace(row, penalty_micro=row.penalty_micro + minor * MICRO)
        else:
            rows[place] = replace(row, fee=row.fee + minor)
        self.life = replace(self.life, rows=tuple(rows))


def _terms(inputs, start, principal):
    loan, product = inputs["loan"], inputs["product"]
    multiple = product["installment_amount_in_multiples_of"]
    is_30_360 = (product["days_in_year"], product["days_in_month"]) == ("360", "30")
    is_recalculated = product["name"].startswith(RECALCULATED)
    return ScheduleTerms(
        principal=principal,
        rate_annual=Fraction(loan["annual interest rate %"]) / 100,
        start=start,
        method=METHODS[loan["interest type"]],
        terms=int(loan["numberofrepayments"]),
        every=Every(PERIODS[loan["repaymentfrequencytype"]], int(loan["repaymentevery"])),
        day_count="30/360" if is_30_360 else DAY_COUNTS[loan["interest calculation period"]],
        rounding=Rounding(Mode.HALF_EVEN, 100 * int(multiple)) if multiple else CENT,
        interest_rounding=CENT,
        payment=LEVEL_OF_RECALCULATED if is_recalculated else None,
        grace=Grace(int(loan["graceonprincipalpayment"]), int(loan["graceoninterestpayment"])),
    )


def replay(case):
    """Return the loan's replay after every step; AssertionError where a printed figure differs."""
    lived = Replay.of(case)
    for step in case["steps"]:
        _STEPS[step["op"]](lived, step)
    return lived


def _business_date(lived, step):
    lived.today = day(step["date"])


def _approve(lived, step):
    lived.start(day(step["date"]), fen(step["amount"]))


def _disburse(lived, step):
    lived.disburse(day(step["date"]), fen(step["amount"]))


def _pay(lived, step):
    assert step.get("type", "REPAYMENT") in PAYMENTS, step
    lived.take(day(step["date"]), fen(step["amount"]))


def _charge(lived, step):
    lived.charge(day(step["due"]), step["type"], fen(step["amount"]))


def _rule(lived, step):
    assert step["future"] == "NEXT_INSTALLMENT", step


def _expect_schedule(lived, step):
    printed = [row for row in step["rows"] if "nr" in row]
    found = rows_of(lived)
    assert len(found) == len(printed), f"{len(found)} rows, expected {len(printed)}"
    for ours, theirs in zip(found, printed, strict=True):
        for name, value in theirs.items():
            _same(f"instalment {theirs['nr']}, {name}", ours[name], value)


def _expect_totals(lived, step):
    rows = rows_of(lived)
    for name, value in step["row"].items():
        _same(f"total, {name}", sum(row[name] for row in rows), value)


def _same(what, found, printed):
    if isinstance(found, str):
        expected = printed
    else:
        found, expected = Money(found).text(), Money(fen(printed)).text()
    assert found == expected, f"{what}: {found}, expected {expected}"


def rows_of(lived):
    """Return the rows as they are printed, amounts in fen."""
    balance = sum(row.principal for row in lived.life.rows)
    found = []
    for row in lived.life.rows:
        balance -= row.principal
        own = [paid for paid in lived.paid if paid.no == row.no]
        due = row.principal + row.interest + row.fee + row.penalty
        found.append(
            {
                "nr": str(row.no),
                "days": str((row.due_on - row.from_on).days),
                "date": row.due_on.isoformat(),
                "paid_date": own[-1].on.isoformat() if own and not row.left else "",
                "balance_of_loan": balance,
                "principal_due": row.principal,
                "interest": row.interest,
                "fees": row.fee,
                "penalties": row.penalty,
                "due": due,
                "paid": due - row.left,
                "in_advance": sum(paid.minor for paid in own if paid.on < row.due_on),
                "late": sum(paid.minor for paid in own if paid.on > row.due_on),
                "outstanding": row.left,
            }
        )
    return found


_STEPS = {
    "business_date": _business_date,
    "approve": _approve,
    "disburse": _disburse,
    "repay": _pay,
    "txn": _pay,
    "charge": _charge,
    "allocation_rule": _rule,
    "expect_schedule": _expect_schedule,
    "expect_totals": _expect_totals,
}
