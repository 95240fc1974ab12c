"""Forms of the house: yuan, percent, whole numbers, dates, and the key that makes one effect.

Each field answers bad input with one sentence that names the field, the value and what is allowed.
Full-width digits, separators and exponents are refused, not guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from typing_extensions import override

from rongqiao.finance.money import BadAmount, Money
from rongqiao.platform import clock
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.web.frame.refusals import message_for
from rongqiao.web.templatetags.acting import SHOWN_FOR

R = TypeVar("R")
_WHOLE = re.compile(r"-?\d{1,9}", re.ASCII)
_PERCENT = re.compile(r"\d{1,2}(\.\d{1,6})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# What is reckoned from a date, a day before it or years after it, must be one as well.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
_SHOWN = 40
# What every form may carry beside its own fields.
_CARRIED = {"csrfmiddlewaretoken", "next", SHOWN_FOR}
# What messengers and campaigns hang on a shared address; it says nothing about the form.
_HUNG_ON = re.compile(r"utm_[a-z]+|from|isappinstalled|scene|spm|fbclid|gclid")


def shown(value: object) -> str:
    """Return a given value as an error sentence quotes it: cut, without control characters."""
    text = "".join(letter if letter.isprintable() else "�" for letter in str(value))
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


class MoneyField(forms.CharField):
    """An amount in yuan, between two bounds; cleans to Money."""

    def __init__(self, *, least: Money, most: Money, **options: Any) -> None:
        """Allow `least` to `most`, both included."""
        self.least, self.most = least, most
        super().__init__(**options)
        self.widget.attrs.update({"inputmode": "decimal", "autocomplete": "off"})

    @override
    def to_python(self, value: Any) -> Any:
        text: Any = super().to_python(value)
        if text in self.empty_values:
            return None
        try:
            amount = Money.yuan(text)
        except BadAmount:
            raise self._refusal(text) from None
        if not self.least <= amount <= self.most:
            raise self._refusal(text)
        return amount

    def _refusal(self, text: str) -> ValidationError:
        return ValidationError(
            _(
                "%(field)s「%(value)s」不对：请填 %(least)s 到 %(most)s 元，写成 1000.00 的样子："
                "半角数字，至多两位小数，不带逗号或货币符号。"
            )
            % {
                "field": self.label,
                "value": shown(text),
                "least": self.least.text(),
                "most": self.most.text(),
            },
            code="money",
        )

    @override
    def prepare_value(self, value: Any) -> Any:
        return value.text() if isinstance(value, Money) else value


class WholeField(forms.CharField):
    """A whole number between two bounds; cleans to int."""

    def __init__(self, *, least: int, most: int, **options: Any) -> None:
        """Allow `least` to `most`, both included."""
        self.least, self.most = least, most
        super().__init__(**options)
        self.widget.attrs.update({"inputmode": "numeric", "autocomplete": "off"})

    @override
    def to_python(self, value: Any) -> Any:
        text: Any = super().to_python(value)
        if text in self.empty_values:
            return None
        if not _WHOLE.fullmatch(text) or not self.least <= int(text) <= self.most:
            raise ValidationError(
                _("%(field)s「%(value)s」不对：请填 %(least)s 到 %(most)s 之间的整数。")
                % {
                    "field": self.label,
                    "value": shown(text),
                    "least": self.least,
                    "most": self.most,
                },
                code="whole",
            )
        return int(text)


class PercentField(forms.CharField):
    """A rate a year in percent, above 0 and below 100; cleans to a yearly fraction."""

    def __init__(self, **options: Any) -> None:
        """Take `4.35`, with up to six decimals."""
        super().__init__(**options)
        self.widget.attrs.update({"inputmode": "decimal", "autocomplete": "off"})

    @override
    def to_python(self, value: Any) -> Any:
        text: Any = super().to_python(value)
        if text in self.empty_values:
            return None
        if not _PERCENT.fullmatch(text) or not Decimal(text):
            raise ValidationError(
                _("%(field)s「%(value)s」不对：请填 0 到 100 之间的百分数，写成 4.35 的样子。")
                % {"field": self.label, "value": shown(text)},
                code="percent",
            )
        return Decimal(text) / 100

    @override
    def prepare_value(self, value: Any) -> Any:
        return f"{(value * 100).normalize():f}" if isinstance(value, Decimal) else value


class DayField(forms.CharField):
    """A date of the calendar, `YYYY-MM-DD`, of 1900 to 2999; cleans to date."""

    def __init__(self, **options: Any) -> None:
        """Show the browser's own calendar."""
        super().__init__(**options)
        self.widget.input_type = "date"

    @override
    def to_python(self, value: Any) -> Any:
        text: Any = super().to_python(value)
        if text in self.empty_values:
            return None
        try:
            assert _DAY.fullmatch(text)
            day = date.fromisoformat(text)
        except (AssertionError, ValueError):
            raise ValidationError(
                _("%(field)s「%(value)s」不是日历上的日期：请按 2026-01-31 的样子填写。")
                % {"field": self.label, "value": shown(text)},
                code="day",
            ) from None
        if not FIRST_DAY <= day <= LAST_DAY:
            raise ValidationError(
                _("%(field)s「%(value)s」不对：请填 1900-01-01 至 2999-12-31 之间的日期。")
                % {"field": self.label, "value": shown(text)},
                code="day",
            )
        return day

    @override
    def prepare_value(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, date) else value


# The look of each widget; the first that fits counts.
_LOOKS: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.HiddenInput, ""),
    (forms.CheckboxSelectMultiple, "checkbox"),
    (forms.CheckboxInput, "checkbox"),
    (forms.RadioSelect, "radio"),
    (forms.ClearableFileInput, "file-input w-full"),
    (forms.Textarea, "textarea w-full"),
    (forms.Select, "select w-full"),
    (forms.Widget, "input w-full"),
)


def dress(form: forms.BaseForm) -> None:
    """Give every field that has no look of its own the house's."""
    for field in form.fields.values():
        look = next(look for kind, look in _LOOKS if isinstance(field.widget, kind))
        if look:
            field.widget.attrs.setdefault("class", look)


class StrictForm(forms.Form):
    """A form that names an empty field by its label and refuses fields it does not know."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Give every required field the house's sentence for an empty one."""
        super().__init__(*args, **options)
        dress(self)
        name_fields(self)

    @override
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        known = {self.add_prefix(name) for name in self.fields} | _CARRIED
        for name in self.data:
            if name not in known and not _HUNG_ON.fullmatch(name):
                raise ValidationError(
                    _("表单里没有「%(field)s」这一项，请刷新页面后再提交。")
                    % {"field": shown(name)},
                    code="unknown",
                )
        return cleaned

    @override
    def full_clean(self) -> None:
        """Say what is wrong with a hidden field above the form: nobody sees it beside the field."""
        super().full_clean()
        for bound in self.hidden_fields():
            if bound.errors:
                del self.errors[bound.name]
                self.add_error(
                    None,
                    ValidationError(
                        _("表单不完整或已被改动（%(field)s），没有办理。请刷新页面后再提交。")
                        % {"field": bound.name},
                        code="hidden",
                    ),
                )


def name_fields(form: forms.BaseForm) -> None:
    """Let what Django itself finds be said with the field's label; again after adding fields."""
    for field in form.fields.values():
        field.error_messages.update(_sentences(str(field.label)))


def _sentences(label: str) -> dict[str, str]:
    """Return the sentences for what Django itself finds; `%(value)s` is put in when it does."""
    named = label.replace("%", "%%")
    return {
        "required": _("请填写%(field)s。") % {"field": label},
        "invalid_choice": _("%(field)s「%%(value).40s」不对：请从列出的选项中选择。")
        % {"field": named},
        "max_length": _("%(field)s太长：最多 %%(limit_value)s 个字，现在是 %%(show_value)s 个。")
        % {"field": named},
        "null_characters_not_allowed": _("%(field)s里有不能保存的字符：请删去后重新填写。")
        % {"field": named},
    }


def new_key() -> UUID:
    """Return a form's key. Keys in order of time keep the end of their index warm."""
    return new_id(clock.now())


class KeyedForm(StrictForm):
    """A form that writes. Its hidden key makes a double click, back or lost answer one effect."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=new_key, label="key")

    def call(self, request: HttpRequest) -> Call:
        """Return the call under which the operation runs: the user, the form's key, both clocks."""
        return call_of(request, str(self.cleaned_data["key"]))

    def attempt(self, run: Callable[[], R]) -> R | None:
        """Return what the operation answers; a refusal becomes an error of the form, None.

        NotFound and forbidden refusals pass through: they have pages of their own.
        """
        try:
            return run()
        except Refusal as refusal:
            if refusal.kind in (Kind.NOT_FOUND, Kind.FORBIDDEN):
                raise
            field = refusal.facts.get("field", "")
            is_shown = field in self.fields and not self[field].is_hidden
            self.add_error(field if is_shown else None, message_for(refusal))
            return None


def first_error(form: forms.Form) -> str:
    """Return the first sentence of what is wrong with a form, for pages that show one line."""
    return next((str(errors[0]) for errors in form.errors.values()), "")


def call_of(request: HttpRequest, key: str) -> Call:
    """Return a call of the signed-in user under `key`."""
    assert request.user.is_authenticated
    return Call(actor=f"user:{request.user.pk}", key=key, at=clock.now(), on=clock.business_date())
