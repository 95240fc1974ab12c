"""A user takes a consent back (PIPL art. 15); what was done under it stays done."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.parties.models import ConsentRecord
from rongqiao.parties.operations.refusals import acting_as
from rongqiao.parties.queries import consents_of
from rongqiao.parties.words import ConsentAction
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.consents import text_of


class NotGiven(Refusal):
    """There is no such consent to take back."""

    kind, code = Kind.CONFLICT, "parties.consent-not-given"


class NotWithdrawable(Refusal):
    """The service cannot be given without it: the account would have to be closed."""

    kind, code = Kind.CONFLICT, "parties.consent-not-withdrawable"


@dataclass(frozen=True, kw_only=True)
class WithdrawConsent:
    """Which kind of consent."""

    user_id: UUID
    kind: str


@dataclass(frozen=True, kw_only=True)
class ConsentWithdrawn:
    """The consent that no longer stands."""

    kind: str
    version: str


@operation("parties.withdraw_consent", restore=ConsentWithdrawn)
def withdraw_consent(command: WithdrawConsent, call: Call) -> ConsentWithdrawn:
    """Put the withdrawal on record beside the consent.

    Raises NotYours, NotGiven, NotWithdrawable.
    """
    acting_as(call, command.user_id)
    given = [v for v in consents_of(command.user_id) if v.kind == command.kind and v.is_given]
    if not given:
        raise NotGiven(kind=command.kind)
    text = text_of(given[0].kind, given[0].version)
    if not text.is_withdrawable:
        raise NotWithdrawable(kind=command.kind)
    ConsentRecord.objects.create(
        user_id=command.user_id,
        kind=text.kind,
        version=text.version,
        text_sha256=text.sha256,
        action=ConsentAction.WITHDRAWN,
        happened_at=call.at,
    )
    return ConsentWithdrawn(kind=text.kind, version=text.version)
