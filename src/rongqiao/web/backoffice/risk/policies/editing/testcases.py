"""The test cases of a draft as fields, and the test cases made of the answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from rongqiao.risk.queries.policies.documents import EXPECTABLE
from rongqiao.web.backoffice.risk.policies.editing.entries import (
    Document,
    Entry,
    Group,
    Path,
    pairs_of,
)


def test_groups(document: Document) -> list[Group]:
    """Return the fields of every test case, and of one to come."""
    first = document["tests"][0] if document["tests"] else None
    blank: Document = {"name": "", "features": {}, "expect": {"outcome": "approve"}}
    blank["case"] = first["case"] if first else {}
    groups = []
    for n, test in enumerate([*document["tests"], blank]):
        heading = test["name"] or _("新增测试案例（不加就留空）")
        groups.append(Group(heading=heading, entries=tuple(_test(n, test))))
    return groups


def _test(n: int, test: Document) -> Iterator[Entry]:
    def entry(key: str, label: str, kind: str, value: Any, help_text: str = "") -> Entry:
        path: Path = ("tests", n, key, "#test")
        name = f"{key}_{n}"
        told = {"name": name, "label": label, "kind": kind, "path": path, "value": value}
        return Entry(**told, help=help_text, is_required=False)

    case = test["case"]
    plain = {key: value for key, value in case.items() if key != "rates"}
    rates = {one["grade"]: one["rate_annual"] for one in case.get("rates", [])}
    yield entry("name", _("名称"), "text", test["name"])
    yield entry("case", _("申请"), "lines", lines_of(plain), _("每行：名称 = 值"))
    yield entry("rates", _("产品利率"), "lines", lines_of(rates), _("每行：等级 = 年利率"))
    yield entry("features", _("特征"), "lines", lines_of(test["features"]), _("每行：名称 = 值"))
    told = _("每行：%(names)s = 值；reasons 用逗号分开") % {"names": "、".join(EXPECTABLE)}
    yield entry("expect", _("预期"), "lines", lines_of(test["expect"]), told)
    if test["name"]:
        yield entry("drop", _("删除这个案例"), "flag", value=False)


def lines_of(pairs: Document) -> str:
    """Return pairs as lines `name = value`, as `pairs_of` reads them."""
    return "\n".join(f"{name} = {plain_text(value)}" for name, value in pairs.items())


def plain_text(value: Any) -> str:
    """Return a value of a document as a field shows it."""
    if isinstance(value, list):
        return ",".join(value)
    if value is None:
        return "null"
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def settle_tests(made: Document, before: Document, said: dict[str, Any]) -> None:
    """Put the test cases that were said in the document's place."""
    kinds = {one["name"]: one["type"] for one in before["features"]}
    kept = []
    for n in range(len(before["tests"]) + 1):
        if not said[f"name_{n}"] or said.get(f"drop_{n}"):
            continue
        was = before["tests"][n] if n < len(before["tests"]) else None
        features = pairs_of(said[f"features_{n}"])
        rates = pairs_of(said[f"rates_{n}"])
        old = was["features"] if was else {}
        kept.append(
            {
                "name": said[f"name_{n}"],
                "case": {
                    **_case(pairs_of(said[f"case_{n}"])),
                    "rates": [{"grade": k, "rate_annual": v} for k, v in rates.items()],
                },
                "features": {
                    name: typed(text, kinds.get(name, "text"), old.get(name))
                    for name, text in features.items()
                },
                "expect": _expected(pairs_of(said[f"expect_{n}"])),
            }
        )
    made["tests"] = kept


def _case(pairs: dict[str, str]) -> Document:
    return {name: int(text) if _is_whole(name, text) else text for name, text in pairs.items()}


def _is_whole(name: str, text: str) -> bool:
    return name in ("term_months", "score") and text.lstrip("-").isdecimal() and text.isascii()


def typed(text: str, kind: str, old: Any) -> Any:
    """Return a value of its kind; one that was not touched stays as it was written."""
    if text == plain_text(old):
        return old
    if text == "null":
        return None
    return {"true": True, "false": False}.get(text, text) if kind == "flag" else text


def _expected(pairs: dict[str, str]) -> Document:
    found: Document = _case(pairs)
    if "reasons" in pairs:
        found["reasons"] = [one.strip() for one in pairs["reasons"].split(",") if one.strip()]
    return found
