"""Which inquiries still rest on the consent they were asked on.

PIPL art. 15: whoever agreed may take it back; what was done before stays done, nothing new is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from rongqiao.parties.queries import withdrawals_of
from rongqiao.risk.models.inquiries import Inquiry


def taken_back(rows: Iterable[Inquiry], at: datetime) -> set[UUID]:
    """Return the ids of inquiries whose consent was taken back by an instant, in one query.

    A consent given anew afterwards carries new inquiries, not those: asked again, an answer that
    still holds is served at no cost.
    """
    asked = list(rows)
    if not asked:
        return set()
    withdrawn = withdrawals_of({row.consent_user_id for row in asked}, at)
    return {row.pk for row in asked if _is_taken_back(row, withdrawn)}


def _is_taken_back(row: Inquiry, withdrawn: dict[tuple[UUID, str], datetime]) -> bool:
    last = withdrawn.get((row.consent_user_id, row.consent_kind))
    return last is not None and last >= row.consented_at
