"""The code that was mailed comes back: the address is the user's, in the place of any before."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import IntegrityError

from rongqiao.parties.models import EmailClaim
from rongqiao.parties.operations.emails.owning import is_email_of_another
from rongqiao.parties.queries import user_of
from rongqiao.parties.sealing import email_code, unseal
from rongqiao.platform.operations import Call, operation, sensitive, undone_if_it_fails
from rongqiao.platform.refusals import Kind, NotFound, Refusal


class EmailInUse(Refusal):
    """Somebody else proved this address meanwhile; whoever it is stays untold."""

    kind, code = Kind.CONFLICT, "parties.email-in-use"


@dataclass(frozen=True, kw_only=True)
class ConfirmEmail:
    """Which claim, and the code."""

    claim_id: UUID
    code: str = sensitive()


@dataclass(frozen=True, kw_only=True)
class EmailAnswered:
    """Whether the address is proved now; if not, how many tries are left (0: ask anew)."""

    is_proved: bool
    tries_left: int


@operation("parties.confirm_email", restore=EmailAnswered)
def confirm_email(command: ConfirmEmail, call: Call) -> EmailAnswered:
    """Check the code and set the address; a wrong code costs a try. Raises NotFound, EmailInUse."""
    user_id = user_of(call.actor)
    rows = EmailClaim.objects.select_for_update().filter(pk=command.claim_id)
    row = rows.filter(user_id=user_id).first() if user_id else None
    if row is None:
        raise NotFound(what="email")
    if row.proved_at is not None:
        return EmailAnswered(is_proved=True, tries_left=row.tries_left)
    if row.tries_left == 0 or call.at >= row.expires_at:
        return EmailAnswered(is_proved=False, tries_left=0)
    row.tries_left -= 1
    expected = email_code(row.pk, command.code.strip())
    if row.code_digest is not None and hmac.compare_digest(bytes(row.code_digest), expected):
        _set(row)
        row.proved_at = call.at
    row.save(update_fields=["tries_left", "proved_at"])
    return EmailAnswered(is_proved=row.proved_at is not None, tries_left=row.tries_left)


def _set(row: EmailClaim) -> None:
    """Put the address in the place of any other of the user's. Raises EmailInUse."""
    address = unseal(row.address_sealed, "emailclaim", "address", row.pk)
    if is_email_of_another(address, row.user_id):
        raise EmailInUse
    EmailAddress.objects.filter(user_id=row.user_id).delete()
    try:
        with undone_if_it_fails():
            EmailAddress.objects.create(
                user_id=row.user_id, email=address, verified=True, primary=True
            )
    except IntegrityError:
        raise EmailInUse from None
