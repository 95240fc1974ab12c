"""The custodian bank: accounts, cards and payment orders over signed requests.

Money is never sent twice: an order number is one order however often it is sent. Only a 422 is a
no; whatever else goes wrong, the outcome is unknown and is to be asked for by number.
Signature: hex HMAC-SHA256 over "{timestamp}\\n{nonce}\\n{method}\\n{path}\\n" and the body, in the
headers x-timestamp, x-nonce, x-signature. What the bank tells by itself: queries/bank_callbacks.

The statement of a day is UTF-8 CSV with "\\n" line ends: a header row
`serial,order_no,kind,direction,amount,currency,value_on,account_no,counterparty_name,memo`, the
lines, and `trailer,<date>,<count>,<total_in>,<total_out>,<opening>,<closing>,<sha256>`, the digest
taken over every byte before itself (the comma included). `order_no` is empty for foreign credits
and fees; a returned withdrawal has a second line of kind `return`, with a serial of its own.
"""

from __future__ import annotations

import atexit
import functools
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

import httpx
from django.conf import settings

from rongqiao.finance.money import BadAmount, Money
from rongqiao.platform.clock import MachineClock

if TYPE_CHECKING:
    from collections.abc import Sequence

TIMEOUT_SECONDS = 5.0
ORDER_STATES = frozenset(
    {"accepted", "processing", "succeeded", "failed", "returned", "closed", "refused"}
)


class Unreachable(Exception):
    """No answer, or one that decides nothing: the outcome is unknown until the bank is asked."""


class Rejected(Exception):
    """The bank said no, for good; `code` is its reason's code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotReady(Exception):
    """The bank has not closed that day yet."""


@dataclass(frozen=True, kw_only=True)
class AccountOpened:
    """A customer's account at the custodian."""

    account_no: str


@dataclass(frozen=True, kw_only=True)
class CardBound:
    """A card that passed the bank's same-name check; orders name it by its token."""

    card_token: str
    last4: str


@dataclass(frozen=True, kw_only=True)
class OrderToSend:
    """An order as the bank gets it. Transfers of the operator's own money name no account."""

    order_no: str
    kind: str
    amount: Money
    account_no: str = ""
    card_token: str = ""
    memo: str = ""
    # Of a refund: the statement serial of the credit that goes back to its sender.
    original_serial: str = ""


@dataclass(frozen=True, kw_only=True)
class OrderAccepted:
    """The bank took the order; nothing is settled by that."""

    bank_serial: str
    state: str


@dataclass(frozen=True, kw_only=True)
class BatchItem:
    """What became of one order of a batch: `accepted`, or `refused` with the reason's code."""

    order_no: str
    state: str
    bank_serial: str
    code: str


@dataclass(frozen=True, kw_only=True)
class OrderState:
    """What the bank knows of an order."""

    order_no: str
    # processing, succeeded, failed, returned (succeeded first), closed (never carried out).
    state: str
    # None for a number the bank closed without ever seeing the order.
    amount: Money | None
    bank_serial: str
    reason: str
    # The bank's China date on which the order succeeded or failed.
    settled_on: date | None
    # Of a returned order: the date of the return, and the serial its statement line bears.
    returned_on: date | None
    return_serial: str


class Bank(Protocol):
    """Whoever keeps the pooled money. Every call may raise Unreachable."""

    def open_account(self, customer_no: str, name: str, kind: str) -> AccountOpened:
        """Open the customer's account, once per `customer_no`; raises Rejected."""

    def bind_card(self, account_no: str, card_no: str, holder_name: str) -> CardBound:
        """Bind a card after the same-name check; raises Rejected (`name-mismatch` and others)."""

    def send_order(self, order: OrderToSend) -> OrderAccepted:
        """Hand an order over, once per number; raises Rejected."""

    def send_batch(self, batch_no: str, orders: Sequence[OrderToSend]) -> tuple[BatchItem, ...]:
        """Hand over at most 1,000 orders together; each counts for itself; raises Rejected."""

    def find_order(self, order_no: str) -> OrderState | None:
        """Return what the bank knows of an order; None if it never saw that number."""

    def close_order(self, order_no: str) -> OrderState:
        """Have an order never seen refused from now on; one the bank has answers its state."""

    def fetch_statement(self, on: date) -> bytes:
        """Return the day's statement file as it is; raises NotReady."""

    def balance(self) -> Money:
        """Return the pooled balance at this moment."""


@dataclass(frozen=True)
class HttpBank:
    """The bank over HTTP; `timeout` in seconds, None: an answer is waited for however long."""

    address: str
    secret: str
    timeout: float | None = TIMEOUT_SECONDS

    def open_account(self, customer_no: str, name: str, kind: str) -> AccountOpened:
        """Open an account; see Bank.open_account."""
        wanted = {"customer_no": customer_no, "name": name, "kind": kind}
        found = _object(self._call("POST", "/v1/accounts", wanted))
        return AccountOpened(account_no=_text(found, "account_no"))

    def bind_card(self, account_no: str, card_no: str, holder_name: str) -> CardBound:
        """Bind a card; see Bank.bind_card."""
        wanted = {"card_no": card_no, "holder_name": holder_name}
        found = _object(self._call("POST", f"/v1/accounts/{account_no}/cards", wanted))
        return CardBound(card_token=_text(found, "card_token"), last4=_text(found, "last4"))

    def send_order(self, order: OrderToSend) -> OrderAccepted:
        """Hand an order over; see Bank.send_order."""
        found = _object(self._call("POST", "/v1/orders", _written(order)))
        return OrderAccepted(bank_serial=_text(found, "bank_serial"), state=_state(found))

    def send_batch(self, batch_no: str, orders: Sequence[OrderToSend]) -> tuple[BatchItem, ...]:
        """Hand over orders together; see Bank.send_batch."""
        wanted = {"batch_no": batch_no, "items": [_written(order) for order in orders]}
        items = _object(self._call("POST", "/v1/batches", wanted)).get("items")
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise Unreachable("answer")
        return tuple(
            BatchItem(
                order_no=_text(item, "order_no"),
                state=_state(item),
                bank_serial=_text(item, "bank_serial"),
                code=_text(item, "code"),
            )
            for item in items
        )

    def find_order(self, order_no: str) -> OrderState | None:
        """Ask for an order; see Bank.find_order."""
        answer = self._call("GET", f"/v1/orders/{order_no}")
        # Another 404 (a proxy's, a wrong address) must not pass for "never seen".
        if answer.status_code == 404:
            if _object(answer).get("code") != "unknown-order":
                raise Unreachable("404")
            return None
        return _order_state(_object(answer))

    def close_order(self, order_no: str) -> OrderState:
        """Close an order number; see Bank.close_order."""
        return _order_state(_object(self._call("POST", f"/v1/orders/{order_no}/close", {})))

    def fetch_statement(self, on: date) -> bytes:
        """Fetch a day's file; see Bank.fetch_statement."""
        answer = self._call("GET", f"/v1/statements/{on.isoformat()}")
        if answer.status_code == 404:
            raise NotReady(on.isoformat())
        return answer.content

    def balance(self) -> Money:
        """Ask for the balance; see Bank.balance."""
        return _amount(_object(self._call("GET", "/v1/balance")), "balance")

    def _call(self, method: str, path: str, wanted: dict[str, Any] | None = None) -> httpx.Response:
        """Return the answer of a signed request: a 2xx, or a 404 to a question."""
        content = b"" if wanted is None else json.dumps(wanted, ensure_ascii=False).encode()
        # Freshness is a matter of the machines' time, also where business time is simulated.
        timestamp = str(int(MachineClock().now().timestamp()))
        nonce = secrets.token_hex(16)
        signed = f"{timestamp}\n{nonce}\n{method}\n{path}\n".encode() + content
        headers = {
            "content-type": "application/json",
            "x-timestamp": timestamp,
            "x-nonce": nonce,
            "x-signature": hmac.new(self.secret.encode(), signed, hashlib.sha256).hexdigest(),
        }
        try:
            answer = _client().request(
                method, self.address + path, content=content, headers=headers, timeout=self.timeout
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(type(error).__name__) from None
        if answer.is_success or (answer.status_code == 404 and method == "GET"):
            return answer
        if answer.status_code == 422:
            raise Rejected(_text(_object(answer), "code"))
        # 401 may be the echo of a request that was taken, 409 means the number is known with
        # another body: neither says that no money moved.
        raise Unreachable(str(answer.status_code))


def bank() -> Bank:
    """Return the bank the installation names."""
    timeout = TIMEOUT_SECONDS if settings.IS_BANK_HURRIED else None
    return HttpBank(settings.BANK_GATEWAY_URL, settings.BANK_GATEWAY_SECRET, timeout)


@functools.cache
def _client() -> httpx.Client:
    """Return this process's connections: opening one for each call costs more than the call."""
    client = httpx.Client(follow_redirects=False)
    # Its connections stay open between requests; none is left to the collector of garbage.
    atexit.register(client.close)
    return client


def _written(order: OrderToSend) -> dict[str, str]:
    return {
        "order_no": order.order_no,
        "kind": order.kind,
        "account_no": order.account_no,
        "card_token": order.card_token,
        "amount": order.amount.text(),
        "currency": order.amount.currency,
        "memo": order.memo,
        "original_serial": order.original_serial,
    }


def _order_state(found: dict[str, Any]) -> OrderState:
    return OrderState(
        order_no=_text(found, "order_no"),
        state=_state(found),
        amount=_amount(found, "amount") if found.get("amount") else None,
        bank_serial=_text(found, "bank_serial"),
        reason=_text(found, "reason"),
        settled_on=_day(found, "settled_on"),
        returned_on=_day(found, "returned_on"),
        return_serial=_text(found, "return_serial"),
    )


def _object(answer: httpx.Response) -> dict[str, Any]:
    """Return the answer's JSON object. An answer we cannot read decides nothing: Unreachable."""
    try:
        found = answer.json()
    except (ValueError, RecursionError):
        raise Unreachable("answer") from None
    if not isinstance(found, dict):
        raise Unreachable("answer")
    return found


def _text(found: dict[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str) or len(value) > 200:
        raise Unreachable(f"answer: {name}")
    return value


def _state(found: dict[str, Any]) -> str:
    state = _text(found, "state")
    if state not in ORDER_STATES:
        raise Unreachable("answer: state")
    return state


def _amount(found: dict[str, Any], name: str) -> Money:
    try:
        return Money(Money.yuan(_text(found, name)).minor, _text(found, "currency"))
    except BadAmount:
        raise Unreachable(f"answer: {name}") from None


def _day(found: dict[str, Any], name: str) -> date | None:
    text = _text(found, name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Unreachable(f"answer: {name}") from None
