"""Products and their versions: what is in force, what waits for a second person to publish it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rongqiao.lending.products.operations.publish_version import PublishVersion, publish_version
from rongqiao.lending.products.queries import list_versions
from rongqiao.policies.roles import Role
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.exports import csv_of, wants_csv
from rongqiao.web.frame.forms import KeyedForm, first_error


@staff(Role.OPERATOR)
def product_desk(request: HttpRequest) -> HttpResponse:
    """List every version of every product."""
    if wants_csv(request):
        return csv_of(
            "products",
            (_("产品"), _("版本"), _("状态"), _("发布日"), _("停用日")),
            (
                (one.code, one.number, one.state, one.published_on, one.withdrawn_on)
                for one in list_versions()
            ),
        )
    return _page(request)


@staff(Role.OPERATOR)
@require_POST
def publish(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Put a draft of somebody else's into force."""
    form = KeyedForm(request.POST)
    if form.is_valid():
        command = PublishVersion(version_id=version_id)
        if form.attempt(lambda: publish_version(command, form.call(request))) is not None:
            messages.success(request, _("已发布。"))
            return redirect("product-desk")
    return _page(request, error=first_error(form), status=422)


def _page(request: HttpRequest, error: str = "", status: int = 200) -> HttpResponse:
    me = f"user:{request.user.pk}"
    rows = [
        {"one": one, "is_mine": one.drafted_by == me, "form": KeyedForm()}
        for one in list_versions()
    ]
    context = {"desk": True, "rows": rows, "error": error}
    return render(request, "backoffice/products.html", context, status=status)
