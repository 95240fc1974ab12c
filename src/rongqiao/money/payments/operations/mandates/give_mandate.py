"""A party lets the platform collect from one of its bank accounts, within two caps."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.money.payments.models.orders import DebitMandate
from rongqiao.money.payments.operations.cards.usable import acting_for_party, usable_card
from rongqiao.money.payments.operations.two_people import AmountRefused, checked_amount
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class GiveMandate:
    """From which account, at most how much at once and in a day."""

    party_id: UUID
    bank_account_id: UUID
    per_debit: Money
    per_day: Money


@dataclass(frozen=True, kw_only=True)
class MandateGiven:
    """The mandate in force."""

    mandate_id: UUID


@operation("payments.give_mandate", restore=MandateGiven)
def give_mandate(command: GiveMandate, call: Call) -> MandateGiven:
    """Give leave; one given before for the account is withdrawn by it.

    Raises NotFound, AmountRefused, CurrencyRefused, CardNotBound.
    """
    acting_for_party(call, command.party_id)
    per_debit, per_day = checked_amount(command.per_debit), checked_amount(command.per_day)
    if per_debit > per_day:
        raise AmountRefused(
            field="per_debit", value=per_debit.text(), allowed=f"0.01 - {per_day.text()}"
        )
    usable_card(command.party_id, command.bank_account_id)
    DebitMandate.objects.filter(bank_account_id=command.bank_account_id, withdrawn_at=None).update(
        withdrawn_by=call.actor, withdrawn_at=call.at
    )
    row = DebitMandate.objects.create(
        id=new_id(call.at),
        party_id=command.party_id,
        bank_account_id=command.bank_account_id,
        per_debit_minor=per_debit.minor,
        per_day_minor=per_day.minor,
        given_by=call.actor,
        given_at=call.at,
    )
    return MandateGiven(mandate_id=row.pk)
