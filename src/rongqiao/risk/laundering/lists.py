"""A list file read: entries with their names, and what is wrong with it. Pure.

Two shapes. CSV with a heading row, Chinese or English (a public notice of the 公安部, a table of
politically exposed people, OFAC's table with headings); several names, dates or numbers in a cell
stand apart by semicolons. JSON like the United Nations' consolidated list: INDIVIDUALS and
ENTITIES with FIRST_NAME ... FOURTH_NAME, aliases and dates of birth.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from rongqiao.risk.laundering.names.matching import FIRM, PERSON, Listed, keys_of
from rongqiao.risk.laundering.names.reading import plain

MOST_BYTES = 50_000_000
LONGEST_NAME = 300
# What the tables keep of an entry; a number cut short would be another number.
_LONGEST = {"reference": 80, "numbers": 60, "countries": 60, "programme": 200, "remark": 20_000}
_HEADS = {
    "reference": ("编号", "序号", "id", "ent_num", "reference", "uid"),
    "kind": ("类型", "kind", "type", "sdn_type"),
    "names": ("姓名", "名称", "name", "sdn_name", "names"),
    "aliases": ("别名", "曾用名", "外文名", "alias", "aliases", "aka", "a.k.a."),
    "born": ("出生日期", "生日", "born", "dob", "date_of_birth"),
    "numbers": ("证件号码", "统一社会信用代码", "number", "numbers", "id_number"),
    "countries": ("国籍", "国家", "country", "countries", "nationality"),
    "programme": ("依据", "文件", "programme", "program", "list_type"),
    "remark": ("备注", "职务", "remark", "remarks", "position"),
}
_FIRM_WORDS = {"firm", "entity", "organization", "企业", "单位", "组织", "机构", "公司"}
_UNKEPT = re.compile("[\x00\ud800-\udfff]")
_DATE = re.compile(r"(\d{4})(?:[-./年](\d{1,2})(?:[-./月](\d{1,2}))?)?")


class BadList(ValueError):
    """The file is no list: a code (`empty`, `shape`, `heading`, `row`) and the row it is about."""

    def __init__(self, code: str, row: int = 0, value: str = "") -> None:
        super().__init__(code, row)
        # What no table keeps no page shows either.
        self.code, self.row, self.value = code, row, _UNKEPT.sub("\ufffd", value[:40])


@dataclass(frozen=True, kw_only=True)
class Delta:
    """What a version changes: references that came, came anew with other contents, and went."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


def read_list(text: str) -> tuple[Listed, ...]:
    """Return the entries of a list file in order; raises BadList."""
    if not text.strip():
        raise BadList("empty")
    bare = text.lstrip("\ufeff \r\n\t")
    entries = tuple(_json_rows(bare) if bare[:1] in "{[" else _csv_rows(bare))
    if not entries:
        raise BadList("empty")
    seen: set[str] = set()
    for number, one in enumerate(entries, start=1):
        _check(one, number, seen)
    return entries


def delta(before: dict[str, bytes], after: Iterable[Listed]) -> Delta:
    """Return what changed, given the digests of the entries in force by reference."""
    now = {one.reference: digest_of(one) for one in after}
    return Delta(
        added=tuple(one for one in now if one not in before),
        changed=tuple(one for one in now if one in before and now[one] != before[one]),
        removed=tuple(one for one in before if one not in now),
    )


def digest_of(one: Listed) -> bytes:
    """Return SHA-256 of an entry's contents."""
    content = [one.kind, one.names, one.born, one.numbers, one.countries, one.programme, one.remark]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).digest()


def hashed(key: str) -> int:
    """Return a key as the signed 64-bit number it is indexed by."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), signed=True)


def index_keys(one: Listed) -> list[int]:
    """Return the numbers an entry is found by: of every name, and of every identity number."""
    keys = {key for name in one.names for key in keys_of(one.kind, name)}
    keys |= {f"n:{number}" for number in one.numbers}
    return sorted(hashed(key) for key in keys)


def _check(one: Listed, row: int, seen: set[str]) -> None:
    if one.reference in seen:
        raise BadList("twice", row, one.reference)
    seen.add(one.reference)
    _check_kept(one, row)
    for name in one.names:
        if not name or len(name) > LONGEST_NAME:
            raise BadList("name", row, name)
    if not any(keys_of(one.kind, name) for name in one.names):
        # Such as "有限公司" alone: everybody would be like it, so nobody is.
        raise BadList("tells-nothing", row, one.names[0])


def _check_kept(one: Listed, row: int) -> None:
    """Raise BadList for the first text that the tables would refuse, or cut short."""
    for name, longest in _LONGEST.items():
        said = getattr(one, name)
        for text in (said,) if isinstance(said, str) else said:
            if len(text) > longest or not _is_kept(text):
                raise BadList(name, row, text)
    for text in one.names:
        if not _is_kept(text):
            raise BadList("name", row, text)


def _is_kept(text: str) -> bool:
    """Tell whether a table can keep a text: no NUL, no half of a character."""
    return not _UNKEPT.search(text)


def _csv_rows(text: str) -> Iterator[Listed]:
    try:
        rows = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise BadList("shape") from error
    columns = _columns(rows[0])
    if "names" not in columns or "reference" not in columns:
        raise BadList("heading", 1, ",".join(rows[0]))
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(rows[0]):
            raise BadList("row", number)

        def cells(name: str, row: list[str] = row) -> tuple[str, ...]:
            place = columns.get(name)
            said = [] if place is None else re.split(r"[;；]", row[place])
            return tuple(one for cell in said if (one := plain(cell)))

        yield _listed(cells, number)


def _listed(cells: Callable[[str], tuple[str, ...]], row: int) -> Listed:
    names = (*cells("names"), *cells("aliases"))
    references = cells("reference")
    if not names or not references:
        raise BadList("row", row)
    said = " ".join(cells("kind")).casefold()
    return Listed(
        reference=references[0],
        kind=FIRM if any(word in said for word in _FIRM_WORDS) else PERSON,
        names=tuple(dict.fromkeys(names)),
        born=tuple(_birth(one, row) for one in cells("born")),
        numbers=tuple(one.upper().replace(" ", "") for one in cells("numbers")),
        countries=cells("countries"),
        programme="; ".join(cells("programme")),
        remark="; ".join(cells("remark")),
    )


def _columns(heads: list[str]) -> dict[str, int]:
    wanted = {word: name for name, known in _HEADS.items() for word in known}
    found: dict[str, int] = {}
    for place, head in enumerate(heads):
        name = wanted.get(head.strip().casefold())
        if name and name not in found:
            found[name] = place
    return found


def _birth(text: str, row: int) -> str:
    """Return a date, month or year in ISO; a circa or a range is its first year."""
    found = _DATE.search(text)
    if found is None:
        raise BadList("born", row, text)
    year, month, day = found.groups()
    if month is None:
        return year
    try:
        whole = date(int(year), int(month), int(day or 1)).isoformat()
        return whole if day else whole[:7]
    except ValueError as error:
        raise BadList("born", row, text) from error


def _json_rows(text: str) -> Iterator[Listed]:
    try:
        said = json.loads(text)
        groups = said.get("CONSOLIDATED_LIST", said)
        people, firms = groups.get("INDIVIDUALS", []), groups.get("ENTITIES", [])
    except (ValueError, AttributeError, RecursionError) as error:
        raise BadList("shape") from error
    if not isinstance(people, list) or not isinstance(firms, list):
        raise BadList("shape")
    row = 0
    for kind, rows in ((PERSON, people), (FIRM, firms)):
        for one in rows:
            row += 1
            try:
                yield _individual(kind, one, row)
            except (KeyError, TypeError, AttributeError) as error:
                raise BadList("row", row) from error


def _individual(kind: str, one: dict[str, Any], row: int) -> Listed:
    places = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
    whole = " ".join(plain(one[place]) for place in places if one.get(place))
    aliases = [a["ALIAS_NAME"] for a in one.get("ALIASES", ()) if a.get("ALIAS_NAME")]
    original = [one["NAME_ORIGINAL_SCRIPT"]] if one.get("NAME_ORIGINAL_SCRIPT") else []
    names = tuple(dict.fromkeys(plain(name) for name in (whole, *original, *aliases)))
    nations = one.get("NATIONALITY", ())
    return Listed(
        reference=str(one["REFERENCE_NUMBER"]),
        kind=kind,
        names=names,
        born=tuple(_birth(plain(str(b)), row) for b in one.get("DATES_OF_BIRTH", ())),
        numbers=tuple(str(n).upper().replace(" ", "") for n in one.get("DOCUMENTS", ())),
        countries=tuple(map(plain, [nations] if isinstance(nations, str) else nations)),
        programme=str(one.get("UN_LIST_TYPE", "")),
        remark=str(one.get("COMMENTS", "")),
    )
