"""Addresses of the pages on risk; each room has its own list."""

from django.urls import include, path

from rongqiao.web.backoffice.risk.rooms import first_room

urlpatterns = [
    path("", first_room, name="risk-desk"),
    path("models/", include("rongqiao.web.backoffice.risk.models.urls")),
    path("monitoring/", include("rongqiao.web.backoffice.risk.monitoring.urls")),
]
