"""Rules on what outside sources tell, which come with the house, taken into a draft."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from rongqiao.policies.credit.policy import outside_rules_fit, with_outside_sources
from rongqiao.web.backoffice.risk.policies.editing.entries import Document, Entry, Group


def may_be_added(document: Document) -> bool:
    """Tell whether the rules are not there yet and fit what is there."""
    return outside_rules_fit(document)


def groups(_document: Document) -> list[Group]:
    """Return the one question: whether they are wanted."""
    told = _(
        "随平台提供的一张规则表，连同特征、原因文字和测试案例一起加入；之后可以逐条修改或删除。"
        "申请会因此查询这些来源，各有费用，并须当事人同意。"
    )
    wanted = Entry(
        name="is_on",
        label=_("加入外部来源规则"),
        kind="flag",
        path=("tables", "#outside"),
        value=False,
        help=told,
    )
    return [Group(heading=_("外部来源规则"), entries=(wanted,))]


def settle(made: Document, before: Document, said: dict[str, Any]) -> None:
    """Take them in, where they are wanted."""
    if said["is_on"]:
        made.update(with_outside_sources(before))
