"""Judge a parked message of the bank again: what it contradicted may have changed."""

from __future__ import annotations

from dataclasses import dataclass

from rongqiao.money.payments.models.orders import BankMessage
from rongqiao.money.payments.operations.orders.settling import as_said, settle
from rongqiao.money.payments.operations.repair.steps import officer_with_reason
from rongqiao.money.payments.operations.two_people import NotOpen, refuse_own_affair
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class JudgeAgain:
    """Which message, and why again."""

    event_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class JudgedAgain:
    """The verdict now: settled, replayed, waiting, or `parked:<reason>`."""

    order_no: str
    verdict: str


@operation("payments.judge_again", restore=JudgedAgain)
def judge_again(command: JudgeAgain, call: Call) -> JudgedAgain:
    """Apply a parked message if it fits now; it is held to the same rules as when it came.

    Raises FinanceOfficerNeeded, ReasonNeeded, OwnAffair, NotOpen, NotFound, and of the ledger
    InsufficientFunds.
    """
    officer = officer_with_reason(command.reason, call)
    message = BankMessage.objects.select_related("order").filter(event_id=command.event_id).first()
    if message is None:
        raise NotFound(what="message")
    if message.order is not None and message.order.party_id is not None:
        refuse_own_affair(officer, message.order.party_id)
    if not message.verdict.startswith(("parked:", "waiting")):
        raise NotOpen(state=message.verdict)
    verdict = settle(as_said(message), message.event_id, call).verdict
    return JudgedAgain(order_no=message.order_no, verdict=verdict)
