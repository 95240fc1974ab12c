"""Who owes: parties with live loans and how late they are, for early warning."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Max

from rongqiao.lending.servicing.models.loans import Loan


def debtors() -> dict[UUID, int]:
    """Return the days past due of the latest loan of each party with a live one, in one query."""
    rows = Loan.objects.live().values_list("party_id")
    return dict(rows.annotate(late=Max("days_past_due")).order_by("party_id"))
