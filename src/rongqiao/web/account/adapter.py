"""How allauth meets this platform: sealed phones, texts by job, e-mail where there is one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal import flows as _flows  # noqa: F401 - before stages: a circle of theirs
from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage
from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from typing_extensions import override

from rongqiao.parties.operations.phones.queue_sms import QueueSms, queue_sms
from rongqiao.parties.operations.phones.set_phone import SetPhone, set_phone
from rongqiao.parties.queries import find_user_by_phone, phone_of, roles_of
from rongqiao.platform import clock
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call
from rongqiao.policies.identifiers import BadIdentifier, mobile_phone
from rongqiao.web.frame.devices import note_log_in, note_registration
from rongqiao.web.frame.refusals import sentence

WRONG = gettext_lazy("账号或密码不正确，请核对后重新填写；也可以用验证码登录。")


class PhoneField(forms.CharField):
    """A mainland mobile number, however it is written; cleans to eleven digits."""

    def __init__(self, **options: Any) -> None:
        """Ask for it as phones do."""
        super().__init__(**{"label": gettext_lazy("手机号"), "max_length": 40, **options})
        self.widget.attrs.update({"inputmode": "tel", "autocomplete": "tel"})

    @override
    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return text
        try:
            return mobile_phone(text)
        except BadIdentifier as error:
            raise forms.ValidationError(
                sentence("parties.phone-form", {"value": error.shown}), code="phone"
            ) from None


class ProvedEmailStage(EmailVerificationStage):
    """Wants a proved e-mail address of those who gave one; a proved phone is enough for others."""

    @override
    def handle(self) -> tuple[HttpResponse | None, bool]:
        user = self.login.user
        if user is not None and not EmailAddress.objects.filter(user=user).exists():
            return None, True
        answer: tuple[HttpResponse | None, bool] = super().handle()
        return answer


class AccountAdapter(DefaultAccountAdapter):
    """What allauth asks of us."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "phone_password_mismatch": WRONG,
        "email_password_mismatch": WRONG,
        "username_password_mismatch": WRONG,
        "incorrect_code": gettext_lazy("验证码不正确，请填写最近一次收到的六位数字。"),
        "too_many_login_attempts": gettext_lazy("尝试次数过多，请稍后再试。"),
        "rate_limited": gettext_lazy("操作太频繁，请稍后再试。"),
        "phone_taken": gettext_lazy("这个手机号不能用于注册，请换一个或直接登录。"),
        "email_taken": gettext_lazy("这个邮箱不能用于注册，请换一个或直接登录。"),
    }

    @override
    def new_user(self, request: HttpRequest) -> AbstractBaseUser:
        at = clock.now()
        user: AbstractBaseUser = get_user_model()(id=new_id(at), joined_at=at)
        return user

    @override
    def post_login(
        self, request: HttpRequest, user: AbstractBaseUser, **options: Any
    ) -> HttpResponse:
        """Note with which device a customer came in; staff's are the house's own."""
        answer: HttpResponse = super().post_login(request, user, **options)
        user_id = UUID(str(user.pk))
        if options.get("signup"):
            found = phone_of(user_id)
            note_registration(request, user_id, found.phone if found else "", call_by(user))
        elif not roles_of(user_id):
            note_log_in(request, user_id, call_by(user))
        return answer

    @override
    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        # allauth's own notes repeat numbers and addresses; the pages say where one stands.
        if message is not None:
            super().add_message(request, level, message=message, extra_tags=extra_tags)

    @override
    def get_login_stages(self) -> list[str]:
        ours = f"{ProvedEmailStage.__module__}.{ProvedEmailStage.__name__}"
        theirs = "allauth.account.stages.EmailVerificationStage"
        return [ours if stage == theirs else stage for stage in super().get_login_stages()]

    @override
    def phone_form_field(self, **options: Any) -> PhoneField:
        return PhoneField(**{**options, "label": gettext_lazy("手机号")})

    @override
    def set_phone(self, user: AbstractBaseUser, phone: str, verified: bool) -> None:
        set_phone(
            SetPhone(user_id=UUID(str(user.pk)), phone=phone, is_proved=verified), call_by(user)
        )

    @override
    def set_phone_verified(self, user: AbstractBaseUser, phone: str) -> None:
        self.set_phone(user, phone, verified=True)

    @override
    def get_phone(self, user: AbstractBaseUser) -> tuple[str, bool] | None:
        found = phone_of(UUID(str(user.pk)))
        return (found.phone, found.is_verified) if found else None

    @override
    def get_user_by_phone(self, phone: str) -> AbstractBaseUser | None:
        user_id = find_user_by_phone(phone)
        if user_id is None:
            return None
        user: AbstractBaseUser = get_user_model().objects.get(pk=user_id)
        return user

    @override
    def send_verification_code_sms(
        self, user: AbstractBaseUser, phone: str, code: str, **kwargs: Any
    ) -> None:
        words = _("【融桥】验证码 %(code)s，5 分钟内有效。工作人员不会向您索要验证码。")
        send_text(phone, words % {"code": code})

    @override
    def send_unknown_account_sms(self, phone: str, **kwargs: Any) -> None:
        send_text(phone, _("【融桥】有人用这个手机号登录，但它还没有注册。若非本人操作请忽略。"))

    @override
    def send_account_already_exists_sms(self, phone: str) -> None:
        send_text(
            phone,
            _("【融桥】有人用这个手机号注册，但它已有账户，请直接登录。若非本人操作请忽略。"),
        )


def send_text(phone: str, words: str) -> None:
    """Queue a text message, known and unknown numbers alike."""
    queue_sms(QueueSms(phone=phone, text=words), call_by(None))


def call_by(user: AbstractBaseUser | None) -> Call:
    """Return a call for a step of the log-in itself, which no form's key stands for."""
    actor = f"user:{user.pk}" if user is not None else "system:web.account"
    return Call(actor=actor, key=str(new_id(clock.now())), at=clock.now(), on=clock.business_date())
