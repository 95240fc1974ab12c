"""The books' tables as a Django app."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Accounts, journals, postings, holds, keys."""

    name = "rongqiao.money.ledger"
    label = "ledger"
