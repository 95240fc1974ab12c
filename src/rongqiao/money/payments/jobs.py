"""Everything that calls the custodian bank: send orders, ask after them, bind cards.

The bank is called outside every transaction; what it answers is noted by an operation. Wherever a
process dies, `chase_orders` finds the order and asks the bank by its number.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from datetime import date, timedelta
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.money.payments.gateways.bank import (
    Bank,
    NotReady,
    OrderState,
    OrderToSend,
    Rejected,
    Unreachable,
    bank,
)
from rongqiao.money.payments.operations.cards.note_bound_card import (
    NoteBoundCard,
    note_bound_card,
)
from rongqiao.money.payments.operations.cards.note_custody_account import (
    NoteCustodyAccount,
    note_custody_account,
)
from rongqiao.money.payments.operations.cards.submit_card import BIND
from rongqiao.money.payments.operations.cards.usable import CardNotBound
from rongqiao.money.payments.operations.chasing.note_accepted import (
    NoteAccepted,
    SerialOfAnother,
    note_accepted,
)
from rongqiao.money.payments.operations.chasing.note_tried import NoteTried, note_tried
from rongqiao.money.payments.operations.orders.note_sent import NoteSent, note_sent
from rongqiao.money.payments.operations.orders.note_unknown import NoteUnknown, note_unknown
from rongqiao.money.payments.operations.orders.placing import ASK, SEND
from rongqiao.money.payments.operations.orders.settle_order import SettleOrder, settle_order
from rongqiao.money.payments.operations.reconciling.import_statement import (
    DAY_TAKEN,
    ImportStatement,
    import_statement,
)
from rongqiao.money.payments.operations.reconciling.reconcile_day import (
    ReconcileDay,
    reconcile_day,
)
from rongqiao.money.payments.operations.repair.steps import CLOSE, FETCH
from rongqiao.money.payments.operations.two_people import NotOpen
from rongqiao.money.payments.queries.cards import card_to_bind, cards_to_bind
from rongqiao.money.payments.queries.orders import (
    DueOrder,
    OrderForBank,
    due_order,
    order_for_bank,
    orders_to_chase,
)
from rongqiao.money.payments.queries.reconciling import statement_days_due
from rongqiao.platform import clock
from rongqiao.platform.jobs import job
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Refusal

# An order the bank never saw is sent again under its number for so long; then it is closed there.
SENT_AGAIN_FOR = timedelta(hours=24)
# The queue tries a card six times by itself; later tries are the housekeeping's.
CARD_LEFT_BEHIND = timedelta(minutes=15)

_log = logging.getLogger(__name__)


@job(SEND)
def send_order(order_id: str) -> None:
    """Send an order that is ready; one that is not, or was sent, is left to `chase_orders`."""
    try:
        sent = note_sent(NoteSent(order_id=UUID(order_id)), _call(f"sent:{order_id}"))
    except (NotOpen, CardNotBound) as refusal:
        _log.info("order %s is not sent: %s", order_id, refusal.code)
        return
    if sent.state == "sent":
        _hand_over(bank(), UUID(order_id))


@job(ASK)
def ask_bank(order_id: str) -> None:
    """Ask the bank after one order now, whatever its time (a callback waits, or an officer)."""
    due = due_order(UUID(order_id))
    if due is not None and due.state != "created":
        _ask(bank(), due)


def chase_orders() -> int:
    """Look after every order whose time has come; return how many. Stops when the bank is away."""
    gateway, looked_after = bank(), 0
    for due in orders_to_chase(clock.now()):
        tried = note_tried(
            NoteTried(order_id=due.id, tries=due.tries), _call(f"try:{due.id}:{due.tries}")
        )
        if not tried.is_mine:
            continue
        looked_after += 1
        try:
            is_there = _chase(gateway, due)
        except Exception:  # noqa: BLE001 - whatever it was, the round goes on
            # One order that cannot be judged must not keep the others waiting.
            _log.exception("order %s could not be looked after", due.number)
            continue
        if not is_there:
            break
    return looked_after


@job(BIND)
def bind_card(bank_account_id: str) -> None:
    """Open the party's account at the bank if need be, and bind the card.

    Unreachable is tried again by the queue, and later by `bind_cards_left_behind`.
    """
    card = card_to_bind(UUID(bank_account_id))
    if card is None:
        return
    gateway, account_no = bank(), card.account_no
    try:
        if not account_no:
            opened = gateway.open_account(str(card.party_id), card.holder, card.kind)
            noted = note_custody_account(
                NoteCustodyAccount(party_id=card.party_id, account_no=opened.account_no),
                _call(f"account:{card.party_id}"),
            )
            account_no = noted.account_no
        bound = gateway.bind_card(account_no, card.number, card.holder)
        answer = NoteBoundCard(
            bank_account_id=card.bank_account_id, last4=bound.last4, card_token=bound.card_token
        )
    except Rejected as error:
        answer = NoteBoundCard(bank_account_id=card.bank_account_id, reason=error.code)
    note_bound_card(answer, _call(f"card:{card.bank_account_id}"))


def bind_cards_left_behind() -> int:
    """Bind cards the queue gave up on while the bank was away; return how many were tried."""
    waiting = cards_to_bind(clock.now() - CARD_LEFT_BEHIND)
    for tried, account_id in enumerate(waiting):
        try:
            bind_card(str(account_id))
        except Unreachable:
            return tried
    return len(waiting)


def _chase(gateway: Bank, due: DueOrder) -> bool:
    """Look after one order; False if the bank gave no answer."""
    if due.state == "created":
        send_order(str(due.id))
        return True
    return _ask(gateway, due)


def _ask(gateway: Bank, due: DueOrder) -> bool:
    try:
        found = gateway.find_order(due.number)
        if found is None:
            return _never_seen(gateway, due)
    except Unreachable as error:
        if not due.is_accepted:
            _note_unknown(due.id, error)
        return False
    _settle(order_for_bank(due.id), found)
    return True


def _never_seen(gateway: Bank, due: DueOrder) -> bool:
    """Send the same number again; after a day have it closed, so that it can never be paid."""
    assert due.sent_at is not None, due.number
    if clock.now() - due.sent_at < SENT_AGAIN_FOR:
        return _hand_over(gateway, due.id)
    _settle(order_for_bank(due.id), gateway.close_order(due.number))
    return True


def _hand_over(gateway: Bank, order_id: UUID) -> bool:
    """Give the order to the bank and note its answer; False if there was none."""
    order = order_for_bank(order_id)
    wanted = OrderToSend(
        order_no=order.number,
        kind=order.kind,
        amount=order.amount,
        account_no=order.account_no,
        card_token=order.card_token,
        memo=order.number,
        original_serial=order.original_serial,
    )
    try:
        taken = gateway.send_order(wanted)
    except Rejected as error:
        _tell(order, state="failed", reason=error.code)
        return True
    except Unreachable as error:
        _note_unknown(order_id, error)
        return False
    try:
        note_accepted(
            NoteAccepted(order_id=order_id, bank_serial=taken.bank_serial),
            _call(f"accepted:{order_id}:{taken.bank_serial}"),
        )
    except SerialOfAnother:
        _log.exception("the bank's serial of order %s is another order's", order.number)
    return True


def _note_unknown(order_id: UUID, error: Unreachable) -> None:
    note_unknown(NoteUnknown(order_id=order_id, reason=str(error)), _call(f"unknown:{order_id}"))


def _settle(order: OrderForBank, found: OrderState) -> None:
    """Tell what the bank answered: what came back was paid first."""
    if found.state in ("failed", "closed", "refused"):
        _tell(order, found, state="failed", reason=found.reason or found.state)
    elif found.state in ("succeeded", "returned"):
        _tell(order, found, state="succeeded")
    if found.state == "returned":
        _tell(order, found, state="returned", reason=found.reason)


def _tell(
    order: OrderForBank, found: OrderState | None = None, *, state: str, reason: str = ""
) -> None:
    """Settle an order by an answer of the bank; one closed unseen has no amount but ours."""
    amount: Money = found.amount if found and found.amount else order.amount
    is_return = state == "returned"
    command = SettleOrder(
        order_no=order.number,
        state=state,
        amount=amount.text(),
        currency=amount.currency,
        bank_serial=found.bank_serial if found else "",
        reason=reason,
        settled_on=found.settled_on if found else None,
        returned_on=found.returned_on if found and is_return else None,
        return_serial=found.return_serial if found and is_return else "",
    )
    at = clock.now().isoformat()
    try:
        settle_order(command, _call(f"settle:{order.number}:{state}:{at}"))
    except Refusal as refusal:
        _log.warning("order %s is not settled: %s", order.number, refusal.code)


def _call(key: str) -> Call:
    return Call(actor="system:payments.jobs", key=key, at=clock.now(), on=clock.business_date())


@job(CLOSE)
def close_order(order_id: str) -> None:
    """Have the bank close a number for the repair desk; its answer settles the order."""
    due = due_order(UUID(order_id))
    if due is not None and due.state != "created":
        _settle(order_for_bank(due.id), bank().close_order(due.number))


@job(FETCH)
def fetch_statement(day: str) -> None:
    """Fetch a day's statement, import it and compare the day; NotReady is tried again later."""
    on = date.fromisoformat(day)
    content = bank().fetch_statement(on)
    imported = import_statement(
        ImportStatement(day=on, content=base64.b64encode(content).decode()),
        _call(f"statement:{day}:{hashlib.sha256(content).hexdigest()[:24]}"),
    )
    if imported.state == "imported" or imported.reason == DAY_TAKEN:
        reconcile_day(ReconcileDay(day=on), _call(f"reconcile:{day}:{clock.now().isoformat()}"))


def fetch_statements(through: date) -> int:
    """Fetch and compare every day up to `through` that is due; return how many were compared.

    A day refused or not ready is tried again after a while, and does not keep later days waiting.
    """
    compared = 0
    for day in statement_days_due(through, clock.now()):
        try:
            fetch_statement(day.isoformat())
        except (NotReady, Unreachable) as error:
            _log.info("the statement of %s is not there yet: %s", day, type(error).__name__)
            return compared
        compared += 1
    return compared
