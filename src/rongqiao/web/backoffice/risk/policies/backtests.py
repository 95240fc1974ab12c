"""Back-tests: asked for with what they rest on, watched while they run, read with charts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.finance.money import Money
from rongqiao.platform import clock
from rongqiao.risk.operations.policies.deciding import RELEASERS
from rongqiao.risk.operations.policies.request_backtest import (
    RequestBacktest,
    request_backtest,
)
from rongqiao.risk.queries.policies.backtests import BacktestView, get_backtest
from rongqiao.risk.queries.policies.drafts import get_draft
from rongqiao.risk.queries.policies.versions import get_version
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.finance.words import officer, say
from rongqiao.web.backoffice.risk.policies.overview import backtest_row
from rongqiao.web.backoffice.risk.policies.words import (
    ENDINGS,
    OUTCOMES,
    SIGNS,
    SOURCES,
    kept_text,
    policy_name,
    reason_words,
    subject_name,
)
from rongqiao.web.backoffice.risk.rooms import POLICY_READERS, risk_room
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.charts import Chart, Series, lines
from rongqiao.web.frame.forms import DayField, KeyedForm, MoneyField, PercentField
from rongqiao.web.templatetags.figures import percent

# A page shows so many changed cases; the file has all that are kept.
SHOWN = 50
LOOK_BACK_DAYS = 365
Result = dict[str, Any]


class AskForm(KeyedForm):
    """On which cases, and what the cases do not tell."""

    source = forms.ChoiceField(label=gettext_lazy("案例来源"), choices=list(SOURCES.items()))
    first = DayField(label=gettext_lazy("审批日自"))
    last = DayField(label=gettext_lazy("至"))
    loss_share = PercentField(
        label=gettext_lazy("违约损失率（%）"),
        help_text=gettext_lazy("账上没有实际损失的违约案例用"),
    )
    funding_rate = PercentField(label=gettext_lazy("资金成本（年，%）"))
    cost_each = MoneyField(
        label=gettext_lazy("每笔运营成本（元）"),
        least=Money(0),
        most=Money.yuan("1000000.00"),
    )
    reject_multiple = forms.DecimalField(
        label=gettext_lazy("未知案例最差为同分案例违约率的几倍"),
        min_value=Decimal(1),
        max_value=Decimal(10),
        decimal_places=2,
        help_text=gettext_lazy("只用于敏感性区间，不进入主要数字"),
    )

    def command(self, draft_id: UUID | None, version_id: UUID | None) -> RequestBacktest:
        """Return what the form asks for."""
        said = self.cleaned_data
        return RequestBacktest(
            draft_id=draft_id,
            version_id=version_id,
            source=said["source"],
            first=said["first"],
            last=said["last"],
            loss_share=said["loss_share"],
            funding_rate_annual=said["funding_rate"],
            cost_each=said["cost_each"],
            reject_multiple=said["reject_multiple"],
        )


@staff(*RELEASERS)
def try_draft(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Ask for a back-test of a draft as it stands."""
    draft, _document = get_draft(draft_id)
    told = {"title": _("草稿（修订 %(n)s）") % {"n": draft.revision}, "draft": draft}
    return _ask(request, draft.code, (draft_id, None), told)


@staff(*RELEASERS)
def try_version(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Ask for a back-test of a version."""
    view = get_version(version_id, clock.business_date())
    return _ask(request, view.code, (None, version_id), {"title": view.label, "version": view})


def _ask(
    request: HttpRequest,
    code: str,
    which: tuple[UUID | None, UUID | None],
    told: dict[str, Any],
) -> HttpResponse:
    on = clock.business_date()
    form = AskForm(
        request.POST or None,
        initial={
            "source": "platform",
            "first": on - timedelta(days=LOOK_BACK_DAYS),
            "last": on,
            "loss_share": Decimal("0.60"),
            "funding_rate": Decimal("0.04"),
            "cost_each": Money.yuan("100.00"),
            "reject_multiple": Decimal(2),
        },
    )
    if request.method == "POST" and form.is_valid():
        done = form.attempt(lambda: request_backtest(form.command(*which), form.call(request)))
        if done is not None:
            return redirect("policy-backtest", done.backtest_id)
    context = risk_room(request, "policies", form=form, code=code, name=policy_name(code), **told)
    status = 422 if form.is_bound else 200
    return render(request, "backoffice/risk/policies/ask.html", context, status=status)


@staff(*POLICY_READERS)
def backtest(request: HttpRequest, backtest_id: UUID) -> HttpResponse:
    """Show a back-test: how far it is, or what came out."""
    view, result = get_backtest(backtest_id)
    if result is not None and (file := _file(request, view, result)):
        return file
    context = risk_room(
        request,
        "policies",
        **backtest_row(view),
        view=view,
        name=policy_name(view.code),
        failure=_failure(view),
        caveat=kept_text(view.source),
        **(_shown(result) if result else {}),
    )
    return render(request, "backoffice/risk/policies/backtest.html", context)


@staff(*POLICY_READERS)
def stand(request: HttpRequest, backtest_id: UUID) -> HttpResponse:
    """Return how far a back-test is, for the page that waits; at the end a way to the result."""
    view, _result = get_backtest(backtest_id)
    context = {"one": view, "failure": _failure(view)}
    answer = render(request, "backoffice/risk/policies/parts/stand.html", context)
    if view.state in ("done", "failed"):
        answer["X-Final"] = "1"
    return answer


def _failure(view: BacktestView) -> str:
    if view.state != "failed":
        return ""
    if view.failure == "no-cases":
        return _("这段时间没有按这条策略审批过的申请。可以放宽日期，或改用公开样本。")
    if view.failure == "not-kept":
        return _("策略所用的模型或挑战者不在本平台，或已被改动，不能回测。")
    return view.failure


def _shown(result: Result) -> dict[str, Any]:
    whole = result["whole"]
    swaps = result["swaps"]
    return {
        "result": result,
        "given": result["assumptions"],
        "cost_each": Money(int(result["assumptions"]["cost_each_minor"])),
        "figures": [_figure_row(*row) for row in _figures(whole["current"], whole["candidate"])],
        "both": [whole["current"], whole["candidate"]],
        "swap_rows": _swap_rows(swaps),
        "listed_in": [_changed(one) for one in swaps["listed_in"][:SHOWN]],
        "listed_out": [_changed(one) for one in swaps["listed_out"][:SHOWN]],
        "months": _pairs(result["by_month"]) if len(result["by_month"]) > 1 else [],
        "grades": _pairs(result["by_grade"]),
        "curves": [_curve(n, one) for n, one in enumerate(result["curves"])],
        "month_chart": _month_chart(result["by_month"]) if len(result["by_month"]) > 1 else None,
    }


def _pairs(found: Sequence[Result]) -> list[Result]:
    """Return months or grades with their profits as people read them."""
    return [
        {
            "name": one["name"],
            **{
                side: {**one[side], "profit": _yuan(one[side]["profit"])}
                for side in ("current", "candidate")
            },
        }
        for one in found
    ]


def _figures(was: Result, now: Result) -> Iterable[tuple[str, str, Any, Any]]:
    """Return label, kind of figure and both values, line by line."""
    plan = (
        (_("通过"), "count", "approved"),
        (_("通过率"), "share", "approval_rate"),
        (_("转人工率"), "share", "referral_rate"),
        (_("拒绝率"), "share", "decline_rate"),
        (_("放贷率（含人工后放贷）"), "share", "accept_rate"),
        (_("其中结果已知"), "count", "known"),
        (_("违约率（结果已知）"), "share", "bad_rate"),
        (_("放贷金额（结果已知）"), "money", "amount"),
        (_("利息收入"), "money", "interest"),
        (_("费用收入"), "money", "fee"),
        (_("损失"), "money", "loss"),
        (_("资金与运营成本"), "money", "cost"),
        (_("利润"), "money", "profit"),
        (_("结果未知的放贷金额"), "money", "amount_unknown"),
    )
    for label, kind, name in plan:
        yield label, kind, was[name], now[name]
    for label, low, high in (
        (_("预期损失区间（含未知，敏感性）"), "loss_low", "loss_high"),
        (_("利润区间（含未知，敏感性）"), "profit_low", "profit_high"),
    ):
        pairs = [f"{_yuan(one['band'][low])} – {_yuan(one['band'][high])}" for one in (was, now)]
        yield label, "text", pairs[0], pairs[1]


def _figure_row(label: str, kind: str, was: Any, now: Any) -> dict[str, Any]:
    shown = _SHOWN[kind]
    change = ""
    if kind == "money":
        change = _yuan((Money.yuan(now) - Money.yuan(was)).text())
    elif kind == "count":
        change = f"{now - was:+,}"
    elif kind == "share" and was is not None and now is not None:
        points = (Decimal(now) - Decimal(was)) * 100
        change = _("%(points)s 个百分点") % {"points": f"{points:+.2f}"}
    return {"label": label, "was": shown(was), "now": shown(now), "change": change}


def _yuan(text: str) -> str:
    """Return decimal text in whole yuan: an estimate has no fen worth reading."""
    amount = Money.yuan(text)
    sign = "-" if amount.minor < 0 else ""
    return f"{sign}¥{abs(amount.minor) // 100:,}"


_SHOWN: dict[str, Callable[[Any], str]] = {
    "share": percent,
    "money": _yuan,
    "count": lambda count: f"{count:,}",
    "text": str,
}


def _swap_rows(swaps: Result) -> list[dict[str, Any]]:
    rows = (
        (_("换入：新策略放贷，现行不放"), swaps["swapped_in"]),
        (_("换出：现行放贷，新策略不放"), swaps["swapped_out"]),
        (_("两者都放贷"), swaps["both"]),
    )
    return [
        {
            "label": label,
            "cases": one["accepted"],
            "known": one["known"],
            "unknown": one["accepted"] - one["known"],
            "bad_rate": one["bad_rate"],
            "amount": _yuan(one["amount"]),
            "amount_unknown": _yuan(one["amount_unknown"]),
            "profit": _yuan(one["profit"]),
        }
        for label, one in rows
    ]


def _changed(one: Result) -> dict[str, Any]:
    return {
        "one": one,
        "was": say(OUTCOMES, one["was"]),
        "now": say(OUTCOMES, one["now"]),
        "ending": say(ENDINGS, one["outcome"]),
        "amount": _yuan(one["amount"]),
        "profit": _yuan(one["profit"]) if one["profit"] is not None else "—",
        "reason": reason_words(one["reason"]),
    }


def _curve(n: int, one: Result) -> dict[str, Any]:
    points = one["points"]
    subject = subject_name(one["subject"])
    label = _("%(subject)s%(sign)s…时%(outcome)s：放贷率与损失、利润") % {
        "subject": subject,
        "sign": say(SIGNS, one["sign"]),
        "outcome": say(OUTCOMES, one["outcome"]),
    }
    return {
        "one": one,
        "label": label,
        "subject": subject,
        "is_first": n == 0,
        "points": [
            {
                "one": point,
                "is_own": point["value"] == one["value"],
                "loss": _yuan(point["loss"]),
                "profit": _yuan(point["profit"]),
                "loss_high": _yuan(point["loss_high"]),
                "profit_low": _yuan(point["profit_low"]),
            }
            for point in points
        ],
        "chart": _curve_chart(n, label, points) if len(points) > 1 else None,
    }


def _curve_chart(n: int, label: str, points: Sequence[Result]) -> Chart:
    """Return loss and profit over the share let in, which is what a cut-off trades them for."""
    ordered = sorted(points, key=lambda one: Decimal(one["accept_rate"] or 0))
    return lines(
        f"curve-{n}",
        label,
        [percent(one["accept_rate"], 1) for one in ordered],
        [
            Series(_("损失（结果已知）"), [Money.yuan(one["loss"]).minor for one in ordered]),
            Series(
                _("损失上限（含未知）"), [Money.yuan(one["loss_high"]).minor for one in ordered]
            ),
            Series(_("利润（结果已知）"), [Money.yuan(one["profit"]).minor for one in ordered]),
        ],
    )


def _month_chart(months: Sequence[Result]) -> Chart:
    return lines(
        "months",
        _("各月利润：现行与新策略"),
        [one["name"] for one in months],
        [
            Series(label, [Money.yuan(one[side]["profit"]).minor for one in months])
            for label, side in ((_("现行"), "current"), (_("新策略"), "candidate"))
        ],
    )


def _file(request: HttpRequest, view: BacktestView, result: Result) -> HttpResponse | None:
    """Return the file that was asked for: the swap set, or with `table=curve` the what-if."""
    if request.GET.get("table") == "curve":
        return download(request, _curve_file(view, result))
    return download(request, _swap_file(view, result))


def _facts(view: BacktestView) -> Sequence[tuple[str, Any]]:
    return (
        (_("策略"), view.code),
        (_("现行版本"), f"{view.current_number} {view.current_label}"),
        (_("新策略"), view.candidate_sha256),
        (_("案例来源"), say(SOURCES, view.source)),
        (_("审批日"), f"{view.first} – {view.last}"),
        (_("提出人"), officer(view.asked_by)),
    )


def _swap_file(view: BacktestView, result: Result) -> Table:
    sides = ((_("换入"), "listed_in"), (_("换出"), "listed_out"))
    return Table(
        name=f"backtest-{view.code}-swap-set",
        title=_("换入换出名单"),
        facts=_facts(view),
        heads=(
            _("方向"),
            _("申请"),
            _("月份"),
            _("金额"),
            _("现行结论"),
            _("新结论"),
            _("现行等级"),
            _("新等级"),
            _("现行评分"),
            _("新评分"),
            _("原因"),
            _("结果"),
            _("利润"),
        ),
        rows=lambda: (
            (
                side,
                one["reference"],
                one["month"],
                Money.yuan(one["amount"]),
                say(OUTCOMES, one["was"]),
                say(OUTCOMES, one["now"]),
                one["was_grade"],
                one["now_grade"],
                one["was_score"],
                one["now_score"],
                one["reason"],
                say(ENDINGS, one["outcome"]),
                None if one["profit"] is None else Money.yuan(one["profit"]),
            )
            for side, name in sides
            for one in result["swaps"][name]
        ),
    )


def _curve_file(view: BacktestView, result: Result) -> Table:
    return Table(
        name=f"backtest-{view.code}-what-if",
        title=_("阈值推演"),
        facts=_facts(view),
        heads=(
            _("规则"),
            _("对象"),
            _("阈值"),
            _("放贷笔数"),
            _("放贷率"),
            _("违约率（结果已知）"),
            _("损失"),
            _("利润"),
            _("损失上限（含未知）"),
            _("利润下限（含未知）"),
        ),
        rows=lambda: (
            (
                curve["rule"],
                curve["subject"],
                Decimal(point["value"]),
                point["accepted"],
                point["accept_rate"],
                point["bad_rate"],
                Money.yuan(point["loss"]),
                Money.yuan(point["profit"]),
                Money.yuan(point["loss_high"]),
                Money.yuan(point["profit_low"]),
            )
            for curve in result["curves"]
            for point in curve["points"]
        ),
    )
