"""Addresses of the staff's pages."""

from django.urls import include, path

from rongqiao.web.backoffice import (
    audit,
    cases,
    desk,
    engine,
    loans,
    portfolio,
    products,
    roles,
)

urlpatterns = [
    path("", desk.home, name="desk"),
    path("queue/", cases.queue, name="queue"),
    path("cases/<uuid:application_id>/", cases.case, name="case"),
    path("cases/<uuid:application_id>/<str:verb>/", cases.act, name="case-act"),
    path("cases/<uuid:application_id>/files/<uuid:document_id>", cases.document, name="case-file"),
    path("portfolio/", portfolio.portfolio, name="portfolio"),
    path("portfolio/overdue/", portfolio.overdue, name="overdue"),
    path("loans/", loans.loan_list, name="desk-loans"),
    path("loans/<uuid:loan_id>/", loans.loan_page, name="desk-loan"),
    path("", include("rongqiao.web.backoffice.finance.urls")),
    path("", include("rongqiao.web.backoffice.collections.urls")),
    path("products/", products.product_desk, name="product-desk"),
    path("products/<uuid:version_id>/publish/", products.publish, name="publish-version"),
    path("roles/", roles.roles_desk, name="roles-desk"),
    path("roles/<uuid:grant_id>/<str:verb>/", roles.decide, name="decide-role"),
    path("audit/", audit.audit_desk, name="audit-desk"),
    path("engine/", engine.engine_room, name="engine-room"),
    path("engine/events/<int:event_id>/unpark/", engine.unpark, name="unpark"),
]
