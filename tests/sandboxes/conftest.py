"""A manual bank at noon in China of 2026-01-05, its client, and a customer with a card."""

import hashlib
import hmac
import json
import secrets
import time
from datetime import UTC, datetime

import pytest

from tests.sandboxes.customers import CARD


@pytest.fixture
def noon():
    return datetime(2026, 1, 5, 4, 0, tzinfo=UTC)


@pytest.fixture
def gateway(bank, noon):
    bank.clock(noon)
    return bank.gateway()


@pytest.fixture
def card(gateway):
    """What orders of a customer name: an account and a bound card."""
    account = gateway.open_account("C-1", "张伟", "person")
    bound = gateway.bind_card(account.account_no, CARD, "张伟")
    return {"account_no": account.account_no, "card_token": bound.card_token}


@pytest.fixture
def signed(bank):
    """Return `signed(method, path, body)`: a request signed as the platform would."""

    def ask(method, path, body=None, *, at=None, nonce=None, sent=None):
        content = b"" if body is None else json.dumps(body).encode()
        timestamp, nonce = str(at or int(time.time())), nonce or secrets.token_hex(8)
        message = f"{timestamp}\n{nonce}\n{method}\n{path}\n".encode() + content
        signature = hmac.new(bank.secret.encode(), message, hashlib.sha256).hexdigest()
        headers = {"x-timestamp": timestamp, "x-nonce": nonce, "x-signature": signature}
        how = {"method": method, "path": path, "content": content, **(sent or {})}
        url = bank.url + how.pop("path")
        return bank.client.request(how["method"], url, content=how["content"], headers=headers)

    return ask
