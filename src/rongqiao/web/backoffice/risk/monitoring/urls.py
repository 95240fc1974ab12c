"""Addresses of the monitoring of models."""

from django.urls import path

from rongqiao.web.backoffice.risk.monitoring import months

urlpatterns = [path("", months.page, name="monitoring")]
