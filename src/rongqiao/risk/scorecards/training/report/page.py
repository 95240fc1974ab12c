"""The report as one HTML page: nothing is loaded, nothing runs, both languages are in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from rongqiao.risk.scorecards.training.report.drawing import (
    bar,
    calibration_picture,
    ks_picture,
    length,
    roc_picture,
    share_picture,
)
from rongqiao.risk.scorecards.training.report.words import said, warned

Report = Mapping[str, Any]
STYLE = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")
LEAKS = frozenset(
    {"round-in-one-class", "missing-in-one-class", "copy-of-target", "too-good-alone"}
)
OPEN_FIRST = 3
MOST_BINS_SHOWN = 80


def page(report: Report, language: str = "zh") -> str:
    """Return the page of a report; `language`, zh or en, is the one shown first."""
    body = "".join(
        part(report)
        for part in (
            _stats,
            _warnings,
            _how,
            _curves,
            _calibration,
            _grades,
            _characteristics,
            _stability,
            _fairness,
            _columns,
            _card,
        )
    )
    name = escape(report["data"]["name"])
    lang = "en" if language == "en" else "zh-Hans"
    head = (
        '<meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{name} · 模型训练报告 Model training report</title><style>{STYLE}</style>"
    )
    main = f"<main>{_header(report, language)}{body}</main>"
    return f'<!DOCTYPE html><html lang="{lang}"><head>{head}</head><body>{main}</body></html>\n'


def _header(report: Report, language: str) -> str:
    chosen = {one: " checked" if one == language else "" for one in ("zh", "en")}
    return (
        f'<header><div><p class="soft">{said("title")}</p>'
        f"<h1>{escape(report['data']['name'])}</h1>"
        f'<p class="soft num">{said("trained-on")} '
        f"{escape(report['model']['trained_on'])}</p></div>"
        f"<fieldset><legend>{said('language')}</legend>"
        f'<label><input type="radio" name="lang" id="zh"{chosen["zh"]}>中文</label>'
        f'<label><input type="radio" name="lang" id="en"{chosen["en"]}>English</label>'
        "</fieldset></header>"
    )


def _stats(report: Report) -> str:
    metrics = report["champion"]["metrics"]
    shown = [
        ("auc", f"{metrics['auc']:.3f}"),
        ("ks", f"{metrics['ks']:.3f}"),
        ("gini", f"{metrics['gini']:.3f}"),
        ("slope", f"{metrics['slope']:.2f}"),
        ("observed", _percent(metrics["observed"])),
        ("rows", f"{report['target']['rows']:,}"),
    ]
    tiles = "".join(
        f'<div class="stat"><span class="soft">{said(key)}</span><b>{value}</b></div>'
        for key, value in shown
    )
    return f'<div class="stats">{tiles}</div>'


def _warnings(report: Report) -> str:
    ranked = sorted(report["warnings"], key=lambda one: one["code"] not in LEAKS)
    lines = "".join(
        f"<li{' class=leak' if one['code'] in LEAKS else ''}>"
        f"{warned(one['code'], one['column'], one['facts'])}</li>"
        for one in ranked
    )
    told = f'<ul class="warn">{lines}</ul>' if lines else f"<p>{said('no-warnings')}</p>"
    return _section("warnings", told)


def _how(report: Report) -> str:
    split = report["split"]
    told = said(
        split["kind"],
        column=split["column"],
        until=split["until"],
        since=split["since"],
        tests=split["tests"],
        rows=f"{split['rows_tried']:,}",
    )
    metrics = report["champion"]["metrics"]
    spread = ""
    if split["tests"] > 1:
        spread = said(
            "spread", mean=f"{metrics['auc_mean']:.3f}", spread=f"{metrics['auc_spread']:.3f}"
        )
    keys = ("auc", "gini", "ks", "brier", "intercept", "slope", "expected", "observed")
    models = [("champion", metrics)]
    if report["challenger"]:
        models.append(("challenger", report["challenger"]["metrics"]))
    models.append(("learnt", report["champion"]["learnt"]))
    rows = [[said(name), *(_figure(key, values[key]) for key in keys)] for name, values in models]
    table = _table(["model", *keys], rows, numbers=range(1, len(keys) + 1))
    return _section("how", f"<p>{told}</p><p>{spread}</p>{table}")


def _curves(report: Report) -> str:
    curves = [("champion", report["champion"]["roc"])]
    key = f'<p class="key"><span><i class="a"></i>{said("champion")}</span>'
    if report["challenger"]:
        curves.insert(0, ("challenger", report["challenger"]["roc"]))
        key += f'<span><i class="b"></i>{said("challenger")}</span>'
    ks_key = (
        f'<p class="key"><span><i class="a"></i>{said("ks-bad")}</span>'
        f'<span><i class="b"></i>{said("ks-good")}</span></p>'
    )
    return (
        f'<div class="two">{_section("roc", roc_picture(curves) + key + "</p>")}'
        f"{_section('ks', ks_picture(report['champion']['ks']) + ks_key)}</div>"
    )


def _calibration(report: Report) -> str:
    rows = report["champion"]["calibration"]
    table = _table(
        ["expected", "observed", "interval", "rows"],
        [
            [
                _percent(one["expected"]),
                _percent(one["observed"]),
                f"{_percent(one['low'])} – {_percent(one['high'])}",
                f"{one['rows']:,}",
            ]
            for one in rows
        ],
        numbers=range(4),
    )
    return _section("calibration", f'<div class="two">{calibration_picture(rows)}{table}</div>')


def _grades(report: Report) -> str:
    rows = [
        [
            one["grade"],
            "—" if one["from"] is None else str(one["from"]),
            f"{one['rows']:,}",
            _percent(one["share"]),
            _percent(one["observed"]),
            length(one["observed"] or 0),
        ]
        for one in report["grades"]
    ]
    table = _table(["grade", "from", "rows", "share", "observed", ""], rows, numbers=range(1, 5))
    return _section("grades", f'<p class="soft">{said("grades-lead")}</p>{table}')


def _characteristics(report: Report) -> str:
    scaling = report["model"]["scaling"]
    lead = said(
        "characteristics-lead",
        base=report["model"]["base"],
        points=scaling["points"],
        odds=f"{scaling['odds']:g}",
        doubling=f"{scaling['doubling']:g}",
    )
    ranked = sorted(report["characteristics"], key=lambda one: -(one["iv"] or 0))
    parts = "".join(
        _characteristic(one, is_open=place < OPEN_FIRST) for place, one in enumerate(ranked)
    )
    return _section("characteristics", f'<p class="soft">{lead}</p>{parts}')


def _characteristic(one: Mapping[str, Any], *, is_open: bool) -> str:
    facts = ""
    if one["iv"] is not None:
        facts = f"{said('iv')} {one['iv']:.3f} · {said(one['direction'])}"
    most = max([abs(each["points"]) for each in one["bins"]] or [1])
    bins = one["bins"][:MOST_BINS_SHOWN]
    if one["iv"] is None:
        heads, numbers = ["bin", "points", ""], range(1, 2)
        rows = [
            [_name(each["text"]), str(each["points"]), bar(each["points"], most)] for each in bins
        ]
    else:
        heads, numbers = ["bin", "rows", "observed", "woe", "points", ""], range(1, 5)
        rows = [
            [
                _name(each["text"]),
                f"{each['rows']:,}",
                _percent(each["rate"]),
                f"{each['woe']:+.3f}",
                str(each["points"]),
                bar(each["points"], most),
            ]
            for each in bins
        ]
    table = _table(heads, rows, numbers=numbers)
    return (
        f"<details{' open' if is_open else ''}><summary><h3>{escape(one['name'])}</h3>"
        f'<span class="soft num">{facts}</span></summary>{table}</details>'
    )


def _stability(report: Report) -> str:
    found = report["stability"]
    is_by_time = report["split"]["kind"] == "out-of-time"
    lead = said("stability-time" if is_by_time else "stability-folds")
    key = (
        f'<p class="key"><span><i class="b"></i>{said("learnt-share")}</span>'
        f'<span><i class="a"></i>{said("tried-share")}</span></p>'
    )
    rows = [
        [_name(one["column"]), f"{one['csi']:.3f}", _state(one["alarm"])]
        for one in found["columns"]
    ]
    table = _table(["column", "CSI", "alarm"], rows, numbers=range(1, 2))
    picture = share_picture(found["expected"], found["actual"])
    index = f'<p>PSI <b class="num">{found["psi"]:.3f}</b> {_state(found["alarm"])}</p>'
    content = (
        f'<p class="soft">{lead}</p>{index}<div class="two"><div>{picture}{key}</div>{table}</div>'
    )
    return _section("stability", content)


def _fairness(report: Report) -> str:
    if not report["fairness"]:
        return _section("fairness", f"<p>{said('no-fairness')}</p>")
    lead = said("fairness-lead", share=f"{100 * report['approved_share']:.0f}%")
    ratios = ("approval_ratio", "good_ratio", "loss_ratio", "calibration_ratio")
    parts = [f'<p class="soft">{lead}</p>']
    for one in report["fairness"]:
        rows = [
            [
                _name(group["group"]),
                f"{group['rows']:,}",
                _percent(group["observed"]),
                _percent(group["approved"]),
                *(_ratio(group[key], is_bound=key == "approval_ratio") for key in ratios),
                "—" if group["auc"] is None else f"{group['auc']:.3f}",
            ]
            for group in one["groups"]
        ]
        heads = ["group", "rows", "observed", "approved", *ratios, "auc"]
        use = said("is-used" if one["is_used"] else "is-not-used")
        parts.append(
            f'<h3>{escape(one["column"])} <span class="soft">· {use}</span></h3>'
            + _table(heads, rows, numbers=range(1, len(heads)))
        )
    return _section("fairness", "".join(parts))


def _columns(report: Report) -> str:
    rows = [
        [
            _name(one["name"]),
            said(one["kind"]),
            f"{one['distinct']:,}",
            f"{one['missing']:,}",
            said("used") if one["used"] else said(f"why-{one['why']}"),
        ]
        for one in report["columns"]
    ]
    table = _table(["column", "kind", "distinct", "missing", "use"], rows, numbers=range(2, 4))
    return _section("columns", table)


def _card(report: Report) -> str:
    data, target = report["data"], report["target"]
    shown = [
        (
            "data",
            said(
                "data-line",
                name=data["name"],
                rows=f"{data['rows']:,}",
                columns=data["columns"],
                encoding=data["encoding"],
                delimiter="TAB" if data["delimiter"] == "\t" else data["delimiter"],
            ),
        ),
        (
            "target",
            said(
                "target-line",
                name=target["name"],
                bad=" / ".join(target["bad_values"]),
                good=" / ".join(target["good_values"]),
                count=f"{target['rows']:,}",
                bads=f"{target['bad']:,}",
                rate=_percent(target["rate"]),
            )
            + f" · {said('reason-' + target['reason'])}",
        ),
        ("hash", f'<span class="hash">{escape(report["model"].get("sha256", ""))}</span>'),
        ("data-hash", f'<span class="hash">{escape(data["sha256"])}</span>'),
        ("limits", said("limits-text")),
    ]
    lines = "".join(f"<dt>{said(key)}</dt><dd>{value}</dd>" for key, value in shown)
    return _section("card", f"<dl>{lines}</dl>")


def _section(key: str, content: str) -> str:
    return (
        f'<section aria-labelledby="h-{key}"><h2 id="h-{key}">{said(key)}</h2>{content}</section>'
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: range) -> str:
    """Return a table; heads are keys of words, cells HTML, `numbers` the columns of figures."""

    def mark(at: int) -> str:
        return ' class="r"' if at in numbers else ""

    shown = "".join(
        f'<th scope="col"{mark(at)}>{_head(head)}</th>' if head else f"<td{mark(at)}></td>"
        for at, head in enumerate(heads)
    )
    lines = "".join(
        "<tr>" + "".join(f"<td{mark(at)}>{cell}</td>" for at, cell in enumerate(row)) + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll" tabindex="0"><table><thead><tr>{shown}</tr></thead>'
        f"<tbody>{lines}</tbody></table></div>"
    )


def _head(key: str) -> str:
    return "CSI" if key == "CSI" else said(key)


def _name(text: str) -> str:
    return f'<span class="name">{escape(text)}</span>'


def _state(alarm: str) -> str:
    return f'<span class="state {alarm}">{said(alarm)}</span>'


def _ratio(value: float | None, *, is_bound: bool) -> str:
    if value is None:
        return "—"
    if is_bound and value < 0.8:
        return f'<span class="state red">{value:.2f}</span>'
    return f"{value:.2f}"


def _figure(key: str, value: float) -> str:
    if key in {"expected", "observed"}:
        return _percent(value)
    return f"{value:+.3f}" if key == "intercept" else f"{value:.3f}"


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{100 * share:.1f}%"
