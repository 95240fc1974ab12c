"""The town: a calendar of things to do, and what every borrower has come to so far."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar, get_type_hints
from uuid import UUID

from rongqiao.cli.simulate.custodian import Custodian
from rongqiao.cli.simulate.desk import Desk
from rongqiao.cli.simulate.people.profiles import Profile
from rongqiao.cli.simulate.staff import Staff
from rongqiao.platform.models import OperationRecord
from rongqiao.platform.operations import Call, restored
from rongqiao.platform.refusals import Refusal

Action = Callable[[], None]
C = TypeVar("C")
R = TypeVar("R", bound=Any)


class NeverHappened(Exception):
    """On an earlier day this was refused or not done; remembering does not make up for it."""


@dataclass
class Resident:
    """A borrower in the town: the profile, and the ids the platform gave."""

    profile: Profile
    party_id: UUID = field(default=UUID(int=0))
    bank_account_id: UUID = field(default=UUID(int=0))
    application_id: UUID = field(default=UUID(int=0))

    @property
    def user_id(self) -> UUID:
        """Return who acts."""
        return self.profile.person.user_id

    @property
    def name(self) -> str:
        """Return what keys of this borrower begin with."""
        return f"b{self.profile.number}"


@dataclass
class Town:
    """The calendar; actions of one day run in the order in which they were put down."""

    desk: Desk
    staff: Staff
    custodian: Custodian
    # The last day that is lived; nothing is put down for later.
    last: date
    # The business date an interrupted life goes on from; earlier days are remembered, not lived.
    resumed_on: date
    # The seed that what befalls loans is drawn from; None: nothing does but their instalments.
    fates: int | None = None
    calendar: dict[date, list[Action]] = field(default_factory=lambda: defaultdict(list))
    refused: Counter[str] = field(default_factory=Counter)
    residents: list[Resident] = field(default_factory=list)

    @property
    def is_remembering(self) -> bool:
        """Whether today was lived by an earlier run."""
        return self.desk.on < self.resumed_on

    def after(self, days: int, action: Action) -> None:
        """Put an action down, `days` from today."""
        self.on(self.desk.on + timedelta(days=days), action)

    def on(self, day: date, action: Action) -> None:
        """Put an action down for a day; one in the past is for today's remainder."""
        if day <= self.last:
            self.calendar[max(day, self.desk.on)].append(action)

    def live_today(self) -> None:
        """Do everything put down for today; the bank works, then what was put down meanwhile.

        An action that the platform refuses ends there; the refusal is counted by its code.
        """
        while todo := self.calendar.pop(self.desk.on, []):
            for action in todo:
                try:
                    action()
                except Refusal as refusal:
                    self.refused[refusal.code] += 1
                except NeverHappened:
                    continue
            if not self.is_remembering:
                self.custodian.work(self.desk)

    def do(self, operation: Callable[[C, Call], R], command: C, call: Call) -> R:
        """Run an operation, or take its answer from the record where it ran before.

        Raises NeverHappened for what an earlier day left undone, and what the operation raises.
        """
        if self.desk.on <= self.resumed_on:
            record = OperationRecord.objects.filter(actor=call.actor, key=call.key).first()
            if record is not None:
                assert record.result is not None
                found: R = restored(get_type_hints(operation)["return"], record.result)
                return found
            if self.is_remembering:
                raise NeverHappened
        return operation(command, call)
