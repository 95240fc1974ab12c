"""A new password: with the old one, or within ten minutes of coming in by a code."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.ratelimit import consume
from django import forms
from django.contrib import messages
from django.contrib.auth import password_validation, update_session_auth_hash
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from rongqiao.platform import clock
from rongqiao.web.account.forms import LONGEST_PASSWORD
from rongqiao.web.account.limits import closed_to_passwords
from rongqiao.web.frame.forms import StrictForm

CODE_COUNTS_FOR_SECONDS = 600
HOUSE_NAMES = ("rongqiao", "融桥")
LEAST_BESIDE_A_NAME = 4


class NotTheHouse:
    """Refuses passwords that are little but the platform's own name (ASVS 5.0, 6.2.11)."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise ValidationError where little but a name of ours is in the password."""
        del user
        bare = "".join(letter for letter in password.casefold() if letter.isalpha())
        rest = bare
        for name in HOUSE_NAMES:
            rest = rest.replace(name, "")
        if rest != bare and len(rest) < LEAST_BESIDE_A_NAME:
            raise ValidationError(_("密码不能由平台名称组成，请换一个。"), code="password_house")

    def get_help_text(self) -> str:
        """Return the rule as people read it."""
        return _("密码不能由平台名称组成。")


class PasswordField(forms.CharField):
    """A password: never shown again, never stripped."""

    def __init__(self, autocomplete: str, **options: Any) -> None:
        """Tell password managers which one it is."""
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
        super().__init__(widget=widget, strip=False, max_length=LONGEST_PASSWORD, **options)


class NewPasswordForm(StrictForm):
    """The new password, after the old one where no code has just been given."""

    old = PasswordField("current-password", label=gettext_lazy("当前密码"))
    new = PasswordField(
        "new-password",
        label=gettext_lazy("新密码"),
        help_text=gettext_lazy("至少 8 位，不要太常见，也不能全是数字。"),
    )

    def __init__(self, *args: Any, user: AbstractBaseUser, asks_old: bool, **options: Any) -> None:
        """Ask for the old password where `asks_old`."""
        self._user = user
        super().__init__(*args, **options)
        if not asks_old:
            del self.fields["old"]

    def clean_old(self) -> str:
        """Refuse a wrong old password."""
        old: str = self.cleaned_data["old"]
        if not self._user.check_password(old):
            raise ValidationError(_("当前密码不正确；忘记了可以先用验证码登录再来设置。"))
        return old

    def clean_new(self) -> str:
        """Refuse what every list of passwords holds."""
        new: str = self.cleaned_data["new"]
        password_validation.validate_password(new)
        return new


@sensitive_post_parameters("old", "new")
@login_required
def new_password(request: HttpRequest) -> HttpResponse:
    """Set a new password: every other session ends, this one goes on under a new id."""
    assert isinstance(request.user, AbstractBaseUser)
    asks_old = request.user.has_usable_password() and not _came_by_code(request)
    # Here the old password may be guessed as at the log-in: it is asked as seldom.
    if asks_old and not consume(request, action="change_password", user=request.user):
        return closed_to_passwords(request)
    form = NewPasswordForm(request.POST or None, user=request.user, asks_old=asks_old)
    if request.method == "POST" and form.is_valid():
        request.user.set_password(form.cleaned_data["new"])
        request.user.save(update_fields=["password"])
        update_session_auth_hash(request, request.user)
        messages.success(request, _("新密码已生效，其他设备上的登录已全部退出。"))
        return redirect("profile")
    return render(request, "account/profile/new_password.html", {"form": form})


def _came_by_code(request: HttpRequest) -> bool:
    assert isinstance(request.user, AbstractBaseUser)
    # allauth stamps its records by the machine's time, also where ours is simulated.
    since = clock.MachineClock().now().timestamp() - CODE_COUNTS_FOR_SECONDS
    records = get_authentication_records(request, request.user)
    return any(record["method"] == "code" and record["at"] >= since for record in records)
