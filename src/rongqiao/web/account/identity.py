"""Say who one is: the person, their enterprises, their bank accounts."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from rongqiao.parties.operations.add_bank_account import AddBankAccount
from rongqiao.parties.operations.close_bank_account import CloseBankAccount, close_bank_account
from rongqiao.parties.operations.register_organization import (
    RegisterOrganization,
    register_organization,
)
from rongqiao.parties.operations.register_person import RegisterPerson, register_person
from rongqiao.parties.queries import person_of
from rongqiao.platform.refusals import NotFound
from rongqiao.policies.consents import IDENTITY_CHECK, PUBLIC_RECORDS
from rongqiao.policies.credit.sources import ON_REGISTERING, ORGANIZATION, PERSON
from rongqiao.web.account.checks.asking import add_verified, agree, agrees, have_asked
from rongqiao.web.frame.access import acting, acting_party, party_of, safe_next
from rongqiao.web.frame.devices import note_visit
from rongqiao.web.frame.forms import KeyedForm

NO_AUTOCOMPLETE = {"autocomplete": "off"}
# What a form carries that its command does not.
_CARRIED = ("key", "agree")
WAITS = {
    "asking": gettext_lazy("还在核验这个账户属于谁。请稍候，再按一次“添加”，不会重复核验。"),
    "away": gettext_lazy("银行卡核验服务暂时没有答复，账户还没有添加。请过几分钟再试。"),
}


def _agreement(label: Any) -> forms.BooleanField:
    return forms.BooleanField(
        label=label, required=False, widget=forms.CheckboxInput(attrs={"class": "checkbox"})
    )


class PersonForm(KeyedForm):
    """Real name and resident id."""

    name = forms.CharField(
        label=gettext_lazy("姓名"),
        max_length=50,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=gettext_lazy("与身份证上的姓名一致。"),
    )
    resident_id = forms.CharField(
        label=gettext_lazy("身份证号"),
        max_length=40,
        widget=forms.TextInput(attrs=NO_AUTOCOMPLETE),
        help_text=gettext_lazy("18 位，最后一位可以是 X。加密保存，只显示首尾各四位。"),
    )
    agree = _agreement(
        gettext_lazy("我单独同意《身份与账户核验授权书》：向公安与运营商核实是我本人。")
    )

    def command(self, user_id: UUID) -> RegisterPerson:
        """Return what the form asks for."""
        given = self.cleaned_data
        return RegisterPerson(user_id=user_id, name=given["name"], resident_id=given["resident_id"])


class OrganizationForm(KeyedForm):
    """An enterprise and its legal representative."""

    name = forms.CharField(
        label=gettext_lazy("企业名称"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        help_text=gettext_lazy("与营业执照一致。"),
    )
    uscc = forms.CharField(
        label=gettext_lazy("统一社会信用代码"),
        max_length=40,
        widget=forms.TextInput(attrs=NO_AUTOCOMPLETE),
        help_text=gettext_lazy("18 位，营业执照右上角。"),
    )
    legal_representative_name = forms.CharField(
        label=gettext_lazy("法定代表人姓名"),
        max_length=50,
        required=False,
        widget=forms.TextInput(attrs=NO_AUTOCOMPLETE),
        help_text=gettext_lazy("您本人是法定代表人时，这两项留空。"),
    )
    legal_representative_id = forms.CharField(
        label=gettext_lazy("法定代表人身份证号"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs=NO_AUTOCOMPLETE),
    )
    agree = _agreement(
        gettext_lazy("本企业同意《工商与司法公开信息查询授权书》：核对企业登记与执照。")
    )

    def command(self, user_id: UUID) -> RegisterOrganization:
        """Return what the form asks for."""
        given = {name: self.cleaned_data[name] for name in self.fields if name not in _CARRIED}
        return RegisterOrganization(user_id=user_id, **given)


class BankAccountForm(KeyedForm):
    """A bank account in the party's own name."""

    bank_name = forms.CharField(
        label=gettext_lazy("开户银行"),
        max_length=60,
        widget=forms.TextInput(attrs=NO_AUTOCOMPLETE),
    )
    holder = forms.CharField(
        label=gettext_lazy("户名"),
        max_length=150,
        widget=forms.TextInput(attrs=NO_AUTOCOMPLETE),
        help_text=gettext_lazy("必须是您本人或本企业的账户。"),
    )
    number = forms.CharField(
        label=gettext_lazy("账号"),
        max_length=60,
        widget=forms.TextInput(attrs={**NO_AUTOCOMPLETE, "inputmode": "numeric"}),
        help_text=gettext_lazy("加密保存，只显示首尾各四位。"),
    )
    agree = _agreement(
        gettext_lazy("我单独同意《身份与账户核验授权书》：向银行卡核验机构核对这个账户属于谁。")
    )

    def __init__(self, *args: Any, is_agreed: bool, **options: Any) -> None:
        """Ask for the consent unless it stands already."""
        super().__init__(*args, **options)
        agree = self.fields["agree"]
        agree.required = not is_agreed
        agree.error_messages["required"] = _("添加账户前须核验账户属于谁，请先阅读并同意授权书。")
        if is_agreed:
            agree.widget = forms.HiddenInput()

    def command(self, party_id: UUID) -> AddBankAccount:
        """Return what the form asks for."""
        given = {name: self.cleaned_data[name] for name in self.fields if name not in _CARRIED}
        return AddBankAccount(party_id=party_id, **given)


@sensitive_post_parameters("name", "resident_id")
@login_required
def identity(request: HttpRequest) -> HttpResponse:
    """First step: the person behind the log-in."""
    user_id = UUID(str(request.user.pk))
    if request.method == "GET" and person_of(user_id) is not None:
        return redirect("profile")
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        registered = form.attempt(
            lambda: register_person(form.command(user_id), form.call(request))
        )
        if registered is not None:
            messages.success(request, _("实名信息已登记。"))
            _check(request, form, registered.party_id, IDENTITY_CHECK, ON_REGISTERING[PERSON])
            return redirect(safe_next(request, "/account/"))
    return _page(request, "account/identity/person.html", form)


@sensitive_post_parameters("legal_representative_name", "legal_representative_id")
@login_required
def organization(request: HttpRequest) -> HttpResponse:
    """Second step, for who acts for an enterprise."""
    user_id = UUID(str(request.user.pk))
    if person_of(user_id) is None:
        return redirect("/account/identity/?next=/account/organization/")
    form = OrganizationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        registered = form.attempt(
            lambda: register_organization(form.command(user_id), form.call(request))
        )
        if registered is not None:
            messages.success(request, _("企业已登记，可以以企业身份办理业务。"))
            sources = ON_REGISTERING[ORGANIZATION]
            _check(request, form, registered.party_id, PUBLIC_RECORDS, sources)
            if not registered.is_organisation_code_consistent:
                messages.warning(
                    request, _("信用代码中的组织机构代码校验位不一致，请再核对一次营业执照。")
                )
            return redirect(safe_next(request, "/account/"))
    return _page(request, "account/identity/organization.html", form)


def _with_a_party(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Lead who acts for nobody yet through their identity and back to the page."""

    @login_required
    @wraps(view)
    def led(request: HttpRequest) -> HttpResponse:
        if acting_party(request) is None:
            return redirect(f"/account/identity/?next={request.path}")
        return view(request)

    return led


@sensitive_post_parameters("holder", "number")
@_with_a_party
@acting
def bank_account(request: HttpRequest) -> HttpResponse:
    """Add a bank account of the party one acts for."""
    party = party_of(request)
    is_agreed = agrees(UUID(str(request.user.pk)), IDENTITY_CHECK)
    form = BankAccountForm(request.POST or None, is_agreed=is_agreed)
    if request.method == "POST" and form.is_valid():
        tried = form.attempt(
            lambda: add_verified(request, form.command(party.id), form.call(request))
        )
        if tried is not None and tried.waits:
            form.add_error(None, WAITS[tried.waits])
        elif tried is not None and tried.account is not None:
            note_visit(request, party.id, form.call(request))
            messages.success(request, _("银行账户已添加。"))
            if not tried.account.is_luhn_valid:
                messages.warning(request, _("卡号的校验位不常见，请再核对一次，以免付款被退回。"))
            return redirect(safe_next(request, "/account/"))
    return _page(request, "account/identity/bank_account.html", form, party=party)


@require_POST
@acting
def close_account(request: HttpRequest, bank_account_id: UUID) -> HttpResponse:
    """Take a bank account off the list."""
    form = KeyedForm(request.POST)
    if not form.is_valid():
        raise NotFound
    command = CloseBankAccount(party_id=party_of(request).id, bank_account_id=bank_account_id)
    close_bank_account(command, form.call(request))
    messages.success(request, _("银行账户已移除。"))
    return redirect("profile")


def _check(
    request: HttpRequest, form: KeyedForm, party_id: UUID, kind: str, sources: tuple[str, ...]
) -> None:
    """Have who just registered checked, if they agreed to it; the pages show what came of it."""
    if form.cleaned_data["agree"]:
        agree(request, kind)
        have_asked(request, party_id, sources, "identity-check")
        messages.info(request, _("正在核验，结果见“我的账户”。"))


def _page(request: HttpRequest, template: str, form: forms.Form, **content: object) -> HttpResponse:
    content |= {"form": form, "next": safe_next(request, "")}
    return render(request, template, content, status=422 if form.errors else 200)
