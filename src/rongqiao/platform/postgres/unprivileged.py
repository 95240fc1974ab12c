"""PostgreSQL refuses to run as root; as root, its programs run as somebody who is not.

A user namespace does it without creating users or changing owners. Where namespaces are forbidden
(containers, mostly) the programs drop to an existing unprivileged user but keep the right to pass
folders that only root may enter.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# The kernel shows every unmapped owner as this one; it must not be taken for ours.
OVERFLOW_ID = 65534


class CannotDropRoot(RuntimeError):
    """Neither a user namespace nor a change of user works here."""


@dataclass(frozen=True)
class Wrapper:
    """Words to put before a command, and the owner its files must have (None: leave them)."""

    words: tuple[str, ...]
    owner: tuple[int, int] | None = None

    def around(self, *command: str) -> list[str]:
        """Return the command line that runs `command` without root's powers."""
        return [*self.words, *command]

    def own(self, folder: Path) -> None:
        """Give a folder and all it holds to the user the programs run as."""
        if self.owner is None:
            return
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, *self.owner, follow_symlinks=False)


@cache
def wrapper() -> Wrapper:
    """Return how PostgreSQL's programs are run here. Raises CannotDropRoot."""
    if os.geteuid() != 0:
        return Wrapper(())
    for candidate in (_namespace(), _other_user()):
        if candidate and _works(candidate):
            return candidate
    raise CannotDropRoot(
        "PostgreSQL does not run as root, and neither `unshare --user` nor `setpriv` works here:"
        " run as another user, or set DATABASE_URL to a server of yours"
    )


def _namespace() -> Wrapper | None:
    # initdb looks its user up by name, so the number must be one that the system knows.
    for entry in pwd.getpwall():
        if entry.pw_uid not in (0, OVERFLOW_ID):
            return Wrapper(("unshare", "--user", f"--map-user={entry.pw_uid}", "--"))
    return None


def _other_user() -> Wrapper | None:
    known = {entry.pw_name: entry for entry in pwd.getpwall() if entry.pw_uid != 0}
    entry = known.get("postgres") or known.get("nobody")
    if entry is None:
        return None
    words = (
        "setpriv",
        f"--reuid={entry.pw_uid}",
        f"--regid={entry.pw_gid}",
        "--clear-groups",
        "--inh-caps=+dac_override",
        "--ambient-caps=+dac_override",
        "--",
    )
    return Wrapper(words, (entry.pw_uid, entry.pw_gid))


def _works(candidate: Wrapper) -> bool:
    try:
        told = subprocess.run(  # noqa: S603 - fixed words
            candidate.around("id", "-u"), capture_output=True, text=True, check=True, timeout=20
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return False
    return told != "0"
