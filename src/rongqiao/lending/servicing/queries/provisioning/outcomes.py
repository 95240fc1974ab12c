"""What became of loans: what a trial of a credit policy asks of servicing, and no more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Sum

from rongqiao.lending.servicing.models.amending.write_offs import WriteOff
from rongqiao.lending.servicing.models.loans import GIVEN_UP, LIVE, Instalment, Loan

# Basel's 90 days (CRE36.69); a loan that was never that late is good once it was watched a year.
DAYS_BAD, DAYS_WATCHED = 90, 365


@dataclass(frozen=True, kw_only=True)
class LoanOutcome:
    """What a loan brought and lost so far, in fen; `ending` is `good`, `bad` or `unknown`.

    `lost_minor` is what was given up and never came back, `at_risk_minor` the principal still owed
    of a bad one that was not given up.
    """

    agreement_id: UUID
    lent_minor: int
    rate_annual: Decimal
    ending: str
    interest_minor: int
    fee_minor: int
    lost_minor: int
    at_risk_minor: int


def outcomes_of(agreement_ids: Iterable[UUID], on: date) -> dict[UUID, LoanOutcome]:
    """Return what became of the loans of these agreements as of a day, in three queries."""
    loans = list(
        Loan.objects.filter(agreement_id__in=set(agreement_ids)).exclude(
            state__in=("pending", "cancelled")
        )
    )
    ids = [loan.pk for loan in loans]
    paid: dict[UUID, dict[str, Any]] = {
        row["loan"]: {**row}
        for row in Instalment.objects.filter(loan__in=ids)
        .values("loan")
        .annotate(
            interest=Sum("interest_paid_minor"),
            fee=Sum("fee_paid_minor"),
            penalty=Sum("penalty_paid_minor"),
        )
    }
    given_up = {
        row.loan_id: row.principal_minor - row.principal_recovered_minor
        for row in WriteOff.objects.filter(loan__in=ids, state="approved")
    }
    nothing = {"interest": 0, "fee": 0, "penalty": 0}
    return {
        loan.agreement_id: _outcome(loan, paid.get(loan.pk, nothing), given_up, on)
        for loan in loans
    }


def _outcome(loan: Loan, paid: dict[str, Any], given_up: dict[UUID, int], on: date) -> LoanOutcome:
    is_bad = loan.state in GIVEN_UP or loan.days_past_due_worst >= DAYS_BAD
    is_watched = loan.state == "closed" or (on - loan.disbursed_on).days >= DAYS_WATCHED
    ending = "bad" if is_bad else "good" if is_watched else "unknown"
    return LoanOutcome(
        agreement_id=loan.agreement_id,
        lent_minor=loan.principal_minor,
        rate_annual=loan.rate_annual,
        ending=ending,
        interest_minor=paid["interest"],
        fee_minor=paid["fee"] + paid["penalty"],
        lost_minor=given_up.get(loan.pk, 0),
        at_risk_minor=(loan.principal_outstanding_minor if is_bad and loan.state in LIVE else 0),
    )
