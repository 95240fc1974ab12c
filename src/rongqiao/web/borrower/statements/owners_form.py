"""The form of a firm's beneficial owners: one line a person, those of the last version kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from typing_extensions import override

from rongqiao.parties.operations.declare_owners import (
    MOST_OWNERS,
    DeclaredOwner,
    DeclareOwners,
)
from rongqiao.parties.queries.owners import OwnerView
from rongqiao.web.borrower.statements.words import CONTROLS
from rongqiao.web.frame.forms import DayField, KeyedForm, dress, name_fields, shown

# At first two lines stand open; a renewal has one more than people.
FIRST_LINES = 2
# A person who comes in takes a line beside those who are let go.
MOST_LINES = 2 * MOST_OWNERS
_SHARE = re.compile(r"\d{1,3}(\.\d{1,2})?", re.ASCII)
_OFF = {"autocomplete": "off"}


class ShareField(forms.CharField):
    """A share of a firm in percent, 0.01 to 100; cleans to hundredths of a percent."""

    def __init__(self, **options: Any) -> None:
        """Take `33.34`, with up to two decimals."""
        super().__init__(**options)
        self.widget.attrs.update({"inputmode": "decimal", **_OFF})

    @override
    def to_python(self, value: Any) -> Any:
        text: Any = super().to_python(value)
        if text in self.empty_values:
            return None
        if not _SHARE.fullmatch(text) or not 0 < Decimal(text) <= 100:
            raise ValidationError(
                _("%(field)s「%(value)s」不对：应在 0.01%% 到 100%% 之间，写成 33.34 的样子。")
                % {"field": self.label, "value": shown(text)},
                code="share",
            )
        return int(Decimal(text) * 100)

    @override
    def prepare_value(self, value: Any) -> Any:
        return f"{value / 100:.2f}".removesuffix(".00") if isinstance(value, int) else value


class OwnersForm(KeyedForm):
    """Who stays of the version in force (`known`), and lines for others."""

    after = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    lines = forms.IntegerField(min_value=1, max_value=MOST_LINES, widget=forms.HiddenInput)
    more = forms.CharField(required=False, widget=forms.HiddenInput)
    is_true = forms.BooleanField(
        label=gettext_lazy("本企业确认以上信息真实、完整，已告知所填的人，变更后会及时更新。"),
        widget=forms.CheckboxInput(attrs={"class": "checkbox"}),
    )

    def __init__(
        self, *args: Any, known: Sequence[OwnerView], after: int, lines: int, **options: Any
    ) -> None:
        """Make the fields of `lines` lines; `after` is the number of the version in force."""
        self.known, self.count, self._after = tuple(known), lines, after
        super().__init__(*args, **options)
        self.fields["after"].initial, self.fields["lines"].initial = after, lines
        for line in range(lines):
            self._add_line(line, known[line] if line < len(known) else None)
        dress(self)
        name_fields(self)
        self.fields["is_true"].error_messages["required"] = _("请确认信息真实、完整。")

    def _add_line(self, line: int, one: OwnerView | None) -> None:
        fields: dict[str, forms.Field] = {}
        if one is None:
            fields["name"] = forms.CharField(
                label=_("姓名"), max_length=50, widget=forms.TextInput(attrs=_OFF)
            )
            fields["resident_id"] = forms.CharField(
                label=_("身份证号"), max_length=40, widget=forms.TextInput(attrs=_OFF)
            )
        fields["control"] = forms.ChoiceField(
            label=_("情形"),
            choices=list(CONTROLS.items()),
            initial=one.control if one else None,
        )
        fields["share"] = ShareField(
            label=_("比例（%）"),
            initial=one.share_bp if one else None,
            help_text=_("直接和间接持有合计；没有持股的留空。"),
        )
        fields["since_on"] = DayField(label=_("起始日期"), initial=one.since_on if one else None)
        if one is not None:
            fields["gone"] = forms.BooleanField(label=_("不再是受益所有人"))
        for name, field in fields.items():
            # Which of them are needed depends on whether the line is used at all.
            field.required = False
            self.fields[f"{name}-{line}"] = field

    @override
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("lines") != self.count or cleaned.get("after") != self._after:
            raise ValidationError(
                _("这张表单与现在的版本对不上，没有保存。请刷新页面后再填。"), code="version"
            )
        for line in self._used():
            self._need(line, cleaned)
        return cleaned

    def _need(self, line: int, cleaned: dict[str, Any]) -> None:
        """Say which field of a line that is used is empty."""
        for name in ("name", "resident_id", "control", "since_on"):
            key = f"{name}-{line}"
            if key in self.fields and key not in self.errors and not cleaned.get(key):
                field = self.fields[key]
                self.add_error(key, ValidationError(field.error_messages["required"]))

    def _used(self) -> list[int]:
        """Return the lines of who stays, and those in which anything is written."""
        written = ("name", "resident_id", "share", "since_on")
        return [
            line
            for line in range(self.count)
            if (
                not self.data.get(f"gone-{line}")
                if line < len(self.known)
                else any(self.data.get(f"{name}-{line}", "").strip() for name in written)
            )
        ]

    def rows(self) -> list[dict[str, Any]]:
        """Return each line as the page shows it: its number, who stays, its fields."""
        names = ("name", "resident_id", "control", "share", "since_on")
        return [
            {
                "number": line + 1,
                "one": self.known[line] if line < len(self.known) else None,
                "fields": [
                    self[f"{name}-{line}"] for name in names if f"{name}-{line}" in self.fields
                ],
                "gone": self[f"gone-{line}"] if line < len(self.known) else None,
            }
            for line in range(self.count)
        ]

    def command(self, party_id: UUID) -> DeclareOwners:
        """Return what the form asks for."""
        return DeclareOwners(
            party_id=party_id,
            after=self._after,
            owners=tuple(self._owner(line) for line in self._used()),
        )

    def _owner(self, line: int) -> DeclaredOwner:
        said = self.cleaned_data
        return DeclaredOwner(
            row=line,
            control=said[f"control-{line}"],
            since_on=said[f"since_on-{line}"],
            share_bp=said[f"share-{line}"],
            name=said.get(f"name-{line}", ""),
            resident_id=said.get(f"resident_id-{line}", ""),
            same_as=self.known[line].id if line < len(self.known) else None,
        )
