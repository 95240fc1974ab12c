"""The files of reports, made when they are fetched: names in full stand in them alone."""

from __future__ import annotations

from uuid import UUID

from rongqiao.parties.queries import Identity
from rongqiao.risk.laundering.filing import as_csv, as_xml
from rongqiao.risk.laundering.thresholds import deadlines
from rongqiao.risk.queries.laundering.cases import get_report

DEADLINES = deadlines()


def report_xml(report_id: UUID, party: Identity) -> bytes:
    """Return a report as XML; raises NotFound."""
    kind, head, rows = _content(report_id, party)
    return as_xml(kind, head, rows)


def report_csv(report_id: UUID, party: Identity) -> str:
    """Return a report as CSV; raises NotFound."""
    _kind, head, rows = _content(report_id, party)
    return as_csv(head, rows)


def _content(report_id: UUID, party: Identity) -> tuple[str, dict[str, str], list[dict[str, str]]]:
    view, content = get_report(report_id)
    head = {
        "number": view.number,
        "customer_name": party.name,
        "customer_kind": party.kind,
        "customer_number": party.number,
        "happened_on": view.happened_on.isoformat(),
        "due_on": view.due_on.isoformat(),
    }
    if view.kind == "large-value":
        head |= {
            "rule": str(content["rule"]),
            "feature": view.feature,
            "direction": "in" if view.is_in else "out",
            "total": view.amount.text(),
        }
        return view.kind, head, [dict(row) for row in content["movements"]]
    head |= {"case": str(content["case"]), "reasons": str(content["reasons"])}
    head["alerts"] = ", ".join(f"{one['number']} {one['kind']}" for one in content["alerts"])
    return view.kind, head, []
