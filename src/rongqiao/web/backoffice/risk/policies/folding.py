"""The parts of a long page folded, their table of contents, and which are open: in the address."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

PARAM, ALL, NONE = "parts", "all", "none"


@dataclass(frozen=True)
class Part:
    """A part that folds: its mark in the address, its heading, and how much is in it."""

    slug: str
    title: str
    count: int | None = None


def folded(request: HttpRequest, parts: Sequence[Part], opened: Collection[str]) -> dict[str, Any]:
    """Return what a page needs to fold its parts; `opened` are open where the address is silent.

    `open` are the marks of open parts, `contents` the table with an address that opens each.
    """
    known = [one.slug for one in parts]
    said = request.GET.get(PARAM, "")
    wanted = known if said == ALL else said.split(",") if said else opened
    is_open = [slug for slug in known if slug in wanted]
    return {
        "open": is_open,
        "all": f"?{PARAM}={ALL}",
        "none": f"?{PARAM}={NONE}",
        "contents": [
            {
                "part": one,
                "is_open": one.slug in is_open,
                "href": f"?{PARAM}={','.join(_with(known, is_open, one.slug))}#part-{one.slug}",
            }
            for one in parts
        ],
    }


def _with(known: Sequence[str], is_open: Collection[str], slug: str) -> list[str]:
    return [one for one in known if one in is_open or one == slug]


def parts_of_sheet(sheet: dict[str, Any]) -> list[Part]:
    """Return the parts of a policy's document, as `shown.sheets` gives it."""
    points = sheet["points"]
    parts = [
        Part("cutoffs", _("阈值"), len(sheet["cutoffs"])),
        Part("grades", _("等级与定价"), len(sheet["grades"])),
        Part("means", _("还款能力与利润")),
        Part("points", _("评分表"), len(points["lines"]))
        if points
        else Part("model", _("评分模型")),
    ]
    parts += [
        Part(f"rules-{one['code']}", one["title"], len(one["rules"])) for one in sheet["tables"]
    ]
    return [*parts, Part("features", _("特征"), len(sheet["features"]))]
