"""Risk as a Django app."""

from django.apps import AppConfig


class RiskConfig(AppConfig):
    """Inquiries, policies, decisions on record, fraud, money laundering, ratings, warnings."""

    name = "rongqiao.risk"
    label = "risk"
