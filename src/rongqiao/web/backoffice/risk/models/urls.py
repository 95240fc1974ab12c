"""Addresses of the scoring models."""

from django.urls import path

from rongqiao.web.backoffice.risk.models import compare, register

urlpatterns = [
    path("", register.model_list, name="models"),
    path("compare/", compare.page, name="models-compare"),
    path("<uuid:model_id>/", register.model_page, name="model"),
    path("<uuid:model_id>/file/", register.model_file, name="model-file"),
    path("<uuid:model_id>/<slug:verb>/", register.act, name="model-act"),
]
