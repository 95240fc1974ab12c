"""How much of the machine's memory the embedded PostgreSQL keeps for its pages."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

MEGABYTE = 1 << 20
LEAST, MOST = 128, 8 * 1024
# The manual's "25 % of memory" (20.4.1) is for a machine that does nothing else; the platform's
# own processes live beside the server here.
PART = 8
# What a container may use, where one is: "max" or bytes.
_CEILING = Path("/sys/fs/cgroup/memory.max")


def shared_buffers() -> str:
    """Return `shared_buffers`: an eighth of the memory there is, from 128 MB to 8 GB."""
    there = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with suppress(OSError, ValueError):
        there = min(there, int(_CEILING.read_text()))
    return f"{min(max(there // PART // MEGABYTE, LEAST), MOST)}MB"
