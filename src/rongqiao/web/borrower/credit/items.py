"""Collateral told in words: its kinds, what is said of each, and what is personal masked."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rongqiao.finance.money import Money
from rongqiao.lending.collateral.queries.register import ItemView
from rongqiao.policies.masking import mask_number
from rongqiao.web.borrower.words import say
from rongqiao.web.templatetags.figures import yuan

Words = Mapping[str, Promise]

FIELDS: Words = {
    "vin": _("车辆识别代号"),
    "plate": _("车牌号"),
    "make": _("品牌型号"),
    "year": _("出厂年份"),
    "mileage": _("行驶里程（公里）"),
    "certificate": _("不动产权证号"),
    "address": _("坐落"),
    "area": _("建筑面积（平方米）"),
    "share": _("所占份额（%）"),
    "debtor": _("付款义务人"),
    "invoice": _("发票号码"),
    "amount": _("凭证金额（元）"),
    "ends_on": _("到期日"),
    "bank": _("开户银行"),
    "account": _("账号"),
    "guarantor": _("保证人"),
    "guarantor_number": _("保证人证件号码"),
    "contract": _("保证合同编号"),
    "guarantee": _("保证方式"),
}
GUARANTEES: Words = {"general": _("一般保证"), "joint": _("连带责任保证")}
# Personal, or a key to somebody's money: shown whole on the item's own page alone.
_MASKED = frozenset({"vin", "account", "guarantor_number", "certificate", "invoice", "contract"})
_NAMED = {
    "vehicle": ("make", "vin"),
    "real_estate": ("certificate",),
    "receivable": ("debtor", "invoice"),
    "deposit": ("bank", "account"),
    "guarantee": ("guarantor", "guarantee"),
}


def titled(item: ItemView) -> str:
    """Return an item in a few words, numbers masked."""
    said = dict(item.particulars)
    return " ".join(_shown(name, said[name], masked=True) for name in _NAMED[item.kind])


def lines_of(item: ItemView, *, masked: bool) -> list[tuple[str, str]]:
    """Return what is said of an item, label and text."""
    return [
        (say(FIELDS, name), _shown(name, text, masked=masked)) for name, text in item.particulars
    ]


def _shown(name: str, text: str, *, masked: bool) -> str:
    if name == "guarantee":
        return say(GUARANTEES, text)
    if name == "amount":
        return yuan(Money.yuan(text))
    return mask_number(text) if masked and name in _MASKED else text
