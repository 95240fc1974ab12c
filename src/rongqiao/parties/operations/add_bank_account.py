"""A party names its own bank account, where its money may be paid out."""

from __future__ import annotations

import hmac
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from rongqiao.parties import events
from rongqiao.parties.models import BankAccount
from rongqiao.parties.operations.refusals import acting_for, checked
from rongqiao.parties.queries import get_identity
from rongqiao.parties.sealing import bank_number_index, seal
from rongqiao.parties.words import PartyKind
from rongqiao.platform.crypto import keyed_digest
from rongqiao.platform.events import publish
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, circumstance, operation, sensitive
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.identifiers import (
    bank_card,
    corporate_account,
    organization_name,
    person_name,
)

LONGEST_BANK_NAME = 60
SAME = "same"
# Accounts change hands: what a check said holds for so long.
PROOF_HOLDS = timedelta(days=30)


class HolderDiffers(Refusal):
    """The account's holder is not the party: money goes to its owner's account alone."""

    kind, code = Kind.INVALID, "parties.holder-differs"


class BankAccountInUse(Refusal):
    """The account is registered already; by whom stays untold."""

    kind, code = Kind.CONFLICT, "parties.bank-account-in-use"


class BankNameNeeded(Refusal):
    """The bank's name is missing or too long; fact: `allowed` characters."""

    kind, code = Kind.INVALID, "parties.bank-name-needed"


class AccountUnverified(Refusal):
    """Nobody has checked whose account it is: this one, this holder, and lately."""

    kind, code = Kind.CONFLICT, "parties.account-unverified"


class AccountDiffers(Refusal):
    """The bank-card service says that the account is somebody else's, or knows none such."""

    kind, code = Kind.INVALID, "parties.account-differs"


@dataclass(frozen=True, kw_only=True)
class AccountProof:
    """What was found out of an account's holder, by whom (`reference`) and when.

    `verdict` is `same` or anything else; `claim` is `account_claim` of exactly what was checked.
    """

    reference: str
    verdict: str
    claim: str
    checked_at: datetime


@dataclass(frozen=True, kw_only=True)
class AddBankAccount:
    """The account as the bank knows it, and the proof of whose it is."""

    party_id: UUID
    bank_name: str
    holder: str = sensitive()
    number: str = sensitive()
    # Asked again with the same key it is the same account, whatever proof came along.
    proof: AccountProof | None = circumstance(default=None)  # noqa: RUF009 - a field


@dataclass(frozen=True, kw_only=True)
class BankAccountAdded:
    """The new account; a failed Luhn check is only a warning."""

    bank_account_id: UUID
    is_luhn_valid: bool


@operation("parties.add_bank_account", restore=BankAccountAdded)
def add_bank_account(command: AddBankAccount, call: Call) -> BankAccountAdded:
    """Add an account in the party's own name and tell BankAccountAdded.

    Raises NotYours, BankNameNeeded, IdentifierRefused, HolderDiffers, AccountUnverified,
    AccountDiffers, BankAccountInUse.
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
    _check_proof(command, call)
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


def account_claim(party_id: UUID, holder: str, number: str) -> str:
    """Return the keyed digest of who claims which account, however it was typed."""
    name = " ".join(unicodedata.normalize("NFKC", holder).split())
    digits = "".join(unicodedata.normalize("NFKC", number).split()).replace("-", "")
    return keyed_digest("parties.account-claim", f"{party_id}\x1f{name}\x1f{digits}").hex()


def _check_proof(command: AddBankAccount, call: Call) -> None:
    proof = command.proof
    wanted = account_claim(command.party_id, command.holder, command.number)
    if proof is None or not hmac.compare_digest(proof.claim, wanted):
        raise AccountUnverified(field="number")
    if not call.at - PROOF_HOLDS <= proof.checked_at <= call.at:
        raise AccountUnverified(field="number")
    if proof.verdict != SAME:
        raise AccountDiffers(field="number")
