"""The income that applicants stated, in their latest application that was handed in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.models import Application
from rongqiao.lending.origination.sealing import unseal
from rongqiao.lending.origination.states import State


@dataclass(frozen=True, kw_only=True)
class StatedIncome:
    """An income a month, as it was stated in the application of this number, handed in on a day."""

    amount: Money
    application: str
    on: date


def stated_incomes(party_ids: Collection[UUID]) -> dict[UUID, StatedIncome]:
    """Return by party what was stated last, in one query; who never handed one in is left out.

    Of a firm it is the net operating cash inflow a month.
    """
    rows = (
        Application.objects.filter(party_id__in=list(party_ids), submitted_on__isnull=False)
        .exclude(state=State.DRAFT)
        .order_by("party_id", "-submitted_at", "-id")
        .distinct("party_id")
    )
    found = {}
    for row in rows:
        answers = unseal(row.answers_sealed, Application, "answers_sealed", row.pk)
        given = {name: text for step in answers.values() for name, text in step.items()}
        assert row.submitted_on is not None, "an application that was not handed in"
        found[row.party_id] = StatedIncome(
            amount=Money.yuan(given["monthly_income"]), application=row.number, on=row.submitted_on
        )
    return found
