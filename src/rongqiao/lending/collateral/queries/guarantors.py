"""Who stands guarantor for whom."""

from __future__ import annotations

from uuid import UUID

from rongqiao.lending.collateral.models import Collateral
from rongqiao.lending.collateral.sealing import unseal
from rongqiao.parties.queries import find_identities


def guarantees_in_force() -> tuple[tuple[UUID, UUID], ...]:
    """Return for whom a guarantee is given and by which of our parties, in three queries.

    A guarantor who is no party here is left out; so is a guarantee that secures nothing.
    """
    rows = Collateral.objects.filter(kind="guarantee", retired_at=None, secured_minor__gt=0)
    told = [(row.party_id, unseal(row)["guarantor_number"]) for row in rows]
    known = find_identities({number for _, number in told})
    pairs = {(debtor, known[number].party_id) for debtor, number in told if number in known}
    return tuple(sorted(pairs))
