"""`rongqiao backtest POLICY`: what another version would have done with past applications.

Exit 0 with the comparison, 2 where an argument is wrong; nothing is changed.
"""

from __future__ import annotations

import html
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, NoReturn

import django
import typer

django.setup()

from rich.console import Console  # noqa: E402 - Django is set up above
from rich.progress import (  # noqa: E402
    BarColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table  # noqa: E402

from rongqiao.config.backtesting import cases_from  # noqa: E402
from rongqiao.platform import clock  # noqa: E402
from rongqiao.policies.credit.policy import NoPolicy, known_policies  # noqa: E402
from rongqiao.risk.queries.policies.trying import (  # noqa: E402
    PLATFORM,
    PUBLIC_SET,
    Assumptions,
    BadPolicy,
    ChallengerNotKept,
    ModelNotGiven,
    NoCases,
    Policy,
    read_text,
    try_policy,
)
from rongqiao.risk.queries.policies.versions import (  # noqa: E402
    find_version,
    policy_on,
    read_version,
)

LOOK_BACK_DAYS = 365
SHOWN = 20
PUBLIC_WORDS = (
    "German public data of 1994, 1,000 loans of which 300 went bad by design of the set: no Chinese"
    " borrower is among them. It shows how a back-test reads and says nothing of people here."
)
UNKNOWN_WORDS = (
    "Outcomes of cases that were never lent are unknown and count in no figure but the bands"
    " (unknown cases taken as good and bad in parts: a sensitivity, no estimate)."
)
_FIGURES = (
    *("approval_rate", "referral_rate", "decline_rate", "accept_rate", "known", "bad_rate"),
    *("amount", "interest", "fee", "loss", "cost", "profit", "amount_unknown"),
)


def command(  # noqa: PLR0913, PLR0917 - one for each option
    policy: Annotated[str, typer.Argument(help="Code of the policy, such as consumer.")],
    first: Annotated[str, typer.Option("--from", help="First day of decisions.")] = "",
    last: Annotated[str, typer.Option("--to", help="Last day of decisions.")] = "",
    candidate: Annotated[
        str, typer.Option("--candidate", help="A document's file, or a version's number or label.")
    ] = "",
    source: Annotated[
        str, typer.Option("--source", help=f"{PLATFORM}, or {PUBLIC_SET} (a public set).")
    ] = PLATFORM,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    out: Annotated[str, typer.Option("--out", help="Write a report, .html or .json.")] = "",
) -> None:
    """Try a version of a policy on past applications beside the one in force."""
    if source not in (PLATFORM, PUBLIC_SET):
        _wrong("--source", source, f"{PLATFORM}, {PUBLIC_SET}")
    if out and Path(out).suffix not in (".html", ".json"):
        _wrong("--out", out, "a file that ends in .html or .json")
    on = clock.business_date()
    days = _day("--from", first, on - timedelta(days=LOOK_BACK_DAYS)), _day("--to", last, on)
    if days[0] > days[1]:
        _wrong("--to", str(days[1]), f"{days[0]} or later")
    try:
        current = policy_on(policy, on)
    except NoPolicy:
        _wrong("POLICY", policy, ", ".join(known_policies()))
    tried = _candidate(policy, candidate, current, on)
    result = _tried((current, tried), source, days, is_shown=not as_json)
    told = {
        "policy": policy,
        "current": {"label": current.label, "sha256": current.sha256},
        "candidate": {"label": tried.label, "sha256": tried.sha256},
        "source": source,
        "from": days[0].isoformat() if source == PLATFORM else None,
        "to": days[1].isoformat() if source == PLATFORM else None,
        "says": [_divided(name, count) for name, count in result["challenged"].items() if count]
        + [PUBLIC_WORDS] * (source != PLATFORM)
        + [UNKNOWN_WORDS],
        **result,
    }
    if out:
        _write(Path(out), told)
    if as_json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        _show(told)


def _tried(
    policies: tuple[Policy, Policy], source: str, days: tuple[date, date], *, is_shown: bool
) -> dict[str, Any]:
    """Return the comparison; somebody who watches sees how far it is."""
    current, tried = policies
    given = Assumptions()
    with _bar(is_shown=is_shown and sys.stderr.isatty()) as bar:
        task = bar.add_task("reading cases", total=100)

        def read(done: int, whole: int) -> None:
            bar.update(task, description=f"reading cases: {done:,}", completed=100 * done / whole)

        def judged(percent: int) -> None:
            bar.update(task, description="judging", completed=percent)

        past = cases_from(source, tried, days, given, read)
        bar.reset(task, description="judging")
        try:
            return try_policy(past, current, tried, given, judged)
        except NoCases:
            _wrong("--from", str(days[0]), f"a period with decisions; or --source {PUBLIC_SET}")
        except ModelNotGiven as missing:
            _wrong("--candidate", str(missing), "a policy whose model is released here")
        except ChallengerNotKept as missing:
            _wrong("--candidate", str(missing), "a policy whose challenger is kept here")


def _bar(*, is_shown: bool) -> Progress:
    columns = (
        TextColumn("{task.description:<24}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=not is_shown)


def _wrong(field: str, value: str, allowed: str) -> NoReturn:
    print(f"backtest: {field}: {value!r} is not allowed; allowed: {allowed}", file=sys.stderr)
    raise typer.Exit(2)


def _divided(name: str, count: int) -> str:
    return f"Of the {name} policy's cases its challenger decides {count:,}, as its share says."


def _day(field: str, text: str, otherwise: date) -> date:
    if not text:
        return otherwise
    try:
        return date.fromisoformat(text)
    except ValueError:
        _wrong(field, text, "a date such as 2026-01-31")


def _candidate(code: str, text: str, current: Policy, on: date) -> Policy:
    """Return what is to be tried: the version in force where nothing is named."""
    if not text:
        return current
    if not text.endswith(".json"):
        found = find_version(code, text, on)
        if found is None:
            _wrong("--candidate", text, "a .json file, or a version's number or label")
        return read_version(found.id)
    try:
        tried = read_text(Path(text).read_text("utf-8"))
    except OSError as error:
        _wrong("--candidate", text, f"a file that can be read ({error.strerror})")
    except (BadPolicy, UnicodeDecodeError) as error:
        _wrong("--candidate", text, f"a policy's document ({error})")
    if tried.code != code:
        _wrong("--candidate", text, f"a document of the policy {code!r}, not {tried.code!r}")
    return tried


def _show(told: dict[str, Any]) -> None:
    console = Console()
    console.print(
        f"{told['cases']:,} cases ({told['known']:,} with a known outcome),"
        f" {told['first_month']} to {told['last_month']}"
    )
    figures = Table("figure", told["current"]["label"], f"candidate {told['candidate']['label']}")
    for name, was, now in _figures(told):
        figures.add_row(name, was, now)
    console.print(figures)
    swaps = Table("swap set", "cases", "known", "bad rate", "amount", "profit")
    for name in ("swapped_in", "swapped_out", "both"):
        one = told["swaps"][name]
        swaps.add_row(
            name.replace("_", " "),
            str(one["accepted"]),
            str(one["known"]),
            str(one["bad_rate"]),
            one["amount"],
            one["profit"],
        )
    console.print(swaps)
    for name in ("listed_in", "listed_out"):
        for one in told["swaps"][name][:SHOWN]:
            print(
                f"  {name.removeprefix('listed_'):3} {one['reference']} {one['amount']}"
                f" {one['was']} -> {one['now']} ({one['reason']}), {one['outcome']}"
            )
    for curve in told["curves"][:1]:
        shown = Table(f"{curve['subject']} {curve['sign']}", *_POINT[1:])
        for point in curve["points"]:
            shown.add_row(*(str(point[name]) for name in _POINT))
        console.print(shown)
    for sentence in told["says"]:
        console.print(sentence)


_POINT = ("value", "accepted", "accept_rate", "bad_rate", "loss", "profit", "loss_high")


def _figures(told: dict[str, Any]) -> list[tuple[str, str, str]]:
    was, now = told["whole"]["current"], told["whole"]["candidate"]
    rows = [(name, str(was[name]), str(now[name])) for name in _FIGURES]
    for what in ("loss", "profit"):
        ends = [
            f"{one['band'][f'{what}_low']} .. {one['band'][f'{what}_high']}" for one in (was, now)
        ]
        rows.append((f"{what} band", ends[0], ends[1]))
    return rows


def _write(path: Path, told: dict[str, Any]) -> None:
    text = json.dumps(told, ensure_ascii=False, indent=1)
    if path.suffix == ".html":
        text = _page(told)
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        _wrong("--out", str(path), f"a file that can be written ({error.strerror})")


def _page(told: dict[str, Any]) -> str:
    """Return a report that stands alone: no script, nothing fetched, a picture for each curve."""
    style = (
        "body{font:15px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
        "color:#18202c;background:#fff}table{border-collapse:collapse;margin:.5rem 0 2rem}"
        "td,th{padding:.25rem .7rem;border-bottom:1px solid #c8ccd4;text-align:right}"
        "td:first-child,th:first-child{text-align:left}svg{max-width:100%;height:auto}"
    )
    title = f"Back-test of {told['policy']}: {told['candidate']['label']}"
    says = "".join(f"<p>{html.escape(one)}</p>" for one in told["says"])
    swaps = [
        (name.replace("_", " "), *(str(told["swaps"][name][key]) for key in _SWAP))
        for name in ("swapped_in", "swapped_out", "both")
    ]
    changed = [
        tuple(str(one[key]) for key in _CHANGED)
        for name in ("listed_in", "listed_out")
        for one in told["swaps"][name]
    ]
    curves = "".join(
        f"<h2>{html.escape(curve['subject'])} {html.escape(curve['sign'])} (rule"
        f" {html.escape(curve['rule'])})</h2>{_picture(curve['points'])}"
        + _table(_POINT, [tuple(str(one[key]) for key in _POINT) for one in curve["points"]])
        for curve in told["curves"]
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}'
        f"</title><style>{style}</style></head><body><h1>{html.escape(title)}</h1>{says}"
        f"<h2>Figures</h2>{_table(('figure', 'current', 'candidate'), _figures(told))}"
        f"<h2>Swap set</h2>{_table(('', *_SWAP), swaps)}{_table(_CHANGED, changed)}{curves}"
        f"</body></html>\n"
    )


_SWAP = ("accepted", "known", "bad_rate", "amount", "profit")
_CHANGED = (
    *("reference", "month", "amount", "was", "now", "was_score", "now_score"),
    *("reason", "outcome"),
)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{html.escape(one)}</th>' for one in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(one)}</td>" for one in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _picture(points: list[dict[str, Any]]) -> str:
    """Return loss (red) and profit (blue) over the share let in, as a picture with its axes."""
    shares = [float(one["accept_rate"] or 0) for one in points]
    lines = [[float(one[key]) for one in points] for key in ("loss", "profit")]
    low, high = min(0.0, *map(min, lines)), max(1.0, *map(max, lines))

    def at(share: float, value: float) -> str:
        return f"{60 + 560 * share:.1f},{190 - 170 * (value - low) / (high - low):.1f}"

    drawn = "".join(
        f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="'
        + " ".join(at(share, value) for share, value in sorted(zip(shares, line, strict=True)))
        + '"/>'
        for colour, line in zip(("#b3261e", "#1d4ed8"), lines, strict=True)
    )
    return (
        '<svg viewBox="0 0 640 220" width="640" role="img" aria-label="loss and profit over the'
        f' share let in"><path stroke="#889" d="M60 {190 + 170 * low / (high - low):.1f}'
        f'H620M60 20V190"/>'
        f'{drawn}<text x="60" y="210" font-size="12">0 %</text><text x="590" y="210"'
        f' font-size="12">100 %</text><text x="0" y="24" font-size="12">{high:,.0f}</text>'
        f'<text x="0" y="190" font-size="12">{low:,.0f}</text></svg>'
    )
