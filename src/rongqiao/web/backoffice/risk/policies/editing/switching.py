"""Parts of a draft that are there or not: profit floor, challenger, means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from rongqiao.platform import clock
from rongqiao.risk.queries.policies.versions import list_versions
from rongqiao.web.backoffice.risk.policies.editing.entries import Document, Entry, Group, choice
from rongqiao.web.backoffice.risk.policies.words import OUTCOMES

Said = dict[str, Any]
_PROFIT = ("funds", "cost", "loss_given_default", "floor")


def settle_profit(made: Document, document: Document, said: Said) -> None:
    """Put the whole floor in place, or take it away: it may not have been there before."""
    rates = [
        {"grade": step["grade"], "rate": said[f"default_{n}"]}
        for n, step in enumerate(document["grades"])
    ]
    floor = {key: said[f"profit_{key}"] for key in _PROFIT}
    made["profit"] = (
        {**floor, "below": said["below"], "default_rates": rates} if said["is_on"] else None
    )


def settle_challenge(made: Document, _document: Document, said: Said) -> None:
    """Put the challenger in place, or take it away."""
    named = {key: said[key] for key in ("policy", "share", "salt")}
    made["challenge"] = named if said["is_on"] else None


def settle_means(made: Document, _document: Document, said: Said) -> None:
    """Put the limits of means in place, or take them away."""
    months = said["income_months_max"]
    limits = {
        "burden_max": said["burden_max"],
        "income_months_max": int(months) if months else None,
        "revenue_share_max": said["revenue_share_max"] or None,
    }
    made["affordability"] = limits if said["is_on"] else None


def _switch(part: str, label: str, document: Document) -> Entry:
    path = (part, "#switched")
    return Entry(name="is_on", label=label, kind="flag", path=path, value=bool(document[part]))


def challenge_groups(document: Document) -> list[Group]:
    """Return the fields of the challenger: which version, its share, its salt."""
    found = document["challenge"] or {"policy": "", "share": "", "salt": ""}
    versions = list_versions(document["code"], clock.business_date())
    known = {one.sha256: f"{one.number} · {one.label}" for one in reversed(versions)}
    # One that was kept elsewhere stays as it is unless another is chosen.
    known = {found["policy"]: found["policy"][:12] or "—"} | known
    told = {"share": _("0 即只在影子中比较，不作决定"), "salt": _("至少 8 个字；改了就重新分流")}
    entries = [
        _switch("challenge", _("设挑战者"), document),
        choice("policy", _("挑战者策略"), ("challenge", "policy", "#switched"), "", known),
    ]
    entries[1] = replace(entries[1], value=found["policy"], is_required=False)
    for key, label in (("share", _("分流比例")), ("salt", _("分流盐"))):
        entries.append(
            Entry(
                name=key,
                label=label,
                kind="decimal" if key == "share" else "text",
                path=("challenge", key, "#switched"),
                value=str(found[key]),
                help=told[key],
                is_required=False,
            )
        )
    return [Group(heading=_("冠军与挑战者"), entries=tuple(entries))]


def profit_groups(document: Document) -> list[Group]:
    """Return the fields of the profit floor, a rate of default for each grade."""
    entries = (_switch("profit", _("设利润下限"), document), *_profit_entries(document))
    return [Group(heading=_("利润下限"), entries=entries)]


def _profit_entries(document: Document) -> Iterator[Entry]:
    profit = document["profit"] or {"default_rates": []}
    defaults = {one["grade"]: one["rate"] for one in profit["default_rates"]}
    labels = {
        "funds": _("资金成本（年）"),
        "cost": _("运营成本（年）"),
        "loss_given_default": _("违约损失率"),
        "floor": _("最低年化利润率"),
    }
    for key, label in labels.items():
        yield Entry(
            name=f"profit_{key}",
            label=label,
            kind="decimal",
            path=("profit", key, "#switched"),
            value=str(profit.get(key, "")),
            is_required=False,
        )
    below = ("profit", "below", "#switched")
    words = {key: OUTCOMES[key] for key in ("refer", "decline")}
    yield choice("below", _("低于下限时"), below, profit.get("below", "refer"), words)
    for n, step in enumerate(document["grades"]):
        yield Entry(
            name=f"default_{n}",
            label=_("%(grade)s 级违约率") % step,
            kind="decimal",
            path=("profit", "default_rates", n, "rate", "#switched"),
            value=str(defaults.get(step["grade"], "")),
            is_required=False,
        )


def means_groups(document: Document) -> list[Group]:
    """Return the fields of what a case can carry."""
    means = document["affordability"] or {}
    rest = means.get("revenue_share_max")
    entries = (
        _switch("affordability", _("测算还款能力"), document),
        Entry(
            name="burden_max",
            label=_("每月还款最多占月收入"),
            kind="decimal",
            path=("affordability", "burden_max", "#switched"),
            value=str(means.get("burden_max", "")),
            help=_("0.55 即 55%"),
            is_required=False,
        ),
        Entry(
            name="income_months_max",
            label=_("本平台借款最多为几个月收入"),
            kind="whole",
            path=("affordability", "income_months_max", "#switched"),
            value=means.get("income_months_max", ""),
            is_required=False,
        ),
        Entry(
            name="revenue_share_max",
            label=_("本平台借款最多占年营业收入"),
            kind="decimal",
            path=("affordability", "revenue_share_max", "#switched"),
            value="" if rest is None else str(rest),
            help=_("不填即不限；需要年营业收入这一特征"),
            is_required=False,
        ),
    )
    return [Group(heading=_("还款能力"), entries=entries)]
