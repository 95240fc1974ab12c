"""Two scoring models side by side: figures, curves, and what each looks at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from rongqiao.platform import clock
from rongqiao.risk.queries.modelling.registry import (
    ModelHead,
    ModelTampered,
    list_models,
    open_by_id,
)
from rongqiao.risk.queries.reading import CardView, card_view
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.risk.models.words import (
    METRICS,
    decimal_of,
    figure,
    has_curves,
    roc_chart,
)
from rongqiao.web.backoffice.risk.rooms import POLICY_READERS, risk_room
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.refusals import message_for


@staff(*POLICY_READERS)
def page(request: HttpRequest) -> HttpResponse:
    """Compare `a` and `b`: by default the two newest models."""
    models = list_models(clock.business_date())
    chosen = [_chosen(request, name, models, place) for place, name in enumerate("ab")]
    views: list[tuple[ModelHead, CardView]] = []
    alarm = ""
    for head in chosen:
        if head is None:
            continue
        try:
            views.append((head, card_view(open_by_id(head.id))))
        except ModelTampered as broken:
            alarm = message_for(broken)
    pair = views if len(views) == 2 else []
    if pair and (file := download(request, _file(pair))):
        return file
    curves = [(_name(head), view.roc) for head, view in pair if has_curves(view)]
    context = risk_room(
        request,
        "models",
        choices=[{"id": str(one.id), "name": _name(one)} for one in models],
        a=str(chosen[0].id) if chosen[0] else "",
        b=str(chosen[1].id) if chosen[1] else "",
        names=[_name(head) for head, _view in pair],
        figures=_figures(pair),
        columns=_columns(pair),
        chart=roc_chart(curves) if curves else None,
        alarm=alarm,
    )
    return render(request, "backoffice/models/compare.html", context, status=409 if alarm else 200)


def _chosen(
    request: HttpRequest, name: str, models: tuple[ModelHead, ...], otherwise: int
) -> ModelHead | None:
    try:
        wanted = UUID(request.GET.get(name, ""))
    except ValueError:
        return models[otherwise] if len(models) > otherwise else None
    return next((one for one in models if one.id == wanted), None)


def _name(one: ModelHead) -> str:
    return f"{one.code} {one.number}"


def _figures(pair: list[tuple[ModelHead, CardView]]) -> list[dict[str, Any]]:
    return [
        {
            "head": str(label),
            "cells": [
                {"head": _name(head), "value": figure(view.metrics.get("all", {}).get(key))}
                for head, view in pair
            ],
        }
        for key, label in METRICS.items()
        if pair
    ]


def _columns(pair: list[tuple[ModelHead, CardView]]) -> list[dict[str, Any]]:
    """Return every column that one of them looks at, with the most points it can move."""
    spans = [
        {
            one.name: max(line.points for line in one.bins) - min(line.points for line in one.bins)
            for one in view.characteristics
        }
        or dict.fromkeys(view.columns)
        for _head, view in pair
    ]
    names = sorted({name for span in spans for name in span})
    return [
        {
            "name": name,
            "cells": [
                {"head": _name(head), "value": _moved(name, span)}
                for (head, _view), span in zip(pair, spans, strict=True)
            ],
        }
        for name in names
    ]


def _moved(name: str, span: Mapping[str, int | None]) -> str:
    """Return the points a column can move, a word where a model has no points, or a dash."""
    if name not in span:
        return "—"
    points = span[name]
    return _("使用") if points is None else str(points)


def _file(pair: list[tuple[ModelHead, CardView]]) -> Table:
    return Table(
        name="models-compared",
        title=_("模型比较"),
        heads=(_("指标"), *(_name(head) for head, _view in pair)),
        rows=lambda: [
            *(
                (
                    str(label),
                    *(decimal_of(view.metrics.get("all", {}).get(key)) for _head, view in pair),
                )
                for key, label in METRICS.items()
            ),
            *((one["name"], *(cell["value"] for cell in one["cells"])) for one in _columns(pair)),
        ],
    )
