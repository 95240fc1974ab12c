"""A party names its own bank account, where its money may be paid out."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.parties import events
from rongqiao.parties.models import BankAccount
from rongqiao.parties.operations.refusals import acting_for, checked
from rongqiao.parties.queries import get_identity
from rongqiao.parties.sealing import bank_number_index, seal
from rongqiao.parties.words import PartyKind
from rongqiao.platform.events import publish
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.identifiers import (
    bank_card,
    corporate_account,
    organization_name,
    person_name,
)

LONGEST_BANK_NAME = 60


class HolderDiffers(Refusal):
    """The account's holder is not the party: money goes to its owner's account alone."""

    kind, code = Kind.INVALID, "parties.holder-differs"


class BankAccountInUse(Refusal):
    """The account is registered already; by whom stays untold."""

    kind, code = Kind.CONFLICT, "parties.bank-account-in-use"


class BankNameNeeded(Refusal):
    """The bank's name is missing or too long; fact: `allowed` characters."""

    kind, code = Kind.INVALID, "parties.bank-name-needed"


@dataclass(frozen=True, kw_only=True)
class AddBankAccount:
    """The account as the bank knows it."""

    party_id: UUID
    bank_name: str
    holder: str = sensitive()
    number: str = sensitive()


@dataclass(frozen=True, kw_only=True)
class BankAccountAdded:
    """The new account; a failed Luhn check is only a warning."""

    bank_account_id: UUID
    is_luhn_valid: bool


@operation("parties.add_bank_account", restore=BankAccountAdded)
def add_bank_account(command: AddBankAccount, call: Call) -> BankAccountAdded:
    """Add an account in the party's own name and tell BankAccountAdded.

    Raises NotYours, BankNameNeeded, IdentifierRefused, HolderDiffers, BankAccountInUse.
    """
    acting_for(call, command.party_id)
    bank_name = " ".join(command.bank_name.split())
    if not bank_name or len(bank_name) > LONGEST_BANK_NAME:
        raise BankNameNeeded(field="bank_name", allowed=str(LONGEST_BANK_NAME))
    party = get_identity(command.party_id, call.on)
    is_person = party.kind == PartyKind.PERSON
    read_name, read_number = (
        (person_name, bank_card) if is_person else (organization_name, corporate_account)
    )
    number = checked("number", lambda: read_number(command.number))
    if checked("holder", lambda: read_name(command.holder)) != party.name:
        raise HolderDiffers(field="holder")
    row_id = new_id(call.at)
    row = BankAccount(
        id=row_id,
        party_id=command.party_id,
        bank_name=bank_name,
        holder_sealed=seal(party.name, "bankaccount", "holder", row_id),
        number_sealed=seal(number.number, "bankaccount", "number", row_id),
        number_index=bank_number_index(number.number),
        is_luhn_valid=number.is_luhn_valid,
        added_at=call.at,
    )
    BankAccount.objects.bulk_create([row], ignore_conflicts=True)
    if not BankAccount.objects.filter(pk=row_id).exists():
        raise BankAccountInUse
    publish(
        events.BankAccountAdded(
            party_id=command.party_id,
            bank_account_id=row_id,
            happened_at=call.at,
            happened_on=call.on,
        )
    )
    return BankAccountAdded(bank_account_id=row_id, is_luhn_valid=number.is_luhn_valid)
