"""Filters that live in the address: a page narrowed can be kept, sent and exported.

What cannot be read is told beside its field and narrows nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.finance.money import LARGEST_MINOR, Money
from rongqiao.web.frame.access import page_start
from rongqiao.web.frame.forms import DayField, MoneyField, dress, name_fields, shown

LONGEST = 100
# Pages by offset end here: whoever needs more narrows further.
FURTHEST = 10_000


class Filters(forms.Form):
    """A form read from the address. `given` has what could be read, and nothing for the rest."""

    def __init__(self, request: HttpRequest) -> None:
        """Read the address; fields get the small look."""
        super().__init__(request.GET, auto_id="f-%s")
        for field in self.fields.values():
            field.required = False
            is_choice = isinstance(field.widget, forms.Select)
            look = "select select-sm w-full" if is_choice else "input input-sm w-full"
            field.widget.attrs.setdefault("class", look)
        dress(self)
        name_fields(self)
        self.is_valid()

    def given(self, name: str) -> Any:
        """Return what a field was given, or None."""
        return self.cleaned_data.get(name) or None

    def text(self, name: str = "q") -> str:
        """Return a field's text, or nothing."""
        return str(self.cleaned_data.get(name) or "").strip()

    @property
    def is_narrowed(self) -> bool:
        """Tell whether anything narrows the page."""
        return any(self.cleaned_data.values())


class ChoiceFilter(forms.ChoiceField):
    """One of some codes, or all of them."""

    def __init__(self, words: Mapping[str, Any], **options: Any) -> None:
        """Offer all, then `words`."""
        choices = [("", gettext_lazy("全部")), *words.items()]
        super().__init__(choices=choices, required=False, **options)


class TextFilter(forms.CharField):
    """A few words to look for."""

    def __init__(self, label: Any, **options: Any) -> None:
        """Take at most as much as a table could hold."""
        super().__init__(label=label, max_length=LONGEST, required=False, **options)
        self.widget.input_type = "search"


class AmountFilter(MoneyField):
    """An exact amount."""

    def __init__(self, label: Any, **options: Any) -> None:
        """Allow what an account can count."""
        super().__init__(
            label=label, least=Money(1), most=Money(LARGEST_MINOR), required=False, **options
        )


class DayFilter(DayField):
    """A day of the calendar."""

    def __init__(self, label: Any, **options: Any) -> None:
        """Show the browser's own calendar."""
        super().__init__(label=label, required=False, **options)


def offset_in(request: HttpRequest) -> int:
    """Return where a list goes on, from `from`; 0 for anything that is no such number."""
    return page_start(request, FURTHEST)


def pages(offset: int, size: int, *, has_more: bool) -> dict[str, int | None]:
    """Return where the page before and the page after begin, for pages.html."""
    is_last = not has_more or offset + size > FURTHEST
    return {
        "newer": max(offset - size, 0) if offset else None,
        "older": None if is_last else offset + size,
    }


def day_asked(request: HttpRequest, name: str, otherwise: date) -> tuple[date, str]:
    """Return the day in the address and a sentence on what could not be read."""
    text = request.GET.get(name, "")
    if not text:
        return otherwise, ""
    try:
        return DayField(label="").clean(text), ""
    except forms.ValidationError:
        said = _("「%(value)s」不是日历上的日期：请按 2026-01-31 的样子填写。")
        return otherwise, said % {"value": shown(text)}
