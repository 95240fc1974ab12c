"""What origination tells: applications submitted and decided, agreements signed, limits drawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from typing_extensions import override

from rongqiao.finance.money import Money
from rongqiao.platform.events import Event


@dataclass(frozen=True, kw_only=True)
class ApplicationSubmitted(Event):
    """A borrower handed in an application; it is screened in the same breath.

    `marks` are what it tells of home, employer and contact, as `kind:digest`: keyed digests, from
    which no value can be had.
    """

    name: ClassVar[str] = "origination.application-submitted"
    application_id: UUID
    party_id: UUID
    product_code: str
    marks: tuple[str, ...] = ()

    @property
    @override
    def subject(self) -> str:
        """Facts of one application keep their order."""
        return f"application:{self.application_id}"


@dataclass(frozen=True, kw_only=True)
class ApplicationDecided(Event):
    """An application came to a state somebody waits for: approved, referred, declined, ..."""

    name: ClassVar[str] = "origination.application-decided"
    application_id: UUID
    party_id: UUID
    state: str
    decision_id: UUID
    is_by_person: bool = False

    @property
    @override
    def subject(self) -> str:
        """Facts of one application keep their order."""
        return f"application:{self.application_id}"


@dataclass(frozen=True, kw_only=True)
class DocumentsAsked(Event):
    """A reviewer asked the borrower for documents, by a day."""

    name: ClassVar[str] = "origination.documents-asked"
    application_id: UUID
    party_id: UUID
    number: str
    count: int
    due_on: date

    @property
    @override
    def subject(self) -> str:
        """Facts of one application keep their order."""
        return f"application:{self.application_id}"


@dataclass(frozen=True, kw_only=True)
class ReviewAsked(Event):
    """A declined borrower asked for a person to look at it; somebody answers by `due_on`."""

    name: ClassVar[str] = "origination.review-asked"
    application_id: UUID
    party_id: UUID
    number: str
    due_on: date

    @property
    @override
    def subject(self) -> str:
        """Facts of one application keep their order."""
        return f"application:{self.application_id}"


@dataclass(frozen=True, kw_only=True)
class AgreementSigned(Event):
    """A borrower signed. `kind` is `loan` (to be disbursed) or `limit` (to be drawn later)."""

    name: ClassVar[str] = "origination.agreement-signed"
    agreement_id: UUID
    application_id: UUID
    party_id: UUID
    product_code: str
    kind: str
    amount: Money
    rate_annual: Decimal
    term_count: int

    @property
    @override
    def subject(self) -> str:
        """Facts of one agreement keep their order."""
        return f"agreement:{self.agreement_id}"


@dataclass(frozen=True, kw_only=True)
class LimitDrawn(Event):
    """A borrower signed a drawing on a credit limit: `agreement_id` is the drawing's own note."""

    name: ClassVar[str] = "origination.limit-drawn"
    agreement_id: UUID
    drawing_id: UUID
    limit_id: UUID
    party_id: UUID
    product_code: str
    amount: Money
    rate_annual: Decimal
    term_count: int

    @property
    @override
    def subject(self) -> str:
        """Facts of one agreement keep their order."""
        return f"agreement:{self.agreement_id}"


@dataclass(frozen=True, kw_only=True)
class LimitCutDown(Event):
    """The lender lowered a credit limit from `was` to `amount`."""

    name: ClassVar[str] = "origination.limit-cut-down"
    limit_id: UUID
    agreement_id: UUID
    party_id: UUID
    was: Money
    amount: Money
    reason: str

    @property
    @override
    def subject(self) -> str:
        """Facts of one agreement keep their order."""
        return f"agreement:{self.agreement_id}"
