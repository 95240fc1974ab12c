"""What the gateways of texts and mails tell us, signed: delivered, or failed."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from rongqiao.engagement.notifications.operations.mails.record_mail import RecordMail, record_mail
from rongqiao.parties.operations.phones.record_sms import RecordSms, record_sms
from rongqiao.platform import clock
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import NotFound

FRESH_SECONDS = 300
LARGEST_BODY = 4096


@csrf_exempt  # The signature stands in for the form's token: no cookie is looked at here.
@require_POST
def sms_delivered(request: HttpRequest) -> JsonResponse:
    """Record a delivery; a repeated or late call changes nothing."""
    content = request.body
    if len(content) > LARGEST_BODY or not _is_signed(request, content, settings.SMS_GATEWAY_SECRET):
        return JsonResponse({"error": "signature"}, status=401)
    try:
        told = json.loads(content)
        command = RecordSms(
            message_id=UUID(told["id"]),
            state={"delivered": "delivered", "failed": "failed"}[told["state"]],
            gateway_number=_number(told),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return JsonResponse({"error": "message"}, status=422)
    call = Call(
        actor="system:web.hooks",
        key=f"sms:{command.message_id}:{command.state}",
        at=clock.now(),
        on=clock.business_date(),
    )
    try:
        recorded = record_sms(command, call)
    except NotFound:
        return JsonResponse({"error": "unknown"}, status=404)
    return JsonResponse({"state": recorded.state})


@csrf_exempt
@require_POST
def mail_told(request: HttpRequest) -> JsonResponse:
    """Record a delivery or a bounce; a repeated or late call changes nothing."""
    content = request.body
    is_ours = _is_signed(request, content, settings.MAIL_GATEWAY_SECRET)
    if len(content) > LARGEST_BODY or not is_ours:
        return JsonResponse({"error": "signature"}, status=401)
    try:
        told = json.loads(content)
        command = RecordMail(
            mail_id=UUID(told["id"]),
            # A full mailbox or a busy server passes: only a bounce for good counts as one.
            state={"delivered:": "delivered", "bounced:hard": "bounced", "bounced:soft": "failed"}[
                f"{told['state']}:{told.get('kind', '')}"
            ],
            gateway_number=_number(told),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return JsonResponse({"error": "mail"}, status=422)
    call = Call(
        actor="system:web.hooks",
        key=f"mail:{command.mail_id}:{command.state}",
        at=clock.now(),
        on=clock.business_date(),
    )
    try:
        recorded = record_mail(command, call)
    except NotFound:
        return JsonResponse({"error": "unknown"}, status=404)
    return JsonResponse({"state": recorded.state})


def _number(told: dict[str, Any]) -> str:
    """Return the gateway's number; raises ValueError for what no table can keep."""
    number = str(told.get("number", ""))[:64]
    if not number.isprintable():
        raise ValueError("number")
    return number


def _is_signed(request: HttpRequest, content: bytes, secret: str) -> bool:
    timestamp = request.headers.get("x-timestamp", "")
    # Freshness is a matter of the machines' time, also where business time is simulated.
    now = clock.MachineClock().now().timestamp()
    is_number = timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12
    if not is_number or abs(now - int(timestamp)) > FRESH_SECONDS:
        return False
    message = f"{timestamp}\n{request.path}\n".encode() + content
    expected = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    return hmac.compare_digest(
        expected.encode(), request.headers.get("x-signature", "").encode("utf-8", "replace")
    )
