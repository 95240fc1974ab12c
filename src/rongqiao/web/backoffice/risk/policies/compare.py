"""Two versions of a policy side by side: which rule, which cut-off, from what to what."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from rongqiao.platform import clock
from rongqiao.risk.queries.policies.documents import differences
from rongqiao.risk.queries.policies.versions import document_of, get_version, list_versions
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.risk.policies.words import difference_rows, policy_name
from rongqiao.web.backoffice.risk.rooms import POLICY_READERS, risk_room
from rongqiao.web.frame.access import staff


@staff(*POLICY_READERS)
def compare_page(request: HttpRequest, version_id: UUID, other_id: UUID) -> HttpResponse:
    """Show what the first version says otherwise than the other, older one."""
    on = clock.business_date()
    now, was = get_version(version_id, on), get_version(other_id, on)
    if now.code != was.code:
        raise Http404
    rows = difference_rows(differences(document_of(was.id), document_of(now.id)))
    table = Table(
        name=f"policy-{now.code}-{was.number}-{now.number}",
        title=_("版本比较"),
        facts=((_("从"), f"{was.number} {was.label}"), (_("到"), f"{now.number} {now.label}")),
        heads=(_("位置"), _("路径"), _("变化"), _("原来"), _("现在")),
        rows=lambda: (
            (row["where"], row["code"], row["kind"], row["was"], row["now"]) for row in rows
        ),
    )
    if file := download(request, table):
        return file
    context = risk_room(
        request,
        "policies",
        now=now,
        was=was,
        name=policy_name(now.code),
        changes=rows,
        versions=list_versions(now.code, on),
    )
    return render(request, "backoffice/risk/policies/compare.html", context)
