"""What others tell us, signed: the bank of its orders, the sources of answers that are ready."""

from __future__ import annotations

import logging

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from rongqiao.money.payments.operations.orders.take_callback import TakeCallback, take_callback
from rongqiao.money.payments.queries.bank_callbacks import BadCallback, verify_callback
from rongqiao.platform import clock
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Refusal
from rongqiao.risk.operations.inquiring.take_notice import TakeNotice, take_notice
from rongqiao.risk.queries.inquiring.asking import BadNotice, Signed, verify_notice

# Whoever cannot sign learns nothing of what was wrong; of a signed call the form is told.
UNSIGNED = frozenset({"size", "stale", "signature"})

_log = logging.getLogger(__name__)


@csrf_exempt  # The signature stands in for the form's token: no cookie is looked at here.
@require_POST
def bank_called(request: HttpRequest) -> JsonResponse:
    """Take a call of the bank: 401 not signed, 422 misshapen, 409 does not fit, 200 the verdict.

    A call that does not fit is kept all the same, so the bank need not repeat it.
    """
    try:
        told = verify_callback(
            secret=settings.BANK_CALLBACK_SECRET,
            timestamp=request.headers.get("x-timestamp", ""),
            signature=request.headers.get("x-signature", ""),
            path=request.path,
            body=request.body,
            now=clock.now(),
        )
    except BadCallback as error:
        # The reason alone: what an unknown caller wrote is not for our logs.
        _log.warning("a call to the bank's hook is refused: %s", error.reason)
        if error.reason in UNSIGNED:
            return JsonResponse({"error": "signature"}, status=401)
        return JsonResponse({"error": error.reason}, status=422)
    command = TakeCallback(
        event_id=told.event_id,
        order_no=told.order_no,
        state=told.state,
        amount=told.amount,
        currency=told.currency,
        bank_serial=told.bank_serial,
        reason=told.reason,
        settled_on=told.settled_on,
        returned_on=told.returned_on,
        return_serial=told.return_serial,
    )
    call = Call(
        actor="system:web.hooks",
        key=f"bank:{told.event_id}",
        at=clock.now(),
        on=clock.business_date(),
    )
    try:
        taken = take_callback(command, call)
    except Refusal as refusal:
        return JsonResponse({"error": refusal.code}, status=409)
    status = 409 if taken.verdict.startswith("parked:") else 200
    return JsonResponse({"event_id": taken.event_id, "verdict": taken.verdict}, status=status)


@csrf_exempt  # The signature stands in for the form's token: no cookie is looked at here.
@require_POST
def registries_told(request: HttpRequest) -> JsonResponse:
    """Take a source's notice that an answer is ready: 401 not signed, 422 misshapen, 200 taken.

    The notice carries no answer: that is fetched from the source, by the ticket it names.
    """
    notice = Signed(
        path=request.path,
        timestamp=request.headers.get("x-timestamp", ""),
        signature=request.headers.get("x-signature", ""),
        body=request.body,
    )
    try:
        ticket = verify_notice(settings.REGISTRIES_CALLBACK_SECRET, notice, clock.now())
    except BadNotice as error:
        _log.warning("a call to the sources' hook is refused: %s", error.reason)
        if error.reason in UNSIGNED:
            return JsonResponse({"error": "signature"}, status=401)
        return JsonResponse({"error": error.reason}, status=422)
    call = Call(
        actor="system:web.hooks",
        key=f"registries:{ticket}:{notice.timestamp}",
        at=clock.now(),
        on=clock.business_date(),
    )
    return JsonResponse({"is_awaited": take_notice(TakeNotice(ticket=ticket), call).is_awaited})
