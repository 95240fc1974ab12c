"""A loan whose rate floats by its agreement: how it floats and the quote that made its rate."""

from __future__ import annotations

from rongqiao.lending.origination.operations.signing.take_up import FloatOrder
from rongqiao.lending.servicing.models.amending.rates import FloatingRate, RateStep
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.queries.amending.rates import next_reset
from rongqiao.platform.operations import Call


def float_from_signing(loan: Loan, signed: FloatOrder, call: Call) -> None:
    """Let the rate of a loan lent today float as was signed; its first step changes nothing.

    The first reset is the first day of its calendar after the day of lending.
    """
    FloatingRate.objects.create(
        loan=loan,
        reference=signed.reference,
        spread=signed.spread,
        reset=signed.reset,
        agreed_on=call.on,
        next_on=next_reset(signed.reset, loan.disbursed_on, call.on),
    )
    RateStep.objects.create(
        loan=loan,
        no=1,
        on=call.on,
        at=call.at,
        cause="signing",
        rate_before=loan.rate_annual,
        rate_after=loan.rate_annual,
        penalty_before=loan.penalty_rate_annual,
        penalty_after=loan.penalty_rate_annual,
        reference=signed.reference,
        quoted=signed.quoted,
        quoted_on=signed.quoted_on,
    )
