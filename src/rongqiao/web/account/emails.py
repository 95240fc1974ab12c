"""One's e-mail address: named, proved by a code that is mailed there, changed and removed.

Each change asks for a proof of who one is first. The address waits in the sealed session, never in
an address of the site.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from rongqiao.parties.operations.emails.ask_email import AskEmail, ask_email
from rongqiao.parties.operations.emails.confirm_email import ConfirmEmail, confirm_email
from rongqiao.parties.operations.emails.owning import REMOVING_EMAIL, setting_purpose
from rongqiao.parties.operations.emails.remove_email import RemoveEmail, remove_email
from rongqiao.parties.operations.step_up.ask_step_up import AskStepUp, ask_step_up
from rongqiao.parties.operations.step_up.prove_step_up import ProveStepUp, prove_step_up
from rongqiao.parties.queries import masked_phone_of, proved_email_of
from rongqiao.platform.ids import random_digits
from rongqiao.policies.masking import mask_email
from rongqiao.web.account.forms import EmailField
from rongqiao.web.frame.forms import KeyedForm, first_error

SMS = "sms"
CODE_DIGITS = 6
# Where the wish and the claim wait between the pages.
WISH, CLAIM = "email-wish", "email-claim"
OVER = gettext_lazy("验证已失效：超过时间或错误次数过多，请重新开始。")


class AddressForm(KeyedForm):
    """The new address."""

    email = EmailField()


class AnswerForm(KeyedForm):
    """A code, or the password."""

    answer = forms.CharField(
        label=gettext_lazy("验证码"),
        max_length=128,
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def ask_for_password(self) -> None:
        """Ask for the password in the code's place."""
        field = self.fields["answer"]
        field.label = _("登录密码")
        field.widget = forms.PasswordInput(
            attrs={"autocomplete": "current-password", "class": "input w-full"}
        )


@sensitive_post_parameters("email")
@login_required
def email(request: HttpRequest) -> HttpResponse:
    """Show the address masked; name another, which asks for a proof first."""
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        address = form.cleaned_data["email"]
        if address == proved_email_of(_user_id(request)):
            form.add_error("email", _("这已经是您的邮箱。"))
        elif _asked(request, form, setting_purpose(address), address):
            return redirect("prove-email")
    content = {
        "form": form,
        "remove_form": KeyedForm(),
        "address": _shown(proved_email_of(_user_id(request))),
        "has_phone": bool(masked_phone_of(_user_id(request))),
    }
    status = 422 if form.errors else 200
    return render(request, "account/profile/email.html", content, status=status)


@require_POST
@login_required
def remove(request: HttpRequest) -> HttpResponse:
    """Ask for the proof that lets the address go."""
    form = KeyedForm(request.POST)
    if form.is_valid() and _asked(request, form, REMOVING_EMAIL, ""):
        return redirect("prove-email")
    messages.error(request, first_error(form))
    return redirect("email")


@sensitive_post_parameters("answer")
@login_required
def prove(request: HttpRequest) -> HttpResponse:
    """Take the texted code or the password; then mail a code to the new address, or remove it."""
    wish = request.session.get(WISH)
    if wish is None:
        return redirect("email")
    form = _answer_form(request, wish)
    if request.method == "POST" and form.is_valid() and _is_proved(request, form, wish):
        if wish["address"] and _claimed(request, form, wish):
            return redirect("confirm-email")
        if not wish["address"] and _removed(request, form, wish):
            return redirect("profile")
    said = first_error(form) if form.errors else ""
    content = {
        # Under a new key: another answer is another try.
        "form": _answer_form(request, wish, is_fresh=True),
        "said": said,
        "is_sms": wish["method"] == SMS,
        "phone": masked_phone_of(_user_id(request)),
        "address": _shown(wish["address"]),
    }
    status = 422 if said else 200
    return render(request, "account/profile/email_prove.html", content, status=status)


@login_required
def confirm(request: HttpRequest) -> HttpResponse:
    """Take the code that was mailed; the address is then in force, and the one before is told."""
    claim = request.session.get(CLAIM)
    if claim is None:
        return redirect("email")
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        before = proved_email_of(_user_id(request))
        command = ConfirmEmail(claim_id=UUID(claim["id"]), code=form.cleaned_data["answer"])
        answered = form.attempt(lambda: confirm_email(command, form.call(request)))
        if answered is not None and answered.is_proved:
            del request.session[CLAIM]
            if before:
                _mail(before, "email_changed", {"new": _shown(claim["address"])})
            messages.success(request, _("邮箱已生效，可以用它登录和接收提醒。"))
            return redirect("profile")
        _say_tries(form, answered.tries_left if answered else None)
    said = first_error(form) if form.errors else ""
    content = {"form": AnswerForm(), "said": said, "address": _shown(claim["address"])}
    status = 422 if said else 200
    return render(request, "account/profile/email_confirm.html", content, status=status)


def _asked(request: HttpRequest, form: KeyedForm, purpose: str, address: str) -> bool:
    """Ask for a proof of who one is, and keep the wish; False where it is refused."""
    words = _(
        "【%(operator)s】您正在修改账户邮箱，验证码 {code}，5 分钟内有效。"
        "若非本人操作，请立即修改密码并联系客服，不要告诉任何人。"
    ) % {"operator": settings.OPERATOR_NAME.replace("{", "").replace("}", "")}
    command = AskStepUp(purpose=purpose, words=words)
    asked = form.attempt(lambda: ask_step_up(command, form.call(request)))
    if asked is None:
        return False
    request.session[WISH] = {
        "address": address,
        "step_up": str(asked.step_up_id),
        "method": asked.method,
    }
    return True


def _answer_form(
    request: HttpRequest, wish: dict[str, Any], *, is_fresh: bool = False
) -> AnswerForm:
    is_given = request.method == "POST" and not is_fresh
    form = AnswerForm(request.POST if is_given else None)
    if wish["method"] != SMS:
        form.ask_for_password()
    return form


def _is_proved(request: HttpRequest, form: AnswerForm, wish: dict[str, Any]) -> bool:
    command = ProveStepUp(step_up_id=UUID(wish["step_up"]), answer=form.cleaned_data["answer"])
    answered = form.attempt(lambda: prove_step_up(command, form.call(request)))
    if answered is None or answered.is_proved:
        return answered is not None
    _say_tries(form, answered.tries_left)
    return False


def _say_tries(form: AnswerForm, tries_left: int | None) -> None:
    if tries_left is None:
        return
    if tries_left:
        said = _("%(what)s不对，还可以试 %(left)s 次。")
        form.add_error("answer", said % {"what": form.fields["answer"].label, "left": tries_left})
    else:
        form.add_error(None, str(OVER))


def _claimed(request: HttpRequest, form: AnswerForm, wish: dict[str, Any]) -> bool:
    """Note the claim and mail its code; of another's address its owner is told, not the asker."""
    code, address = random_digits(CODE_DIGITS), wish["address"]
    command = AskEmail(address=address, code=code, step_up_id=UUID(wish["step_up"]))
    asked = form.attempt(lambda: ask_email(command, form.call(request)))
    if asked is None:
        return False
    if asked.is_taken:
        _mail(address, "email_taken", {})
    else:
        get_adapter().send_mail("account/email/email_confirmation", address, {"code": code})
    del request.session[WISH]
    request.session[CLAIM] = {"id": str(asked.claim_id), "address": address}
    return True


def _removed(request: HttpRequest, form: AnswerForm, wish: dict[str, Any]) -> bool:
    before = proved_email_of(_user_id(request))
    command = RemoveEmail(step_up_id=UUID(wish["step_up"]))
    if form.attempt(lambda: remove_email(command, form.call(request))) is None:
        return False
    del request.session[WISH]
    if before:
        _mail(before, "email_removed", {})
    messages.success(request, _("邮箱已移除，以后不再向它发送提醒。"))
    return True


def _mail(address: str, what: str, facts: dict[str, str]) -> None:
    get_adapter().send_mail(f"account/profile/{what}", address, facts)


def _shown(address: str | None) -> str:
    return mask_email(address) if address else ""


def _user_id(request: HttpRequest) -> UUID:
    return UUID(str(request.user.pk))
