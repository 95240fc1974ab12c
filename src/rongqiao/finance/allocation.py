"""One payment shared among what is owed, and one sum shared by weights: not a fen is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rongqiao.finance.money import Money


class Bucket(StrEnum):
    """What an amount is owed for."""

    FEE = "fee"
    PENALTY = "penalty"
    INTEREST = "interest"
    PRINCIPAL = "principal"


# Civil Code art. 561: costs of realising the claim, then interest, then the principal. Penalty
# interest (罚息) is interest, and the interest on arrears comes before the contract's own.
SENIORITY = (Bucket.FEE, Bucket.PENALTY, Bucket.INTEREST, Bucket.PRINCIPAL)
_RANK = {bucket: rank for rank, bucket in enumerate(SENIORITY)}


@dataclass(frozen=True, slots=True)
class Due:
    """`amount` owed in `bucket` of instalment number `instalment`; lower numbers are older."""

    instalment: int
    bucket: Bucket
    amount: Money


class Order(StrEnum):
    """The order in which a product lets a payment settle dues, each by `SENIORITY`."""

    # The oldest instalment whole, then the next one.
    BY_INSTALMENT = "by_instalment"
    # All fees, then all penalty, then all interest, then all principal, the oldest first in each.
    BY_BUCKET = "by_bucket"


_ORDERS: dict[Order, Callable[[Due], tuple[int, int]]] = {
    Order.BY_INSTALMENT: lambda due: (due.instalment, _RANK[due.bucket]),
    Order.BY_BUCKET: lambda due: (_RANK[due.bucket], due.instalment),
}


@dataclass(frozen=True, slots=True)
class Allocation:
    """What a payment settled: `paid` per due, their `total`, and what was `left_over`."""

    paid: tuple[Due, ...]
    total: Money
    left_over: Money

    def of(self, bucket: Bucket) -> Money:
        """Return what was paid into this bucket, over all instalments."""
        minor = sum(due.amount.minor for due in self.paid if due.bucket is bucket)
        return Money(minor, self.total.currency)


def allocate(payment: Money, dues: Sequence[Due], order: Order) -> Allocation:
    """Return how `payment` settles `dues`: each whole before the next, the last perhaps in part.

    Money is left over only where nothing stays owed. Neither the payment nor a due is below zero.
    """
    assert payment.minor >= 0, payment
    left = payment.minor
    paid = []
    for due in sorted(dues, key=_ORDERS[order]):
        assert due.amount.minor >= 0, due
        assert due.amount.currency == payment.currency, (due, payment)
        share = min(left, due.amount.minor)
        if share:
            paid.append(Due(due.instalment, due.bucket, Money(share, payment.currency)))
            left -= share
    currency = payment.currency
    return Allocation(tuple(paid), Money(payment.minor - left, currency), Money(left, currency))


def split_largest_remainder(total: Money, weights: Sequence[int]) -> tuple[Money, ...]:
    """Return `total` shared in proportion to `weights`, to the fen, in the same order.

    Each share is the exact one rounded down, and the fen that remain go to the largest
    remainders (Hamilton's method); of equal remainders to the larger weight, then to the earlier
    place. A total below zero is shared as its opposite. Weights are not below zero and not all 0.
    """
    assert all(weight >= 0 for weight in weights), weights
    whole = sum(weights)
    assert whole > 0, weights
    size = abs(total.minor)
    floors = [divmod(size * weight, whole) for weight in weights]
    missing = size - sum(share for share, _ in floors)
    neediest = sorted(
        range(len(weights)), key=lambda place: (-floors[place][1], -weights[place], place)
    )
    lucky = set(neediest[:missing])
    sign = -1 if total.minor < 0 else 1
    return tuple(
        Money(sign * (share + (place in lucky)), total.currency)
        for place, (share, _) in enumerate(floors)
    )
