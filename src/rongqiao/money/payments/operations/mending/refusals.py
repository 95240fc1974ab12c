"""The foreseen noes of breaks and their mends."""

from __future__ import annotations

from rongqiao.platform.refusals import Kind, Refusal


class BreakNotOpen(Refusal):
    """The case is not in a state for this; fact: `state`."""

    kind, code = Kind.CONFLICT, "payments.break-not-open"


class MendUnfit(Refusal):
    """The mend does not fit the case as it stands; facts: `value`, `allowed`."""

    kind, code = Kind.CONFLICT, "payments.mend-unfit"


class MendParty(Refusal):
    """To whom the money belongs has to be said."""

    kind, code = Kind.INVALID, "payments.mend-party-needed"


class MendJournal(Refusal):
    """The journal is not that of the movement in question, or was reversed; fact: `value`."""

    kind, code = Kind.INVALID, "payments.mend-journal"


class MendFailed(Refusal):
    """The order cannot follow what the bank says; fact: `value`, the reason."""

    kind, code = Kind.CONFLICT, "payments.mend-failed"


class MendNotUndoable(Refusal):
    """What was done went out to the bank or was a reversal: it is mended anew, not undone."""

    kind, code = Kind.CONFLICT, "payments.mend-not-undoable"


class CreditPlaced(Refusal):
    """The bank's credit was given to somebody before, by a case; fact: `number`."""

    kind, code = Kind.CONFLICT, "payments.credit-placed"


class CreditDiffers(Refusal):
    """The bank's statement tells another amount for this serial; facts: `value`, `allowed`."""

    kind, code = Kind.CONFLICT, "payments.credit-differs"
