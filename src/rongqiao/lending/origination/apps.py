"""Origination as a Django app."""

from django.apps import AppConfig


class OriginationConfig(AppConfig):
    """Applications, decisions, agreements, credit limits and drawings."""

    name = "rongqiao.lending.origination"
    label = "origination"
