"""Forms to register and log in, on allauth's: one sentence for each mistake, in our words."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import (
    BaseConfirmCodeForm,
    ConfirmEmailVerificationCodeForm,
    LoginForm,
    RequestLoginCodeForm,
    SignupForm,
    VerifyPhoneForm,
)
from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from typing_extensions import override

from rongqiao.parties.operations.consents.give_consent import GiveConsent, give_consent
from rongqiao.platform import clock
from rongqiao.policies.consents import PRIVACY, TERMS, text_in_force
from rongqiao.web.account.adapter import PhoneField, call_by
from rongqiao.web.frame.forms import dress, shown

LONGEST_PASSWORD = 128
REQUIRED = gettext_lazy("请填写%(field)s。")


def sentences(form: forms.BaseForm) -> None:
    """Give each field the house's sentence for an empty value, and its look."""
    for field in form.fields.values():
        field.error_messages["required"] = REQUIRED % {"field": field.label}
        field.widget.attrs.pop("placeholder", None)
    dress(form)


class EmailField(forms.EmailField):
    """An e-mail address; cleans to lower case."""

    def __init__(self, **options: Any) -> None:
        """Ask for it as mail programs do."""
        super().__init__(**{"label": gettext_lazy("邮箱"), "max_length": 254, **options})
        self.widget.attrs.update({"autocomplete": "email"})

    @override
    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value).lower()
        except forms.ValidationError as error:
            if getattr(error, "code", "") == "required":
                raise
            raise forms.ValidationError(
                _("邮箱「%(value)s」不对：请按 name@example.com 的样子填写。")
                % {"value": shown(value)},
                code="email",
            ) from None


class RegisterForm(SignupForm):
    """A new account: a phone number or an e-mail address, a password, two consents."""

    def __init__(self, *args: Any, by: str = "phone", **options: Any) -> None:
        """Ask for a `phone` or an `email`."""
        super().__init__(*args, **options)
        del self.fields["email" if by == "phone" else "phone"]
        if by == "email":
            self.fields["email"] = EmailField()
        self.fields[by].required = True
        password = self.fields["password1"]
        password.label, password.max_length = _("密码"), LONGEST_PASSWORD
        password.widget.attrs["maxlength"] = str(LONGEST_PASSWORD)
        password.help_text = _("至少 8 位，不要太常见，也不能全是数字。")
        self.fields["agree"] = forms.BooleanField(label=_("我已阅读并同意下列协议"))
        self.order_fields([by, "password1", "agree"])
        sentences(self)
        self.fields["agree"].error_messages["required"] = _("请先阅读并同意协议，再注册。")

    @override
    def signup(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        for kind in (TERMS, PRIVACY):
            version = text_in_force(kind, clock.calendar_date()).version
            give_consent(GiveConsent(user_id=user.pk, kind=kind, version=version), call_by(user))


class LogInForm(LoginForm):
    """Phone number or e-mail address, and the password."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Ask for both in one field."""
        super().__init__(*args, **options)
        self.fields["login"] = forms.CharField(label=_("手机号或邮箱"), max_length=254)
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        password = self.fields["password"]
        password.label, password.help_text = _("密码"), ""
        password.max_length = LONGEST_PASSWORD
        self.order_fields(["login", "password"])
        sentences(self)

    @override
    def clean_login(self) -> str:
        return cleaned_login(super().clean_login())


class AskForCodeForm(RequestLoginCodeForm):
    """Where to send a code to log in by."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Ask for phone number or e-mail address in one field."""
        super().__init__(*args, **options)
        del self.fields["email"], self.fields["phone"]
        self.fields["login"] = forms.CharField(label=_("手机号或邮箱"), max_length=254)
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        sentences(self)

    def clean_login(self) -> str:
        """Tell a phone number from an e-mail address and count the request against its limit."""
        login = cleaned_login(self.cleaned_data["login"].strip())
        if "@" in login:
            self.cleaned_data["email"] = login
            self.clean_email()
        else:
            self.cleaned_data["phone"] = login
            self.clean_phone()
        return login


class CodeFields(BaseConfirmCodeForm):
    """The six digits that were sent."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Let phones fill it in by themselves."""
        super().__init__(*args, **options)
        code = self.fields["code"]
        code.label, code.max_length = _("验证码"), 20
        code.widget.attrs.update({"inputmode": "numeric", "autocomplete": "one-time-code"})
        sentences(self)


class EnterCodeForm(CodeFields):
    """The code to log in by."""


class ProvePhoneForm(CodeFields, VerifyPhoneForm):
    """The code that proves a phone number."""


class ProveEmailForm(CodeFields, ConfirmEmailVerificationCodeForm):
    """The code that proves an e-mail address."""


def cleaned_login(login: str) -> str:
    """Return an e-mail address in lower case or a phone number in eleven digits."""
    text: str = EmailField().clean(login) if "@" in login else PhoneField().clean(login)
    return text
