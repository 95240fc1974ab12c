"""One firm: its statements side by side, its rating line by line, another grade by two people."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rongqiao.lending.servicing.queries.loans import history_of
from rongqiao.parties.queries import get_party
from rongqiao.platform.refusals import NotFound
from rongqiao.risk.operations.enterprise.acting import DECIDERS, RATERS
from rongqiao.risk.operations.enterprise.decide_override import DecideOverride, decide_override
from rongqiao.risk.operations.enterprise.propose_override import ProposeOverride, propose_override
from rongqiao.risk.operations.enterprise.rate_firm import rate_firm
from rongqiao.risk.operations.enterprise.record_statement import record_statement
from rongqiao.risk.queries.enterprise import (
    RatingView,
    figures,
    ratings_of,
    standard_tables,
    statements_of,
)
from rongqiao.web.backoffice.finance.acts import (
    Refused,
    Verb,
    attempt,
    refusal_of,
    shown_verbs,
)
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.finance.words import officer, say
from rongqiao.web.backoffice.risk.ratings import words
from rongqiao.web.backoffice.risk.ratings.forms import OverrideForm, RatingForm
from rongqiao.web.backoffice.risk.rooms import RATING_READERS, risk_room
from rongqiao.web.borrower.statements.forms import StatementForm
from rongqiao.web.borrower.statements.tables import figure_rows, period
from rongqiao.web.borrower.statements.words import FIGURES, GROUPS
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.charts import Series, stacked_bars
from rongqiao.web.frame.forms import KeyedForm, first_error

VERBS = {
    "propose": Verb(
        label=gettext_lazy("调整等级"),
        says=gettext_lazy("写明理由，由另一位复核；复核前仍按原等级。"),
        run=lambda pk, said, call: propose_override(
            ProposeOverride(rating_id=pk, grade=said["grade"], reason=said["reason"]), call
        ),
        form=OverrideForm,
    ),
    "approve": Verb(
        label=gettext_lazy("批准调整"),
        says=gettext_lazy("自现在起按调整后的等级。"),
        run=lambda pk, _said, call: decide_override(
            DecideOverride(override_id=pk, is_approved=True), call
        ),
        tone="primary",
    ),
    "decline": Verb(
        label=gettext_lazy("驳回调整"),
        says=gettext_lazy("仍按原等级。"),
        run=lambda pk, _said, call: decide_override(
            DecideOverride(override_id=pk, is_approved=False), call
        ),
        tone="error",
    ),
}


@staff(*RATING_READERS)
def firm_page(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """Show the firm's statements and ratings; the newest rating is open."""
    statements = statements_of(party_id)
    table = Table(
        name="firm-statements",
        title=_("财务报表"),
        heads=(_("项目"), *(one.statement.ends_on.isoformat() for one in statements)),
        rows=lambda: (
            (say(FIGURES, name), *(getattr(one.statement, name) for one in statements))
            for name in figures()
        ),
    )
    if file := download(request, table):
        return file
    return _page(request, party_id)


@require_POST
@staff(*RATERS)
def state(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """Put a statement of the firm on record."""
    form = StatementForm(request.POST)
    if form.is_valid():
        command = form.command(party_id)
        done = form.attempt(lambda: record_statement(command, form.call(request)))
        if done is not None:
            messages.success(request, _("报表已录入。"))
            return redirect("firm-rating", party_id)
    return _page(request, party_id, statement_form=form)


@require_POST
@staff(*RATERS)
def rate(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """Rate the firm from what is on record and what was answered."""
    form = RatingForm(request.POST)
    if form.is_valid():
        worst = history_of(party_id).days_past_due_worst
        command = form.command(party_id, (("days-past-due-worst", str(worst)),))
        done = form.attempt(lambda: rate_firm(command, form.call(request)))
        if done is not None:
            messages.success(request, _("评级已完成。"))
            return redirect("firm-rating", party_id)
    return _page(request, party_id, rating_form=form)


@require_POST
@staff(*{*RATERS, *DECIDERS})
def act(request: HttpRequest, party_id: UUID, target: UUID, verb: str) -> HttpResponse:
    """Propose another grade for the rating `target`, or decide on the override `target`."""
    refused = attempt(request, VERBS, verb, target)
    if refused is None:
        messages.success(request, _("已办理。"))
        return redirect("firm-rating", party_id)
    return _page(request, party_id, refused=refused)


def _page(
    request: HttpRequest,
    party_id: UUID,
    statement_form: StatementForm | None = None,
    rating_form: RatingForm | None = None,
    refused: Refused | None = None,
) -> HttpResponse:
    party = get_party(party_id)
    if party.is_person:
        raise NotFound(what="firm")
    statements, ratings = statements_of(party_id), ratings_of(party_id)
    newest = ratings[0] if ratings else None
    verbs = _verbs(request, newest, refused) if newest else []
    may_rate = bool(roles_held(request) & set(RATERS))
    bound: list[KeyedForm] = [form for form in (statement_form, rating_form) if form]
    context = risk_room(
        request,
        "ratings",
        party=party,
        periods=[period(one) for one in statements],
        figure_rows=figure_rows(statements),
        rating=_shown(newest) if newest else None,
        older=[_brief(one) for one in ratings[1:]],
        chart=_blocks(newest) if newest and newest.grade else None,
        verbs=verbs,
        statement_form=(statement_form or StatementForm(auto_id="s-%s")) if may_rate else None,
        rating_form=(rating_form or RatingForm(auto_id="r-%s"))
        if may_rate and statements
        else None,
        opens_statement=statement_form is not None,
        opens_rating=rating_form is not None,
        groups=GROUPS,
        error=first_error(bound[0])
        if bound
        else refusal_of(refused, [one["name"] for one in verbs]),
    )
    status = 422 if bound or refused else 200
    return render(request, "backoffice/risk/ratings/firm.html", context, status=status)


def _verbs(
    request: HttpRequest, newest: RatingView, refused: Refused | None
) -> list[dict[str, Any]]:
    held, me = roles_held(request), f"user:{request.user.pk}"
    waiting = next((one for one in newest.overrides if one.state == "proposed"), None)
    given = any(one.state == "approved" for one in newest.overrides)
    names: list[str] = []
    target = newest.id
    if waiting is not None:
        target = waiting.id
        if held & set(DECIDERS) and waiting.proposed_by != me:
            names = ["approve", "decline"]
    elif newest.grade and not given and held & set(RATERS):
        names = ["propose"]
    return shown_verbs(
        VERBS,
        names,
        lambda verb: reverse("rating-act", args=[newest.party_id, target, verb]),
        refused,
    )


def _shown(one: RatingView) -> dict[str, Any]:
    return {
        **_brief(one),
        "lines": [_line(line) for line in one.lines],
        "checks": [_check(check) for check in one.checks],
        "standards": standard_tables().get(one.standards, (one.standards, "")),
        "overrides": [
            {
                "one": other,
                "state": say(words.OVERRIDE_STATES, other.state),
                "tone": words.OVERRIDE_TONES[other.state],
                "proposer": officer(other.proposed_by),
                "decider": officer(other.decided_by) if other.decided_by else "",
            }
            for other in one.overrides
        ],
    }


def _brief(one: RatingView) -> dict[str, Any]:
    return {"one": one, "grade": one.grade_that_counts, "rater": officer(one.rated_by)}


def _line(line: dict[str, str]) -> dict[str, Any]:
    value = line["value"]
    if value and line["code"] in words.PERCENT_LINES:
        value = f"{Decimal(value) * 100:.2f}%"
    return {
        "block": say(words.BLOCKS, line["block"]),
        "label": say(words.LINES, line["code"]),
        "value": value,
        "weight": _short(line["weight"]),
        "points": _short(line["points"]) if line["block"] != "adjustment" else _signed(line),
        "band": say(words.BANDS, line["band"]) if line["band"] else "",
        "why_not": say(words.WHY_NOT, line["why_not"]) if line["why_not"] else "",
    }


def _short(text: str) -> str:
    return f"{Decimal(text):.2f}" if text else ""


def _signed(line: dict[str, str]) -> str:
    return f"{Decimal(line['points']) * 100:+.2f}%"


def _check(check: dict[str, str]) -> dict[str, Any]:
    return {
        "label": say(words.CHECKS, check["code"]),
        "value": _short(check["value"]),
        "zone": say(words.ZONES, check["zone"]) if check["zone"] else "",
        "tone": words.ZONE_TONES.get(check["zone"], "error"),
        "why_not": say(words.WHY_NOT, check["why_not"]) if check["why_not"] else "",
    }


def _blocks(one: RatingView) -> Any:
    """Return what each block got of its weight, in hundredths."""
    got: dict[str, list[Decimal]] = {}
    for line in one.lines:
        if line["weight"] and line["points"]:
            sums = got.setdefault(line["block"], [Decimal(0), Decimal(0)])
            sums[0] += Decimal(line["points"])
            sums[1] += Decimal(line["weight"])
    shares = [int(points / weight * 10_000) for points, weight in got.values()]
    names = [say(words.BLOCKS, block) for block in got]
    series = Series(name=_("得分率 %"), minor=shares)
    return stacked_bars("rating-blocks", _("各部分的得分率"), names, [series])
