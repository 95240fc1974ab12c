"""Servicing: the loan from disbursement to closing."""

from django.apps import AppConfig


class ServicingConfig(AppConfig):
    """The Django app of loans being repaid."""

    name = "rongqiao.lending.servicing"
    label = "servicing"
