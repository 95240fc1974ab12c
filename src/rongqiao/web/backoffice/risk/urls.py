"""Addresses of the pages on risk; each room has its own list."""

from django.urls import include, path

from rongqiao.web.backoffice.risk.rooms import first_room

urlpatterns = [
    path("", first_room, name="risk-desk"),
    path("policies/", include("rongqiao.web.backoffice.risk.policies.urls")),
    path("ratings/", include("rongqiao.web.backoffice.risk.ratings.urls")),
    path("warnings/", include("rongqiao.web.backoffice.risk.warnings.urls")),
    path("models/", include("rongqiao.web.backoffice.risk.models.urls")),
    path("fraud/", include("rongqiao.web.backoffice.risk.fraud.urls")),
    path("laundering/", include("rongqiao.web.backoffice.risk.laundering.urls")),
    path("inquiries/", include("rongqiao.web.backoffice.risk.inquiries.urls")),
    path("monitoring/", include("rongqiao.web.backoffice.risk.monitoring.urls")),
    path("plans/", include("rongqiao.web.backoffice.risk.plans.urls")),
]
