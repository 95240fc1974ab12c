"""Addresses of the pages on risk; each room has its own list."""

from django.urls import include, path

from rongqiao.web.backoffice.risk.rooms import first_room

urlpatterns = [
    path("", first_room, name="risk-desk"),
    path("policies/", include("rongqiao.web.backoffice.risk.policies.urls")),
]
