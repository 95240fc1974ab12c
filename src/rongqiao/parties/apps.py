"""People, organizations and who acts for whom, as a Django app."""

from django.apps import AppConfig


class PartiesConfig(AppConfig):
    """Users, parties, memberships, bank accounts, consents, staff roles, text messages."""

    name = "rongqiao.parties"
    label = "parties"
