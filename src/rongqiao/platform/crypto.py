"""Encryption of personal fields and files, blind indexes, and the keys behind them.

AES-256-GCM with table, column and row as associated data: a ciphertext moved elsewhere does not
open. Layout: format byte, key id, 12-byte nonce, ciphertext, 16-byte tag. Blind indexes are
HMAC-SHA256 under a key of their own per column. Keys live in one 0600 file outside the database.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

FORMAT = 1
NONCE_BYTES = 12


class Unreadable(Exception):
    """The ciphertext was changed, moved to another row, or its key is gone."""


@dataclass(frozen=True)
class Keys:
    """The key ring: numbered data keys (the newest seals), one index key, one cookie key."""

    data: Mapping[int, bytes]
    index: bytes
    cookie: str

    @property
    def current(self) -> int:
        """Return the id of the key that seals now."""
        return max(self.data)

    @classmethod
    def fresh(cls) -> Keys:
        """Return new random keys."""
        return cls({1: secrets.token_bytes(32)}, secrets.token_bytes(32), secrets.token_urlsafe(48))

    @classmethod
    def from_seed(cls, seed: int) -> Keys:
        """Return keys that follow from `seed`: for simulations, whose secrets are worth nothing."""

        def derive(purpose: str) -> bytes:
            return hashlib.sha256(f"rongqiao simulation {seed} {purpose}".encode()).digest()

        return cls({1: derive("data")}, derive("index"), derive("cookie").hex())

    @classmethod
    def load_or_make(cls, path: Path) -> Keys:
        """Return the keys in `path`, making the file (0600, once among many starters) if absent."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
            cls.fresh().save(draft)
            try:
                os.link(draft, path)  # Fails where another starter was first; its keys count.
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        stored = json.loads(path.read_text())
        return cls(
            {int(number): base64.b64decode(key) for number, key in stored["data"].items()},
            base64.b64decode(stored["index"]),
            stored["cookie"],
        )

    def save(self, path: Path) -> None:
        """Write the ring to `path`, readable by its owner alone."""
        content = {
            "data": {str(n): base64.b64encode(key).decode() for n, key in self.data.items()},
            "index": base64.b64encode(self.index).decode(),
            "cookie": self.cookie,
        }
        draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)

    def with_new_data_key(self) -> Keys:
        """Return the ring with one more data key; old ciphertexts still open."""
        return replace(self, data={**self.data, self.current + 1: secrets.token_bytes(32)})

    def derived(self, purpose: str) -> str:
        """Return a secret for one purpose (a gateway's shared secret), in hex."""
        return hmac.new(self.index, b"derived:" + purpose.encode(), hashlib.sha256).hexdigest()


_rings: list[Keys] = []


def keys() -> Keys:
    """Return the key ring in use: the installation's, unless a block put another in its place."""
    if _rings:
        return _rings[-1]
    from django.conf import settings  # noqa: PLC0415 - settings themselves load the keys

    ring: Keys = settings.KEYS
    return ring


@contextmanager
def sealing_with(ring: Keys) -> Iterator[None]:
    """Use `ring` for the length of the block (tests, simulation)."""
    _rings.append(ring)
    try:
        yield
    finally:
        _rings.remove(ring)


def encrypt(text: str, *, table: str, column: str, row: object) -> bytes:
    """Return `text` sealed for exactly this table, column and row."""
    return encrypt_bytes(text.encode(), place=_place(table, column, row))


def decrypt(sealed: bytes | memoryview, *, table: str, column: str, row: object) -> str:
    """Return the text sealed for this table, column and row; raises Unreadable."""
    return decrypt_bytes(bytes(sealed), place=_place(table, column, row)).decode()


def encrypt_bytes(content: bytes, *, place: bytes) -> bytes:
    """Return `content` sealed under the current key, bound to `place`."""
    ring = keys()
    nonce = secrets.token_bytes(NONCE_BYTES)
    header = bytes([FORMAT, ring.current])
    sealed = AESGCM(ring.data[ring.current]).encrypt(nonce, content, header + place)
    return header + nonce + sealed


def decrypt_bytes(sealed: bytes, *, place: bytes) -> bytes:
    """Return what was sealed, bound to `place`; raises Unreadable."""
    header, rest = sealed[:2], sealed[2:]
    if len(sealed) < 2 + NONCE_BYTES + 16 or header[0] != FORMAT:
        raise Unreadable("not a sealed value")
    key = keys().data.get(header[1])
    if key is None:
        raise Unreadable(f"data key {header[1]} is not on the ring")
    try:
        return AESGCM(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], header + place)
    except InvalidTag as error:
        raise Unreadable("the sealed value was changed or moved") from error


def key_of(sealed: bytes | memoryview) -> int:
    """Return the id of the data key that sealed the value."""
    return bytes(sealed[:2])[1]


def blind_index(column: str, normalised: str) -> bytes:
    """Return what an exact look-up compares: HMAC of the normalised text under the column's key."""
    column_key = hmac.new(keys().index, b"column:" + column.encode(), hashlib.sha256).digest()
    return hmac.new(column_key, normalised.encode(), hashlib.sha256).digest()


def keyed_digest(*parts: str) -> bytes:
    """Return a keyed digest of `parts`, for telling equal values apart without keeping them."""
    return blind_index("digest:" + "/".join(parts[:-1]), parts[-1])


def _place(table: str, column: str, row: object) -> bytes:
    return f"{table}\x1f{column}\x1f{row}".encode()
