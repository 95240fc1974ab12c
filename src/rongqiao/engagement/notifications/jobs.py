"""Clock- and queue-driven entries: remind of what falls due, by day; bring mails on their way."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings

from rongqiao.engagement.notifications.gateways.mail import (
    HttpMailGateway,
    MailGateway,
    Rejected,
    Unreachable,
)
from rongqiao.engagement.notifications.models import MailState
from rongqiao.engagement.notifications.operations.end_reminding import (
    EndReminding,
    end_reminding,
)
from rongqiao.engagement.notifications.operations.mails.record_mail import RecordMail, record_mail
from rongqiao.engagement.notifications.operations.tell import Tell, tell
from rongqiao.engagement.notifications.queries import (
    OutgoingMail,
    get_outgoing_mail,
    is_reminded,
    list_left_behind,
    list_unsettled,
    mail_target_of,
)
from rongqiao.lending.servicing.queries.collecting.cases import complaining_parties
from rongqiao.lending.servicing.queries.daily import DueLoan, list_dues
from rongqiao.platform import clock
from rongqiao.platform.jobs import job
from rongqiao.platform.operations import Call
from rongqiao.policies.contact import CHINA

_log = logging.getLogger(__name__)

ACTOR = "system:notifications.jobs"
# Days from the business date to the due date; those after it are of loans still unpaid.
DAYS = {3: "due-soon", 1: "due-soon", 0: "due-today", -1: "overdue", -3: "overdue", -7: "overdue"}
# Texts go out when people are up: earlier than the rules' quiet hours begin, later than they end.
FROM_HOUR, TO_HOUR = 9, 21
# A code is over in minutes; a reminder of hours ago may be of what is paid by now.
CODE_WORTH_SENDING, NOTICE_WORTH_SENDING = timedelta(minutes=15), timedelta(hours=4)
# The queue's own tries end after six minutes; the provider tells most fates within seconds.
LEFT_BEHIND, UNTOLD, ASKED_AT_MOST = timedelta(minutes=10), timedelta(minutes=5), timedelta(days=3)
CHASED_AT_ONCE = 200


def remind(on: date) -> int:
    """Remind of what falls due around business date `on`, in daytime; return how many were told.

    Once a day: run again it changes nothing, stopped midway it goes on where it was.
    """
    if not _is_daytime() or is_reminded(on):
        return 0
    told, complaining = 0, complaining_parties()
    for days, kind in DAYS.items():
        for due in list_dues(on + timedelta(days=days)):
            # Who complained of collectors is not written to either; the site still says it.
            is_quiet = kind == "overdue" and due.party_id in complaining
            told += _remind(due, kind, on, is_quiet=is_quiet)
    end_reminding(EndReminding(told=told), _call(on, "end"))
    return told


@job("notifications.send_mail")
def send_mail(mail_id: str) -> None:
    """Hand one mail to the provider, outside any transaction.

    Unreachable is tried again while the mail is worth anything. What no longer is, is not sent;
    nor where the address is proved no more, or its user wants none by now.
    """
    mail = get_outgoing_mail(UUID(mail_id))
    if mail is None:
        return
    number, state = "", MailState.FAILED
    if _is_worth_sending(mail) and _is_welcome(mail):
        try:
            number, state = gateway().send(mail), MailState.SENT
        except Rejected:
            state = MailState.FAILED
    _record(mail.id, state, number)


def chase_mails() -> int:
    """Send what was left behind, and ask the provider what became of the rest; return how many.

    A lost answer or a lost call of the provider's is made up for here. The first time that the
    provider cannot be reached ends the round.
    """
    now, done = clock.now(), 0
    try:
        if _is_daytime():
            for mail_id in list_left_behind(now - LEFT_BEHIND, CHASED_AT_ONCE):
                send_mail(str(mail_id))
                done += 1
        for mail_id in list_unsettled(now - ASKED_AT_MOST, now - UNTOLD, CHASED_AT_ONCE):
            _settle(mail_id)
            done += 1
    except Unreachable:
        _log.warning("the mail provider does not answer; what is left waits for the next round")
    return done


def gateway() -> MailGateway:
    """Return the provider that the installation names."""
    return HttpMailGateway(settings.MAIL_GATEWAY_URL, settings.MAIL_GATEWAY_SECRET)


def _settle(mail_id: UUID) -> None:
    fate = gateway().ask(mail_id)
    if fate is None:
        _record(mail_id, MailState.FAILED, "")
    elif fate.state == "bounced":
        _record(mail_id, MailState.BOUNCED if fate.is_hard else MailState.FAILED, "")
    else:
        is_there = fate.state == "delivered"
        _record(mail_id, MailState.DELIVERED if is_there else MailState.SENT, "")


def _record(mail_id: UUID, state: MailState, number: str) -> None:
    at = clock.now()
    key = f"mail:{mail_id}:{state}:{at.isoformat()}"
    call = Call(actor=ACTOR, key=key, at=at, on=clock.business_date())
    record_mail(RecordMail(mail_id=mail_id, state=state, gateway_number=number), call)


def _is_worth_sending(mail: OutgoingMail) -> bool:
    worth = CODE_WORTH_SENDING if mail.user_id is None else NOTICE_WORTH_SENDING
    return clock.now() - mail.queued_at < worth


def _is_welcome(mail: OutgoingMail) -> bool:
    if mail.user_id is None:
        return True
    target = mail_target_of(mail.user_id)
    return target is not None and target.address == mail.address


def _is_daytime() -> bool:
    return FROM_HOUR <= clock.now().astimezone(CHINA).hour < TO_HOUR


def _remind(due: DueLoan, kind: str, on: date, *, is_quiet: bool) -> int:
    subject = f"due:{due.loan_id}:{due.due_on.isoformat()}:{(due.due_on - on).days}"
    facts = {
        "number": due.number,
        "due_on": due.due_on.isoformat(),
        "amount": due.amount.text(),
        "loan_id": str(due.loan_id),
    }
    command = Tell(
        party_id=due.party_id, kind=kind, subject=subject, facts=facts, is_on_site_only=is_quiet
    )
    return tell(command, _call(on, subject)).users


def _call(on: date, what: str) -> Call:
    return Call(actor=ACTOR, key=f"remind:{on.isoformat()}:{what}", at=clock.now(), on=on)
