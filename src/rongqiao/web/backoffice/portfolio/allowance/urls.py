"""Addresses of the allowance for loan losses."""

from django.urls import path

from rongqiao.web.backoffice.portfolio.allowance import movements, rules, runs

urlpatterns = [
    path("", runs.newest, name="allowance"),
    path("calculate/", runs.calculate, name="allowance-calculate"),
    path("movements/", movements.newest, name="allowance-movements"),
    path("movements/<str:month>/", movements.month_page, name="allowance-month"),
    path("rules/", rules.rule_list, name="allowance-rules"),
    path("rules/<uuid:rule_id>/<slug:verb>/", rules.act, name="allowance-rule-act"),
    path("<uuid:run_id>/", runs.allowance_run, name="allowance-run"),
    path("<uuid:run_id>/<slug:verb>/", runs.act, name="allowance-act"),
]
