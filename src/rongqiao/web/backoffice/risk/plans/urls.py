"""Addresses of placement plans."""

from django.urls import path

from rongqiao.web.backoffice.risk.plans import listing, one, proposing

urlpatterns = [
    path("", listing.plan_list, name="plans"),
    path("new/", proposing.new_plan, name="plan-new"),
    path("<uuid:plan_id>/", one.plan_page, name="plan"),
    path("<uuid:plan_id>/<slug:verb>/", one.act, name="plan-act"),
]
