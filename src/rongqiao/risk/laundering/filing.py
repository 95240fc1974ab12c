"""Report files: what is told to the authority, as XML and as CSV. Pure.

The elements carry the house's own names: the centre's interface document was not seen, so a
mapping to its tags stands out. Each file says so in its `note`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

from rongqiao.policies.spreadsheets import plain

NOTE = "element names are the house's own: the interface document of the centre was not seen"


def as_xml(kind: str, head: Mapping[str, str], rows: Sequence[Mapping[str, str]]) -> bytes:
    """Return a report as XML in UTF-8: `head` as elements, each of `rows` as a `movement`."""
    root = ET.Element("report", {"kind": kind, "note": NOTE})
    for name, value in head.items():
        ET.SubElement(root, name).text = _xml_text(value)
    listed = ET.SubElement(root, "movements", {"count": str(len(rows))})
    for row in rows:
        one = ET.SubElement(listed, "movement")
        for name, value in row.items():
            ET.SubElement(one, name).text = _xml_text(value)
    ET.indent(root)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def as_csv(head: Mapping[str, str], rows: Sequence[Mapping[str, str]]) -> str:
    """Return a report as CSV: every movement a row that repeats the head; one row where none."""
    names = [*head, *(name for name in (rows[0] if rows else {}) if name not in head)]
    out = io.StringIO()
    writer = csv.DictWriter(out, names, lineterminator="\r\n")
    writer.writeheader()
    for row in rows or [{}]:
        writer.writerow({name: plain({**head, **row}.get(name, "")) for name in names})
    return out.getvalue()


def _xml_text(value: str) -> str:
    """Leave out what XML 1.0 cannot hold (2.2)."""
    return "".join(c for c in value if c in "\t\n\r" or " " <= c <= "\ud7ff" or c >= "\ue000")
