"""Addresses of the staff's pages."""

from django.urls import include, path

from rongqiao.web.backoffice import desk, loans, products
from rongqiao.web.backoffice.portfolio import (
    limits,
    overview,
    trends,
    write_offs,
)
from rongqiao.web.backoffice.portfolio.amending import changes, corrections, holds, recalls
from rongqiao.web.backoffice.portfolio.concentration import changes as concentration_limits
from rongqiao.web.backoffice.portfolio.concentration import used
from rongqiao.web.backoffice.running import audit, engine, roles

urlpatterns = [
    path("", desk.home, name="desk"),
    path("", include("rongqiao.web.backoffice.reviewing.urls")),
    path("portfolio/", overview.portfolio, name="portfolio"),
    path("portfolio/overdue/", overview.overdue, name="overdue"),
    path("portfolio/watched/", overview.watched, name="watched"),
    path("portfolio/vintages/", trends.vintage_page, name="vintages"),
    path("portfolio/roll-rates/", trends.roll_page, name="roll-rates"),
    path("portfolio/delinquency/", trends.delinquency_page, name="delinquency"),
    path("portfolio/prepayment/", trends.prepayment_page, name="prepayment"),
    path("portfolio/yield/", trends.yield_page, name="yield"),
    path("portfolio/provision/", trends.provision_page, name="provision"),
    path("portfolio/concentration/", used.concentration, name="concentration"),
    path(
        "portfolio/concentration/limits/",
        concentration_limits.limit_changes,
        name="concentration-limits",
    ),
    path(
        "portfolio/concentration/limits/<uuid:limit_id>/<slug:verb>/",
        concentration_limits.act,
        name="concentration-act",
    ),
    path(
        "portfolio/concentration/new/<slug:kind>/",
        concentration_limits.propose,
        name="new-concentration",
    ),
    path("portfolio/allowance/", include("rongqiao.web.backoffice.portfolio.allowance.urls")),
    path("portfolio/collateral/", include("rongqiao.web.backoffice.portfolio.collateral.urls")),
    path("portfolio/imports/", include("rongqiao.web.backoffice.portfolio.importing.urls")),
    path("portfolio/limits/", limits.limit_list, name="desk-limits"),
    path("portfolio/limits/<uuid:limit_id>/", limits.limit_page, name="desk-limit"),
    path("portfolio/write-offs/", write_offs.write_off_list, name="write-offs"),
    path("portfolio/write-offs/open/", write_offs.candidates, name="write-off-candidates"),
    path("portfolio/write-offs/loans/<uuid:loan_id>/", write_offs.propose, name="new-write-off"),
    path("portfolio/write-offs/<uuid:write_off_id>/", write_offs.write_off, name="write-off"),
    path(
        "portfolio/write-offs/<uuid:write_off_id>/<slug:verb>/",
        write_offs.act,
        name="write-off-act",
    ),
    path("loans/", loans.loan_list, name="desk-loans"),
    path("loans/<uuid:loan_id>/", loans.loan_page, name="desk-loan"),
    path("loans/<uuid:loan_id>/waivers/", loans.propose, name="waiver-propose"),
    path(
        "loans/<uuid:loan_id>/waivers/<uuid:waiver_id>/<str:word>/",
        loans.decide,
        name="waiver-decide",
    ),
    path("loans/<uuid:loan_id>/corrections/", corrections.correction_page, name="loan-corrections"),
    path(
        "loans/<uuid:loan_id>/corrections/reversal/",
        corrections.reverse_payment,
        name="reverse-payment",
    ),
    path(
        "loans/<uuid:loan_id>/corrections/back-dating/",
        corrections.backdate_payment,
        name="backdate-payment",
    ),
    path(
        "loans/<uuid:loan_id>/corrections/<uuid:correction_id>/<str:word>/",
        corrections.decide,
        name="decide-correction",
    ),
    path("loans/<uuid:loan_id>/hold/", holds.hold_page, name="loan-hold"),
    path("loans/<uuid:loan_id>/hold/put/", holds.put, name="put-on-hold"),
    path("loans/<uuid:loan_id>/hold/lift/", holds.lift, name="lift-hold"),
    path("loans/<uuid:loan_id>/recalls/", recalls.recall_page, name="loan-recalls"),
    path("loans/<uuid:loan_id>/recalls/new/", recalls.propose, name="propose-recall"),
    path(
        "loans/<uuid:loan_id>/recalls/<uuid:recall_id>/<str:word>/",
        recalls.decide,
        name="decide-recall",
    ),
    path("loans/<uuid:loan_id>/changes/", changes.change_page, name="loan-changes"),
    path("loans/<uuid:loan_id>/changes/new/", changes.propose, name="propose-change"),
    path(
        "loans/<uuid:loan_id>/changes/<uuid:change_id>/<str:word>/",
        changes.decide,
        name="decide-change",
    ),
    path("", include("rongqiao.web.backoffice.finance.urls")),
    path("", include("rongqiao.web.backoffice.collections.urls")),
    path("risk/", include("rongqiao.web.backoffice.risk.urls")),
    path("products/", products.product_desk, name="product-desk"),
    path("products/<uuid:version_id>/publish/", products.publish, name="publish-version"),
    path("roles/", roles.roles_desk, name="roles-desk"),
    path("roles/<uuid:grant_id>/<str:verb>/", roles.decide, name="decide-role"),
    path("audit/", audit.audit_desk, name="audit-desk"),
    path("engine/", engine.engine_room, name="engine-room"),
    path("engine/closing/", engine.closing_days, name="closing-days"),
    path("engine/closing/steps/", engine.closing_steps, name="closing-steps"),
    path("engine/closing/<uuid:loan_id>/release/", engine.release, name="release-loan"),
    path("engine/events/<int:event_id>/unpark/", engine.unpark, name="unpark"),
]
