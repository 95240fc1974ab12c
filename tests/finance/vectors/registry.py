"""Every published case we keep: which are run, and which the contracts cannot express, and why."""

import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "vectors" / "lending"

# The reasons that count; anything else must be run.
ADD_ON = "add-on interest"
INTEREST_CAP = "an interest cap that binds"
MID_LIFE = "events in mid-life"
UNROUNDED = "unrounded sums"
BALANCING_INTEREST = "a last interest taken as the balancing figure"
UNCONVERGED = "a rate printed where the source's search stopped, past the case's own tolerance"

_FAMILIES = ("schedule_cases", "fineract_cases", "fsharp_cases", "china_cases", "apr_cases")
_FAMILIES += ("daycount_cases", "replay_cases")


@dataclass(frozen=True)
class Case:
    """One case: `id` and `file` as published; either `run` proves it or `reason` says why not.

    `part` names a piece of a case that is expressible only in pieces (for example its APR alone).
    `run` raises AssertionError where the case does not hold; `not_held` is the known cause of that.
    """

    id: str
    file: str
    run: Callable[[], None] | None = None
    reason: str | None = None
    part: str = ""
    not_held: str | None = None

    @property
    def name(self) -> str:
        return f"{self.file}:{self.id}{f' ({self.part})' if self.part else ''}"


def load(file: str) -> list[dict]:
    """Return the cases of one file under tests/vectors/lending, each with an `id`."""
    content = json.loads((FOLDER / f"{file}.json").read_text(encoding="utf-8"))
    return content["vectors"] if isinstance(content, dict) else content


def all_cases() -> list[Case]:
    """Return every case of every family module in this folder (each has `cases()`)."""
    here = Path(__file__).parent
    return [
        case
        for family in _FAMILIES
        if (here / f"{family}.py").exists()
        for case in importlib.import_module(f"tests.finance.vectors.{family}").cases()
    ]
