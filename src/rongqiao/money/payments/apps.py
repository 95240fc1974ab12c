"""Money that comes in and goes out, as a Django app."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """Receipts, withdrawals and capital of the operator."""

    name = "rongqiao.money.payments"
    label = "payments"
