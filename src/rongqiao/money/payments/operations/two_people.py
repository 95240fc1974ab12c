"""What every movement of money asks of the people behind it, and of its amounts and numbers."""

from __future__ import annotations

import re
from collections.abc import Collection
from uuid import UUID

from rongqiao.finance.money import LARGEST_MINOR, Money
from rongqiao.money.payments.models.movements import CapitalInjection, Receipt, State
from rongqiao.money.payments.models.orders import OrderKind, OrderState, PaymentOrder
from rongqiao.parties.queries import is_own_affair, person_keys_of, roles_of, user_of
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.roles import Role

_SERIAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{3,63}", re.ASCII)
LONGEST_REASON = 200
CURRENCY = "CNY"


class FinanceOfficerNeeded(Refusal):
    """Only finance officers note and confirm money."""

    kind, code = Kind.FORBIDDEN, "payments.finance-officer-needed"


class AnotherPersonNeeded(Refusal):
    """Who registered a movement cannot decide on it."""

    kind, code = Kind.FORBIDDEN, "payments.another-person-needed"


class OwnAffair(Refusal):
    """The officer is behind the party whose money it is."""

    kind, code = Kind.FORBIDDEN, "payments.own-affair"


class NotOpen(Refusal):
    """The movement was confirmed or rejected before; fact: `state`."""

    kind, code = Kind.CONFLICT, "payments.not-open"


class AmountRefused(Refusal):
    """Nothing, less than nothing, or more than an account counts; facts: `value`, `allowed`."""

    kind, code = Kind.INVALID, "payments.amount"


class CurrencyRefused(Refusal):
    """The platform keeps its books in one currency. Facts: `value`, `allowed`."""

    kind, code = Kind.INVALID, "payments.currency"


class SerialRefused(Refusal):
    """The bank's number of the transfer is missing or misshapen; facts: `field`, `allowed`."""

    kind, code = Kind.INVALID, "payments.bank-serial"


class SerialUsed(Refusal):
    """The bank's transfer was noted before: noting it twice would make money."""

    kind, code = Kind.CONFLICT, "payments.bank-serial-used"


class ReasonNeeded(Refusal):
    """Who rejects says why; fact: `allowed` characters."""

    kind, code = Kind.INVALID, "payments.reason-needed"


def officer_acting(call: Call) -> UUID:
    """Return the finance officer who acts. Raises FinanceOfficerNeeded."""
    user_id = user_of(call.actor)
    if user_id is None or Role.FINANCE not in roles_of(user_id):
        raise FinanceOfficerNeeded
    return user_id


def refuse_own_affair(officer: UUID, party_id: UUID) -> None:
    """Refuse an officer behind the party. Raises OwnAffair."""
    if is_own_affair(officer, party_id):
        raise OwnAffair


def open_for_second(row: Receipt | CapitalInjection, call: Call) -> UUID:
    """Return the second officer, for a movement that still waits for one.

    Raises FinanceOfficerNeeded, AnotherPersonNeeded, OwnAffair, NotOpen.
    """
    officer = officer_acting(call)
    first = user_of(row.registered_by)
    if row.registered_by == call.actor:
        raise AnotherPersonNeeded
    if first is not None and person_keys_of(first) & person_keys_of(officer):
        raise AnotherPersonNeeded
    if not isinstance(row, CapitalInjection):
        refuse_own_affair(officer, row.party_id)
    if row.state != State.REGISTERED:
        raise NotOpen(state=row.state)
    return officer


def order_for_officer(order_id: UUID, kinds: Collection[OrderKind], call: Call) -> PaymentOrder:
    """Return an order of these kinds that waits for a finance officer, locked.

    Raises FinanceOfficerNeeded, NotFound, AnotherPersonNeeded, OwnAffair, NotOpen.
    """
    officer = officer_acting(call)
    row = PaymentOrder.objects.select_for_update().filter(pk=order_id).first()
    if row is None or row.kind not in kinds:
        raise NotFound(what="order")
    maker = user_of(row.created_by)
    if row.created_by == call.actor:
        raise AnotherPersonNeeded
    if maker is not None and person_keys_of(maker) & person_keys_of(officer):
        raise AnotherPersonNeeded
    if row.party_id is not None:
        refuse_own_affair(officer, row.party_id)
    if row.state != OrderState.CREATED or not row.needs_approval or row.approved_by:
        raise NotOpen(state=row.state)
    return row


def checked_amount(amount: Money) -> Money:
    """Return an amount above zero, in yuan, that an account can count.

    Raises AmountRefused, CurrencyRefused.
    """
    if amount.currency != CURRENCY:
        raise CurrencyRefused(field="amount", value=amount.currency, allowed=CURRENCY)
    if not 0 < amount.minor <= LARGEST_MINOR:
        allowed = f"0.01 - {Money(LARGEST_MINOR).text()}"
        raise AmountRefused(field="amount", value=amount.text(), allowed=allowed)
    return amount


def checked_serial(serial: str) -> str:
    """Return the bank's number of a transfer, 4 to 64 letters, digits, hyphens; SerialRefused."""
    cleaned = serial.strip()
    if not _SERIAL.fullmatch(cleaned):
        raise SerialRefused(field="bank_serial", value=cleaned[:64], allowed="4 - 64")
    return cleaned


def checked_reason(reason: str) -> str:
    """Return why a movement is rejected. Raises ReasonNeeded."""
    cleaned = " ".join(reason.split())
    if not cleaned or len(cleaned) > LONGEST_REASON:
        raise ReasonNeeded(field="reason", allowed=str(LONGEST_REASON))
    return cleaned


def decide(row: Receipt | CapitalInjection, state: State, call: Call, reason: str = "") -> None:
    """Set the decision's fields and store them."""
    row.state, row.decided_by, row.decided_at = state, call.actor, call.at
    row.reject_reason = reason
    row.save(update_fields=["state", "decided_by", "decided_at", "reject_reason"])
