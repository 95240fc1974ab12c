"""What the bank's tests ask of it."""

from rongqiao.finance.money import Money
from rongqiao.money.payments.gateways.bank import OrderToSend

CARD = "6222021234567890123"


def order(number, kind="transfer_in", amount="100.00", **more):
    """An order; a transfer of the operator's own money unless told otherwise."""
    return OrderToSend(order_no=number, kind=kind, amount=Money.yuan(amount), **more)
