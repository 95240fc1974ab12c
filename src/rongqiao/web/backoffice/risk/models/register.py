"""The register of scoring models: the list, one of them, and what two people do with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rongqiao.platform import clock
from rongqiao.policies.roles import Role
from rongqiao.risk.operations.modelling.deciding import LONGEST_REASON, ROLE
from rongqiao.risk.operations.modelling.propose_model import (
    LARGEST_BODY,
    ProposeModel,
    propose_model,
)
from rongqiao.risk.operations.modelling.release_model import ReleaseModel, release_model
from rongqiao.risk.operations.modelling.retire_model import RetireModel, retire_model
from rongqiao.risk.queries.modelling.registry import (
    ModelHead,
    ModelTampered,
    body_of,
    get_head,
    list_models,
    open_by_id,
)
from rongqiao.risk.queries.reading import CardView, card_view
from rongqiao.web.backoffice.finance.acts import (
    PlainForm,
    Refused,
    Verb,
    attempt,
    refusal_of,
    shown_verbs,
)
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.finance.words import officer, say
from rongqiao.web.backoffice.risk.models.words import (
    DIRECTIONS,
    KINDS,
    METRICS,
    STATES,
    TONES,
    bin_cells,
    decimal_of,
    figure,
    group_rows,
    has_curves,
    metric_rows,
    roc_chart,
    share,
)
from rongqiao.web.backoffice.risk.rooms import POLICY_READERS, risk_room
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.downloads import attachment
from rongqiao.web.frame.forms import DayField, KeyedForm, first_error
from rongqiao.web.frame.refusals import message_for


class ProposeForm(KeyedForm):
    """A sealed model file and the code it is to be a version of."""

    code = forms.CharField(
        label=gettext_lazy("代码"),
        max_length=40,
        help_text=gettext_lazy("小写字母、数字或连字符，例如 person-scorecard；同一代码依次编号"),
    )
    file = forms.FileField(
        label=gettext_lazy("模型文件"),
        help_text=gettext_lazy("rongqiao train 写出的 model.json 或 challenger.json，原样上传"),
    )
    reason = forms.CharField(
        label=gettext_lazy("理由"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean_file(self) -> str:
        """Return the file's text; a file that is no text is refused with a sentence."""
        given: UploadedFile[Any] = self.cleaned_data["file"]
        if (given.size or 0) > LARGEST_BODY:
            raise forms.ValidationError(
                _("模型文件太大：最多 %(allowed)s MB。") % {"allowed": LARGEST_BODY // 1024 // 1024}
            )
        try:
            return str(given.read(), "utf-8")
        except UnicodeDecodeError:
            raise forms.ValidationError(
                _("这个文件不是本系统认得的评分模型，请上传 model.json。")
            ) from None


class ReleaseForm(PlainForm):
    """The first day, and the hash that was read."""

    effective_on = DayField(label=gettext_lazy("自哪日起使用"))
    sha256 = forms.CharField(label="sha256", widget=forms.HiddenInput)


class RetireForm(KeyedForm):
    """The first day without the model, and why."""

    effective_on = DayField(label=gettext_lazy("自哪日起停用"))
    reason = forms.CharField(
        label=gettext_lazy("理由"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


VERBS = {
    "release": Verb(
        label=gettext_lazy("放行"),
        says=gettext_lazy("自生效日起可用于评分；放行前再核对一次 sha256。"),
        run=lambda pk, said, call: release_model(
            ReleaseModel(model_id=pk, sha256=said["sha256"], effective_on=said["effective_on"]),
            call,
        ),
        form=ReleaseForm,
        tone="primary",
    ),
    "retire": Verb(
        label=gettext_lazy("停用"),
        says=gettext_lazy("自该日起不再用于评分；模型文件与记录保留。"),
        run=lambda pk, said, call: retire_model(
            RetireModel(model_id=pk, effective_on=said["effective_on"], reason=said["reason"]),
            call,
        ),
        form=RetireForm,
        tone="error",
    ),
}


@staff(*POLICY_READERS)
def model_list(request: HttpRequest) -> HttpResponse:
    """List the models, newest first, and take another one."""
    may_propose = ROLE in roles_held(request)
    form = ProposeForm(request.POST or None, request.FILES or None) if may_propose else None
    if request.method == "POST":
        if form is None:
            raise Http404
        if form.is_valid():
            said = form.cleaned_data
            command = ProposeModel(code=said["code"], body=said["file"], reason=said["reason"])
            done = form.attempt(lambda: propose_model(command, form.call(request)))
            if done is not None:
                messages.success(request, _("模型已提交，等待另一位风控分析员放行。"))
                return redirect("model", done.model_id)
    models = list_models(clock.business_date())
    if file := download(request, _list_file(models)):
        return file
    said_form = form if form is not None and form.is_bound else None
    context = risk_room(
        request,
        "models",
        models=[_row(one) for one in models],
        form=form,
        is_open=said_form is not None,
        error=first_error(said_form) if said_form is not None else "",
        can_compare=len(models) > 1,
    )
    status = 422 if said_form is not None else 200
    return render(request, "backoffice/models/list.html", context, status=status)


@staff(*POLICY_READERS)
def model_page(request: HttpRequest, model_id: UUID) -> HttpResponse:
    """Show one model: its card, figures, groups and bins."""
    return _page(request, model_id)


@staff(Role.RISK_ANALYST, Role.AUDITOR)
def model_file(_request: HttpRequest, model_id: UUID) -> HttpResponse:
    """Give the model file as it was put forward, its seal checked."""
    head = get_head(model_id, clock.business_date())
    name = f"{head.code}-{head.number}.json"
    return attachment(body_of(model_id).encode(), name, "application/json")


@require_POST
@staff(Role.RISK_ANALYST)
def act(request: HttpRequest, model_id: UUID, verb: str) -> HttpResponse:
    """Release a model or retire it."""
    refused = attempt(request, VERBS, verb, model_id)
    if refused is None:
        messages.success(request, _("已办理。"))
        return redirect("model", model_id)
    return _page(request, model_id, refused)


def _page(request: HttpRequest, model_id: UUID, refused: Refused | None = None) -> HttpResponse:
    head = get_head(model_id, clock.business_date())
    view, alarm = None, ""
    try:
        view = card_view(open_by_id(model_id))
    except ModelTampered as broken:
        alarm = message_for(broken)
    if view is not None and (file := download(request, _bins_file(head, view))):
        return file
    fitting = _fitting(request, head) if view is not None else []
    shown = shown_verbs(
        VERBS, fitting, lambda verb: reverse("model-act", args=[model_id, verb]), refused
    )
    for one in shown:
        one["form"].initial |= {"effective_on": clock.business_date(), "sha256": head.sha256}
    context = risk_room(
        request,
        "models",
        head=head,
        row=_row(head),
        view=view,
        alarm=alarm,
        verbs=shown,
        error=refusal_of(refused, fitting),
        is_mine=head.state == "proposed" and head.proposed_by == f"user:{request.user.pk}",
        may_take_file=bool(roles_held(request) & {Role.RISK_ANALYST, Role.AUDITOR}),
        **(_told(view) if view is not None else {}),
    )
    status = 422 if refused else 409 if alarm else 200
    return render(request, "backoffice/models/model.html", context, status=status)


def _told(view: CardView) -> dict[str, Any]:
    return {
        "heads": list(METRICS.values()),
        "metrics": metric_rows(view.metrics),
        "groups": group_rows(view.metrics),
        "rate": share(view.rate),
        "chart": roc_chart([(view.kind, view.roc)]) if has_curves(view) else None,
        "calibration": [
            {
                "rows": int(one["rows"]),
                "expected": share(one["expected"]),
                "observed": share(one["observed"]),
                "between": f"{share(one['low'])} – {share(one['high'])}",
            }
            for one in view.calibration
        ],
        "characteristics": [
            {
                "one": one,
                "iv": figure(one.iv),
                "direction": say(DIRECTIONS, one.direction) if one.direction else "",
                "bins": [bin_cells(line) for line in one.bins],
            }
            for one in view.characteristics
        ],
    }


def _fitting(request: HttpRequest, head: ModelHead) -> list[str]:
    """Return the verbs that fit the model as it stands and the person who looks."""
    if ROLE not in roles_held(request) or head.retired_on is not None:
        return []
    is_mine = head.proposed_by == f"user:{request.user.pk}"
    return ["release", "retire"] if head.state == "proposed" and not is_mine else ["retire"]


def _row(one: ModelHead) -> dict[str, Any]:
    return {
        "one": one,
        "kind": say(KINDS, one.kind),
        "state": say(STATES, one.state),
        "tone": TONES.get(one.state, ""),
        "auc": "—" if one.auc is None else f"{one.auc:.3f}",
        "proposer": officer(one.proposed_by),
        "releaser": officer(one.released_by) if one.released_by else "",
        "retirer": officer(one.retired_by) if one.retired_by else "",
    }


def _list_file(models: Sequence[ModelHead]) -> Table:
    return Table(
        name="models",
        title=_("评分模型"),
        heads=(
            _("代码"),
            _("版本"),
            _("种类"),
            _("状态"),
            _("训练日期"),
            _("AUC"),
            _("样本行数"),
            _("提出人"),
            _("生效日"),
            _("停用日"),
            "sha256",
        ),
        rows=lambda: (
            (
                one.code,
                one.number,
                say(KINDS, one.kind),
                say(STATES, one.state),
                one.trained_on,
                one.auc,
                one.rows,
                officer(one.proposed_by),
                one.effective_on,
                one.retired_on,
                one.sha256,
            )
            for one in models
        ),
    )


def _bins_file(head: ModelHead, view: CardView) -> Table:
    def rows() -> Iterable[Sequence[Any]]:
        for each in view.characteristics:
            for line in each.bins:
                yield (
                    each.name,
                    decimal_of(each.iv),
                    line.text,
                    line.rows,
                    decimal_of(line.rate),
                    decimal_of(line.woe),
                    line.points,
                )

    return Table(
        name=f"model-{head.code}-{head.number}",
        title=_("评分模型"),
        facts=(
            (_("代码"), f"{head.code} {head.number}"),
            ("sha256", head.sha256),
            (_("训练日期"), head.trained_on),
        ),
        heads=(
            _("变量"),
            _("信息值"),
            _("分箱"),
            _("行数"),
            _("违约率"),
            "WOE",
            _("点数"),
        ),
        rows=rows,
    )
