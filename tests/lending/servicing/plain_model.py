"""One loan's life, day by day, the plain way: what the engine and the SQL close are held to.

It shares no code with servicing. Every day is lived by itself, interest is an exact fraction that
grows by a day's share each night, and amounts become whole fen, half-up, only where they are shown.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import floor

from rongqiao.finance.months import add_months

DAY = timedelta(days=1)
MICRO = 10**6
# Within an instalment, what a payment settles first.
SENIORITY = ("fee", "penalty", "interest", "principal")
DAYS_OF_YEAR = {"act/360": 360, "act/365f": 365}
LEVEL, AMORTISING = "equal_instalment", ("equal_instalment", "equal_principal")
# From more than so many days past due a loan is in the tier of this place; pass is 0.
TIERS = (0, 90, 270, 360)


def half_up(exact):
    return floor(exact + Fraction(1, 2))


@dataclass(frozen=True)
class Terms:
    """What was agreed; rates are yearly fractions."""

    method: str
    rate: Fraction
    day_count: str
    penalty_rate: Fraction
    grace_days: int
    is_penalty_on_interest: bool
    order: str
    early_fee_rate: Fraction = Fraction(0)
    early_free_after: int = 0


@dataclass
class Part:
    """One instalment, or principal that was paid early. `period_on`: its interest period's start.

    `micro` is the penalty gathered in millionths of a fen, what was given up taken off.
    """

    no: int
    period_on: date
    from_on: date
    due_on: date
    asked: dict
    paid: dict = field(default_factory=lambda: dict.fromkeys(SENIORITY, 0))
    micro: int = 0
    is_due: bool = False
    is_early: bool = False

    def left(self, bucket):
        return self.asked[bucket] - self.paid[bucket] if self.is_due else 0

    @property
    def left_in_all(self):
        return sum(map(self.left, SENIORITY))


class PlainLoan:
    """A loan on the morning of `today`; `night()` lives one day of it."""

    def __init__(self, terms, plan, today):
        """Lend today by a plan of (no, from, due, principal, interest, fee)."""
        self.terms, self.today = terms, today
        self.parts = [self._part(*row) for row in plan]
        self.earned, self.tier, self.mended_on = Fraction(0), 0, None
        self.is_closed, self.taken = False, dict.fromkeys(SENIORITY, 0)

    def _part(self, no, from_on, due_on, principal, interest, fee):
        asked = {"principal": principal, "interest": interest, "fee": fee, "penalty": 0}
        return Part(no, from_on, from_on, due_on, asked)

    @property
    def due(self):
        return [part for part in self.parts if part.is_due]

    @property
    def ahead(self):
        return [part for part in self.parts if not part.is_due]

    @property
    def owed_now(self):
        return sum(part.left_in_all for part in self.payable)

    @property
    def payable(self):
        """Return what may be paid today: interest that a draw put off to a later day may not."""
        return [part for part in self.due if part.due_on <= self.today]

    @property
    def principal_ahead(self):
        return sum(part.asked["principal"] for part in self.ahead)

    @property
    def accrued(self):
        return half_up(self.earned)

    @property
    def days_past_due(self):
        late = [] if self.is_closed else [part.due_on for part in self.payable if part.left_in_all]
        return (self.today - min(late)).days if late else 0

    @property
    def state(self):
        if self.is_closed:
            return "closed"
        return "overdue" if self.days_past_due else "active"

    def night(self):
        """Earn the day's interest and penalty, let tomorrow's instalment fall due, turn the day."""
        if self.is_closed:
            return
        if self.ahead:
            running = self.ahead[0]
            self.earned += Fraction(
                running.asked["interest"], (running.due_on - running.from_on).days
            )
        for part in self.due:
            self._penalise(part)
        self.today += DAY
        if self.ahead and self.ahead[0].due_on == self.today:
            assert self.earned == self.ahead[0].asked["interest"]
            self.ahead[0].is_due = True
            self.earned = Fraction(0)
        self._grade()

    def _penalise(self, part):
        if self.today < part.due_on + self.terms.grace_days * DAY:
            return
        overdue = part.left("principal")
        if self.terms.is_penalty_on_interest:
            overdue += part.left("interest")
        part.micro += half_up(overdue * self.terms.penalty_rate * MICRO / 360)
        part.asked["penalty"] = half_up(Fraction(part.micro, MICRO))

    def _grade(self):
        """Worsen at once; from the third tier improve only after six months without a late day."""
        days = self.days_past_due
        reached = sum(days > over for over in TIERS)
        stays = self.tier >= 2 and not self.is_closed and (days or not self._is_regular())
        self.tier = max(self.tier, reached) if stays else reached

    def _is_regular(self):
        return self.mended_on is not None and self.today >= add_months(self.mended_on, 6)

    def pay(self, amount, only=None):
        """Pay what is due, the oldest instalment first, or all fees first, and so on."""
        assert 0 < amount <= self.owed_now
        dues = [(p, b) for p in self.payable for b in SENIORITY if only in (None, p.no)]
        if self.terms.order == "by_bucket":
            dues.sort(key=lambda one: SENIORITY.index(one[1]))
        for part, bucket in dues:
            share = min(amount, part.left(bucket))
            was_open = part.left_in_all > 0
            self._take(part, bucket, share)
            amount -= share
            if was_open and not part.left_in_all and self.today > part.due_on:
                self.mended_on = self.today
        assert amount == 0
        self._settle()

    def _take(self, part, bucket, share):
        part.paid[bucket] += share
        self.taken[bucket] += share

    def _settle(self):
        self.is_closed = not self.ahead and not self.owed_now
        self._grade()

    def waive(self, bucket, amount):
        """Give up what was charged in a bucket, the oldest first."""
        for part in self.due:
            share = min(amount, part.left(bucket))
            part.asked[bucket] -= share
            amount -= share
            if bucket == "penalty":
                part.micro = max(0, part.micro - share * MICRO)
            if share and not part.left_in_all and self.today > part.due_on:
                self.mended_on = self.today
        assert amount == 0
        self._settle()

    def early_fee(self, principal):
        fallen = sum(not part.is_early for part in self.due)
        if 0 < self.terms.early_free_after <= fallen:
            return 0
        return half_up(principal * self.terms.early_fee_rate)

    def payoff(self):
        """Return what closes the loan today, by bucket, and the fee for closing early."""
        owed = {bucket: sum(part.left(bucket) for part in self.due) for bucket in SENIORITY}
        owed["principal"] += self.principal_ahead
        owed["interest"] += self.accrued
        return owed, self.early_fee(self.principal_ahead)

    def pay_off(self):
        owed, fee = self.payoff()
        for bucket in SENIORITY:
            self.taken[bucket] += owed[bucket] + (fee if bucket == "fee" else 0)
        self.is_closed = True
        self._grade()

    def choices(self):
        """Return what paying a part early may do, where nothing due is unpaid."""
        if not self.ahead or self.terms.method == "flat":
            return ()
        if len(self.ahead) > 1 and self.terms.method in AMORTISING:
            return ("shorten", "lower")
        return ("lower",)

    def prepay(self, principal, choice):
        """Pay a part early, with the interest of the days used: what is ahead is planned anew."""
        old, running = self.ahead, self.ahead[0]
        self.taken["fee"] += self.early_fee(principal)
        early = self._part(running.no, running.from_on, self.today, principal, self.accrued, 0)
        early.period_on, early.is_due, early.is_early = running.period_on, True, True
        self._take(early, "principal", principal)
        self._take(early, "interest", self.accrued)
        balance = self.principal_ahead - principal
        growths = [self._growth(part, max(self.today, part.from_on)) for part in old]
        if self._held(running):
            # A draw split the period: what its second part asks, by days.
            days = Fraction(
                (running.due_on - self.today).days, (running.due_on - running.from_on).days
            )
            growths[0] = running.asked["interest"] * days / self.principal_ahead
        kept = self._kept(running, balance, growths, choice)
        new = []
        for part, growth in zip(old, growths, strict=True):
            interest = half_up(balance * growth)
            own = kept - interest if self.terms.method == LEVEL else kept
            own = balance if part is old[-1] else min(balance, max(0, own))
            balance -= own
            fee = part.asked["fee"] if balance else old[-1].asked["fee"]
            from_on = max(self.today, part.from_on)
            new.append(self._part(part.no + 1, from_on, part.due_on, own, interest, fee))
            new[-1].period_on = part.period_on
            if not balance:
                break
        self.parts = [*self.due, early, *new]
        self.earned = Fraction(0)

    def draw(self, minor):
        """Lend more today; what was earned is asked beside the running part, the rest is level."""
        old, running = self.ahead, self.ahead[0]
        earned, balance = self.accrued, self.principal_ahead + minor
        before = earned + sum(part.asked["interest"] for part in self._held(running))
        growths = [self._growth(part, max(self.today, part.from_on)) for part in old]
        growths[0] += Fraction(before, balance)
        kept = self._kept(running, balance, growths, "lower")
        for part, growth in zip(old, growths, strict=True):
            interest = half_up(balance * growth)
            own = kept - interest if self.terms.method == LEVEL else kept
            own = balance if part is old[-1] else min(balance, max(0, own))
            balance -= own
            part.asked |= {"principal": own, "interest": interest}
        running.asked["interest"] -= before
        if self.terms.rate and self.today > running.from_on:
            part = self._part(running.no, running.from_on, running.due_on, 0, earned, 0)
            part.period_on, part.is_due = running.period_on, True
            running.from_on = self.today
            for one in old:
                one.no += 1
            self.parts.insert(self.parts.index(running), part)
        self.earned = Fraction(0)

    def _held(self, running):
        """Return the parts of the running period that draws split off."""
        parts = [part for part in self.due if part.period_on == running.period_on]
        return [part for part in parts if part.due_on == running.due_on and not part.is_early]

    def _growth(self, part, start):
        """Return the interest on one fen from a day to a part's due date: months by their days."""
        days = (part.due_on - start).days
        if self.terms.day_count == "30/360":
            whole, start = (part.due_on - part.period_on).days, part.period_on
            months = (part.due_on.year - start.year) * 12 + part.due_on.month - start.month
            return self.terms.rate * months / 12 * days / whole
        return self.terms.rate * days / DAYS_OF_YEAR[self.terms.day_count]

    def _kept(self, running, balance, growths, choice):
        """Return what each instalment (or its principal) shall be: as before, or newly spread."""
        if self.terms.method not in AMORTISING:
            return 0
        if choice == "shorten":
            kept = running.asked["principal"]
            return kept + running.asked["interest"] if self.terms.method == LEVEL else kept
        if self.terms.method != LEVEL:
            return half_up(Fraction(balance, len(growths)))
        discount, worth = Fraction(1), Fraction(0)
        for growth in growths:
            discount /= 1 + growth
            worth += discount
        return half_up(balance / worth)
