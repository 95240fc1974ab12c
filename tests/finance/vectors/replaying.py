"""Replaying the published life of a loan on the pure code alone: schedule, allocation, servicing.

What happened is kept, and lived anew after every step, in the order of value dates: so that what is
put down late, or undone, stands as if it had been known in time. What the platform has no operation
for is named, so that the table can tell it apart: `Replay.laid`.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from rongqiao.finance.allocation import Bucket, Order
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
    close_day,
    pay,
    prepaid,
)
from rongqiao.lending.servicing.terms.charging_back import again, charged_back, day_of
from rongqiao.lending.servicing.terms.drawing import drawn
from rongqiao.lending.servicing.terms.paying_ahead import paid_ahead
from rongqiao.lending.servicing.terms.reamortising import reamortised
from rongqiao.lending.servicing.terms.rescheduling import Agreed, Reschedule, rescheduled
from rongqiao.lending.servicing.terms.sharing import Ahead, shared
from rongqiao.lending.servicing.terms.tranches import asked_at_once, drawn_over_all

DOWN_PAYMENT = "part of a draw due at once (a down payment)"
CHARGE = "a charge put on an instalment, or after the last one"
AHEAD = "an instalment paid before its due date, the plan kept"
CREDIT = "a credit of the lender on what is owed"
CHARGED_BACK = "a charge-back, after which the sum is owed once more"
OVER_ALL = "a further draw in equal parts over all instalments, the past ones too"
ANEW = "a plan changed after payments, which are shared anew over it"
REAMORTISED = "what is late of a loan without interest spread over what is ahead"
INTO_RUNNING = "principal paid early into the running instalment, its interest not yet asked for"
RESCHEDULED = "a plan without interest, or with flat interest, at other dates, longer or cheaper"
# Their penalty on arrears is charged by hand, where at all.
NO_PENALTY = Terms(Decimal(0), 0, False)
CENT = Rounding(Mode.HALF_EVEN)
METHODS = {"FLAT": Method.FLAT, "DECLINING_BALANCE": Method.EQUAL_INSTALMENT}
PERIODS = {"DAYS": Unit.DAY, "MONTHS": Unit.MONTH}
# Days of an actual year of theirs are 365 in a leap year too.
DAY_COUNTS = {"SAME_AS_REPAYMENT_PERIOD": "30/360", "DAILY": "act/365f"}
RECALCULATED = "LP1_INTEREST_DECLINING_BALANCE_DAILY_RECALCULATION"
ADVANCED = "ADVANCED_PAYMENT_ALLOCATION"
# Theirs is found with the first period's rate alone; ours is the exact one, from every period's.
LEVEL_OF_RECALCULATED = 862_00
# Where money of a kind goes first once nothing is due, with the strategy that can tell (their
# LoanProductGlobalInitializerStep); of the other kinds the default rule says.
FIRST_AHEAD = {"GOODWILL_CREDIT": Ahead.LAST, "MERCHANT_ISSUED_REFUND": Ahead.SPREAD}
RULES = {
    "NEXT_INSTALLMENT": Ahead.NEXT,
    "LAST_INSTALLMENT": Ahead.LAST,
    "REAMORTIZATION": Ahead.SPREAD,
}
PAYMENTS = ("REPAYMENT", "MERCHANT_ISSUED_REFUND", "PAYOUT_REFUND", "GOODWILL_CREDIT")
# To which buckets a charge-back of a product with a credit allocation goes back, in order.
CREDIT_ORDER = (Bucket.PENALTY, Bucket.FEE, Bucket.INTEREST, Bucket.PRINCIPAL)


def fen(text):
    """Return a printed amount in fen."""
    minor = Decimal(str(text).replace(",", "")) * 100
    assert minor == int(minor), text
    return int(minor)


def day(text):
    return date.fromisoformat(text)


@dataclass(frozen=True)
class Told:
    """Something that happened, by its value date."""

    on: date


@dataclass(frozen=True)
class Lent(Told):
    """A draw, the first or a further one."""

    minor: int


@dataclass(frozen=True)
class Charged(Told):
    """A fee or a penalty that falls due on a day."""

    due_on: date
    kind: str
    minor: int


@dataclass(frozen=True)
class Planned(Told):
    """The plan was rescheduled."""

    wish: Reschedule


@dataclass(frozen=True)
class Spread(Told):
    """What was late was spread over what is ahead."""


@dataclass(frozen=True)
class Taken(Told):
    """A payment or a credit; `ref` numbers them as told, and a down payment taken at once is 0."""

    minor: int
    kind: str
    ref: int


@dataclass(frozen=True)
class WentBack(Told):
    """Money of the payment `ref` went back, and is owed again."""

    minor: int
    ref: int


@dataclass(frozen=True)
class Paid:
    """What one payment put on one row."""

    no: int
    on: date
    minor: int


@dataclass(frozen=True)
class Product:
    """What the published inputs say of the product, as the pure code wants it."""

    inputs: dict

    @property
    def name(self):
        return self.inputs["product"]["name"]

    @property
    def is_advanced(self):
        """Whether payments keep the places they took; a draw comes after what is due that day."""
        return self.inputs["loan"]["payment strategy"].startswith(ADVANCED)

    @property
    def is_by_date(self):
        """Whether all is put through by date; else payments are shared over the plan as it is."""
        return self.is_advanced or bool(self.rate)

    @property
    def order(self):
        """One strategy goes bucket by bucket, the others instalment by instalment."""
        return Order.BY_BUCKET if self.name.endswith("_VERTICAL") else Order.BY_INSTALMENT

    @property
    def is_recalculated(self):
        """Whether a prepayment lowers the interest of the instalments ahead."""
        return self.name.startswith(RECALCULATED)

    @property
    def is_auto(self):
        """Whether a down payment is taken as the money is lent."""
        return self.inputs["product"]["down_payment"] and "_AUTO" in self.name

    @property
    def credit_order(self):
        return CREDIT_ORDER if "CREDIT_ALLOCATION" in self.name else ()

    @property
    def rate(self):
        return Fraction(self.inputs["loan"]["annual interest rate %"]) / 100

    @property
    def rounding(self):
        multiple = self.inputs["product"]["installment_amount_in_multiples_of"]
        return Rounding(Mode.HALF_EVEN, 100 * int(multiple)) if multiple else CENT

    @property
    def every(self):
        loan = self.inputs["loan"]
        return Every(PERIODS[loan["repaymentfrequencytype"]], int(loan["repaymentevery"]))

    @property
    def rule(self):
        """How the plan was made; without interest instalments are equal parts of the principal."""
        method = METHODS[self.inputs["loan"]["interest type"]]
        if method is Method.FLAT and not self.rate:
            method = Method.EQUAL_PRINCIPAL
        return PlanRule(method, self.rate, "act/365f", self.rounding)

    def down(self, minor):
        """Return what is due at once of a draw."""
        product = self.inputs["product"]
        if not product["down_payment"]:
            return 0
        return self.rounding.of(minor * int(product["down_payment_percent"]), 100)


@dataclass
class Lived:
    """A loan as it stands: its life, what was paid when, what was lent, what is paid over."""

    product: Product
    rule: Ahead
    life: Life | None = None
    next_close: date | None = None
    lent: list[Lent] = field(default_factory=list)
    paid: list[Paid] = field(default_factory=list)
    met: dict[int, date] = field(default_factory=dict)
    raised: dict[int, int] = field(default_factory=dict)
    shares: dict[int, dict] = field(default_factory=dict)
    over: int = 0
    laid: set[str] = field(default_factory=set)

    def through(self, told):
        """Live what was told: by date, or the whole plan first and the money after it."""
        told = sorted(told, key=lambda one: one.on)
        if self.product.is_by_date:
            for one in told:
                self.happen(one)
            return self
        plan = [one for one in told if isinstance(one, (Lent, Charged, Planned))]
        money = [one for one in told if one not in plan]
        if money and any(one.on > money[0].on and not isinstance(one, Charged) for one in plan):
            self.laid.add(ANEW)
        for one in plan:
            self.happen(one, is_closing=False)
        start = self.next_close
        rows = (replace(row, is_due=row.due_on <= start) for row in self.life.rows)
        self.life = replace(self.life, rows=tuple(rows))
        for one in money:
            self.happen(one)
        return self

    def happen(self, one, *, is_closing=True):
        """Let one thing happen, every day before it closed."""
        while self.life and is_closing and self.next_close < one.on:
            self.life = close_day(self.life, self.next_close)
            self.next_close += timedelta(days=1)
        _HAPPENING[type(one)](self, one)
        self.mark(one.on if is_closing else self.next_close)

    def mark(self, on):
        """Note on which day a row came to ask nothing more."""
        for row in self.life.rows:
            if row.left:
                self.met.pop(row.no, None)
            else:
                self.met.setdefault(row.no, on)

    def lend(self, one):
        self.lent.append(one)
        down = self.product.down(one.minor)
        if self.life is None:
            self.start(one.on, one.minor - down)
        elif self.product.is_by_date:
            self.life = drawn(self.life, one.on, one.minor - down, self.product.rule)
        else:
            self.laid.add(OVER_ALL)
            rounding = self.product.rounding
            self.life = drawn_over_all(self.life, one.on, one.minor - down, rounding)
        if down:
            self.ask_at_once(one.on, down)
        if self.over:
            self.mark(one.on)
            over, self.over = self.over, 0
            self.give(one.on, over, Ahead.NEXT)

    def start(self, on, principal):
        """Lay the plan of a loan lent on this day."""
        planned = schedule(_terms(self.product, on, principal))
        rows = tuple(
            Row(row.no, row.from_on, row.due_on, row.principal, row.interest, row.fee)
            for row in planned.rows
        )
        self.life, self.next_close = Life(NO_PENALTY, rows), on

    def ask_at_once(self, on, down):
        """Put in an instalment without days; those after it count on by one."""
        self.laid.add(DOWN_PAYMENT)
        before = len(self.life.rows)
        self.life = asked_at_once(self.life, on, down, is_first=not self.product.is_advanced)
        assert len(self.life.rows) == before + 1
        asked = next(row.no for row in reversed(self.life.rows) if row.from_on == row.due_on == on)
        self.paid = [replace(paid, no=paid.no + (paid.no >= asked)) for paid in self.paid]
        self.met = {no + (no >= asked): met for no, met in self.met.items()}
        self.raised = {no + (no >= asked): minor for no, minor in self.raised.items()}

    def take(self, one):
        """Pay what is due; what is over goes ahead, or stays over."""
        before = self.life.rows
        if one.kind == "GOODWILL_CREDIT":
            self.laid.add(CREDIT)
        if self.product.is_recalculated:
            self.take_recalculated(one.on, one.minor)
        else:
            first = FIRST_AHEAD.get(one.kind, self.rule) if self.product.is_advanced else Ahead.NEXT
            self.give(one.on, one.minor, first)
            self.shares[one.ref] = {
                bucket: sum(row.left_in(bucket) for row in before)
                - sum(row.left_in(bucket) for row in self.life.rows)
                for bucket in Bucket
            }

    def give(self, on, minor, first):
        before = self.life.rows
        due = sum(row.left for row in before if row.due_on <= on)
        self.life, over = shared(self.life, on, minor, self.product.order, first)
        if min(minor, minor - over) > due:
            self.laid.add(AHEAD)
        self.over += over
        self.tell(before, on)

    def take_recalculated(self, on, minor):
        """Pay what is due; what is over lowers the plan."""
        before = self.life.rows
        due = min(minor, sum(row.left for row in before if row.is_due))
        if due:
            self.life = pay(self.life, on, due, self.product.order)
            self.tell(before, on)
        ahead, rule = minor - due, self.product.rule
        if not ahead:
            return
        running = next(row for row in self.life.rows if not row.is_due)
        if running.from_on == on:
            self.life = prepaid(self.life, on, ahead, rule, Choice.LOWER)
        else:
            self.laid.add(INTO_RUNNING)
            self.life = paid_ahead(self.life, on, ahead, rule)
        old = {row.no: row.principal_paid for row in before if not row.is_due}
        self.paid += [
            Paid(row.no, on, ahead)
            for row in self.life.rows
            if row.no in old and row.principal_paid != old[row.no]
        ]

    def tell(self, before, on):
        """Note what was paid on which row."""
        for old, new in zip(before, self.life.rows, strict=True):
            if old.left != new.left:
                self.paid.append(Paid(new.no, on, old.left - new.left))

    def charge(self, one):
        """Put a charge on the instalment of its day; after the last one it is a row of its own."""
        self.laid.add(CHARGE)
        rows = list(self.life.rows)
        place = day_of(rows, one.due_on)
        if place is None:
            last = rows[-1]
            rows.append(Row(last.no + 1, last.due_on, one.due_on, 0, 0, 0))
            place = len(rows) - 1
        row = rows[place]
        if one.kind == "LOAN_NSF_FEE":
            rows[place] = replace(row, penalty_micro=row.penalty_micro + one.minor * MICRO)
        else:
            rows[place] = replace(row, fee=row.fee + one.minor)
        self.life = replace(self.life, rows=tuple(rows))

    def reschedule(self, one):
        self.laid.add(RESCHEDULED)
        rule = replace(self.product.rule, method=Method.FLAT)
        agreed = Agreed(rule, self.product.every, self.product.rounding)
        self.life = rescheduled(self.life, one.wish, agreed)

    def reamortise(self, one):
        self.laid.add(REAMORTISED)
        self.life = reamortised(self.life, one.on, self.product.rounding)

    def go_back(self, one):
        """Money that stood over answers first; where it answers for all, nothing is owed again."""
        self.laid.add(CHARGED_BACK)
        if self.over >= one.minor:
            self.over -= one.minor
            return
        parts = again(self.shares[one.ref], one.minor, self.product.credit_order)
        asked = {row.no: row.principal for row in self.life.rows}
        self.life = charged_back(self.life, one.on, parts)
        for row in self.life.rows:
            if more := row.principal - asked.get(row.no, 0):
                self.raised[row.no] = self.raised.get(row.no, 0) + more
        over, self.over = self.over, 0
        if over:
            self.give(one.on, over, Ahead.NEXT)


_HAPPENING = {
    Lent: Lived.lend,
    Charged: Lived.charge,
    Planned: Lived.reschedule,
    Spread: Lived.reamortise,
    Taken: Lived.take,
    WentBack: Lived.go_back,
}


@dataclass
class Replay:
    """One published loan being lived: what was told so far, and how it stands."""

    product: Product
    today: date
    rule: Ahead = Ahead.NEXT
    told: list[Told] = field(default_factory=list)
    is_lent: bool = False
    payments: int = 0
    kept: Lived | None = None

    @classmethod
    def of(cls, case):
        loan = case["inputs"]["loan"]
        found = cls(Product(case["inputs"]), day(loan["submitted on date"]))
        found.plan(found.today, fen(loan["with principal"]))
        return found

    @property
    def lived(self):
        """The loan as it stands by all that was told, lived anew where more was told since."""
        if self.kept is None:
            self.kept = Lived(self.product, self.rule).through(self.told)
        return self.kept

    @property
    def laid(self):
        return self.lived.laid

    def tell(self, *told):
        self.told += told
        self.kept = None

    def plan(self, on, minor):
        """Show the plan of a loan that is not lent yet."""
        self.told.clear()
        self.tell(Lent(on, minor))

    def lend(self, on, minor):
        """Lend; a product may take the down payment at once, less what stands over."""
        over = self.lived.over if self.is_lent else 0
        if not self.is_lent:
            self.told.clear()
            self.is_lent = True
        down = self.product.down(minor) - over if self.product.is_auto else 0
        self.tell(Lent(on, minor), *([Taken(on, down, "REPAYMENT", 0)] if down > 0 else []))

    def pay(self, on, minor, kind):
        self.payments += 1
        self.tell(Taken(on, minor, kind, self.payments))

    def unlend(self):
        """Undo the last draw, and with it all payments since."""
        last = max((one for one in self.told if isinstance(one, Lent)), key=lambda one: one.on)
        self.told = [
            one
            for one in self.told
            if one is not last and not (isinstance(one, Taken) and one.on >= last.on)
        ]
        self.kept = None

    def unpay(self, on, index):
        """Undo a payment: it never was."""
        own = [one for one in self.told if isinstance(one, Taken) and one.ref and one.on == on]
        self.told.remove(own[index - 1])
        self.kept = None


def _terms(product, start, principal):
    loan = product.inputs["loan"]
    plan = product.inputs["product"]
    is_30_360 = (plan["days_in_year"], plan["days_in_month"]) == ("360", "30")
    return ScheduleTerms(
        principal=principal,
        rate_annual=product.rate,
        start=start,
        method=METHODS[loan["interest type"]],
        terms=int(loan["numberofrepayments"]),
        every=product.every,
        day_count="30/360" if is_30_360 else DAY_COUNTS[loan["interest calculation period"]],
        rounding=product.rounding,
        interest_rounding=CENT,
        payment=LEVEL_OF_RECALCULATED if product.is_recalculated else None,
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
    lived.plan(day(step["date"]), fen(step["amount"]))


def _disburse(lived, step):
    lived.lend(day(step["date"]), fen(step["amount"]))


def _undo_disbursal(lived, _step):
    lived.unlend()


def _pay(lived, step):
    kind = step.get("type", "REPAYMENT")
    assert kind in PAYMENTS, step
    lived.pay(day(step["date"]), fen(step["amount"]), kind)


def _undo_payment(lived, step):
    lived.unpay(day(step["date"]), step["index"])


def _charge(lived, step):
    due_on = day(step["due"])
    lived.tell(Charged(min(due_on, lived.today), due_on, step["type"], fen(step["amount"])))


def _charge_back(lived, step):
    ref = int(step.get("payment", lived.payments))
    lived.tell(WentBack(lived.today, fen(step["amount"]), ref))


def _reamortise(lived, _step):
    lived.tell(Spread(lived.today))


def _reschedule(lived, step):
    data = {name: text for name, text in step["data"].items() if text}
    wish = Reschedule(
        first=day(data["rescheduleFromDate"]),
        moved_to=day(data["adjustedDueDate"]) if "adjustedDueDate" in data else None,
        more=int(data.get("extraTerms", 0)),
        resting=int(data.get("graceOnPrincipal", 0)),
        rate=Fraction(data["newInterestRate"]) / 100 if "newInterestRate" in data else None,
    )
    assert "graceOnInterest" not in data, data
    lived.tell(Planned(lived.today, wish))


def _rule(lived, step):
    assert step["txn"] == "DEFAULT", step
    lived.rule = RULES[step["future"]]


def _expect_schedule(lived, step):
    printed = [row for row in step["rows"] if "nr" in row]
    found = rows_of(lived.lived)
    assert len(found) == len(printed), f"{len(found)} rows, expected {len(printed)}"
    for ours, theirs in zip(found, printed, strict=True):
        for name, value in theirs.items():
            _same(f"instalment {theirs['nr']}, {name}", ours[name], value)


def _expect_totals(lived, step):
    rows = rows_of(lived.lived)
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
    printed = [_printed(lived, row) for row in lived.life.rows]
    if lived.product.is_recalculated:
        printed = _joined(printed)
    repaid = 0
    for no, row in enumerate(printed, 1):
        repaid += row["principal_due"] - row.pop("raised")
        row["nr"], row["balance_of_loan"] = str(no), row.pop("lent") - repaid
    return printed


def _printed(lived, row):
    own = [paid for paid in lived.paid if paid.no == row.no]
    due = row.principal + row.interest + row.fee + row.penalty
    return {
        "days": str((row.due_on - row.from_on).days),
        "date": row.due_on.isoformat(),
        "paid_date": lived.met[row.no].isoformat() if row.no in lived.met else "",
        "lent": _lent_by(lived, row),
        "raised": lived.raised.get(row.no, 0),
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


def _joined(rows):
    """Return one row for a due date: theirs has no rows of its own for a part of a period."""
    found = {}
    for row in rows:
        if row["date"] not in found:
            found[row["date"]] = row
            continue
        one = found[row["date"]]
        one["paid_date"] = max(one["paid_date"], row["paid_date"])
        for name in set(row) - {"days", "date", "paid_date", "lent"}:
            one[name] += row[name]
        if one["outstanding"]:
            one["paid_date"] = ""
    return list(found.values())


def _lent_by(lived, row):
    """Return what was lent before this row; with one strategy a draw of its due day comes after."""
    if lived.product.is_advanced:
        return sum(one.minor for one in lived.lent if one.on < row.due_on or one.on <= row.from_on)
    return sum(one.minor for one in lived.lent if one.on <= row.due_on)


_STEPS = {
    "business_date": _business_date,
    "approve": _approve,
    "disburse": _disburse,
    "undo_last_disbursal": _undo_disbursal,
    "repay": _pay,
    "txn": _pay,
    "undo_repayment": _undo_payment,
    "charge": _charge,
    "chargeback": _charge_back,
    "reamortize": _reamortise,
    "reschedule": _reschedule,
    "allocation_rule": _rule,
    "expect_schedule": _expect_schedule,
    "expect_totals": _expect_totals,
}
