"""Every foreseen no of the books. The SQL functions raise the codes; here they get their kinds."""

from __future__ import annotations

from rongqiao.money.ledger.queries.books import UnknownAccount
from rongqiao.platform.refusals import Kind, Refusal


class InsufficientFunds(Refusal):
    """Facts: `account`, `available` and `wanted` (yuan)."""

    kind, code = Kind.CONFLICT, "ledger.insufficient-funds"


class KeyReused(Refusal):
    """The key was used before, for something else. Facts: `key`."""

    kind, code = Kind.CONFLICT, "ledger.key-reused"


class AlreadyReversed(Refusal):
    """Facts: `journal`."""

    kind, code = Kind.CONFLICT, "ledger.already-reversed"


class ReversalOfReversal(Refusal):
    """What a reversal took back is posted anew, as what it is. Facts: `journal`."""

    kind, code = Kind.CONFLICT, "ledger.reversal-of-reversal"


class UnknownJournal(Refusal):
    """Facts: `journal`."""

    kind, code = Kind.NOT_FOUND, "ledger.unknown-journal"


class Unbalanced(Refusal):
    """Legs that do not cancel out, or of several currencies, or none at all."""

    kind, code = Kind.INVALID, "ledger.unbalanced"


class AmountOutOfRange(Refusal):
    """A leg of nothing, or of more than ten trillion yuan; a hold of nothing or less."""

    kind, code = Kind.INVALID, "ledger.amount-out-of-range"


class BalanceOutOfRange(Refusal):
    """A balance would pass what an account can count. Facts: `account`."""

    kind, code = Kind.CONFLICT, "ledger.balance-out-of-range"


class UnknownHold(Refusal):
    """Facts: `hold`."""

    kind, code = Kind.NOT_FOUND, "ledger.unknown-hold"


class HoldEnded(Refusal):
    """It was released, captured or expired before. Facts: `hold`, `state`."""

    kind, code = Kind.CONFLICT, "ledger.hold-ended"


class HoldExpired(Refusal):
    """Facts: `hold`."""

    kind, code = Kind.CONFLICT, "ledger.hold-expired"


class MoreThanHeld(Refusal):
    """A capture takes from the held account between one fen and all. Facts: `held`, `wanted`."""

    kind, code = Kind.CONFLICT, "ledger.more-than-held"


class AccountDiffers(Refusal):
    """The code is taken by an account of another kind. Facts: `account`."""

    kind, code = Kind.CONFLICT, "ledger.account-differs"


class PeriodClosed(Refusal):
    """Nothing is booked into a closed month any more. Facts: `period`."""

    kind, code = Kind.CONFLICT, "ledger.period-closed"


class OtherCurrency(Refusal):
    """A leg in another currency than its account's, or in one that is not kept here.

    Facts: `account`, `given`, and `currency`, the account's own.
    """

    kind, code = Kind.INVALID, "ledger.currency"


class NeverHeld(Refusal):
    """Rolled and split accounts change without their rows: nothing is held on them. `account`."""

    kind, code = Kind.CONFLICT, "ledger.never-held"


class Weights(Refusal):
    """Shares need weights: one for each holder, none below zero, not all of them zero."""

    kind, code = Kind.INVALID, "ledger.weights"


class UnknownFamily(Refusal):
    """The chart of accounts has no line for the code. Facts: `account`."""

    kind, code = Kind.INVALID, "ledger.unknown-family"


BY_CODE: dict[str, type[Refusal]] = {
    refusal.code: refusal
    for refusal in (
        InsufficientFunds,
        UnknownAccount,
        KeyReused,
        AlreadyReversed,
        ReversalOfReversal,
        UnknownJournal,
        Unbalanced,
        AmountOutOfRange,
        BalanceOutOfRange,
        UnknownHold,
        HoldEnded,
        HoldExpired,
        MoreThanHeld,
        AccountDiffers,
        PeriodClosed,
        OtherCurrency,
        NeverHeld,
        Weights,
    )
}
