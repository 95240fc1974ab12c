"""Servicing lends more on an agreement that is taken up: what it counts for under the limits."""

from __future__ import annotations

from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.concentration import raise_to
from rongqiao.lending.origination.models.concentration import Commitment
from rongqiao.platform.operations import Call, inside_operation


def take_more(agreement_id: UUID, owed: Money, call: Call) -> None:
    """Count an agreement for the principal `owed` after a further sum, inside the operation.

    One that is counted for as much already, as on the day it was signed, stays as it is; one from
    before there were limits is not counted. The rows stay locked until the caller commits: call it
    last. Raises ConcentrationReached.
    """
    assert inside_operation(), "more taken up outside an operation"
    row = (
        Commitment.objects.select_for_update(of=("self",))
        .select_related("agreement")
        .defer("agreement__text_sealed", "agreement__confirmation_sealed")
        .filter(pk=agreement_id)
        .first()
    )
    if row is not None:
        raise_to(row, owed.minor, call)
