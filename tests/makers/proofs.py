"""Proofs of who asks and whose account it is, as pages gather them before money leaves."""

from datetime import timedelta

from rongqiao.money.payments.queries.terms import withdrawal_purpose
from rongqiao.parties.models import StepUp
from rongqiao.parties.operations.add_bank_account import SAME, AccountProof, account_claim
from rongqiao.parties.sealing import step_up_purpose
from rongqiao.parties.words import StepUpMethod
from rongqiao.platform import clock
from rongqiao.platform.ids import new_id


def prove_withdrawal(user_id, party_id, bank_account_id, amount):
    """Note that the user proved just this withdrawal, by password; return the proof's id."""
    at = clock.now()
    row = StepUp.objects.create(
        id=new_id(at),
        user_id=user_id,
        purpose=step_up_purpose(withdrawal_purpose(party_id, bank_account_id, amount)),
        method=StepUpMethod.PASSWORD,
        asked_at=at,
        expires_at=at + timedelta(minutes=5),
        tries_left=4,
        proved_at=at,
    )
    return row.pk


def prove_account(party_id, holder, number, verdict=SAME, checked_at=None):
    """What the bank-card service said of an account, as the page passes it down."""
    return AccountProof(
        reference="test",
        verdict=verdict,
        claim=account_claim(party_id, holder, number),
        checked_at=checked_at or clock.now(),
    )
