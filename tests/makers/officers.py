"""Finance officers, and money in a wallet by their hands."""

from datetime import date

from rongqiao.finance.money import Money
from rongqiao.money.payments.operations.receipts.confirm_receipt import (
    ConfirmReceipt,
    confirm_receipt,
)
from rongqiao.money.payments.operations.receipts.register_receipt import (
    RegisterReceipt,
    register_receipt,
)
from rongqiao.parties.models import RoleGrant
from rongqiao.platform.ids import new_id
from tests.parties.people import actor, make_user


def make_officer(clock, user_id=None, role="finance"):
    """Give a user (a new one) the role; return the user's id."""
    user_id = user_id or make_user()
    RoleGrant.objects.create(
        id=new_id(clock.now()),
        user_id=user_id,
        role=role,
        state="confirmed",
        proposed_by="user:a",
        proposed_at=clock.now(),
        decided_by="user:b",
        decided_at=clock.now(),
    )
    return user_id


def pay_in(call, officers, party_id, amount="1000.00", serial="ICBC20260105-1", payer="王小明"):
    """Put money into a wallet as a receipt that two officers saw."""
    first, second = officers
    command = RegisterReceipt(
        party_id=party_id,
        amount=Money.yuan(amount),
        bank_serial=serial,
        payer=payer,
        received_on=date(2026, 1, 5),
    )
    noted = register_receipt(command, call(actor=actor(first)))
    return confirm_receipt(ConfirmReceipt(receipt_id=noted.receipt_id), call(actor=actor(second)))
