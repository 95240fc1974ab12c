"""Collect what a party owes from its bound card, by its standing mandate and within its caps."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum

from rongqiao.finance.money import Money
from rongqiao.money.payments.models.orders import (
    OPEN,
    DebitMandate,
    OrderKind,
    OrderState,
    PaymentOrder,
)
from rongqiao.money.payments.operations.cards.usable import acting_for_party, usable_card
from rongqiao.money.payments.operations.orders.placing import Wish, place
from rongqiao.money.payments.operations.two_people import checked_amount
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal

LONGEST_SUBJECT = 100


class MandateNeeded(Refusal):
    """The party has given no leave to collect from this account, or has withdrawn it."""

    kind, code = Kind.FORBIDDEN, "payments.mandate-needed"


class MandateCap(Refusal):
    """More than the party allows at once or in a day. Facts: `value`, `allowed` (yuan)."""

    kind, code = Kind.FORBIDDEN, "payments.mandate-cap"


class DebitUnderway(Refusal):
    """A debit for the same subject has not ended yet. Fact: `number`."""

    kind, code = Kind.CONFLICT, "payments.debit-underway"


@dataclass(frozen=True, kw_only=True)
class RequestDirectDebit:
    """From whose card, how much, and what it is for, such as `loan:<uuid>`."""

    party_id: UUID
    bank_account_id: UUID
    amount: Money
    subject: str


@dataclass(frozen=True, kw_only=True)
class DirectDebitRequested:
    """The order on its way to the bank."""

    order_id: UUID
    number: str


@operation("payments.request_direct_debit", restore=DirectDebitRequested)
def request_direct_debit(command: RequestDirectDebit, call: Call) -> DirectDebitRequested:
    """Make the order; only the platform itself and the party's own people may ask.

    Raises NotFound, AmountRefused, CurrencyRefused, MandateNeeded, MandateCap, DebitUnderway,
    CardNotBound.
    """
    assert 0 < len(command.subject) <= LONGEST_SUBJECT, command.subject
    if not call.actor.startswith("system:"):
        acting_for_party(call, command.party_id)
    amount = checked_amount(command.amount)
    _within_mandate(command, amount, call)
    underway = PaymentOrder.objects.filter(
        subject=command.subject, kind=OrderKind.DIRECT_DEBIT, state__in=OPEN
    ).first()
    if underway is not None:
        raise DebitUnderway(number=underway.number)
    card = usable_card(command.party_id, command.bank_account_id)
    wish = Wish(
        kind=OrderKind.DIRECT_DEBIT,
        amount=amount,
        party_id=command.party_id,
        payee=card.payee,
        card_token=card.token,
        subject=command.subject,
    )
    row = place(wish, call)
    return DirectDebitRequested(order_id=row.pk, number=row.number)


def _within_mandate(command: RequestDirectDebit, amount: Money, call: Call) -> None:
    """Lock the mandate, so that two debits at once do not both fit what is left of the day."""
    mandate = (
        DebitMandate.objects.select_for_update()
        .filter(
            party_id=command.party_id, bank_account_id=command.bank_account_id, withdrawn_at=None
        )
        .first()
    )
    if mandate is None:
        raise MandateNeeded
    counted = (*OPEN, OrderState.SUCCEEDED)
    asked = PaymentOrder.objects.filter(
        kind=OrderKind.DIRECT_DEBIT,
        bank_account_id=command.bank_account_id,
        created_on=call.on,
        state__in=counted,
    )
    left = mandate.per_day_minor - (asked.aggregate(sum=Sum("amount_minor"))["sum"] or 0)
    allowed = min(mandate.per_debit_minor, left)
    if amount.minor > allowed:
        raise MandateCap(value=amount.text(), allowed=Money(max(allowed, 0)).text())
