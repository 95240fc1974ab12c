"""The forms of collateral: an item of a kind, a valuation, a pledge, a release."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from typing_extensions import override

from rongqiao.finance.money import LARGEST_MINOR, Money
from rongqiao.lending.collateral.operations.pledging.propose_pledge import LONGEST_REGISTRATION
from rongqiao.lending.collateral.operations.releasing.propose_release import REASONS as ASKED
from rongqiao.lending.collateral.operations.valuing.record_valuation import (
    LONGEST_DOCUMENT,
    LONGEST_VALUER,
)
from rongqiao.lending.collateral.queries.register import PARTICULARS
from rongqiao.web.backoffice.portfolio.collateral.words import BASES, REASONS
from rongqiao.web.borrower.credit.items import FIELDS, GUARANTEES
from rongqiao.web.borrower.words import say
from rongqiao.web.frame.forms import DayField, KeyedForm, MoneyField, dress, name_fields

LONGEST = 200
ANY_AMOUNT = {"least": Money(1), "most": Money(LARGEST_MINOR)}
OR_NOTHING = {"least": Money.zero(), "most": Money(LARGEST_MINOR)}


class ShareField(forms.RegexField):
    """A share in percent, 0 and more, with at most two decimals; cleans to a fraction."""

    def __init__(self, **options: Any) -> None:
        """Take `70`, `100` and `62.5`."""
        super().__init__(r"(?a:^\d{1,3}(\.\d{1,2})?$)", **options)
        self.widget.attrs.update({"inputmode": "decimal", "autocomplete": "off"})
        self.error_messages["invalid"] = gettext_lazy(
            "请填百分数，至多两位小数，写成 62.5 的样子。"
        )

    @override
    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return Decimal(text) / 100 if text else None

    @override
    def prepare_value(self, value: Any) -> Any:
        return f"{(value * 100).normalize():f}" if isinstance(value, Decimal) else value


class RegisterForm(KeyedForm):
    """Who gives it, then what the kind asks for."""

    owner = forms.CharField(
        label=gettext_lazy("提供人"),
        max_length=40,
        help_text=gettext_lazy("客户识别码（RQ 开头）或借款编号；保证填被保证的借款人"),
    )

    def __init__(self, kind: str, *args: Any, **options: Any) -> None:
        """Add a field for every particular of the kind."""
        super().__init__(*args, **options)
        self.asked = PARTICULARS[kind]
        for name in self.asked:
            self.fields[name] = _field(name)
        dress(self)
        name_fields(self)

    def particulars(self) -> tuple[tuple[str, str], ...]:
        """Return what was said, as the operation takes it."""
        return tuple((name, _plain(self.cleaned_data[name])) for name in self.asked)


class ValuationForm(KeyedForm):
    """As of when, by whom, on what basis, how much, and by which report."""

    on = DayField(label=gettext_lazy("估值日"))
    valuer = forms.CharField(label=gettext_lazy("评估机构或评估人"), max_length=LONGEST_VALUER)
    basis = forms.ChoiceField(label=gettext_lazy("评估方法"), choices=list(BASES.items()))
    value = MoneyField(label=gettext_lazy("价值（元）"), **OR_NOTHING)
    prior = MoneyField(
        label=gettext_lazy("他人在先担保（元）"),
        help_text=gettext_lazy("估值日查询登记所见，没有填 0"),
        **OR_NOTHING,
    )
    document = forms.CharField(label=gettext_lazy("报告编号"), max_length=LONGEST_DOCUMENT)
    file = forms.FileField(
        label=gettext_lazy("报告文件"),
        required=False,
        help_text=gettext_lazy("JPG、PNG 或 PDF，不超过 20 MB"),
    )


class RetireForm(KeyedForm):
    """Why an item leaves the register."""

    reason = forms.CharField(label=gettext_lazy("理由"), max_length=LONGEST)


class PledgeForm(KeyedForm):
    """Which item, how much it secures, and what should be known of it."""

    item = forms.CharField(
        label=gettext_lazy("押品"),
        max_length=80,
        help_text=gettext_lazy("押品编号、车辆识别代号、不动产权证号或存款账号"),
    )
    amount = MoneyField(label=gettext_lazy("担保金额（元）"), **ANY_AMOUNT)
    registration = forms.CharField(
        label=gettext_lazy("登记证明编号"), max_length=LONGEST_REGISTRATION, required=False
    )
    replaces = forms.ChoiceField(label=gettext_lazy("置换"), required=False)
    is_beyond = forms.BooleanField(label=gettext_lazy("明知超过可用余值，仍要设立"), required=False)

    def __init__(self, standing: list[tuple[str, str]], *args: Any, **options: Any) -> None:
        """Offer the standing pledges of the case to be replaced."""
        super().__init__(*args, **options)
        field = self.fields["replaces"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("不置换")), *standing]


class ReleaseForm(KeyedForm):
    """Why a pledge may go."""

    reason = forms.ChoiceField(
        label=gettext_lazy("理由"), choices=[(code, REASONS[code]) for code in ASKED]
    )
    note = forms.CharField(label=gettext_lazy("说明"), max_length=LONGEST, required=False)


def _field(name: str) -> forms.Field:
    label = say(FIELDS, name)
    if name == "amount":
        return MoneyField(label=label, **ANY_AMOUNT)
    if name == "ends_on":
        return DayField(label=label)
    if name == "guarantee":
        return forms.ChoiceField(label=label, choices=list(GUARANTEES.items()))
    return forms.CharField(label=label, max_length=LONGEST)


def _plain(value: Any) -> str:
    return value.text() if isinstance(value, Money) else str(value)
