"""The repair desk: what is half known, since when and why, and the guided steps out of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rongqiao.money.ledger.operations.upkeep.release_expired_holds import (
    ReleaseExpiredHolds,
    release_expired_holds,
)
from rongqiao.money.payments.operations.repair.ask_bank_now import AskBankNow, ask_bank_now
from rongqiao.money.payments.operations.repair.bind_card_again import (
    BindCardAgain,
    bind_card_again,
)
from rongqiao.money.payments.operations.repair.close_at_bank import CloseAtBank, close_at_bank
from rongqiao.money.payments.operations.repair.fetch_statement_now import (
    FetchStatementNow,
    fetch_statement_now,
)
from rongqiao.money.payments.operations.repair.judge_again import JudgeAgain, judge_again
from rongqiao.money.payments.operations.repair.run_job_again import RunJobAgain, run_job_again
from rongqiao.money.payments.operations.repair.send_again import SendAgain, send_again
from rongqiao.money.payments.operations.repair.unpark_event import UnparkEvent, unpark_event
from rongqiao.money.payments.queries.repair import (
    ASK,
    BIND,
    CLOSE,
    FETCH,
    JUDGE,
    RELEASE,
    RUN,
    SEND,
    UNPARK,
    HalfKnown,
    list_half_known,
)
from rongqiao.platform import clock
from rongqiao.policies.roles import Role
from rongqiao.web.backoffice.finance.acts import (
    PlainForm,
    ReasonForm,
    Refused,
    Verb,
    attempt,
    refusal_of,
    shown_verbs,
)
from rongqiao.web.backoffice.finance.bank.words import HALF_KNOWN, WHY
from rongqiao.web.backoffice.finance.rooms import MONEY, READERS, acts, room
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.finance.words import say
from rongqiao.web.frame.access import looked_for, staff

VERBS = {
    ASK: Verb(
        label=gettext_lazy("现在问银行"),
        says=gettext_lazy(
            "立即向银行查询这笔指令；银行怎么答就怎么入账，银行没有见过就用同一编号再送。"
        ),
        run=lambda about, said, call: ask_bank_now(
            AskBankNow(order_id=UUID(about), reason=said["reason"]), call
        ),
        form=ReasonForm,
        tone="primary",
    ),
    SEND: Verb(
        label=gettext_lazy("再次发送"),
        says=gettext_lazy("把没有发出的指令重新排队；编号不变，银行只会办一次。"),
        run=lambda about, said, call: send_again(
            SendAgain(order_id=UUID(about), reason=said["reason"]), call
        ),
        form=ReasonForm,
        tone="primary",
    ),
    CLOSE: Verb(
        label=gettext_lazy("在银行关闭"),
        says=gettext_lazy("请银行关闭这个编号，以后不能再付；银行若已办成，按已办成入账。"),
        run=lambda about, said, call: close_at_bank(
            CloseAtBank(order_id=UUID(about), reason=said["reason"]), call
        ),
        form=ReasonForm,
        tone="error",
    ),
    JUDGE: Verb(
        label=gettext_lazy("重新判断"),
        says=gettext_lazy("按现在的状态重新判断这条银行通知；仍有矛盾就继续搁置。"),
        run=lambda about, said, call: judge_again(
            JudgeAgain(event_id=about, reason=said["reason"]), call
        ),
        form=ReasonForm,
        tone="primary",
    ),
    UNPARK: Verb(
        label=gettext_lazy("重新投递"),
        says=gettext_lazy("原因消除后，重新投递这个内部事件；已办过的不会再办。"),
        run=lambda about, said, call: unpark_event(
            UnparkEvent(event_id=int(about), reason=said["reason"]), call
        ),
        form=ReasonForm,
        tone="primary",
    ),
    RUN: Verb(
        label=gettext_lazy("再试一次"),
        says=gettext_lazy("把失败的任务重新排队；已办过的不会再办。"),
        run=lambda about, said, call: run_job_again(
            RunJobAgain(job_id=int(about), reason=said["reason"]), call
        ),
        form=ReasonForm,
        tone="primary",
    ),
    BIND: Verb(
        label=gettext_lazy("再次请求绑卡"),
        says=gettext_lazy("重新请银行绑定这张卡。"),
        run=lambda about, said, call: bind_card_again(
            BindCardAgain(bank_account_id=UUID(about), reason=said["reason"]), call
        ),
        form=ReasonForm,
        tone="primary",
    ),
    FETCH: Verb(
        label=gettext_lazy("向银行取对账单"),
        says=gettext_lazy("排队向银行取这一天的文件，取到后自动对账。"),
        run=lambda about, said, call: fetch_statement_now(
            FetchStatementNow(day=date.fromisoformat(about), reason=said["reason"]), call
        ),
        form=ReasonForm,
        tone="primary",
    ),
    RELEASE: Verb(
        label=gettext_lazy("释放过期冻结"),
        says=gettext_lazy("释放已过有效期的冻结；按数据库的时间判断。"),
        run=lambda _about, _said, call: release_expired_holds(ReleaseExpiredHolds(), call),
        form=PlainForm,
        tone="primary",
    ),
}
# Doors to the thing itself, by the kind of it.
DOORS = {"order-unknown": "order-desk", "order-sent": "order-desk", "order-not-sent": "order-desk"}


@staff(*READERS)
def repair_desk(request: HttpRequest) -> HttpResponse:
    """List everything half known, the oldest first, each with its steps."""
    return _page(request)


@staff(Role.FINANCE)
@require_POST
def act(request: HttpRequest, verb: str) -> HttpResponse:
    """Take one guided step with what `about` names; it has to be on the list for that step."""
    about = looked_for(request, "about")
    if not any(verb in one.steps and one.reference == about for one in _stuck()):
        raise Http404
    refused = attempt(request, VERBS, verb, about)
    if refused is None:
        messages.success(request, _("已办理，结果稍后可见。"))
        return redirect("repair")
    return _page(request, about, refused)


def _stuck() -> tuple[HalfKnown, ...]:
    return list_half_known(clock.now(), clock.business_date())


def _page(request: HttpRequest, about: str = "", refused: Refused | None = None) -> HttpResponse:
    found = _stuck()
    table = Table(
        name="half-known",
        title=_("修复台"),
        heads=(_("类型"), _("编号"), _("自"), _("秒"), _("原因")),
        rows=lambda: _rows(found),
    )
    if file := download(request, table):
        return file
    still_there = {one.reference for one in found}
    context = room(
        request,
        MONEY,
        "repair",
        rows=[_shown(request, one, refused if one.reference == about else None) for one in found],
        error=refusal_of(refused, VERBS if about in still_there else ()),
    )
    status = 422 if refused else 200
    return render(request, "backoffice/finance/bank/repair.html", context, status=status)


def _shown(request: HttpRequest, one: HalfKnown, refused: Refused | None) -> dict[str, Any]:
    steps = [step for step in one.steps if step in VERBS] if acts(request) else []
    door = DOORS.get(one.kind)
    return {
        "one": one,
        "kind": say(HALF_KNOWN, one.kind),
        "why": say(WHY, one.why),
        "age": _age(one.age_seconds),
        "door": reverse(door, args=[one.reference]) if door else "",
        "verbs": shown_verbs(
            VERBS,
            steps,
            lambda verb: (
                f"{reverse('repair-act', args=[verb])}?{urlencode({'about': one.reference})}"
            ),
            refused,
            mark=f"-{one.kind}-{one.reference}",
        ),
    }


def _age(seconds: int) -> str:
    """Return an age as people say it: days, hours or minutes, the largest that fits."""
    if seconds >= 86_400:
        return _("%(n)s 天") % {"n": seconds // 86_400}
    if seconds >= 3_600:
        return _("%(n)s 小时") % {"n": seconds // 3_600}
    return _("%(n)s 分钟") % {"n": seconds // 60}


def _rows(found: Iterable[HalfKnown]) -> Iterable[tuple[Any, ...]]:
    return (
        (say(HALF_KNOWN, one.kind), one.number, one.since, one.age_seconds, say(WHY, one.why))
        for one in found
    )
