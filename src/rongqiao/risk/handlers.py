"""What risk does when others tell of parties, cards, money, applications and pay-outs.

Lending and growth stand above, so their facts come typed by what is read of them.
"""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from rongqiao.money.payments.events import PaymentSucceeded
from rongqiao.parties.events import BankAccountAdded, OwnersDeclared, PartyRegistered
from rongqiao.parties.queries import get_identity, get_payee, phone_of, proved_email_of
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import NotFound
from rongqiao.risk.fraud.profile import Deed
from rongqiao.risk.operations.fraud.rule_payout import RulePayout, rule_payout
from rongqiao.risk.operations.fraud.sight import Sight, sight
from rongqiao.risk.operations.laundering.ratings.heed_owners import HeedOwners, heed_owners
from rongqiao.risk.operations.laundering.screening.screen_party import (
    OWNERS_DECLARED,
    REGISTERED,
    ScreenParty,
    screen_party,
)
from rongqiao.risk.queries.watching.marks import Mark, is_readable, mark, phone_marks
from rongqiao.risk.queries.watching.subjects import is_referred


class OfParty(Protocol):
    """A fact about one party."""

    party_id: UUID


class OfApplication(OfParty, Protocol):
    """An application handed in, with what it tells of home, employer and contact."""

    marks: tuple[str, ...]


class OfPayout(Protocol):
    """Somebody is to be paid for bringing somebody."""

    payout_id: UUID
    referrer_id: UUID
    referee_id: UUID


def screen_new_party(event: PartyRegistered, call: Call) -> None:
    """Screen a new party; the registration itself knows nothing of it."""
    screen_party(ScreenParty(party_id=event.party_id, cause=REGISTERED), call)


def screen_owners(event: OwnersDeclared, call: Call) -> None:
    """Screen a firm with the owners that it declared; the declaration knows nothing of it."""
    screen_party(ScreenParty(party_id=event.party_id, cause=OWNERS_DECLARED), call)


def heed_declaration(event: OwnersDeclared, call: Call) -> None:
    """Let a firm's rating take in that its owners are declared."""
    heed_owners(HeedOwners(party_id=event.party_id), call)


def trace_party(event: PartyRegistered, call: Call) -> None:
    """Tie a log-in to the party it turned out to be, with its numbers."""
    identity = get_identity(event.party_id, call.on)
    phone, email = phone_of(event.user_id), proved_email_of(event.user_id)
    found = [
        mark("resident-id", identity.resident.number),
        *(phone_marks(phone.phone) if phone else ()),
        *([mark("email", email)] if email else ()),
    ]
    account = event.user_id if event.kind == "person" else None
    _sight(event.party_id, Deed.IDENTIFIED, tuple(found), call, account)


def trace_card(event: BankAccountAdded, call: Call) -> None:
    """Note a bank card by its number; one that is closed again by now without it."""
    found: tuple[Mark, ...] = ()
    try:
        payee = get_payee(event.bank_account_id, event.party_id)
    except NotFound:
        payee = None
    if payee is not None and is_readable("card", payee.number):
        found = (mark("card", payee.number),)
    _sight(event.party_id, Deed.CARD_ADDED, found, call)


def trace_withdrawal(event: PaymentSucceeded, call: Call) -> None:
    """Note that a party took money out."""
    if event.kind == "withdrawal" and event.party_id is not None:
        _sight(event.party_id, Deed.WITHDREW, (), call)


def trace_application(event: OfApplication, call: Call) -> None:
    """Note an application that was handed in, with the digests of what it tells."""
    told = (one.partition(":") for one in event.marks)
    found = tuple(Mark(kind, index) for kind, _colon, index in told)
    _sight(event.party_id, Deed.APPLIED, found, call)


def trace_draw(event: OfParty, call: Call) -> None:
    """Note a loan of somebody who was brought; only pay-outs look at it."""
    if is_referred(event.party_id):
        _sight(event.party_id, Deed.DREW, (), call)


def trace_repayment(event: OfParty, call: Call) -> None:
    """Note a repayment of somebody who was brought; only pay-outs look at it."""
    if is_referred(event.party_id):
        _sight(event.party_id, Deed.REPAID, (), call)


def rule_on_payout(event: OfPayout, call: Call) -> None:
    """Answer a pay-out that asks; whoever pays waits for PayoutRuled."""
    command = RulePayout(
        payout_id=event.payout_id, referrer_id=event.referrer_id, referee_id=event.referee_id
    )
    rule_payout(command, call)


def _sight(
    subject_id: UUID,
    deed: Deed,
    marks: tuple[Mark, ...],
    call: Call,
    account_id: UUID | None = None,
) -> None:
    command = Sight(subject_id=subject_id, deed=deed, marks=marks, account_id=account_id)
    sight(command, call)
