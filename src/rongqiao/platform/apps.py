"""The platform's tables as a Django app."""

from django.apps import AppConfig


class PlatformConfig(AppConfig):
    """Operations, audit, outbox, files."""

    name = "rongqiao.platform"
    label = "platform"
