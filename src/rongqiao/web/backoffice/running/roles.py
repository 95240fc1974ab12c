"""Who may do what: one administrator proposes, another confirms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rongqiao.parties.operations.staff.confirm_role import ConfirmRole, confirm_role
from rongqiao.parties.operations.staff.propose_role import ProposeRole, propose_role
from rongqiao.parties.operations.staff.revoke_role import RevokeRole, revoke_role
from rongqiao.parties.queries import GrantView, find_user_by_phone, list_grants
from rongqiao.parties.queries.phones import masked_phones_of
from rongqiao.policies.roles import Role
from rongqiao.web.backoffice.finance.tables import MOST_ROWS, Table, download
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.exports import too_long
from rongqiao.web.frame.forms import KeyedForm, first_error
from rongqiao.web.templatetags.figures import masked

NAMES = {
    Role.REVIEWER: gettext_lazy("初审"),
    Role.APPROVER: gettext_lazy("复审"),
    Role.COLLECTOR: gettext_lazy("催收"),
    Role.FINANCE: gettext_lazy("财务"),
    Role.RISK_ANALYST: gettext_lazy("风险分析"),
    Role.COMPLIANCE_OFFICER: gettext_lazy("合规"),
    Role.SUPPORT: gettext_lazy("客服"),
    Role.CONTENT_EDITOR: gettext_lazy("内容编辑"),
    Role.OPERATOR: gettext_lazy("运营"),
    Role.ADMINISTRATOR: gettext_lazy("管理员"),
    Role.AUDITOR: gettext_lazy("审计"),
    Role.REGULATOR: gettext_lazy("监管（只读）"),
    Role.INSTITUTION_OFFICER: gettext_lazy("机构人员"),
}
STATES = {
    "proposed": gettext_lazy("待确认"),
    "confirmed": gettext_lazy("有效"),
    "declined": gettext_lazy("未同意"),
    "revoked": gettext_lazy("已收回"),
}


class ProposeForm(KeyedForm):
    """Which role for the owner of a phone number."""

    phone = forms.CharField(label=gettext_lazy("员工手机号"), max_length=20)
    role = forms.ChoiceField(label=gettext_lazy("角色"), choices=list(NAMES.items()))

    def clean_phone(self) -> UUID:
        """Return the user behind the number."""
        text = self.cleaned_data["phone"]
        user = find_user_by_phone(text)
        if user is None:
            raise forms.ValidationError(
                _("「%(value)s」没有对应的已验证账号，请本人先注册并验证手机号。") % {"value": text}
            )
        return user


@staff(Role.ADMINISTRATOR)
def roles_desk(request: HttpRequest) -> HttpResponse:
    """List roles in force and proposed, as a page or a file; propose one."""
    if request.method == "GET" and (file := _file(request)) is not None:
        return file
    form = ProposeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        command = ProposeRole(user_id=said["phone"], role=Role(said["role"]))
        if form.attempt(lambda: propose_role(command, form.call(request))) is not None:
            messages.success(request, _("已提议，等待另一位管理员确认。"))
            return redirect("roles-desk")
    return _page(request, form, status=422 if request.method == "POST" else 200)


@staff(Role.ADMINISTRATOR)
@require_POST
def decide(request: HttpRequest, grant_id: UUID, verb: str) -> HttpResponse:
    """Confirm or decline a proposal, or take a role away."""
    grant = next((one for one in list_grants() if one.id == grant_id), None)
    if grant is None or verb not in {"confirm", "decline", "revoke"}:
        raise Http404
    form = KeyedForm(request.POST)
    done: Any = None
    if form.is_valid():
        call = form.call(request)
        if verb == "revoke":
            taken = RevokeRole(user_id=grant.user_id, role=grant.role)
            done = form.attempt(lambda: revoke_role(taken, call))
        else:
            word = ConfirmRole(grant_id=grant_id, is_confirmed=verb == "confirm")
            done = form.attempt(lambda: confirm_role(word, call))
    if done is not None:
        messages.success(request, _("已办理。"))
        return redirect("roles-desk")
    return _page(request, ProposeForm(), first_error(form), status=422)


def _file(request: HttpRequest) -> HttpResponse | None:
    """Return every grant as the file that was asked for; None where it was the page."""
    if not request.GET.get("format"):
        return None
    grants = list_grants(most=MOST_ROWS + 1)
    if (answer := too_long(request, len(grants))) is not None:
        return answer
    table = Table(
        name="roles",
        title=_("角色"),
        heads=(_("员工"), _("角色"), _("提议时间"), _("状态")),
        rows=lambda: (
            (phone, NAMES[one.role], one.proposed_at, STATES[one.state])
            for one, phone in _with_phones(grants)
        ),
    )
    return download(request, table)


def _with_phones(grants: tuple[GrantView, ...]) -> Iterator[tuple[GrantView, str]]:
    """Yield each grant with its owner's masked phone, or the end of their number here."""
    phones = masked_phones_of(one.user_id for one in grants)
    for one in grants:
        yield one, phones.get(one.user_id) or f"…{masked(str(one.user_id))}"


def _page(
    request: HttpRequest, form: ProposeForm, error: str = "", status: int = 200
) -> HttpResponse:
    me = f"user:{request.user.pk}"
    rows = [
        {
            "one": one,
            "name": NAMES[one.role],
            "phone": phone,
            "is_mine": one.proposed_by == me,
            "form": KeyedForm(),
        }
        for one, phone in _with_phones(list_grants())
    ]
    context = {"desk": True, "form": form, "rows": rows, "error": error}
    return render(request, "backoffice/roles.html", context, status=status)
