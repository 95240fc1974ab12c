"""How far the demonstration is, in a small file that pages and `rongqiao run` read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from django.conf import settings

LIVING, DONE = "living", "done"


@dataclass(frozen=True)
class Login:
    """Somebody who may log in to look around."""

    role: str
    phone: str
    password: str


@dataclass(frozen=True)
class Plan:
    """What the first run set out to live; a later one goes on with the same."""

    first: date
    last: date
    loans: int

    @property
    def days(self) -> int:
        """Return how many days there are to live."""
        return (self.last - self.first).days


def tell(plan: Plan, state: str, on: date, logins: tuple[Login, ...] = ()) -> None:
    """Write how far it is: readers see the old file or the new one, never half of one."""
    content = {
        "state": state,
        "on": on.isoformat(),
        "percent": 100 * (on - plan.first).days // max(1, plan.days),
        "first": plan.first.isoformat(),
        "last": plan.last.isoformat(),
        "loans": plan.loans,
        "logins": [asdict(login) for login in logins],
    }
    path = _path()
    draft = path.with_name(f".{path.name}")
    draft.write_text(json.dumps(content, ensure_ascii=False))
    draft.replace(path)


def told() -> tuple[str, Plan] | None:
    """Return the state last told and the plan, or None where there is no demonstration."""
    try:
        content = json.loads(_path().read_text())
    except (FileNotFoundError, ValueError):
        return None
    first, last = date.fromisoformat(content["first"]), date.fromisoformat(content["last"])
    return content["state"], Plan(first, last, content["loans"])


def is_seeding() -> bool:
    """Whether business dates belong to the demonstration, which may be interrupted just now."""
    found = told()
    return found is not None and found[0] == LIVING


def _path() -> Path:
    path: Path = settings.PLACES.var / "seed.json"
    return path
