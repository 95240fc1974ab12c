"""Addresses of collateral on the desk."""

from django.urls import path

from rongqiao.web.backoffice.portfolio.collateral import item, register, rules, securing

urlpatterns = [
    path("", register.register, name="collateral"),
    path("waiting/", register.waiting, name="pledges-waiting"),
    path("new/<slug:kind>/", register.new_item, name="new-collateral"),
    path("rules/", rules.rule_list, name="collateral-rules"),
    path("rules/new/<slug:kind>/", rules.propose, name="new-collateral-rule"),
    path("rules/<uuid:rule_id>/<slug:verb>/", rules.act, name="collateral-rule-act"),
    path("loans/<uuid:loan_id>/", securing.of_loan, name="collateral-of-loan"),
    path(
        "applications/<uuid:application_id>/",
        securing.of_application,
        name="collateral-of-application",
    ),
    path("agreements/<uuid:agreement_id>/", securing.of_agreement, name="collateral-of-agreement"),
    path("pledges/<uuid:pledge_id>/<slug:verb>/", securing.act, name="pledge-act"),
    path("<uuid:collateral_id>/", item.item, name="collateral-item"),
    path(
        "<uuid:collateral_id>/valuations/<uuid:valuation_id>/report",
        item.report,
        name="valuation-report",
    ),
    path("<uuid:collateral_id>/<slug:verb>/", item.act, name="collateral-act"),
]
