"""Reports to the authority: what is due, the file, the receipt."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.parties.queries import get_identity, get_parties
from rongqiao.platform import clock
from rongqiao.policies.masking import mask_number
from rongqiao.risk.operations.laundering.file_report import (
    LONGEST_RECEIPT,
    FileReport,
    file_report,
)
from rongqiao.risk.queries.laundering.cases import (
    PAGE,
    ReportView,
    count_reports,
    get_report,
    list_reports,
    overdue_reports,
)
from rongqiao.risk.queries.laundering.files import DEADLINES, report_csv, report_xml
from rongqiao.web.backoffice.finance.acts import Refused, Verb, attempt, refusal_of, shown_verbs
from rongqiao.web.backoffice.finance.tables import MOST_ROWS, Table, download
from rongqiao.web.backoffice.finance.words import officer, say
from rongqiao.web.backoffice.risk.laundering.wall import (
    compliance_only,
    frame,
    keep_from_own,
    own_parties,
    page_number,
)
from rongqiao.web.backoffice.risk.laundering.words import (
    FEATURES,
    REPORT_KINDS,
    REPORT_STATES,
    TONES,
)
from rongqiao.web.frame.downloads import attachment
from rongqiao.web.frame.exports import too_long
from rongqiao.web.frame.forms import KeyedForm


class ReceiptForm(KeyedForm):
    """The authority's receipt."""

    receipt = forms.CharField(label=gettext_lazy("回执编号"), max_length=LONGEST_RECEIPT)


VERBS = {
    "file": Verb(
        label=gettext_lazy("登记报送"),
        says=gettext_lazy("文件已经报送，登记监测分析中心的回执编号；不能更改。"),
        run=lambda pk, said, call: file_report(
            FileReport(report_id=pk, receipt=said["receipt"]), call
        ),
        form=ReceiptForm,
        tone="primary",
    ),
}


@compliance_only()
def report_list(request: HttpRequest) -> HttpResponse:
    """List reports, what is due first at the top."""
    state = request.GET.get("state", "prepared")
    state = state if state in REPORT_STATES else "prepared"
    aside = own_parties(request)
    total = count_reports(state=state, aside=aside)
    if request.GET.get("format"):
        long = too_long(request, total)
        if long is not None:
            return long
        file = download(request, _file(state, aside))
        if file is not None:
            return file
    after, on = page_number(request), clock.business_date()
    context = frame(
        request,
        "laundering-reports",
        rows=_shown(list_reports(state=state, aside=aside, after=after)),
        state=state,
        states=list(REPORT_STATES.items()),
        total=total,
        after=after,
        following=after + PAGE if after + PAGE < total else None,
        late=overdue_reports(on, aside),
        deadlines=DEADLINES,
    )
    return render(request, "backoffice/laundering/reports.html", context)


@compliance_only()
def report_page(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Show a report, or give its file (`?format=xml` or `csv`)."""
    wanted = request.GET.get("format")
    if wanted is None:
        return _page(request, report_id)
    if wanted not in ("xml", "csv"):
        raise Http404
    view, _content = get_report(report_id)
    keep_from_own(request, view.party_id)
    party = get_identity(view.party_id, clock.business_date())
    if wanted == "xml":
        content = report_xml(report_id, party)
        return attachment(content, f"{view.number}.xml", "application/xml; charset=utf-8")
    text = "\ufeff" + report_csv(report_id, party)
    return attachment(text.encode(), f"{view.number}.csv", "text/csv; charset=utf-8")


@compliance_only("POST")
def act(request: HttpRequest, report_id: UUID, verb: str) -> HttpResponse:
    """Note that the report was filed."""
    refused = attempt(request, VERBS, verb, report_id)
    if refused is None:
        messages.success(request, _("已登记报送。"))
        return redirect("laundering-report", report_id)
    return _page(request, report_id, refused)


def _page(request: HttpRequest, report_id: UUID, refused: Refused | None = None) -> HttpResponse:
    view, content = get_report(report_id)
    keep_from_own(request, view.party_id)
    party = get_identity(view.party_id, clock.business_date())
    fitting = ["file"] if view.state == "prepared" else []
    context = frame(
        request,
        "laundering-reports",
        report=view,
        content=content,
        kind=say(REPORT_KINDS, view.kind),
        state=say(REPORT_STATES, view.state),
        tone=TONES[view.state],
        feature=say(FEATURES, view.feature) if view.feature else "",
        party=party,
        number=mask_number(party.number),
        filer=officer(view.filed_by) if view.filed_by else "",
        deadlines=DEADLINES,
        verbs=shown_verbs(
            VERBS,
            fitting,
            lambda verb: reverse("laundering-report-act", args=[report_id, verb]),
            refused,
        ),
        error=refusal_of(refused, fitting),
    )
    status = 422 if refused else 200
    return render(request, "backoffice/laundering/report.html", context, status=status)


def _shown(rows: tuple[ReportView, ...]) -> list[dict[str, Any]]:
    parties = get_parties({one.party_id for one in rows})
    return [
        {
            "one": one,
            "kind": say(REPORT_KINDS, one.kind),
            "feature": say(FEATURES, one.feature) if one.feature else "",
            "party": parties[one.party_id].name if one.party_id in parties else "—",
            "is_late": one.state == "prepared" and one.due_on < clock.business_date(),
        }
        for one in rows
    ]


def _file(state: str, aside: frozenset[UUID]) -> Table:
    return Table(
        name="laundering-reports",
        title=_("反洗钱报告"),
        heads=(
            _("编号"),
            _("类型"),
            _("特征"),
            _("客户"),
            _("发生日"),
            _("金额"),
            _("笔数"),
            _("期限"),
            _("回执编号"),
        ),
        rows=lambda: (
            (
                row["one"].number,
                row["kind"],
                row["feature"],
                row["party"],
                row["one"].happened_on,
                row["one"].amount,
                row["one"].movements,
                row["one"].due_on,
                row["one"].receipt,
            )
            for row in _shown(list_reports(state=state, aside=aside, limit=MOST_ROWS))
        ),
    )
