"""Addresses of the room of compliance; each is behind the wall."""

from django.urls import path

from rongqiao.web.backoffice.risk.laundering import (
    alerts,
    cases,
    customers,
    figures,
    freezes,
    lists,
    reports,
)

urlpatterns = [
    path("", alerts.alert_list, name="laundering"),
    path("next/", alerts.first_alert, name="laundering-next"),
    path("alerts/<uuid:alert_id>/", alerts.alert_page, name="laundering-alert"),
    path("alerts/<uuid:alert_id>/<slug:verb>/", alerts.act, name="laundering-alert-act"),
    path("cases/", cases.case_list, name="laundering-cases"),
    path("cases/<uuid:case_id>/", cases.case_page, name="laundering-case"),
    path("cases/<uuid:case_id>/<slug:verb>/", cases.act, name="laundering-case-act"),
    path("freezes/", freezes.freeze_list, name="laundering-freezes"),
    path("freezes/<uuid:freeze_id>/", freezes.freeze_page, name="laundering-freeze"),
    path("freezes/<uuid:freeze_id>/<slug:verb>/", freezes.act, name="laundering-freeze-act"),
    path("reports/", reports.report_list, name="laundering-reports"),
    path("reports/<uuid:report_id>/", reports.report_page, name="laundering-report"),
    path("reports/<uuid:report_id>/<slug:verb>/", reports.act, name="laundering-report-act"),
    path("ratings/", customers.rating_list, name="laundering-ratings"),
    path("customers/<uuid:party_id>/", customers.customer_page, name="laundering-customer"),
    path("customers/<uuid:party_id>/screen/", customers.screen_again, name="laundering-screen"),
    path(
        "customers/<uuid:party_id>/links/<uuid:other_id>/<slug:verb>/",
        customers.link_act,
        name="laundering-link-act",
    ),
    path("lists/", lists.list_page, name="laundering-lists"),
    path("lists/<uuid:version_id>/", lists.version_page, name="laundering-list"),
    path("figures/", figures.figure_page, name="laundering-figures"),
]
