"""Keys of the shared cache: limits count per phone and per address, so keys are digests too.

Named by settings.CACHES; a plain hash of a phone number falls in minutes.
"""

from __future__ import annotations

from rongqiao.platform.crypto import keyed_digest


def sealed_key(key: str, key_prefix: str, version: int) -> str:
    """Return the keyed digest under which the cache files an entry."""
    return keyed_digest("cache", key_prefix, str(version), key).hex()
