"""What a loan's life writes in the books. Pure; bookkeeping is credit-positive (ledger).

Money that crosses between a client and the operator moves in two books at once: in the custody
book between the wallet and the operator's own money there, in the operator's own book between
that money and what the loan is owed or earns. Client money can so never be lent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongqiao.finance.bookkeeping import Journal, Leg, credit, debit
from rongqiao.finance.money import Money

# What a borrower owes by bucket, and what the platform earns by it.
RECEIVABLE = {
    "principal": "loan-principal",
    "interest": "interest-receivable",
    "penalty": "penalty-receivable",
    "fee": "fee-receivable",
}
OPERATOR_FUNDS = "operator-funds"
FUNDS_AT_CUSTODIAN = "funds-at-custodian"
ALLOWANCE, UNDRAWN = "loan-loss-allowance", "commitment-provision"
TAKEN_OVER = "portfolio-taken-over"
INCOME = {"interest": "interest-income", "penalty": "penalty-income", "fee": "fee-income"}


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Fen by bucket."""

    principal: int = 0
    interest: int = 0
    penalty: int = 0
    fee: int = 0

    @property
    def total(self) -> int:
        """All four together."""
        return self.principal + self.interest + self.penalty + self.fee

    def named(self) -> tuple[tuple[str, int], ...]:
        """The buckets with anything in them."""
        pairs = (
            ("principal", self.principal),
            ("interest", self.interest),
            ("penalty", self.penalty),
            ("fee", self.fee),
        )
        return tuple(pair for pair in pairs if pair[1])


@dataclass(frozen=True, kw_only=True)
class Correcting:
    """By how much more is owed and was charged, and what goes back to the wallet; fen, signed.

    What is owed more = what was charged more + what goes back.
    """

    owed: Parts
    charged: Parts
    given_back: int


def wallet(party_id: UUID) -> str:
    """Return the code of a party's wallet account."""
    return f"wallet:{party_id}"


def accounts_of_product(product_code: str) -> tuple[str, ...]:
    """Return the codes of every account a product's loans post to, wallets apart."""
    names = (*RECEIVABLE.values(), *INCOME.values())
    of_product = (f"{name}:{product_code}" for name in names)
    return (OPERATOR_FUNDS, FUNDS_AT_CUSTODIAN, *of_product)


def disbursement(number: str, product: str, party_id: UUID, amount: Money, on: date) -> Journal:
    """Lend: the borrower's wallet grows by what is owed from now on."""
    return Journal(
        kind="loan-disbursement",
        document=number,
        value_on=on,
        legs=(
            debit(OPERATOR_FUNDS, amount),
            credit(wallet(party_id), amount),
            debit(f"loan-principal:{product}", amount),
            credit(FUNDS_AT_CUSTODIAN, amount),
        ),
    )


def fee_at_disbursement(
    number: str, product: str, party_id: UUID, amount: Money, on: date
) -> Journal:
    """Collect a fee on the day of lending, from the wallet, as a movement of its own."""
    return Journal(
        kind="loan-fee",
        document=number,
        value_on=on,
        legs=(
            debit(wallet(party_id), amount),
            credit(OPERATOR_FUNDS, amount),
            debit(FUNDS_AT_CUSTODIAN, amount),
            credit(f"fee-income:{product}", amount),
        ),
    )


def repayment(number: str, product: str, party_id: UUID, paid: Parts, on: date) -> Journal:
    """Take a payment from the wallet against what is owed."""
    total = Money(paid.total)
    legs = [debit(wallet(party_id), total), credit(OPERATOR_FUNDS, total)]
    legs.append(debit(FUNDS_AT_CUSTODIAN, total))
    legs += [
        credit(f"{RECEIVABLE[bucket]}:{product}", Money(minor)) for bucket, minor in paid.named()
    ]
    return Journal(kind="loan-repayment", document=number, value_on=on, legs=tuple(legs))


def waiver(number: str, product: str, given: Parts, on: date) -> Journal:
    """Give up what was charged: neither owed nor income any more."""
    legs: list[Leg] = []
    for bucket, minor in given.named():
        legs.append(debit(f"{INCOME[bucket]}:{product}", Money(minor)))
        legs.append(credit(f"{RECEIVABLE[bucket]}:{product}", Money(minor)))
    return Journal(kind="loan-waiver", document=number, value_on=on, legs=tuple(legs))


def write_off_account(product: str) -> str:
    """Return the code of the account that lost loans are booked to past the allowance: 670201."""
    return f"write-off:{product}"


def allowance_account(product: str) -> str:
    """Return the code of a product's allowance: 贷款损失准备 1304, taken off the assets."""
    return f"{ALLOWANCE}:{product}"


def accounts_of_allowance(product: str) -> tuple[str, str]:
    """Return the codes of a product's allowance and of the expense it is made from: 670202."""
    return allowance_account(product), f"provision:{product}"


def accounts_of_undrawn(product: str) -> tuple[str, str]:
    """Return the codes of what is provided for undrawn sums (预计负债, 2801) and of its expense."""
    return f"{UNDRAWN}:{product}", f"provision:{product}"


def allowance(
    number: str, moved: Mapping[str, int], undrawn: Mapping[str, int], on: date
) -> Journal:
    """Bring the products' allowances to a valuation: grown is a loss, shrunk takes one back.

    Dr 信用减值损失 / Cr 贷款损失准备, or the reverse (企业会计准则第 22 号, 2017). What is provided
    for undrawn sums is no part of a loan in the books yet: Cr 预计负债 there.
    """
    spent: dict[str, int] = {}
    legs: list[Leg] = []
    pairs = [(accounts_of_allowance(product), minor) for product, minor in moved.items()]
    pairs += [(accounts_of_undrawn(product), minor) for product, minor in undrawn.items()]
    for (held, expense), minor in pairs:
        legs.append(Leg(held, Money(minor)))
        spent[expense] = spent.get(expense, 0) - minor
    legs += [Leg(expense, Money(minor)) for expense, minor in spent.items() if minor]
    return Journal(kind="loan-allowance", document=number, value_on=on, legs=tuple(legs))


def write_off(number: str, product: str, lost: Parts, used: int, on: date) -> Journal:
    """Give a loan up: no receivable any more; `used` fen out of the allowance, the rest a loss.

    Dr 贷款损失准备 (《企业会计准则——应用指南》, 1304); what it does not hold is an impairment loss.
    """
    legs: list[Leg] = []
    if used:
        legs.append(debit(allowance_account(product), Money(used)))
    if lost.total > used:
        legs.append(debit(write_off_account(product), Money(lost.total - used)))
    legs += [
        credit(f"{RECEIVABLE[bucket]}:{product}", Money(minor)) for bucket, minor in lost.named()
    ]
    return Journal(kind="loan-write-off", document=number, value_on=on, legs=tuple(legs))


def recovery(number: str, product: str, party_id: UUID, paid: Parts, on: date) -> Journal:
    """Take a payment on a written-off loan from the wallet: the allowance has it back.

    Cr 贷款损失准备, also where the loan went past it: the next valuation releases what is too much.
    """
    total = Money(paid.total)
    legs = (
        debit(wallet(party_id), total),
        credit(OPERATOR_FUNDS, total),
        debit(FUNDS_AT_CUSTODIAN, total),
        credit(allowance_account(product), total),
    )
    return Journal(kind="loan-recovery", document=number, value_on=on, legs=legs)


def taking_over(number: str, product: str, owed: Parts, on: date) -> Journal:
    """Open the balances of loans that come from another system; no client's money moves."""
    legs = [
        debit(f"{RECEIVABLE[bucket]}:{product}", Money(minor)) for bucket, minor in owed.named()
    ]
    legs.append(credit(TAKEN_OVER, Money(owed.total)))
    return Journal(kind="loan-take-over", document=number, value_on=on, legs=tuple(legs))


def correction(
    number: str, product: str, party_id: UUID, change: Correcting, on: date
) -> Journal | None:
    """Book the difference between what a loan's life was booked as and what it was.

    More owed is a receivable, more charged is income, money that nothing is owed for goes back to
    the wallet; each the other way where it is less. None where nothing differs.
    """
    changed = [(wallet(party_id), change.given_back), (OPERATOR_FUNDS, -change.given_back)]
    changed.append((FUNDS_AT_CUSTODIAN, change.given_back))
    changed += [(f"{RECEIVABLE[bucket]}:{product}", -fen) for bucket, fen in change.owed.named()]
    changed += [(f"{INCOME[bucket]}:{product}", fen) for bucket, fen in change.charged.named()]
    legs = tuple(Leg(account, Money(fen)) for account, fen in changed if fen)
    if not legs:
        return None
    return Journal(kind="loan-correction", document=number, value_on=on, legs=legs)


def charges(document: str, product: str, added: Mapping[str, int], on: date) -> Journal:
    """Earn interest, penalty interest and fees: owed from now on, and income."""
    legs: list[Leg] = []
    for bucket in sorted(added):
        if added[bucket]:
            amount = Money(added[bucket])
            legs.append(debit(f"{RECEIVABLE[bucket]}:{product}", amount))
            legs.append(credit(f"{INCOME[bucket]}:{product}", amount))
    return Journal(kind="loan-charges", document=document, value_on=on, legs=tuple(legs))


def day_of_product(product: str, on: date, added: Mapping[str, int]) -> Journal:
    """Everything a closing day added to a product's loans, in one journal."""
    return charges(f"{on.isoformat()}:{product}", product, added, on)
