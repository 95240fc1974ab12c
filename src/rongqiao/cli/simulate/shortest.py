"""A life that fails is told with the shortest way to see it again: the fewest days that still fail.

What is drawn of a life follows from the days it is planned for, so that its first days alone can be
lived again: `--days 12 --of 1095` lives the first twelve days of the same life.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from rongqiao.cli.verify import LAWS
from rongqiao.money.payments.queries.reconciling import breaks_by_kind

# Hears the date and how many days were lived; raises DayFailed where the life is to end.
Tell = Callable[[date, int], None]
BREAKS = "a break between the bank's statement and the books is open"


class DayFailed(Exception):
    """Day `number` of a life ended with what it must not: `on` is its date, `why` a sentence."""

    def __init__(self, number: int, on: date, why: str) -> None:
        """Keep what the command tells."""
        super().__init__(f"day {number} ({on.isoformat()}): {why}")
        self.number = number


@dataclass(frozen=True, kw_only=True)
class Life:
    """What a life is asked for by."""

    seed: int
    days: int
    of: int
    borrowers: int
    has_faults: bool

    def command(self, days: int) -> str:
        """Return the command that lives the first `days` of it."""
        faults = " --faults" if self.has_faults else ""
        planned = f" --of {self.of}" if self.of != days else ""
        return (
            f"rongqiao simulate --seed {self.seed} --days {days}{planned}"
            f" --borrowers {self.borrowers}{faults}"
        )


def failing(found: dict[str, Any]) -> tuple[str, ...]:
    """Return what a life ended with that it must not: the broken laws, and open breaks."""
    laws = tuple(law["law"] for law in found["laws"] if law["broken"])
    return (*laws, BREAKS) if found["breaks"]["open"] else laws


def watch_for(wrong: Iterable[str]) -> Tell:
    """Return what ends a life on the first day that ends with any of `wrong`.

    A law looks at all of the books: so watched, a long life takes a multiple of its time.
    """
    wanted = set(wrong)
    suspects = list(LAWS)

    def watch(on: date, done: int) -> None:
        for law in tuple(suspects):
            checked = law()
            if checked.law not in wanted:
                suspects.remove(law)
            elif checked.broken:
                raise DayFailed(done, on, f"{checked.law}; {'; '.join(checked.examples)}")
        if BREAKS in wanted and breaks_by_kind():
            raise DayFailed(done, on, BREAKS)

    return watch


def tell_shortest(life: Life, failed: DayFailed) -> None:
    """Say on which day the life failed first, and how to live it again up to there."""
    print(f"failed first on {failed}", file=sys.stderr)
    print(f"to see it again: {life.command(failed.number)}", file=sys.stderr)
