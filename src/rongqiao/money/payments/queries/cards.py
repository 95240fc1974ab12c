"""Cards bound at the custodian bank, when money may go to them, and mandates to collect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max

from rongqiao.finance.money import Money
from rongqiao.money.payments.models.orders import (
    BoundCard,
    CardState,
    CustodyAccount,
    DebitMandate,
)
from rongqiao.parties.queries import get_party, get_payee
from rongqiao.platform.crypto import decrypt
from rongqiao.platform.refusals import NotFound

# A card put in by who took an account over has to outlast the owner's next look at it.
CARD_HOLD = timedelta(hours=24)
TABLE = "payments_boundcard"
BOUND_AT_ONCE = 20


@dataclass(frozen=True, kw_only=True)
class CardView:
    """A party's card at the bank; `opens_at` is when withdrawals to it begin, if ever."""

    bank_account_id: UUID
    party_id: UUID
    state: str
    last4: str
    reason: str
    requested_at: datetime
    bound_at: datetime | None
    opens_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class CardToBind:
    """A card the bank has yet to see, in full; `account_no` is empty where none is open yet."""

    bank_account_id: UUID
    party_id: UUID
    kind: str
    account_no: str
    holder: str
    number: str


@dataclass(frozen=True, kw_only=True)
class MandateView:
    """Leave to collect from a bank account: at most so much at once and in a day."""

    id: UUID
    party_id: UUID
    bank_account_id: UUID
    per_debit: Money
    per_day: Money
    given_at: datetime
    withdrawn_at: datetime | None


def bound_cards_of(party_id: UUID) -> tuple[CardView, ...]:
    """Return a party's cards at the bank, oldest first, those closed left out."""
    swapped = cards_changed_at(party_id)
    rows = BoundCard.objects.filter(party_id=party_id).exclude(state=CardState.CLOSED)
    return tuple(_card(row, swapped) for row in rows.order_by("requested_at", "pk"))


def find_card(bank_account_id: UUID) -> CardView | None:
    """Return a bank account's card at the bank, or None."""
    row = BoundCard.objects.filter(pk=bank_account_id).first()
    return _card(row, cards_changed_at(row.party_id)) if row else None


def cards_changed_at(party_id: UUID) -> datetime | None:
    """Return when a card of the party that was bound was last taken off, if ever."""
    closed = BoundCard.objects.filter(party_id=party_id, state=CardState.CLOSED)
    latest: datetime | None = closed.exclude(bound_at=None).aggregate(at=Max("closed_at"))["at"]
    return latest


def card_token(row: BoundCard) -> str:
    """Return the token by which the bank knows a bound card."""
    assert row.card_token_sealed is not None, row.pk
    return decrypt(row.card_token_sealed, table=TABLE, column="card_token_sealed", row=row.pk)


def card_to_bind(bank_account_id: UUID) -> CardToBind | None:
    """Return a card for the bank to bind; None if that is done, or the account was taken off."""
    row = BoundCard.objects.filter(pk=bank_account_id, state=CardState.PENDING).first()
    if row is None:
        return None
    try:
        payee = get_payee(bank_account_id, row.party_id)
    except NotFound:
        return None
    account = CustodyAccount.objects.filter(party_id=row.party_id).first()
    return CardToBind(
        bank_account_id=bank_account_id,
        party_id=row.party_id,
        kind=get_party(row.party_id).kind,
        account_no=account.account_no if account else "",
        holder=payee.holder,
        number=payee.number,
    )


def cards_to_bind(requested_before: datetime) -> tuple[UUID, ...]:
    """Return bank accounts still waiting to be bound, those waiting longest first."""
    rows = BoundCard.objects.filter(
        state=CardState.PENDING, requested_at__lte=requested_before, bank_account__closed_at=None
    )
    return tuple(rows.order_by("requested_at", "pk").values_list("pk", flat=True)[:BOUND_AT_ONCE])


def mandates_of(party_id: UUID) -> tuple[MandateView, ...]:
    """Return a party's mandates, newest first, those withdrawn too."""
    rows = DebitMandate.objects.filter(party_id=party_id).order_by("-given_at", "-id")
    return tuple(_mandate(row) for row in rows)


def standing_mandate(party_id: UUID) -> MandateView | None:
    """Return the party's newest mandate that stands, on a card that is bound; else None."""
    bound = BoundCard.objects.filter(party_id=party_id, state=CardState.BOUND).values("pk")
    rows = DebitMandate.objects.filter(
        party_id=party_id, withdrawn_at=None, bank_account_id__in=bound
    )
    row = rows.order_by("-given_at", "-id").first()
    return _mandate(row) if row else None


def _card(row: BoundCard, swapped: datetime | None) -> CardView:
    opens = None
    if row.state == CardState.BOUND and row.bound_at is not None:
        opens = max(row.bound_at, swapped or row.bound_at) + CARD_HOLD
    return CardView(
        bank_account_id=row.pk,
        party_id=row.party_id,
        state=row.state,
        last4=row.last4,
        reason=row.reason,
        requested_at=row.requested_at,
        bound_at=row.bound_at,
        opens_at=opens,
    )


def _mandate(row: DebitMandate) -> MandateView:
    return MandateView(
        id=row.pk,
        party_id=row.party_id,
        bank_account_id=row.bank_account_id,
        per_debit=Money(row.per_debit_minor),
        per_day=Money(row.per_day_minor),
        given_at=row.given_at,
        withdrawn_at=row.withdrawn_at,
    )
