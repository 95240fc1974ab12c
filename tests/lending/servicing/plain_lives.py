"""Random lives of loans: what is agreed, and what happens on which day, for any way to live them.

`live(life)` lives one on the pure engine beside the plain model and compares every figure.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st

from rongqiao.finance.allocation import Order
from rongqiao.finance.schedule.engine import schedule
from rongqiao.finance.schedule.terms import Fee, FeeAt, Method
from rongqiao.finance.schedule.terms import Terms as ScheduleTerms
from rongqiao.lending.servicing import engine
from rongqiao.lending.servicing.terms.drawing import drawn
from tests.lending.servicing.plain_model import DAY, SENIORITY, PlainLoan, Terms
from tests.makers.loans import penalty_rate_of

METHODS = ("equal_instalment", "equal_principal", "interest_only", "bullet", "flat")
DAY_COUNTS = ("30/360", "act/360", "act/365f")
RATES = ("0.0001", "0.0365", "0.12", "0.1799", "0.23999999", "0")
# A draw is of so many fen for each thousandth.
DRAWN_BY = 997
EARLY_FEES = ("0", "0.01", "0.00333333")
# What can happen; one that cannot be on a day is left out of the life.
KINDS = (
    "wait",
    "pay",
    "pay-all",
    "pay-all",
    "shorten",
    "shorten",
    "lower",
    "draw",
    "draw",
    "pay-off",
)
LENT_ON = (date(2026, 1, 5), date(2026, 1, 31), date(2027, 12, 30), date(2028, 2, 29))


@dataclass(frozen=True)
class Event:
    """So many days after the one before, of what is owed or ahead so many thousandths."""

    days: int
    kind: str
    thousandths: int


@dataclass(frozen=True)
class Agreed:
    """What a loan is lent on."""

    principal: int
    method: str
    day_count: str
    rate: str
    terms: int
    fee_each: int
    multiple: str
    grace_days: int
    is_penalty_on_interest: bool
    order: str
    early_fee: str
    early_free_after: int

    @property
    def penalty_rate(self):
        return penalty_rate_of(Decimal(self.rate), Decimal(self.multiple))

    def plan(self, on):
        """Return the schedule's rows when lent on a day."""
        fees = (Fee("service", FeeAt.EACH, self.fee_each),) if self.fee_each else ()
        asked = ScheduleTerms(
            principal=self.principal,
            rate_annual=Fraction(self.rate),
            start=on,
            method=Method(self.method),
            terms=self.terms,
            day_count=self.day_count,
            fees=fees,
        )
        return [
            (row.no, row.from_on, row.due_on, row.principal, row.interest, row.fee)
            for row in schedule(asked).rows
        ]

    def plain(self, on):
        """Return the loan as the plain model knows it, lent on a day."""
        terms = Terms(
            self.method,
            Fraction(self.rate),
            self.day_count,
            Fraction(self.penalty_rate),
            self.grace_days,
            self.is_penalty_on_interest,
            self.order,
            Fraction(self.early_fee),
            self.early_free_after,
        )
        return PlainLoan(terms, self.plan(on), on)


@dataclass(frozen=True)
class Life:
    """A loan and everything that happens to it."""

    on: date
    agreed: Agreed
    events: tuple


events = st.builds(
    Event,
    # Often the very next day or a whole month, so that due dates and days of grace are hit.
    st.one_of(st.integers(0, 3), st.integers(0, 70), st.sampled_from((28, 29, 30, 31))),
    st.sampled_from(KINDS),
    st.integers(1, 1000),
)
agreements = st.builds(
    Agreed,
    principal=st.one_of(st.integers(1, 400), st.integers(10_000, 10**9)),
    method=st.sampled_from(METHODS),
    day_count=st.sampled_from(DAY_COUNTS),
    rate=st.sampled_from(RATES),
    terms=st.integers(1, 8),
    fee_each=st.sampled_from((0, 0, 1, 1234)),
    multiple=st.sampled_from(("1", "1.3", "1.5")),
    grace_days=st.sampled_from((0, 0, 1, 3, 10)),
    is_penalty_on_interest=st.booleans(),
    order=st.sampled_from([order.value for order in Order]),
    early_fee=st.sampled_from(EARLY_FEES),
    early_free_after=st.integers(0, 3),
)
lives = st.builds(
    Life, st.sampled_from(LENT_ON), agreements, st.lists(events, min_size=1, max_size=14).map(tuple)
)


def act(loan, event):
    """Have an event happen to the plain loan; return what happened as (name, amount), if it did.

    Who would pay early or draw while something is due pays that first.
    """
    if loan.is_closed or event.kind == "wait":
        return None
    if event.kind == "pay-off":
        return _pay_off(loan)
    if owed := loan.owed_now:
        amount = max(1, owed * event.thousandths // 1000) if event.kind == "pay" else owed
        loan.pay(amount)
        return "pay", amount
    return _replan(loan, event)


def _replan(loan, event):
    """Draw more, or pay a part early, where the plan takes it."""
    most = loan.principal_ahead - 1
    if event.kind == "draw" and loan.choices():
        amount = event.thousandths * DRAWN_BY
        loan.draw(amount)
        return "draw", amount
    if event.kind not in loan.choices() or most < 1:
        return None
    amount = max(1, most * event.thousandths // 1000)
    loan.prepay(amount, event.kind)
    return event.kind, amount


def _pay_off(loan):
    if not sum(loan.payoff()[0].values()):
        return None
    loan.pay_off()
    return "pay-off", sum(loan.taken.values())


class OnEngine:
    """The same loan on the pure engine."""

    def __init__(self, agreed, on):
        rows = tuple(engine.Row(*row) for row in agreed.plan(on))
        terms = engine.Terms(agreed.penalty_rate, agreed.grace_days, agreed.is_penalty_on_interest)
        self.life, self.today = engine.Life(terms, rows), on
        self.order = Order(agreed.order)
        self.early = engine.Prepayment(Decimal(agreed.early_fee), agreed.early_free_after)
        self.rule = engine.PlanRule(Method(agreed.method), Fraction(agreed.rate), agreed.day_count)

    def night(self):
        self.life, self.today = engine.close_day(self.life, self.today), self.today + DAY

    def act(self, name, amount):
        if name == "pay":
            self.life = engine.pay(self.life, self.today, amount, self.order)
        elif name == "draw":
            self.life = drawn(self.life, self.today, amount, self.rule)
        else:
            choice = engine.Choice(name)
            self.life = engine.prepaid(self.life, self.today, amount, self.rule, choice)

    def figures(self):
        life = self.life
        rows = [
            (
                (row.no, row.from_on, row.due_on, row.is_due, row.is_prepayment, row.penalty_micro),
                [getattr(row, bucket) for bucket in SENIORITY],
                [getattr(row, f"{bucket}_paid") for bucket in SENIORITY],
            )
            for row in life.rows
        ]
        closing = engine.payoff(life, self.today, self.early)
        owed = tuple(getattr(closing, bucket) for bucket in SENIORITY)
        choices = tuple(choice.value for choice in engine.choices(life, self.rule))
        tier = list(engine.RiskClass).index(engine.class_of(life.days_past_due, self.today))
        standing = (life.state.value, life.days_past_due, life.accrued, tier, choices)
        return rows, standing, (owed, closing.prepayment_fee)


def figures(loan):
    """Return every figure of the plain loan, as `OnEngine.figures` does."""
    rows = [
        (
            (part.no, part.from_on, part.due_on, part.is_due, part.is_early, part.micro),
            [part.asked[bucket] for bucket in SENIORITY],
            [part.paid[bucket] for bucket in SENIORITY],
        )
        for part in loan.parts
    ]
    owed, fee = loan.payoff()
    days = loan.days_past_due
    tier = sum(days > over for over in (0, 90, 270, 360))
    standing = (loan.state, days, loan.accrued, tier, loan.choices())
    return rows, standing, (tuple(owed[bucket] for bucket in SENIORITY), fee)


def live(life):
    """Live a life on both, every figure compared after every day; return what happened."""
    plain, other = life.agreed.plain(life.on), OnEngine(life.agreed, life.on)
    happened = []
    for event in life.events:
        for _ in range(event.days):
            plain.night()
            other.night()
            assert figures(plain) == other.figures(), plain.today
        if event.kind == "pay-off" and not plain.is_closed:
            # The engine says what closes a loan; that was just compared.
            assert figures(plain) == other.figures()
            act(plain, event)
            break
        if done := act(plain, event):
            happened.append(done[0])
            other.act(*done)
            assert figures(plain) == other.figures(), (plain.today, done)
    return happened
