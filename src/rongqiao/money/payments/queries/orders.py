"""Orders to the custodian bank as staff and their owners see them, and as the bank gets them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from rongqiao.finance.money import Money
from rongqiao.money.payments.models.orders import (
    AT_THE_BANK,
    MONEY_IN,
    OPEN,
    BankMessage,
    CustodyAccount,
    OrderKind,
    OrderState,
    OrderStep,
    PaymentOrder,
)
from rongqiao.money.payments.retrying import DEBIT_RULE, Tried, next_try
from rongqiao.platform.crypto import decrypt
from rongqiao.policies.masking import mask_name, mask_number

PAGE = 50
# What stands before the reason for which own money is moved.
OWN = "own:"
CHASED_AT_ONCE = 100
TABLE = "payments_paymentorder"
# On which days after the due day a debit is tried.
DEBIT_DAYS = DEBIT_RULE.days_after


@dataclass(frozen=True, kw_only=True)
class OrderView:
    """An order as it stands; `payee` is masked, empty where there is none."""

    id: UUID
    number: str
    kind: str
    party_id: UUID | None
    bank_account_id: UUID | None
    amount: Money
    state: str
    payee: str
    subject: str
    bank_serial: str
    reason: str
    needs_approval: bool
    approved_by: str
    approved_at: datetime | None
    created_by: str
    created_at: datetime
    created_on: date
    sent_at: datetime | None
    ended_at: datetime | None
    settled_on: date | None
    tries: int
    next_try_at: datetime | None
    journal: int | None
    is_returned: bool
    returned_at: datetime | None
    returned_on: date | None
    return_serial: str
    returned_journal: int | None

    @property
    def is_money_in(self) -> bool:
        """Whether it brings money into the pool."""
        return self.kind in MONEY_IN

    @property
    def waits_for_approval(self) -> bool:
        """Whether a finance officer has to look at it before it is sent."""
        is_new = self.state == OrderState.CREATED
        return is_new and self.needs_approval and not self.approved_by


@dataclass(frozen=True, kw_only=True)
class StepView:
    """One step of an order's life: from state to state, on whose word, resting on what."""

    from_state: str
    to_state: str
    by: str
    actor: str
    evidence: dict[str, str]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class MessageView:
    """What the bank said about an order, as it came, and what came of it."""

    event_id: str
    by: str
    order_no: str
    order_id: UUID | None
    state: str
    amount: str
    currency: str
    bank_serial: str
    reason: str
    received_at: datetime
    verdict: str


@dataclass(frozen=True, kw_only=True)
class OrderFilters:
    """What a list of orders shows; an empty field filters nothing. Dates are of creation."""

    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    party_id: UUID | None = None
    created_from: date | None = None
    created_to: date | None = None
    text: str = ""
    amount: Money | None = None
    waits_for_approval: bool = False
    is_returned: bool = False


@dataclass(frozen=True, kw_only=True)
class OrderForBank:
    """An order in full, for the bank alone."""

    number: str
    kind: str
    amount: Money
    account_no: str
    card_token: str
    original_serial: str


@dataclass(frozen=True, kw_only=True)
class DueOrder:
    """An order somebody has to look after: `state`, how often it was tried, since when it is out.

    `is_accepted` means that the bank gave it a serial.
    """

    id: UUID
    number: str
    state: str
    tries: int
    sent_at: datetime | None
    is_accepted: bool


@dataclass(frozen=True, kw_only=True)
class InTransit:
    """Money of orders the bank has and has not ended, by direction."""

    money_in: Money
    money_out: Money
    orders: int


def get_order(order_id: UUID) -> OrderView | None:
    """Return an order, or None."""
    row = PaymentOrder.objects.filter(pk=order_id).first()
    return _order(row) if row else None


def find_order(number: str) -> OrderView | None:
    """Return the order of a number, or None."""
    row = PaymentOrder.objects.filter(number=number).first()
    return _order(row) if row else None


def list_orders(
    filters: OrderFilters, *, before: UUID | None = None, limit: int = PAGE
) -> tuple[OrderView, ...]:
    """Return orders, newest first; `before` is the id of the last one seen."""
    rows = _filtered(filters)
    if before is not None:
        last = PaymentOrder.objects.get(pk=before)
        rows = rows.filter(
            Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, id__lt=before)
        )
    return tuple(_order(row) for row in rows.order_by("-created_at", "-id")[:limit])


def count_orders(filters: OrderFilters) -> int:
    """Return how many orders a list has in all."""
    return _filtered(filters).count()


def list_orders_of(
    party_id: UUID, kinds: tuple[str, ...] = (), limit: int = PAGE
) -> tuple[OrderView, ...]:
    """Return a party's own orders, newest first."""
    return list_orders(OrderFilters(party_id=party_id, kinds=kinds), limit=limit)


def latest_alike(
    party_id: UUID, kind: str, bank_account_id: UUID, amount: Money, since: datetime
) -> OrderView | None:
    """Return the last order of one kind, card and amount asked for since a moment, or None.

    One that was cancelled or failed moved nothing and is not meant.
    """
    rows = PaymentOrder.objects.filter(
        party_id=party_id,
        kind=kind,
        bank_account_id=bank_account_id,
        amount_minor=amount.minor,
        created_at__gte=since,
    ).exclude(state__in=[OrderState.CANCELLED, OrderState.FAILED])
    row = rows.order_by("-created_at", "-id").first()
    return _order(row) if row else None


def order_steps(order_id: UUID) -> tuple[StepView, ...]:
    """Return an order's life, first step first."""
    rows = OrderStep.objects.filter(order_id=order_id).order_by("id")
    return tuple(
        StepView(
            from_state=row.from_state,
            to_state=row.to_state,
            by=row.by,
            actor=row.actor,
            evidence=row.evidence,
            at=row.at,
        )
        for row in rows
    )


def messages_of(order_no: str) -> tuple[MessageView, ...]:
    """Return what the bank said about a number, oldest first, whether the order exists or not."""
    rows = BankMessage.objects.filter(order_no=order_no).order_by("received_at", "id")
    return tuple(_message(row) for row in rows)


def list_messages(verdict: str, limit: int = PAGE) -> tuple[MessageView, ...]:
    """Return messages whose verdict begins with `verdict` (`parked`, `waiting`), oldest first."""
    rows = BankMessage.objects.filter(verdict__startswith=verdict)
    return tuple(_message(row) for row in rows.order_by("received_at", "id")[:limit])


def orders_to_chase(now: datetime) -> tuple[DueOrder, ...]:
    """Return orders whose time to be looked after has come, those waiting longest first."""
    rows = PaymentOrder.objects.filter(state__in=OPEN, next_try_at__lte=now)
    return tuple(_due(row) for row in rows.order_by("next_try_at", "id")[:CHASED_AT_ONCE])


def due_order(order_id: UUID) -> DueOrder | None:
    """Return an open order to look after now, whatever its time; None if it has ended."""
    row = PaymentOrder.objects.filter(pk=order_id, state__in=OPEN).first()
    return _due(row) if row else None


def order_for_bank(order_id: UUID) -> OrderForBank:
    """Return what the bank gets; the card is the one frozen in the order."""
    row = PaymentOrder.objects.get(pk=order_id)
    return OrderForBank(
        number=row.number,
        kind=row.kind,
        amount=Money(row.amount_minor, row.currency),
        account_no=_account_no(row.party_id),
        card_token=token_of(row),
        original_serial=row.subject.removeprefix("credit:") if row.kind == "refund" else "",
    )


def token_of(row: PaymentOrder) -> str:
    """Return the card token frozen in an order, empty where there is none."""
    if row.card_token_sealed is None:
        return ""
    return decrypt(row.card_token_sealed, table=TABLE, column="card_token_sealed", row=row.pk)


def payee_of(row: PaymentOrder) -> dict[str, str]:
    """Return the payee frozen in an order: bank_name, holder and number, or nothing."""
    if row.payee_sealed is None:
        return {}
    text = decrypt(row.payee_sealed, table=TABLE, column="payee_sealed", row=row.pk)
    payee: dict[str, str] = json.loads(text)
    return payee


def debits_of(subject: str) -> tuple[OrderView, ...]:
    """Return every direct debit ever asked for a subject such as `loan:<uuid>`, oldest first."""
    rows = PaymentOrder.objects.filter(subject=subject, kind="direct_debit")
    return tuple(_order(row) for row in rows.order_by("created_at", "id"))


def next_debit_on(subject: str, due_on: date, today: date) -> date | None:
    """Return when what was due on a day is next to be collected, today or later; None: not again.

    Tries before the due day belong to another instalment and do not count.
    """
    tried = [
        Tried(
            on=one.created_on,
            is_open=one.state in OPEN,
            has_succeeded=one.state == OrderState.SUCCEEDED and not one.is_returned,
            reason=one.reason,
        )
        for one in debits_of(subject)
        if one.created_on >= due_on
    ]
    return next_try(DEBIT_RULE, due_on, tried, today)


def failed_debits(party_ids: Iterable[UUID], since: date) -> dict[UUID, int]:
    """Return how many debits of each of these parties the bank refused from a day on, in one query.

    A party without one is not there.
    """
    rows = PaymentOrder.objects.filter(
        party_id__in=list(party_ids),
        kind=OrderKind.DIRECT_DEBIT,
        state=OrderState.FAILED,
        created_on__gte=since,
    )
    return dict(rows.values_list("party_id").annotate(failed=Count("id")).order_by("party_id"))


def cash_in_transit(party_id: UUID | None = None) -> InTransit:
    """Return the money of orders sent and not yet ended: a party's own, or everybody's."""
    rows = PaymentOrder.objects.filter(state__in=AT_THE_BANK)
    if party_id is not None:
        rows = rows.filter(party_id=party_id)
    sums = rows.aggregate(
        money_in=Sum("amount_minor", filter=Q(kind__in=MONEY_IN)),
        money_out=Sum("amount_minor", filter=~Q(kind__in=MONEY_IN)),
    )
    return InTransit(
        money_in=Money(sums["money_in"] or 0),
        money_out=Money(sums["money_out"] or 0),
        orders=rows.count(),
    )


def count_waiting_for_approval() -> int:
    """Return how many orders wait for a finance officer."""
    return count_orders(OrderFilters(waits_for_approval=True))


def _filtered(filters: OrderFilters) -> QuerySet[PaymentOrder]:
    wanted: dict[str, Any] = {
        "state__in": filters.states,
        "kind__in": filters.kinds,
        "party_id": filters.party_id,
        "created_on__gte": filters.created_from,
        "created_on__lte": filters.created_to,
        "amount_minor": filters.amount.minor if filters.amount else None,
        "is_returned": filters.is_returned,
    }
    rows = PaymentOrder.objects.filter(**{name: value for name, value in wanted.items() if value})
    if filters.waits_for_approval:
        rows = rows.filter(state=OrderState.CREATED, needs_approval=True, approved_by="")
    if filters.text:
        said = filters.text.strip()
        rows = rows.filter(
            Q(number__iexact=said) | Q(bank_serial=said) | Q(subject__in=(said, f"{OWN}{said}"))
        )
    return rows


def _account_no(party_id: UUID | None) -> str:
    if party_id is None:
        return ""
    account = CustodyAccount.objects.filter(pk=party_id).first()
    return account.account_no if account else ""


def _due(row: PaymentOrder) -> DueOrder:
    return DueOrder(
        id=row.pk,
        number=row.number,
        state=row.state,
        tries=row.tries,
        sent_at=row.sent_at,
        is_accepted=bool(row.bank_serial),
    )


def _order(row: PaymentOrder) -> OrderView:
    return OrderView(
        **_plain(row, _SAME),
        amount=Money(row.amount_minor, row.currency),
        payee=_masked(payee_of(row)),
    )


def _masked(payee: dict[str, str]) -> str:
    if not payee:
        return ""
    return f"{payee['bank_name']} {mask_number(payee['number'])} {mask_name(payee['holder'])}"


def _message(row: BankMessage) -> MessageView:
    names = MessageView.__dataclass_fields__
    return MessageView(**_plain(row, names))


def _plain(row: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


_SAME = tuple(name for name in OrderView.__dataclass_fields__ if name not in ("amount", "payee"))


def orders_by_state() -> dict[str, int]:
    """Return how many orders stand in each state that any stands in."""
    rows = PaymentOrder.objects.values("state").annotate(count=Count("id")).order_by("state")
    return {row["state"]: row["count"] for row in rows}


def withdrawn_on(party_id: UUID, on: date) -> Money:
    """Return what a party asked to withdraw on a business date, less what came to nothing."""
    rows = PaymentOrder.objects.filter(
        party_id=party_id, kind=OrderKind.WITHDRAWAL, created_on=on
    ).exclude(state__in=[OrderState.CANCELLED, OrderState.FAILED])
    return Money(rows.aggregate(sum=Sum("amount_minor"))["sum"] or 0)
