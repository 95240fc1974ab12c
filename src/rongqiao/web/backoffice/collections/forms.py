"""The forms of a case, and the command each becomes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from rongqiao.finance.money import LARGEST_MINOR, Money
from rongqiao.lending.servicing.operations.collecting.begin_contact import (
    BeginContact,
    begin_contact,
)
from rongqiao.lending.servicing.operations.collecting.decide_proposal import (
    DecideProposal,
    decide_proposal,
)
from rongqiao.lending.servicing.operations.collecting.end_contact import EndContact, end_contact
from rongqiao.lending.servicing.operations.collecting.propose import (
    OfferSettlement,
    ProposeHandOver,
    offer_settlement,
    propose_hand_over,
)
from rongqiao.lending.servicing.operations.collecting.stop_contact import (
    AllowContact,
    StopContact,
    allow_contact,
    stop_contact,
)
from rongqiao.lending.servicing.operations.collecting.take_case import (
    GiveCase,
    TakeCase,
    give_case,
    take_case,
)
from rongqiao.parties.queries import list_grants
from rongqiao.platform.operations import Call
from rongqiao.policies.contact import Channel
from rongqiao.policies.roles import Role
from rongqiao.web.backoffice.collections import words
from rongqiao.web.frame.forms import DayField, KeyedForm, MoneyField

ANY_AMOUNT: dict[str, Any] = {"least": Money(1), "most": Money(LARGEST_MINOR)}
LONGEST = 1000


def _words(label: Any, *, is_required: bool = True) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(label=label, widget=widget, max_length=LONGEST, required=is_required)


class BeginForm(KeyedForm):
    """By which way the debtor is contacted."""

    channel = forms.ChoiceField(label=_("联系方式"), choices=list(words.CHANNELS.items()))


class EndForm(KeyedForm):
    """What a contact came to; each outcome is a button."""

    note = _words(_("记录（选填，加密保存）"), is_required=False)
    outcome = forms.ChoiceField(label=_("结果"), choices=list(words.OUTCOMES.items()))


class PromiseForm(KeyedForm):
    """What the debtor promised."""

    amount = MoneyField(label=_("承诺金额（元）"), **ANY_AMOUNT)
    due_on = DayField(label=_("还款日"))
    note = _words(_("记录（选填，加密保存）"), is_required=False)


class WordsForm(KeyedForm):
    """What the officer has to say."""

    words = _words(_("说明"))


class HandOverForm(KeyedForm):
    """To whom the case should go."""

    kind = forms.ChoiceField(
        label=_("去向"), choices=[(one, words.KINDS[one]) for one in ("agent", "law-firm")]
    )
    firm = forms.CharField(label=_("机构名称"), max_length=80)
    reason = _words(_("理由"))


class OfferForm(KeyedForm):
    """What pays off the part past due."""

    pays = MoneyField(label=_("还款金额（元）"), **ANY_AMOUNT)
    pay_by = DayField(label=_("最迟还款日"))
    reason = _words(_("理由"))


class GiveForm(KeyedForm):
    """Which collector takes over."""

    collector = forms.ChoiceField(label=_("接手人"))

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer everybody who holds the role."""
        super().__init__(*args, **options)
        grants = list_grants("confirmed")
        held = [one.user_id for one in grants if one.role is Role.COLLECTOR]
        field = self.fields["collector"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(one), words.who(one)) for one in held]


class DecideForm(KeyedForm):
    """A word on a proposal."""

    proposal = forms.UUIDField(label=_("方案"), widget=forms.HiddenInput)
    word = forms.ChoiceField(
        label=_("意见"),
        choices=[("approve", _("批准")), ("decline", _("否决")), ("withdraw", _("撤回"))],
    )


Build = Callable[[UUID, dict[str, Any]], Any]
VERBS: dict[str, tuple[type[KeyedForm], Build, Callable[[Any, Call], Any]]] = {
    "take": (KeyedForm, lambda pk, _said: TakeCase(case_id=pk), take_case),
    "begin": (
        BeginForm,
        lambda pk, said: BeginContact(case_id=pk, channel=Channel(said["channel"])),
        begin_contact,
    ),
    "end": (
        EndForm,
        lambda pk, said: EndContact(case_id=pk, outcome=said["outcome"], note=said["note"]),
        end_contact,
    ),
    "promise": (
        PromiseForm,
        lambda pk, said: EndContact(
            case_id=pk,
            outcome="promised",
            note=said["note"],
            amount=said["amount"],
            due_on=said["due_on"],
        ),
        end_contact,
    ),
    "stop": (
        WordsForm,
        lambda pk, said: StopContact(case_id=pk, words=said["words"]),
        stop_contact,
    ),
    "allow": (
        WordsForm,
        lambda pk, said: AllowContact(case_id=pk, words=said["words"]),
        allow_contact,
    ),
    "hand-over": (
        HandOverForm,
        lambda pk, said: ProposeHandOver(
            case_id=pk, kind=said["kind"], firm=said["firm"], reason=said["reason"]
        ),
        propose_hand_over,
    ),
    "settle": (
        OfferForm,
        lambda pk, said: OfferSettlement(
            case_id=pk, pays=said["pays"], pay_by=said["pay_by"], reason=said["reason"]
        ),
        offer_settlement,
    ),
    "give": (
        GiveForm,
        lambda pk, said: GiveCase(case_id=pk, collector_id=UUID(said["collector"])),
        give_case,
    ),
    "decide": (
        DecideForm,
        lambda _pk, said: DecideProposal(proposal_id=said["proposal"], word=said["word"]),
        decide_proposal,
    ),
}
