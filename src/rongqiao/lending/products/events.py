"""What products tell: a version came into force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from typing_extensions import override

from rongqiao.platform.events import Event


@dataclass(frozen=True, kw_only=True)
class ProductPublished(Event):
    """A version of a product is in force from its business date."""

    name: ClassVar[str] = "products.product-published"
    version_id: UUID
    code: str

    @property
    @override
    def subject(self) -> str:
        """Facts of one product keep their order."""
        return f"product:{self.code}"
