"""A user agrees to one version of one text."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.parties.models import ConsentRecord
from rongqiao.parties.operations.refusals import acting_as
from rongqiao.parties.words import ConsentAction
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.consents import text_of


class UnknownConsent(Refusal):
    """No such text in that version; facts: `kind`, `version`."""

    kind, code = Kind.INVALID, "parties.unknown-consent"


@dataclass(frozen=True, kw_only=True)
class GiveConsent:
    """Which text, in the version that was shown."""

    user_id: UUID
    kind: str
    version: str


@dataclass(frozen=True, kw_only=True)
class ConsentGiven:
    """What stands on record: the hash of the wording agreed to."""

    kind: str
    version: str
    text_sha256: str


@operation("parties.give_consent", restore=ConsentGiven)
def give_consent(command: GiveConsent, call: Call) -> ConsentGiven:
    """Put a consent on record with its version, time and the hash of the wording.

    Raises NotYours, UnknownConsent.
    """
    acting_as(call, command.user_id)
    try:
        text = text_of(command.kind, command.version)
    except LookupError as error:
        raise UnknownConsent(kind=command.kind, version=command.version) from error
    ConsentRecord.objects.create(
        user_id=command.user_id,
        kind=text.kind,
        version=text.version,
        text_sha256=text.sha256,
        action=ConsentAction.GIVEN,
        happened_at=call.at,
    )
    return ConsentGiven(kind=text.kind, version=text.version, text_sha256=text.sha256)
