"""Addresses of firms' ratings."""

from django.urls import path

from rongqiao.web.backoffice.risk.ratings import firm, firms

urlpatterns = [
    path("", firms.firm_list, name="ratings"),
    path("<uuid:party_id>/", firm.firm_page, name="firm-rating"),
    path("<uuid:party_id>/state/", firm.state, name="firm-state"),
    path("<uuid:party_id>/rate/", firm.rate, name="firm-rate"),
    path("<uuid:party_id>/<uuid:target>/<slug:verb>/", firm.act, name="rating-act"),
]
