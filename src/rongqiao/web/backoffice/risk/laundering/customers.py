"""A customer as compliance knows them: rating and its history, screenings, alerts."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.finance.money import LARGEST_MINOR, Money
from rongqiao.lending.origination.queries.incomes import stated_incomes
from rongqiao.parties.queries import find_party_by_code, get_identity, get_parties, get_party
from rongqiao.platform import clock
from rongqiao.platform.refusals import NotFound
from rongqiao.policies.masking import mask_number
from rongqiao.risk.operations.laundering.ratings.rate_customer import RateCustomer, rate_customer
from rongqiao.risk.operations.laundering.screening.screen_party import (
    BY_HAND,
    ScreenParty,
    screen_party,
)
from rongqiao.risk.queries.laundering.alerts import alerts_of
from rongqiao.risk.queries.laundering.cases import open_case_of
from rongqiao.risk.queries.laundering.incomes import declared_income
from rongqiao.risk.queries.laundering.lists import screenings_of
from rongqiao.risk.queries.laundering.ratings import (
    BY_ITSELF,
    PAGE,
    RatingView,
    count_levels,
    count_waiting,
    factors,
    list_ratings,
    ratings_of,
)
from rongqiao.risk.queries.laundering.terms.owners import owners_answers
from rongqiao.web.backoffice.finance.acts import Refused, attempt
from rongqiao.web.backoffice.finance.tables import MOST_ROWS, Table, download
from rongqiao.web.backoffice.finance.words import officer, say
from rongqiao.web.backoffice.risk.laundering.circle import VERBS as LINK_VERBS
from rongqiao.web.backoffice.risk.laundering.circle import circle_of, reasons_now
from rongqiao.web.backoffice.risk.laundering.owning import owners_of, parts_of
from rongqiao.web.backoffice.risk.laundering.wall import (
    compliance_only,
    frame,
    keep_from_own,
    own_parties,
)
from rongqiao.web.backoffice.risk.laundering.words import (
    ALERT_STATES,
    ANSWERS,
    CAUSES,
    FACTORS,
    INCOMES,
    KINDS,
    LEVELS,
    TONES,
)
from rongqiao.web.frame.access import looked_for
from rongqiao.web.frame.forms import KeyedForm, MoneyField, dress, name_fields


class RatingForm(KeyedForm):
    """One answer for every factor of the table, and the income a month that was stated."""

    income = MoneyField(
        label=gettext_lazy("核实的月收入"),
        least=Money(0),
        most=Money(LARGEST_MINOR),
        required=False,
        help_text=gettext_lazy("填写后，代替申请时填报的收入；与收入明显不符的转入会产生预警。"),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Make a field for every factor of the table in force."""
        super().__init__(*args, **options)
        for factor, answers in factors().items():
            self.fields[factor] = forms.ChoiceField(
                label=say(FACTORS, factor), choices=[(one, say(ANSWERS, one)) for one in answers]
            )
        self.order_fields([*factors(), "income"])
        dress(self)
        name_fields(self)


@compliance_only()
def rating_list(request: HttpRequest) -> HttpResponse:
    """List ratings in force by the day of review; `q` leads to a customer by code."""
    code = looked_for(request)
    found = find_party_by_code(code) if code else None
    if found is not None:
        return redirect("laundering-customer", found)
    level = request.GET.get("level", "")
    level = level if level in LEVELS else ""
    on = clock.business_date()
    waiting_on = on if request.GET.get("waiting") == "1" else None
    aside = own_parties(request)
    if file := download(request, _file(level, waiting_on, aside)):
        return file
    counts = count_levels()
    context = frame(
        request,
        "laundering-ratings",
        rows=_shown(list_ratings(level=level, waiting_on=waiting_on, aside=aside, limit=PAGE)),
        is_waiting=waiting_on is not None,
        waiting=count_waiting(on, aside),
        level=level,
        levels=[(one, name, counts[one]) for one, name in LEVELS.items()],
        q=code,
        is_unknown=bool(code),
    )
    return render(request, "backoffice/laundering/ratings.html", context)


@compliance_only("GET", "HEAD", "POST")
def customer_page(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """Show a customer; a post rates them anew."""
    keep_from_own(request, party_id)
    form = RatingForm(request.POST or None, initial=_initial(party_id))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        income = said["income"]
        command = RateCustomer(
            party_id=party_id,
            answers=tuple(f"{factor}={said[factor]}" for factor in factors()),
            income_minor=None if income is None else income.minor,
        )
        done = form.attempt(lambda: rate_customer(command, form.call(request)))
        if done is not None:
            messages.success(request, _("已评为%(level)s。") % {"level": say(LEVELS, done.level)})
            return redirect("laundering-customer", party_id)
    return _page(request, party_id, form)


@compliance_only("POST")
def link_act(request: HttpRequest, party_id: UUID, other_id: UUID, verb: str) -> HttpResponse:
    """Say that a link does not count, or that it does."""
    keep_from_own(request, party_id)
    reasons = reasons_now(party_id, other_id)
    if not reasons:
        raise NotFound
    refused = attempt(request, LINK_VERBS, verb, (party_id, other_id, reasons))
    if refused is None:
        messages.success(request, _("已记录；理由留存。"))
        return redirect("laundering-customer", party_id)
    form = RatingForm(initial=_initial(party_id))
    return _page(request, party_id, form, (other_id, refused))


@compliance_only("POST")
def screen_again(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """Hold a customer against the lists by hand."""
    keep_from_own(request, party_id)
    form = KeyedForm(request.POST)
    if form.is_valid():
        command = ScreenParty(party_id=party_id, cause=BY_HAND)
        screen_party(command, form.call(request))
        messages.success(request, _("已按现行名单重查。"))
    return redirect("laundering-customer", party_id)


def _page(
    request: HttpRequest,
    party_id: UUID,
    form: RatingForm,
    refused: tuple[UUID, Refused] | None = None,
) -> HttpResponse:
    on = clock.business_date()
    party = get_identity(party_id, on)
    history = ratings_of(party_id)
    owners = owners_of(party, owners_answers([party_id], on).get(party_id, ""))
    return render(
        request,
        "backoffice/laundering/customer.html",
        frame(
            request,
            "laundering-ratings",
            **_customer(party_id, history, parts_of(owners)),
            **_income(party_id, history),
            **circle_of(party_id, refused),
            party=party,
            owners=owners,
            number=mask_number(party.number),
            form=form,
            screen=KeyedForm(auto_id="screen-%s"),
        ),
        status=422 if form.errors or refused else 200,
    )


def _customer(
    party_id: UUID, history: tuple[RatingView, ...], parts: dict[str, str]
) -> dict[str, Any]:
    return {
        "rating": _rating(history[0]) if history else None,
        "history": [_rating(one) for one in history],
        "open_case": open_case_of(party_id),
        "alerts": [
            {
                "one": one,
                "kind": say(KINDS, one.kind),
                "state": say(ALERT_STATES, one.state),
                "tone": TONES[one.state],
                "points": round(one.score * 100),
            }
            for one in alerts_of(party_id)
        ],
        "screenings": [
            {"one": one, "part": parts.get(one.part, one.part), "cause": say(CAUSES, one.cause)}
            for one in screenings_of(party_id)
        ],
    }


def _income(party_id: UUID, history: tuple[RatingView, ...]) -> dict[str, Any]:
    """Return the income that counts."""
    stated = stated_incomes([party_id]).get(party_id)
    income = declared_income(history, (stated.amount, stated.on) if stated else None)
    return {
        "income": income,
        "income_source": say(INCOMES, income.source) if income else "",
        "stated": stated,
    }


def _initial(party_id: UUID) -> dict[str, Any]:
    """Return the answers that stood last; before any, what the registration tells."""
    history = ratings_of(party_id)
    if history:
        return {**history[0].answers, "income": history[0].income}
    kind = get_party(party_id).kind
    return {"kind": "person" if kind == "person" else "firm"}


def _rating(one: RatingView) -> dict[str, Any]:
    return {
        "one": one,
        "level": say(LEVELS, one.level),
        "tone": TONES[one.level],
        "by": officer(one.rated_by),
        "parts": [
            {
                "factor": say(FACTORS, factor),
                "answer": say(ANSWERS, one.answers.get(factor, "")),
                "points": points,
            }
            for factor, points in one.parts
        ],
    }


def _shown(rows: tuple[RatingView, ...]) -> list[dict[str, Any]]:
    parties = get_parties({one.party_id for one in rows})
    return [
        {
            "one": one,
            "party": parties[one.party_id].name if one.party_id in parties else "—",
            "level": say(LEVELS, one.level),
            "tone": TONES[one.level],
            "is_late": one.review_on < clock.business_date(),
            "is_by_itself": one.rated_by.startswith(BY_ITSELF) and one.level == "high",
        }
        for one in rows
    ]


def _file(level: str, waiting_on: date | None, aside: frozenset[UUID]) -> Table:
    return Table(
        name="laundering-ratings",
        title=_("客户洗钱风险评级"),
        heads=(_("客户"), _("等级"), _("分数"), _("评级时间"), _("下次审核"), _("版本")),
        rows=lambda: (
            (
                row["party"],
                row["level"],
                row["one"].points,
                row["one"].rated_at,
                row["one"].review_on,
                row["one"].version,
            )
            for row in _shown(
                list_ratings(level=level, waiting_on=waiting_on, aside=aside, limit=MOST_ROWS)
            )
        ),
    )
