"""Write the heads of both chains outside the database, once a day.

Whoever rewrites the books and their chain inside the database cannot rewrite these files with it:
`queries.heads` compares. They belong on a disk that is copied off the machine.
"""

from __future__ import annotations

import json
import os
import tempfile
from datetime import date
from pathlib import Path

from rongqiao.money.ledger.queries.chain import chain_head
from rongqiao.platform import audit


def write_heads(on: date, folder: Path) -> Path:
    """Write `<date>.json` with each chain's length and last hash; return the file.

    Whole or not at all, on the disk before it returns, and never over an earlier one: a day's
    first heads stand.
    """
    heads = {"books": chain_head(), "audit": audit.head()}
    document = {"on": on.isoformat()} | {
        chain: {"position": position, "hash": hash_} for chain, (position, hash_) in heads.items()
    }
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{on.isoformat()}.json"
    with tempfile.NamedTemporaryFile("w", dir=folder, prefix=".", suffix=".new") as draft:
        draft.write(json.dumps(document, indent=2, sort_keys=True) + "\n")
        draft.flush()
        os.fchmod(draft.fileno(), 0o444)
        os.fsync(draft.fileno())
        try:
            target.hardlink_to(draft.name)
        except FileExistsError:
            return target
    _make_durable(folder)
    return target


def _make_durable(folder: Path) -> None:
    """Bring the folder's new entry to the disk."""
    entry = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(entry)
    finally:
        os.close(entry)
