"""Templates, static files and translations as a Django app; no tables."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages."""

    name = "rongqiao.web"
    label = "web"
