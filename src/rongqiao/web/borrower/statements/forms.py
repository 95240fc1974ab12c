"""The form of one period's figures."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from rongqiao.finance.money import LARGEST_MINOR, Money
from rongqiao.risk.operations.enterprise.record_statement import RecordStatement
from rongqiao.risk.queries.enterprise import figures
from rongqiao.web.borrower.statements.words import FIGURES, SOURCES
from rongqiao.web.frame.forms import DayField, KeyedForm, MoneyField, WholeField, dress, name_fields

_MAY_BE_NEGATIVE = frozenset(
    {
        "operating_profit",
        "ebit",
        "profit_before_tax",
        "net_profit",
        "operating_cash_flow",
        "retained_earnings",
        "equity",
    }
)


class StatementForm(KeyedForm):
    """One period's figures; what is not known stays empty."""

    ends_on = DayField(label=_("截止日"))
    months = WholeField(label=_("期间月数"), least=1, most=12, initial=12)
    source = forms.ChoiceField(label=_("来源"), choices=list(SOURCES.items()))

    def __init__(self, *args: Any, is_own: bool = False, **options: Any) -> None:
        """Ask for every figure; `is_own` where the firm itself states, whose word is the source."""
        super().__init__(*args, **options)
        for name in figures():
            least = -LARGEST_MINOR if name in _MAY_BE_NEGATIVE else 0
            self.fields[name] = MoneyField(
                label=FIGURES[name], least=Money(least), most=Money(LARGEST_MINOR), required=False
            )
        if is_own:
            del self.fields["source"]
        dress(self)
        name_fields(self)

    def command(self, party_id: UUID) -> RecordStatement:
        """Return the command."""
        said = self.cleaned_data
        return RecordStatement(
            party_id=party_id,
            ends_on=said["ends_on"],
            months=said["months"],
            source=said.get("source", "firm"),
            figures=tuple(
                (name, said[name].text()) for name in figures() if said[name] is not None
            ),
        )
