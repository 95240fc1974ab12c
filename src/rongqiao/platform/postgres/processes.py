"""Which server processes live in a data folder, and what a crash left behind."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

PROC = Path("/proc")


def postmaster(data: Path) -> int | None:
    """Return the process id of the server that runs in `data`, or None."""
    try:
        pid = int((data / "postmaster.pid").read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None
    if not alive(pid):
        return None
    # After a crash the number may belong to anybody; a server's working folder is its data.
    if PROC.exists() and not _lives_in(pid, data):
        return None
    return pid


def clear_leftover(data: Path, socket: Path, patience: float = 10.0) -> None:
    """Remove the lock files of a server that is gone, once its last child is gone too.

    PostgreSQL would refuse to start when the old number now belongs to another process. Taking the
    file away under living children would let two servers write the same files, hence the wait.
    """
    if not PROC.exists() or postmaster(data) is not None:
        return
    deadline = time.monotonic() + patience
    while left_over := orphans(data):
        for pid in left_over:
            _signal(pid, signal.SIGQUIT if time.monotonic() < deadline else signal.SIGKILL)
        time.sleep(0.05)
    (data / "postmaster.pid").unlink(missing_ok=True)
    for leftover in socket.glob(".s.PGSQL.*"):
        leftover.unlink(missing_ok=True)


def end(pid: int, how: signal.Signals = signal.SIGINT, patience: float = 60.0) -> bool:
    """Ask a server to end (SIGINT: fast shutdown) and wait; tell whether it did."""
    _signal(pid, how)
    deadline = time.monotonic() + patience
    while alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def alive(pid: int) -> bool:
    """Tell whether a process runs; one that is dead but not yet collected does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return not PROC.exists()
    return state != "Z"


def _lives_in(pid: int, data: Path) -> bool:
    try:
        return (PROC / str(pid) / "cwd").resolve(strict=True) == data.resolve()
    except OSError:
        return False


def orphans(data: Path) -> list[int]:
    """Return every server process, living or left over, whose working folder is `data`."""
    return [
        int(entry.name)
        for entry in PROC.iterdir()
        if entry.name.isdigit()
        and _lives_in(int(entry.name), data)
        and "postgres" in _command(int(entry.name))
    ]


def _command(pid: int) -> str:
    try:
        return (PROC / str(pid) / "comm").read_text()
    except OSError:
        return ""


def _signal(pid: int, how: signal.Signals) -> None:
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        return
