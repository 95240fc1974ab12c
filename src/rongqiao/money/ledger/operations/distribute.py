"""Distribute an amount among many, such as a repayment among a loan's holders: in one call."""

from __future__ import annotations

from dataclasses import dataclass

from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations import writers
from rongqiao.money.ledger.operations.writers import Distribution
from rongqiao.platform.operations import Call, part_key


@dataclass(frozen=True, kw_only=True)
class Distributed:
    """The journal's number, and each holder's share in the order asked; a share may be nothing."""

    journal: int
    shares: tuple[Money, ...]


def distribute(asked: Distribution, call: Call) -> Distributed:
    """Post one journal from the source to all holders, inside the caller's operation.

    Shares are those of `finance.allocation.split_largest_remainder`: they sum to the amount, to the
    fen. Raises Weights, AmountOutOfRange and the refusals of posting.
    """
    number, shares = writers.distribute(part_key(), asked, call)
    return Distributed(journal=number, shares=shares)
