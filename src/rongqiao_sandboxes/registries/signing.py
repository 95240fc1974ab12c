"""Who may ask, and proof of who answers: both sides sign with secrets they share.

Request, in x-timestamp, x-nonce, x-signature: hex HMAC-SHA256 over
"{timestamp}\\n{nonce}\\n{method}\\n{path}\\n" and the body. Answer, in x-timestamp, x-signature:
over "{timestamp}\\n{nonce of the request}\\n{status}\\n" and the body, so that it answers this
request and no other. Callback: over "{timestamp}\\n{path}\\n" and the body, by a secret of its own.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import sqlite3
import time
import urllib.request
from urllib.parse import urlsplit

CLOCK_SKEW_SECONDS = 300
NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)


def signed(secret: str, head: str, content: bytes) -> str:
    """Return the signature over head lines and body."""
    return hmac.new(secret.encode(), head.encode() + content, hashlib.sha256).hexdigest()


def is_fresh(timestamp: str, now: float) -> bool:
    """Tell whether a timestamp is a number close to `now`, in Unix seconds."""
    is_number = timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12
    return is_number and abs(now - int(timestamp)) <= CLOCK_SKEW_SECONDS


def is_new(db: sqlite3.Connection, nonce: str, now: float) -> bool:
    """Tell whether a nonce was never seen while its timestamp could pass, and keep it."""
    db.execute("DELETE FROM nonce WHERE kept_until < ?", [now])
    kept_until = now + 2 * CLOCK_SKEW_SECONDS
    added = db.execute(
        "INSERT INTO nonce VALUES (?, ?) ON CONFLICT DO NOTHING", [nonce, kept_until]
    )
    return added.rowcount == 1


def tell(callback: str, secret: str, told: dict[str, str]) -> bool:
    """Post to the callback's address, signed; False if nobody took it."""
    content = json.dumps(told).encode()
    timestamp = str(int(time.time()))
    path = urlsplit(callback).path
    request = urllib.request.Request(  # noqa: S310 - the operator's own address
        callback,
        content,
        {
            "content-type": "application/json",
            "x-timestamp": timestamp,
            "x-signature": signed(secret, f"{timestamp}\n{path}\n", content),
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=5):  # noqa: S310
            return True
    except OSError:
        return False
