"""Clock-driven entries: remind borrowers of what falls due, by day."""

from __future__ import annotations

from datetime import date, timedelta

from rongqiao.engagement.notifications.operations.end_reminding import (
    EndReminding,
    end_reminding,
)
from rongqiao.engagement.notifications.operations.tell import Tell, tell
from rongqiao.engagement.notifications.queries import is_reminded
from rongqiao.lending.servicing.queries.daily import DueLoan, list_dues
from rongqiao.platform import clock
from rongqiao.platform.operations import Call
from rongqiao.policies.contact import CHINA

ACTOR = "system:notifications.jobs"
# Days from the business date to the due date; those after it are of loans still unpaid.
DAYS = {3: "due-soon", 1: "due-soon", 0: "due-today", -1: "overdue", -3: "overdue", -7: "overdue"}
# Texts go out when people are up: earlier than the rules' quiet hours begin, later than they end.
FROM_HOUR, TO_HOUR = 9, 21


def remind(on: date) -> int:
    """Remind of what falls due around business date `on`, in daytime; return how many were told.

    Once a day: run again it changes nothing, stopped midway it goes on where it was.
    """
    now = clock.now()
    if not FROM_HOUR <= now.astimezone(CHINA).hour < TO_HOUR or is_reminded(on):
        return 0
    told = 0
    for days, kind in DAYS.items():
        for due in list_dues(on + timedelta(days=days)):
            told += _remind(due, kind, on)
    end_reminding(EndReminding(told=told), _call(on, "end"))
    return told


def _remind(due: DueLoan, kind: str, on: date) -> int:
    subject = f"due:{due.loan_id}:{due.due_on.isoformat()}:{(due.due_on - on).days}"
    facts = {
        "number": due.number,
        "due_on": due.due_on.isoformat(),
        "amount": due.amount.text(),
        "loan_id": str(due.loan_id),
    }
    command = Tell(party_id=due.party_id, kind=kind, subject=subject, facts=facts)
    return tell(command, _call(on, subject)).users


def _call(on: date, what: str) -> Call:
    return Call(actor=ACTOR, key=f"remind:{on.isoformat()}:{what}", at=clock.now(), on=on)
