"""Addresses of the room of inquiries."""

from django.urls import path

from rongqiao.web.backoffice.risk.inquiries import costs, listing, one, sources

urlpatterns = [
    path("", listing.inquiries, name="inquiries"),
    path("sources/", sources.source_list, name="inquiry-sources"),
    path("costs/", costs.months, name="inquiry-costs"),
    path("<uuid:inquiry_id>/", one.inquiry, name="inquiry"),
    path("<uuid:inquiry_id>/look/", one.look, name="inquiry-look"),
]
