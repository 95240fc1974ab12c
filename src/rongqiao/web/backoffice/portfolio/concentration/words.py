"""The words for what lending may gather in."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from rongqiao.lending.origination.queries.concentration import parties_in_groups
from rongqiao.lending.products.queries import list_versions
from rongqiao.parties.queries import get_parties
from rongqiao.web.backoffice.finance.words import Words, say
from rongqiao.web.borrower.words import product_name
from rongqiao.web.frame.reasons import NAMES

KINDS: Words = {
    "borrower": _("单一借款人"),
    "group": _("关联借款人"),
    "industry": _("行业"),
    "region": _("地区"),
    "product": _("产品"),
    "whole": _("全部借款"),
}
EACH: Words = {
    "borrower": _("每个借款人"),
    "group": _("每组关联借款人"),
    "industry": _("每个行业"),
    "region": _("每个地区"),
    "product": _("每个产品"),
    "whole": _("全部借款"),
}
STATES: Words = {
    "waiting": _("待复核"),
    "released": _("已生效"),
    "declined": _("已驳回"),
    "withdrawn": _("已撤回"),
}
TONES = {"waiting": "info", "released": "success"}
SORTS: Words = {"person": _("每个个人"), "organization": _("每家企业")}
INDUSTRIES: Words = {
    "personal": _("个人消费与周转"),
    **{
        code: NAMES[code]
        for code in (
            "agriculture",
            "manufacturing",
            "wholesale-retail",
            "transport",
            "catering",
            "technology",
            "services",
            "construction",
            "education",
            "health",
            "mining",
            "real-estate",
            "finance",
            "other",
        )
    },
}
# GB/T 2260.
REGIONS: Words = {
    "11": _("北京"),
    "12": _("天津"),
    "13": _("河北"),
    "14": _("山西"),
    "15": _("内蒙古"),
    "21": _("辽宁"),
    "22": _("吉林"),
    "23": _("黑龙江"),
    "31": _("上海"),
    "32": _("江苏"),
    "33": _("浙江"),
    "34": _("安徽"),
    "35": _("福建"),
    "36": _("江西"),
    "37": _("山东"),
    "41": _("河南"),
    "42": _("湖北"),
    "43": _("湖南"),
    "44": _("广东"),
    "45": _("广西"),
    "46": _("海南"),
    "50": _("重庆"),
    "51": _("四川"),
    "52": _("贵州"),
    "53": _("云南"),
    "54": _("西藏"),
    "61": _("陕西"),
    "62": _("甘肃"),
    "63": _("青海"),
    "64": _("宁夏"),
    "65": _("新疆"),
    "71": _("台湾"),
    "81": _("香港"),
    "82": _("澳门"),
    "83": _("台湾居民居住证"),
}
MOST_NAMES = 3
Places = Iterable[tuple[str, str]]


def products() -> dict[str, str]:
    """Return the name of every product's latest version, by code."""
    names: dict[str, str] = {}
    for one in list_versions():
        names.setdefault(one.code, product_name(one.terms))
    return names


def names_of(places: Places) -> dict[tuple[str, str], str]:
    """Return the words for places given as kind and key, in a bounded number of queries."""
    wanted = set(places)
    groups = parties_in_groups((key for kind, key in wanted if kind == "group"), MOST_NAMES + 1)
    ids = {party for members in groups.values() for party in members}
    ids |= {found for kind, key in wanted if kind == "borrower" and (found := _party(key))}
    parties = {party: view.name for party, view in get_parties(ids).items()}
    sold = products() if any(kind == "product" for kind, _key in wanted) else {}

    def name(kind: str, key: str) -> str:
        if not key or kind == "whole":
            return say(EACH, kind)
        if kind == "borrower":
            party = _party(key)
            return parties.get(party, key) if party else say(SORTS, key)
        if kind == "group":
            members = [parties[one] for one in groups.get(key, ()) if one in parties]
            more = "…" if len(members) > MOST_NAMES else ""
            return "、".join(members[:MOST_NAMES]) + more or key[:8]
        return sold.get(key, key) if kind == "product" else say({**INDUSTRIES, **REGIONS}, key)

    return {place: name(*place) for place in wanted}


def keys_of(kind: str) -> dict[str, str]:
    """Return the keys a limit of a kind may be put on, besides a named borrower or group."""
    each = {"": say(EACH, kind)}
    more: dict[str, str] = {}
    if kind == "borrower":
        more = {code: str(word) for code, word in SORTS.items()}
    elif kind == "industry":
        more = {code: str(word) for code, word in INDUSTRIES.items()}
    elif kind == "region":
        more = {code: str(word) for code, word in REGIONS.items()}
    elif kind == "product":
        more = products()
    return each | more


def _party(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None
