"""The lives of `plain_lives` on the platform itself: its operations, its end of day, its books.

Every loan's plain model is lived beside it; what a borrower is asked, owes, has paid and holds in
the wallet is compared to the fen.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from unittest import mock
from uuid import UUID

from rongqiao.cli.eod import catch_up
from rongqiao.finance.allocation import Order
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.engine import RiskClass
from rongqiao.lending.servicing.models.amending.draws import DrawRoom
from rongqiao.lending.servicing.operations.prepaying.pay_off import PayOff, pay_off
from rongqiao.lending.servicing.operations.prepaying.prepay import Prepay, prepay
from rongqiao.lending.servicing.operations.prepaying.quote_payoff import QuotePayoff, quote_payoff
from rongqiao.lending.servicing.operations.prepaying.quote_prepayment import (
    QuotePrepayment,
    quote_prepayment,
)
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay
from rongqiao.lending.servicing.operations.starting.draw_further import DrawFurther, draw_further
from rongqiao.lending.servicing.operations.starting.quote_draw import QuoteDraw, quote_draw
from rongqiao.lending.servicing.operations.waiving.decide_waiver import DecideWaiver, decide_waiver
from rongqiao.lending.servicing.operations.waiving.propose_waiver import (
    ProposeWaiver,
    propose_waiver,
)
from rongqiao.lending.servicing.queries.loans import RowState, get_loan, get_statement
from rongqiao.money.ledger.queries.books import balance, product_balances
from rongqiao.platform import clock as platform_clock
from tests.lending.servicing.plain_lives import (
    DAY_COUNTS,
    EARLY_FEES,
    METHODS,
    RATES,
    Agreed,
    Event,
    act,
)
from tests.lending.servicing.plain_model import SENIORITY, PlainLoan
from tests.makers import journeys
from tests.makers.loans import Lend, lend, uuid_of
from tests.parties.people import actor, make_user

DAY = timedelta(days=1)
DRAWING = "rongqiao.lending.servicing.operations.starting.draw_further"
WALLET = 10**12
FIRST_PARTY = 8_000_000
PRODUCTS = ("alpha", "beta", "gamma")
KINDS = ("pay", "pay", "pay-all", "pay-all", "pay-one", "shorten", "lower", "draw", "waive")
KINDS += ("draw", "pay-off")
WAIVED_AT_MOST = 900_000
RECEIVABLE = {"principal": "loan-principal", "interest": "interest-receivable"}
RECEIVABLE |= {"penalty": "penalty-receivable", "fee": "fee-receivable"}
PAID = {"repayment", "prepayment", "payoff"}


def draw_agreed(draw):
    return Agreed(
        principal=draw.choice([draw.randrange(1_000, 5_000), draw.randrange(10**4, 10**9)]),
        method=draw.choice(METHODS),
        day_count=draw.choice(DAY_COUNTS),
        rate=draw.choice(RATES),
        terms=draw.randrange(1, 7),
        fee_each=draw.choice([0, 0, 1, 1234]),
        multiple=draw.choice(["1", "1.3", "1.5"]),
        grace_days=draw.choice([0, 0, 1, 3, 10]),
        is_penalty_on_interest=draw.random() < 0.5,
        order=draw.choice(list(Order)).value,
        early_fee=draw.choice(EARLY_FEES),
        early_free_after=draw.randrange(4),
    )


def draw_events(draw, rarely):
    """Return what happens on which day after lending; `rarely` is who hardly ever pays."""
    days, found = 0, {}
    while days < 400:
        days += draw.choice([draw.randrange(1, 5), draw.randrange(1, 40), 30, 31])
        days += 90 * rarely
        kind = "pay-all" if rarely else draw.choice(KINDS)
        if kind == "pay-off" and draw.random() < 0.6:
            kind = "pay-all"
        found[days] = Event(0, kind, draw.randrange(1, 1001))
    return found


def two_officers(call):
    """Return two who may give charges up together, of any amount."""
    staff = journeys.make_staff(call)
    found = [make_user(), make_user()]
    for user, role in zip(found, ("finance", "approver"), strict=True):
        journeys.give_role(call, *staff.administrators, user, role)
    return [actor(user) for user in found]


@dataclass
class Lived:
    """A loan on the platform, its plain model, and what is to happen to it by date."""

    loan_id: UUID
    party_id: UUID
    product: str
    plain: PlainLoan
    events: dict
    is_paid_off: bool = False


class Portfolio:
    """Many loans, on the platform and as plain models."""

    def __init__(self, draw, call, clock, officers):
        """`officers` propose and decide on what is given up."""
        self.draw, self.call, self.clock, self.officers = draw, call, clock, officers
        self.lived, self.happened = [], Counter()

    def live(self, *, loans, days, lending_days):
        """Live so many days; the loans are lent over the first of them."""
        for day in range(days):
            while len(self.lived) < min(loans, (day + 1) * loans // lending_days):
                self.lend()
            self.day()

    def lend(self):
        agreed, number = draw_agreed(self.draw), len(self.lived)
        on, party = platform_clock.business_date(), uuid_of(FIRST_PARTY + number)
        product = self.draw.choice(PRODUCTS)
        command = Lend(
            principal=agreed.principal,
            party=party,
            product=product,
            rate=Decimal(agreed.rate),
            terms=agreed.terms,
            method=agreed.method,
            day_count=agreed.day_count,
            fee_each=agreed.fee_each,
            penalty_multiple=Decimal(agreed.multiple),
            grace_days=agreed.grace_days,
            is_penalty_on_interest=agreed.is_penalty_on_interest,
            prepayment_fee_rate=Decimal(agreed.early_fee),
            prepayment_fee_free_after=agreed.early_free_after,
            allocation_order=agreed.order,
            wallet=WALLET,
        )
        loan_id = lend(command, self.call()).loan_id
        # What is drawn, and how often, is up to the life alone.
        DrawRoom.objects.create(
            loan_id=loan_id, agreed_minor=10**12, most=10**4, last_on=on + 999 * DAY, least_minor=1
        )
        events = draw_events(self.draw, rarely=number % 5 == 0)
        by_date = {on + days * DAY: event for days, event in events.items()}
        self.lived.append(Lived(loan_id, party, product, agreed.plain(on), by_date))

    def day(self):
        """Have today's events happen, and close the day on the platform and in the models."""
        on = platform_clock.business_date()
        for one in self.lived:
            if event := one.events.get(on):
                self._happen(one, event)
        catch_up(on + DAY)
        self.clock.move(DAY)
        for one in self.lived:
            one.plain.night()

    def _happen(self, one, event):
        if one.plain.is_closed:
            return
        if event.kind == "pay-one":
            self._pay_one(one, event)
        elif event.kind == "waive":
            self._waive(one, event)
        elif done := act(one.plain, event):
            self.happened[done[0]] += 1
            if done[0] == "pay":
                self._repay(one, done[1])
            elif done[0] == "pay-off":
                self._pay_off(one)
            elif done[0] == "draw":
                self._draw(one, done[1])
            else:
                self._prepay(one, *done)

    def _repay(self, one, amount, no=None):
        command = Repay(
            loan_id=one.loan_id, party_id=one.party_id, amount=Money(amount), instalment_no=no
        )
        assert repay(command, self.call()).state == one.plain.state

    def _pay_one(self, one, event):
        """Pay some of an instalment that need not be the oldest."""
        due = [part for part in one.plain.due if part.due_on <= one.plain.today]
        open_parts = [part for part in due if part.left_in_all]
        if not open_parts:
            return
        part = self.draw.choice(open_parts)
        amount = max(1, part.left_in_all * event.thousandths // 1000)
        one.plain.pay(amount, only=part.no)
        self.happened["pay-one"] += 1
        self._repay(one, amount, part.no)

    def _waive(self, one, event):
        bucket = self.draw.choice(("penalty", "interest", "fee"))
        owed = sum(part.left(bucket) for part in one.plain.due)
        amount = min(owed * event.thousandths // 1000, WAIVED_AT_MOST)
        if not amount:
            return
        one.plain.waive(bucket, amount)
        self.happened["waive"] += 1
        given = dict.fromkeys(("penalty", "interest", "fee"), Money(0)) | {bucket: Money(amount)}
        maker, checker = self.officers
        asked = propose_waiver(
            ProposeWaiver(loan_id=one.loan_id, reason="系统故障致延误", **given),
            self.call(actor=maker),
        )
        word = DecideWaiver(waiver_id=asked.waiver_id, word="approve")
        assert decide_waiver(word, self.call(actor=checker)).loan_state == one.plain.state

    def _pay_off(self, one):
        one.is_paid_off = True
        on = platform_clock.business_date()
        asked = quote_payoff(
            QuotePayoff(loan_id=one.loan_id, party_id=one.party_id, valid_on=on), self.call()
        )
        pay_off(PayOff(quote_id=asked.quote_id, party_id=one.party_id), self.call())

    def _prepay(self, one, choice, principal):
        asked = quote_prepayment(
            QuotePrepayment(loan_id=one.loan_id, party_id=one.party_id, principal=Money(principal)),
            self.call(),
        )
        command = Prepay(quote_id=asked.quote_id, party_id=one.party_id, choice=choice)
        done = prepay(command, self.call())
        ahead = one.plain.ahead
        asked_next = sum(ahead[0].asked.values())
        assert (done.instalments_left, done.matures_on) == (len(ahead), ahead[-1].due_on)
        assert (done.next_due_on, done.next_due.minor) == (ahead[0].due_on, asked_next)

    def _draw(self, one, minor):
        quoted = quote_draw(
            QuoteDraw(loan_id=one.loan_id, party_id=one.party_id, amount=Money(minor)), self.call()
        )
        command = DrawFurther(quote_id=quoted.quote_id, party_id=one.party_id)
        # The parties of these lives are made up: nobody stands on the paper.
        with mock.patch(
            f"{DRAWING}.get_identity", return_value=SimpleNamespace(name="", number="")
        ):
            done = draw_further(command, self.call())
        on = one.plain.ahead[0].due_on
        parts = [part for part in one.plain.parts if part.due_on == on]
        asked = sum(part.left_in_all if part.is_due else sum(part.asked.values()) for part in parts)
        assert (done.next_due_on, done.next_due.minor) == (on, asked)

    def differing(self):
        """Return the loans of which any figure differs, with both."""
        on = platform_clock.business_date()
        pairs = [(one.loan_id, self.found(one, on), self.expected(one)) for one in self.lived]
        return [pair for pair in pairs if pair[1] != pair[2]]

    @staticmethod
    def found(one, on):
        """Return what the platform says of a loan today."""
        detail = get_loan(one.loan_id, on)
        card = detail.card
        rows = [
            (
                row.no,
                row.from_on,
                row.due_on,
                row.state is RowState.PREPAID,
                _minors(row.scheduled),
                _minors(row.paid),
                row.left.minor,
            )
            for row in detail.rows
        ]
        taken = dict.fromkeys(SENIORITY, 0)
        for line in get_statement(one.loan_id):
            if line.kind in PAID:
                for bucket in SENIORITY:
                    taken[bucket] -= getattr(line.amounts, bucket).minor
        standing = (card.state, card.days_past_due, card.risk_class, _minors(card.outstanding))
        return (
            # A payoff settles all rows as they stand: what it took is compared in all.
            None if one.is_paid_off else rows,
            standing,
            tuple(taken.values()),
            balance(f"wallet:{one.party_id}").minor,
        )

    @staticmethod
    def expected(one):
        """Return the same of the plain model."""
        plain = one.plain
        rows = [
            (
                part.no,
                part.from_on,
                part.due_on,
                part.is_early,
                tuple(part.asked[bucket] for bucket in SENIORITY),
                tuple(part.paid[bucket] for bucket in SENIORITY),
                part.left_in_all,
            )
            for part in plain.parts
        ]
        owed = plain.payoff()[0]
        if plain.is_closed:
            owed = dict.fromkeys(SENIORITY, 0)
        else:
            owed["fee"] = sum(part.left("fee") for part in plain.due)
        tier = list(RiskClass)[plain.tier].value
        standing = (plain.state, plain.days_past_due, tier, tuple(owed.values()))
        taken = tuple(plain.taken.values())
        left = WALLET + sum(part for part in (_lent(plain), -sum(taken)))
        return None if one.is_paid_off else rows, standing, taken, left

    def books(self):
        """Return by account what the books hold, and what the plain models owe in all."""
        sums = defaultdict(int)
        for one in self.lived:
            if not one.plain.is_closed:
                for bucket, minor in one.plain.payoff()[0].items():
                    sums[f"{RECEIVABLE[bucket]}:{one.product}"] -= minor
        held = {code: money.minor for code, money in product_balances().items() if money.minor}
        return held, {code: minor for code, minor in sums.items() if minor}


def _minors(owed):
    return tuple(getattr(owed, bucket).minor for bucket in SENIORITY)


def _lent(plain):
    return sum(part.asked["principal"] for part in plain.parts)
