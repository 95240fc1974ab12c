"""Forms of a firm's room: what is answered of it, another grade."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from rongqiao.risk.operations.enterprise.rate_firm import RateFirm
from rongqiao.risk.queries.enterprise import asked_of_people, standard_tables
from rongqiao.web.backoffice.finance.acts import ReasonForm
from rongqiao.web.backoffice.risk.ratings.words import BANDS, LINES, YES_NO
from rongqiao.web.frame.forms import KeyedForm, dress, name_fields

# Of conduct, what officers answer; the rest is fetched from where it is known.
ASKED_CONDUCT = ("tax-arrears", "tax-grade-a", "tax-grade-d", "judicial-enforced")


class RatingForm(KeyedForm):
    """Against which values, what officers think of the firm, and how it behaves."""

    standards = forms.ChoiceField(label=_("标准值"))

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the tables there are and ask each question."""
        super().__init__(*args, **options)
        tables = standard_tables()
        self.fields["standards"].choices = [  # type: ignore[attr-defined]
            (code, label) for code, (label, _source) in tables.items()
        ]
        answers = [("", _("不评议")), *((code, BANDS[code]) for code in "abcde")]
        for question in asked_of_people():
            self.fields[question] = forms.ChoiceField(
                label=str(LINES[question]), choices=answers, required=False
            )
        for code in ASKED_CONDUCT:
            self.fields[code] = forms.ChoiceField(
                label=str(LINES[code]), choices=list(YES_NO.items()), required=False
            )
        dress(self)
        name_fields(self)

    def command(self, party_id: UUID, known: tuple[tuple[str, str], ...]) -> RateFirm:
        """Return the command; `known` is conduct that need not be asked for."""
        said = self.cleaned_data
        answers = tuple((one, said[one]) for one in asked_of_people() if said[one])
        conduct = tuple((code, "yes") for code in ASKED_CONDUCT if said[code] == "yes")
        return RateFirm(
            party_id=party_id,
            standards=said["standards"],
            answers=answers,
            conduct=(*conduct, *known),
        )


class OverrideForm(ReasonForm):
    """The grade to give instead."""

    grade = forms.CharField(label=_("调整为"), max_length=4)
