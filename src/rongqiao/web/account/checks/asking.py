"""Have sources asked from a page: with the user's own consent, and without keeping them waiting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest

from rongqiao.lending.origination.queries.applications import ApplicationRow, list_applications
from rongqiao.parties.operations.add_bank_account import (
    AccountProof,
    AccountUnverified,
    AddBankAccount,
    BankAccountAdded,
    account_claim,
    add_bank_account,
)
from rongqiao.parties.operations.consents.give_consent import GiveConsent, give_consent
from rongqiao.parties.queries import PartyView, has_consent
from rongqiao.platform import clock
from rongqiao.platform.operations import Call
from rongqiao.policies.consents import IDENTITY_CHECK, text_in_force
from rongqiao.policies.credit.sources import sources_needed
from rongqiao.risk.operations.inquiring.open_inquiry import (
    AskedTooOften,
    ConsentMissing,
    ElementMissing,
    OpenInquiry,
    open_inquiry,
)
from rongqiao.risk.queries.inquiring.standing import Standing, standing_of, stands
from rongqiao.risk.queries.inquiring.waiting import wait_for
from rongqiao.risk.queries.policies.reading import features_read
from rongqiao.web.frame.forms import call_of, new_key


@dataclass(frozen=True)
class Added:
    """A bank account that was added, or why it waits: `asking` or `away`."""

    account: BankAccountAdded | None
    waits: str = ""


@dataclass(frozen=True)
class Gathered:
    """How many of the sources an application needs have answered, are silent, or are under way.

    `unasked` counts those nobody agreed to or nobody asked yet.
    """

    total: int
    known: int
    under_way: int
    silent: int

    @property
    def unasked(self) -> int:
        """Return how many sources have not been asked."""
        return self.total - self.known - self.under_way - self.silent


def needed_by(applications: Iterable[ApplicationRow], kind: str, on: date) -> tuple[str, ...]:
    """Return the sources that applications of a kind of party need: of the policies in force.

    Each costs money and tells strangers something: what no policy reads is not asked for (PIPL
    art. 6). Without an application it is only who the party is.
    """
    asked = [one.product.terms.borrower(kind) for one in applications]
    policies = {terms.policy for terms in asked if terms is not None}
    return sources_needed(kind, (name for code in policies for name in features_read(code, on)))


def needed_for(party: PartyView, on: date) -> tuple[str, ...]:
    """Return the sources that the drafts of a party need."""
    drafts = [one for one in list_applications([party.id]) if one.state == "draft"]
    return needed_by(drafts, party.kind, on)


def gathered(party_id: UUID, needed: Iterable[str], at: datetime) -> Gathered:
    """Return how far the facts about a party are gathered from those sources, in two queries."""
    sources = tuple(needed)
    standing = standing_of([party_id], at).get(party_id, {})
    wanted = [standing[code] for code in sources if code in standing]
    return Gathered(
        total=len(sources),
        known=sum(one.holds(at) for one in wanted),
        under_way=sum(one.outcome == "open" for one in wanted),
        silent=sum(one.outcome in ("failed", "timed-out", "refused") for one in wanted),
    )


def agrees(user_id: UUID, kind: str) -> bool:
    """Tell whether a user stands by the text in force of a kind."""
    return has_consent(user_id, kind, text_in_force(kind, clock.calendar_date()).version)


def agree(request: HttpRequest, kind: str) -> None:
    """Put the user's consent to the text in force on record, unless it stands there."""
    user_id = user_of(request)
    if not agrees(user_id, kind):
        version = text_in_force(kind, clock.calendar_date()).version
        given = GiveConsent(user_id=user_id, kind=kind, version=version)
        give_consent(given, call_of(request, str(new_key())))


def have_asked(
    request: HttpRequest, party_id: UUID, sources: Iterable[str], purpose: str
) -> list[UUID]:
    """Open an inquiry at each source that the user agreed to; return their ids.

    What nobody agreed to, and what lacks a proved phone number, is not asked: the case goes on.
    """
    opened = []
    for source in sources:
        wanted = OpenInquiry(
            source=source, party_id=party_id, user_id=user_of(request), purpose=purpose
        )
        try:
            opened.append(open_inquiry(wanted, call_of(request, str(new_key()))).inquiry_id)
        except (AskedTooOften, ConsentMissing, ElementMissing):
            continue
    return opened


def add_verified(request: HttpRequest, command: AddBankAccount, call: Call) -> Added:
    """Add a bank account once the bank-card service said whose it is.

    The operation is tried first: whatever is wrong with the form costs no inquiry. Whoever comes
    here agreed to the inquiry in the form. Raises what the operation raises.
    """
    try:
        return Added(add_bank_account(command, call))
    except AccountUnverified:
        pass
    wanted = OpenInquiry(
        source="card",
        party_id=command.party_id,
        user_id=user_of(request),
        purpose="bank-account",
        card=command.number,
    )
    agree(request, IDENTITY_CHECK)
    # A key of its own: the form sent again may find the source back, and asks anew.
    inquiry_id = open_inquiry(wanted, call_of(request, str(new_key()))).inquiry_id
    wait_for([inquiry_id], settings.INQUIRY_WAIT_SECONDS)
    found = stands(inquiry_id)
    assert found is not None, "an inquiry that was opened just now"
    if not found.holds(found.asked_at):
        return Added(None, "asking" if found.known_at is None else "away")
    proof = _proof(command, found)
    return Added(add_bank_account(replace(command, proof=proof), call_of(request, call.key)))


def _proof(command: AddBankAccount, found: Standing) -> AccountProof:
    assert found.known_at is not None, "an answer without its moment"
    return AccountProof(
        reference=f"inquiry:{found.inquiry_id}",
        verdict=found.verdict,
        claim=account_claim(command.party_id, command.holder, command.number),
        checked_at=found.known_at,
    )


def user_of(request: HttpRequest) -> UUID:
    """Return the signed-in user's id."""
    return UUID(str(request.user.pk))
