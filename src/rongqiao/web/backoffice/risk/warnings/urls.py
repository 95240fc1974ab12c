"""Addresses of early warning."""

from django.urls import path

from rongqiao.web.backoffice.risk.warnings import case, queue, rules

urlpatterns = [
    path("", queue.warning_queue, name="warnings"),
    path("rules/", rules.warning_rules, name="warning-rules"),
    path("<uuid:case_id>/", case.warning_case, name="warning"),
    path("<uuid:case_id>/<slug:verb>/", case.act, name="warning-act"),
]
