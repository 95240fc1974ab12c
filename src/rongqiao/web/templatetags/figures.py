"""Figures as people read them: amounts, dates, rates, icons. Plain string work, made for tables."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext, gettext_lazy, ngettext_lazy

from rongqiao.finance.money import Money

register = template.Library()
# What the terms of products are counted in: the word beside a number, and both together.
UNITS = {
    "month": (gettext_lazy("个月"), ngettext_lazy("%d 个月", "%d 个月")),
    "quarter": (gettext_lazy("个季度"), ngettext_lazy("%d 个季度", "%d 个季度")),
    "year": (gettext_lazy("年"), ngettext_lazy("%d 年", "%d 年")),
}
ICONS = Path(__file__).parents[1] / "templates" / "icons"


class Paced(Protocol):
    """What counts its terms in units: a product's terms."""

    @property
    def every_unit(self) -> str:
        """Return month, quarter or year."""

    @property
    def every_count(self) -> int:
        """Return how many of them one term lasts."""


@register.filter
def money(value: Money | int | None) -> str:
    """Return `1,234.50` for Money or fen; a dash for nothing given."""
    if value is None:
        return "—"
    minor = value.minor if isinstance(value, Money) else int(value)
    whole, rest = divmod(abs(minor), 100)
    return f"{'-' if minor < 0 else ''}{whole:,}.{rest:02d}"


@register.filter
def yuan(value: Money | int | None) -> str:
    """Return `¥1,234.50`."""
    text = money(value)
    return text if text == "—" else f"¥{text}"


@register.filter
def whole(value: Money | int) -> str:
    """Return `1,234` where the fen are none, else as `money`."""
    text = money(value)
    return text.removesuffix(".00")


@register.filter
def day(value: date | datetime | None) -> str:
    """Return `2026-01-31`."""
    if not value:
        return "—"
    return (localtime(value) if isinstance(value, datetime) else value).strftime("%Y-%m-%d")


@register.filter
def moment(value: datetime | None) -> str:
    """Return `2026-01-31 09:05`, China time."""
    return localtime(value).strftime("%Y-%m-%d %H:%M") if value else "—"


@register.filter
def percent(value: Decimal | str | None, digits: int = 2) -> str:
    """Return `6.00%` for the fraction 0.06."""
    if value is None or value == "":
        return "—"
    step = Decimal(1).scaleb(-digits)
    return f"{(Decimal(value) * 100).quantize(step, ROUND_HALF_UP)}%"


@register.filter
def share(value: Fraction) -> str:
    """Return `6.25%` for the exact fraction 1/16."""
    return percent(Decimal(value.numerator) / Decimal(value.denominator))


@register.filter
def lasting(terms: Paced, count: int) -> str:
    """Return how long `count` terms of a product last, in its own unit: `12 个月`."""
    return str(UNITS[terms.every_unit][1] % (count * terms.every_count))


@register.filter
def unit_of_term(terms: Paced) -> str:
    """Return what a number of terms is counted in: `个季度`, or `期` where it is several units."""
    return str(UNITS[terms.every_unit][0]) if terms.every_count == 1 else gettext("期")


@register.filter
def masked(value: str) -> str:
    """Return a UUID's last six characters, for telling rows apart without showing the whole."""
    return str(value)[-6:]


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return the drawing of an icon, inlined; decoration only, hidden from screen readers."""
    return mark_safe(_drawing(name))  # noqa: S308 - our own file


@cache
def _drawing(name: str) -> str:
    return (ICONS / f"{name}.svg").read_text()


@register.filter
def get(mapping: dict[str, Any], key: str) -> Any:
    """Return what `mapping` holds under `key`."""
    return mapping.get(key)


@register.simple_tag(takes_context=True)
def address_with(context: template.Context, **changes: Any) -> str:
    """Return this page's query string with some parameters changed; None takes one away."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = value
    return f"?{query.urlencode()}" if query else "?"
