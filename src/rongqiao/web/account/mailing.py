"""How the log-in's own mails (codes) go out: queued like all others, brought by a job."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from typing_extensions import override

from rongqiao.engagement.notifications.operations.mails.queue_mail import QueueMail, queue_mail
from rongqiao.web.account.adapter import call_by


class QueueingBackend(BaseEmailBackend):
    """Django's door for mails: puts each in the queue, sealed, for every one of its addresses."""

    @override
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            for address in message.recipients():
                command = QueueMail(
                    address=address,
                    subject=str(message.subject),
                    text=str(message.body),
                    html=_html_of(message),
                )
                queue_mail(command, call_by(None))
        return len(email_messages)


def _html_of(message: EmailMessage) -> str:
    if not isinstance(message, EmailMultiAlternatives):
        return ""
    found = (part for part, kind in message.alternatives if kind == "text/html")
    return str(next(found, ""))
