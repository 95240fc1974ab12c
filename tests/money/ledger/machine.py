"""A model of the books in a few lines of Python, and a machine that takes any steps with both.

Used by test_model.py here, and by the fault tests for 100,000 steps.
"""

from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from rongqiao.finance.allocation import split_largest_remainder
from rongqiao.finance.money import Money
from rongqiao.money.ledger.models import Balance
from rongqiao.money.ledger.operations.capture_hold import capture_hold
from rongqiao.money.ledger.operations.distribute import distribute
from rongqiao.money.ledger.operations.hold import hold
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.ledger.operations.post import post
from rongqiao.money.ledger.operations.release_hold import release_hold
from rongqiao.money.ledger.operations.reverse import reverse
from rongqiao.money.ledger.operations.upkeep.roll_up import roll_up
from rongqiao.money.ledger.operations.writers import Distribution
from rongqiao.money.ledger.queries import books as queries
from rongqiao.platform.refusals import Refusal
from tests.money.ledger.conftest import act, transfer

WALLETS = ["wallet:a", "wallet:b", "wallet:c"]
# One that is rolled up, one in sixteen parts, one that is neither.
ACCOUNTS = [*WALLETS, "custodian-cash", "operator-funds", "suspense"]
FLOORED = [*WALLETS, "operator-funds"]
accounts = st.sampled_from(ACCOUNTS)
amounts = st.integers(1, 50)


@dataclass
class Model:
    """What the books should say: what moved since `start`."""

    start: dict[str, int]
    balance: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ACCOUNTS, 0))
    holds: dict[int, tuple[str, int]] = field(default_factory=dict)
    journals: dict[int, list[tuple[str, str, int]]] = field(default_factory=dict)
    reversed: set[int] = field(default_factory=set)

    def held(self, code):
        return sum(minor for account, minor in self.holds.values() if account == code)

    def allows(self, moves):
        after = dict(self.balance)
        for source, target, minor in moves:
            after[source] -= minor
            after[target] += minor
        return all(self.start[code] + after[code] >= self.held(code) for code in FLOORED)

    def apply(self, number, moves):
        for source, target, minor in moves:
            self.balance[source] -= minor
            self.balance[target] += minor
        self.journals[number] = moves


class Books(RuleBasedStateMachine):
    """Steps that a platform takes, each told to the books and to the model."""

    call = None
    steps = 0

    @initialize()
    def open(self):
        # Each run of the machine has accounts of its own, in one and the same database.
        self.prefix = self.call().key
        act(lambda c: open_accounts([self.code(name) for name in ACCOUNTS], c), self.call())
        # What an earlier run left there would decide what this one may do.
        if left := queries.balance("operator-funds").minor:
            move = transfer("operator-funds", "suspense", left)
            act(lambda c: post([move], c), self.call())
        self.model = Model({name: queries.balance(self.code(name)).minor for name in ACCOUNTS})

    def code(self, name):
        return f"{name}-{self.prefix}" if name in WALLETS else name

    def journal(self, move):
        source, target, minor = move
        return transfer(self.code(source), self.code(target), minor)

    def asked(self, body):
        try:
            return act(body, self.call())
        except Refusal as refusal:
            return refusal.code

    @rule(moves=st.lists(st.tuples(accounts, accounts, amounts), min_size=1, max_size=4))
    def post(self, moves):
        moves = [move for move in moves if move[0] != move[1]]
        journals = [self.journal(move) for move in moves]
        answer = self.asked(lambda c: post(journals, c) or (0,))
        if not self.model.allows(moves):
            assert answer == "ledger.insufficient-funds"
        elif moves:
            for number, move in zip(answer, moves, strict=True):
                self.model.apply(number, [move])

    @rule(name=st.sampled_from(WALLETS), minor=amounts)
    def hold(self, name, minor):
        answer = self.asked(lambda c: hold(self.code(name), Money(minor), "h", c))
        if self.model.balance[name] - self.model.held(name) < minor:
            assert answer == "ledger.insufficient-funds"
        else:
            self.model.holds[answer[0]] = (name, minor)

    @rule(
        source=accounts,
        minor=amounts,
        shares=st.lists(st.tuples(accounts, st.integers(0, 9)), max_size=5),
    )
    def distribute(self, source, minor, shares):
        shares = [(name, weight) for name, weight in shares if name != source]
        asked = Distribution(
            kind="share",
            document="d",
            value_on=self.call().on,
            source=self.code(source),
            amount=Money(minor),
            holders=[(self.code(name), weight) for name, weight in shares],
        )
        answer = self.asked(lambda c: distribute(asked, c).journal)
        if not any(weight for _, weight in shares):
            assert answer == "ledger.weights"
            return
        parts = split_largest_remainder(Money(minor), [weight for _, weight in shares])
        moves = [
            (source, name, part.minor)
            for (name, _), part in zip(shares, parts, strict=True)
            if part.minor
        ]
        if not self.model.allows(moves):
            assert answer == "ledger.insufficient-funds"
        else:
            self.model.apply(answer[0], moves)

    @rule()
    def upkeep(self):
        roll_up()

    @precondition(lambda self: self.model.holds)
    @rule(data=st.data())
    def release(self, data):
        number = data.draw(st.sampled_from(sorted(self.model.holds)))
        self.asked(lambda c: release_hold(number, c))
        del self.model.holds[number]
        assert self.asked(lambda c: release_hold(number, c)) == "ledger.hold-ended"

    @precondition(lambda self: self.model.holds)
    @rule(data=st.data(), other=accounts, minor=amounts)
    def capture(self, data, other, minor):
        number = data.draw(st.sampled_from(sorted(self.model.holds)))
        source, most = self.model.holds[number]
        if source == other:
            return
        journal = self.journal((source, other, minor))
        answer = self.asked(lambda c: capture_hold(number, journal, c))
        if minor > most:
            assert answer == "ledger.more-than-held"
        else:
            del self.model.holds[number]
            self.model.apply(answer[0], [(source, other, minor)])

    @precondition(lambda self: self.model.journals)
    @rule(data=st.data())
    def reverse(self, data):
        number = data.draw(st.sampled_from(sorted(self.model.journals)))
        back = [(target, source, minor) for source, target, minor in self.model.journals[number]]
        answer = self.asked(lambda c: reverse(number, "r", c))
        if number in self.model.reversed:
            assert answer == "ledger.already-reversed"
        elif not self.model.allows(back):
            assert answer == "ledger.insufficient-funds"
        else:
            self.model.reversed.add(number)
            self.model.apply(answer[0], back)
            # A reversal itself cannot be taken back.
            del self.model.journals[answer[0]]

    @invariant()
    def agree(self):
        if not hasattr(self, "model"):
            return
        type(self).steps += 1
        codes = {self.code(name): name for name in ACCOUNTS}
        rows = Balance.objects.filter(code__in=codes)
        for code, balance, held in rows.values_list("code", "balance_minor", "held_minor"):
            name = codes[code]
            assert balance == self.model.start[name] + self.model.balance[name]
            if name in WALLETS:
                assert held == self.model.held(name)

    def teardown(self):
        for check in (queries.check_balances, queries.check_floors, queries.check_journals):
            assert check().broken == 0, check()
