"""The forms of an application: its product, its steps as the product asks them, papers, consent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from typing_extensions import override

from rongqiao.finance.money import Money
from rongqiao.lending.origination.queries.applications import FieldView, StepView
from rongqiao.web.borrower import words
from rongqiao.web.frame.forms import KeyedForm, MoneyField, WholeField, name_fields, new_key
from rongqiao.web.frame.reasons import shown_name

# What a form of a step carries beside the step's own fields.
_CARRIED = ("key", "save")
LARGEST_FILE = 20 * 1024 * 1024


class StartForm(KeyedForm):
    """The product to apply for."""

    product = forms.SlugField(max_length=32, widget=forms.HiddenInput, label="product")


class StepForm(KeyedForm):
    """The fields of one step; what is left empty is still saved as a draft."""

    save = forms.CharField(required=False, widget=forms.HiddenInput, label="save")

    def __init__(self, *args: Any, step: StepView, **options: Any) -> None:
        """Add the step's fields as the product asks them."""
        super().__init__(*args, **options)
        self.optional = {one.field.name for one in step.fields if one.field.is_optional}
        for one in step.fields:
            self.fields[one.field.name] = _field(one)
        name_fields(self)

    @property
    def opens_more(self) -> bool:
        """Tell whether something optional is filled in, or wrong, so that it is not folded."""
        return any(self[name].value() or self[name].errors for name in self.optional)

    @property
    def is_draft(self) -> bool:
        """Tell whether the borrower only wants to keep what is there."""
        return bool(self.data.get("save") == "draft")

    def values(self) -> tuple[tuple[str, str], ...]:
        """Return the step's fields as text."""
        given = self.cleaned_data.items()
        return tuple((name, _text(value)) for name, value in given if name not in _CARRIED)

    def ask_for_the_rest(self) -> None:
        """Name every field still empty as an error; what was kept is sent again under a new key."""
        for name, value in list(self.cleaned_data.items()):
            if name not in self.optional and name not in _CARRIED and value in (None, ""):
                label = self.fields[name].label
                self.add_error(name, _("请填写%(field)s。") % {"field": label})
        self.data = {**self.data, "key": str(new_key())}


class ToldField(forms.CharField):
    """An address, a name or a phone: read as the application reads it; what is wrong is said."""

    def __init__(self, *, of: FieldView, **options: Any) -> None:
        """Read as the field `of` does."""
        self.of = of.field
        super().__init__(**options)

    @override
    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return self.of.read(text)
        except ValueError as problem:
            raise forms.ValidationError(
                words.say(words.FIELD_WRONG, self.of.kind) % {"field": self.label}
            ) from problem


class DocumentForm(KeyedForm):
    """One file of one kind."""

    kind = forms.SlugField(max_length=32, widget=forms.HiddenInput, label="kind")
    file = forms.FileField(
        label=gettext_lazy("文件"),
        widget=forms.FileInput(
            attrs={"class": "file-input w-full", "accept": "image/jpeg,image/png,application/pdf"}
        ),
    )

    def __init__(self, *args: Any, kind: str, **options: Any) -> None:
        """Ask for a file of `kind`."""
        super().__init__(*args, initial={"kind": kind}, auto_id=f"id_{kind}_%s", **options)
        self.fields["file"].label = shown_name(kind)
        self.fields["file"].error_messages.update(
            {
                "required": _("请选择%(field)s的文件。") % {"field": shown_name(kind)},
                "empty": words.say(words.DOCUMENT_PROBLEM, "empty"),
            }
        )

    @override
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        file = cleaned.get("file")
        if file is not None and file.size > LARGEST_FILE:
            self.add_error("file", words.say(words.DOCUMENT_PROBLEM, "too-large"))
        return cleaned


class SubmitForm(KeyedForm):
    """The borrower's word that everything is true."""

    agree = forms.BooleanField(
        label=gettext_lazy("我确认所填内容和材料真实、完整，借款只用于所选用途。"),
        widget=forms.CheckboxInput(attrs={"class": "checkbox"}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Ask for the tick in words of its own."""
        super().__init__(*args, **options)
        self.fields["agree"].error_messages["required"] = _("请勾选确认后再提交。")


def _field(one: FieldView) -> forms.Field:
    field = one.field
    options: dict[str, Any] = {
        "label": words.say(words.FIELD, field.name),
        "required": False,
        "help_text": words.FIELD_HELP.get(field.name, ""),
    }
    if field.kind == "money":
        shown = forms.TextInput(attrs={"class": "input w-full"})
        least, most = Money(field.low), Money(field.high)
        return MoneyField(least=least, most=most, widget=shown, **options)
    if field.kind == "whole":
        shown = forms.TextInput(attrs={"class": "input w-full"})
        return WholeField(least=field.low, most=field.high, widget=shown, **options)
    if field.is_personal:
        attrs = {"class": "input w-full", "autocomplete": "off"}
        if field.kind != "text":
            attrs["inputmode"] = "tel"
        return ToldField(of=one, widget=forms.TextInput(attrs=attrs), **options)
    choices = [("", _("请选择")), *((code, shown_name(code)) for code in field.choices)]
    return forms.ChoiceField(
        choices=choices, widget=forms.Select(attrs={"class": "select w-full"}), **options
    )


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.text() if isinstance(value, Money) else str(value)
