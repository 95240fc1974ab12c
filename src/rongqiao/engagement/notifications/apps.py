"""Notifications: what a user is told, on the site and by text message."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """The Django app of notices."""

    name = "rongqiao.engagement.notifications"
    label = "notifications"
