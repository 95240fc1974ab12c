"""A past case with what became of it, and many of them as the columns a back-test reckons with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from rongqiao.risk.judging.changing.backtesting.cases import UNKNOWN, Cases
from rongqiao.risk.judging.changing.backtesting.replay import Asked
from rongqiao.risk.judging.deciding import Case
from rongqiao.risk.judging.features import Value


@dataclass(frozen=True, kw_only=True)
class PastCase:
    """One application as it was: what it was judged by, whether it was lent, what came of it.

    Amounts in fen, as the books tell them, 0 where there are no books; `rate_annual` a fraction.
    By `application_id` a case falls to a policy or to its challenger.
    """

    reference: str
    application_id: UUID
    features: Mapping[str, Value]
    case: Case
    was_lent: bool
    outcome: int = UNKNOWN
    lent_minor: int = 0
    rate_annual: float = 0.0
    interest_minor: int = 0
    fee_minor: int = 0
    loss_minor: int = 0


def asked_of(past: Sequence[PastCase]) -> list[Asked]:
    """Return each case as a policy sees it."""
    return [(one.features, one.case) for one in past]


def cases_of(past: Sequence[PastCase]) -> Cases:
    """Return the columns."""

    def whole(name: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.fromiter((getattr(one, name) for one in past), np.int64, len(past))

    return Cases(
        references=[one.reference for one in past],
        months=np.array([one.case.on.year * 12 + one.case.on.month - 1 for one in past]),
        asked=np.array([one.case.amount.minor for one in past], np.int64),
        term_months=np.array([one.case.term_months for one in past], np.int64),
        was_lent=np.array([one.was_lent for one in past], np.bool_),
        outcome=whole("outcome"),
        lent=whole("lent_minor"),
        rate=np.array([one.rate_annual for one in past], np.float64),
        interest=whole("interest_minor"),
        fee=whole("fee_minor"),
        loss=whole("loss_minor"),
    )
