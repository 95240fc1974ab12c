"""Reporting: what became of the money lent, month by month."""

from django.apps import AppConfig


class ReportingConfig(AppConfig):
    """The Django app of figures about the portfolio."""

    name = "rongqiao.insight.reporting"
    label = "reporting"
