"""The months of a model: stability, separation, calibration, approvals, overrides, alarms."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from rongqiao.risk.queries.modelling.monitored import (
    AlarmView,
    MonthView,
    bounds,
    models_watched,
    months_of,
)
from rongqiao.risk.queries.modelling.watched import names_of_models
from rongqiao.web.backoffice.finance.tables import download
from rongqiao.web.backoffice.finance.words import say
from rongqiao.web.backoffice.risk.monitoring import compared, files, pictures
from rongqiao.web.backoffice.risk.monitoring.words import (
    ALARMS,
    CHARACTERISTICS,
    LEVELS,
    TONES,
)
from rongqiao.web.backoffice.risk.rooms import POLICY_READERS, risk_room
from rongqiao.web.frame.access import looked_for, staff

SHARES = frozenset({"missing", "override-up", "override-down"})


@staff(*POLICY_READERS)
def page(request: HttpRequest) -> HttpResponse:
    """Show the months of one model, `model`; by default that with the newest month."""
    models = models_watched()
    wanted = looked_for(request, "model")
    model = wanted if wanted in models else next(iter(models), "")
    months = months_of(model) if model else ()
    names = names_of_models(models)
    if months and (file := download(request, files.file_of(names.get(model, model), months))):
        return file
    newest = next(iter(months), None)
    context = risk_room(
        request,
        "monitoring",
        models=[(one, names.get(one, one)) for one in models],
        model=model,
        model_name=names.get(model, model),
        newest=newest,
        stats=_stats(newest) if newest else [],
        months=[_row(one) for one in months],
        alarms=[_alarm(one, alarm) for one in months for alarm in sorted(one.alarms, key=_gravity)],
        columns=_columns(newest) if newest else [],
        charts=pictures.charts(months[::-1]) if newest else [],
        unlearnt=compared.unlearnt(months),
        populations=compared.populations(newest) if newest else None,
        bounds=compared.bound_rows() if newest else [],
    )
    return render(request, "backoffice/models/monitoring.html", context)


def _gravity(alarm: AlarmView) -> tuple[bool, str, str]:
    return alarm.level != "red", alarm.code, alarm.column


def _stats(newest: MonthView) -> list[dict[str, str]]:
    return [
        {"label": _("已评分"), "value": str(newest.rows)},
        {"label": _("批准率"), "value": _share(newest.approval_rate)},
        {"label": _("PSI（最初三月）"), "value": _figure(newest.psi)},
        {"label": _("PSI（训练总体）"), "value": _figure(newest.psi_learnt)},
        {"label": "KS", "value": _figure(newest.ks)},
        {"label": _("逆系统放款率"), "value": _share(newest.override_up_rate)},
        {"label": _("逆系统拒绝率"), "value": _share(newest.override_down_rate)},
        {"label": _("警报"), "value": str(len(newest.alarms))},
    ]


def _row(one: MonthView) -> dict[str, Any]:
    return {
        "one": one,
        "month": f"{one.month:%Y-%m}",
        "approval": _share(one.approval_rate),
        "up": _share(one.override_up_rate),
        "down": _share(one.override_down_rate),
        "psi": _figure(one.psi),
        "psi_tone": _tone(one, "psi"),
        "psi_unjudged": _unjudged(one, "psi", one.psi),
        "learnt": _figure(one.psi_learnt),
        "learnt_tone": _tone(one, "psi-learnt"),
        "learnt_unjudged": _unjudged(one, "psi-learnt", one.psi_learnt),
        "learnt_why": compared.why_short(one),
        "ks": _figure(one.ks),
        "observed": _share(one.observed),
        "expected": _share(one.expected),
        "uncalibrated": compared.uncalibrated(one),
        "slope": _figure(one.slope, 2),
        "intercept": _figure(one.intercept, 2),
        "red": sum(alarm.level == "red" for alarm in one.alarms),
        "amber": sum(alarm.level == "amber" for alarm in one.alarms),
    }


def _alarm(one: MonthView, alarm: AlarmView) -> dict[str, str]:
    value = _share(alarm.value) if alarm.code in SHARES else _figure(alarm.value)
    return {
        "month": f"{one.month:%Y-%m}",
        "what": say(ALARMS, alarm.code),
        "column": say(CHARACTERISTICS, alarm.column) if alarm.column else "",
        "value": value,
        "level": say(LEVELS, alarm.level),
        "tone": TONES[alarm.level],
    }


def _columns(newest: MonthView) -> list[dict[str, Any]]:
    """Return every characteristic of the newest month, the one that moved most first."""
    names = {*newest.missing, *newest.csi_learnt}
    nothing = Decimal(0)

    def moved(name: str) -> Decimal:
        return max(newest.csi.get(name, nothing), newest.csi_learnt.get(name, nothing))

    return [
        {
            "name": say(CHARACTERISTICS, name),
            "csi": _figure(newest.csi.get(name)),
            "tone": _tone(newest, "csi", name),
            "unjudged": _unjudged(newest, "csi", newest.csi.get(name), name),
            "learnt": _figure(newest.csi_learnt.get(name)),
            "learnt_tone": _tone(newest, "csi-learnt", name),
            "learnt_unjudged": _unjudged(newest, "csi-learnt", newest.csi_learnt.get(name), name),
            "missing": _share(newest.missing.get(name)),
        }
        for name in sorted(names, key=lambda one: (-moved(one), one))
    ]


def _figure(value: Decimal | None, digits: int = 3) -> str:
    return "—" if value is None else f"{value:.{digits}f}"


def _share(value: Decimal | None) -> str:
    return "—" if value is None else f"{100 * value:.1f}%"


def _tone(one: MonthView, code: str, column: str = "") -> str:
    """Return how a stability index is set: as its alarm says, plain where there is none."""
    levels = {alarm.level for alarm in one.alarms if (alarm.code, alarm.column) == (code, column)}
    if not levels:
        return ""
    return "text-error font-semibold" if "red" in levels else "font-semibold"


def _unjudged(one: MonthView, code: str, index: Decimal | None, column: str = "") -> bool:
    """Tell whether an index would be watched, but comes of too few cases for an alarm."""
    watched = next(bound.watch[0] for bound in bounds() if bound.code == code)
    return index is not None and index >= watched and not _tone(one, code, column)
