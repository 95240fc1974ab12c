"""A resident reads the code texted to them and types it in, as on the page before money leaves."""

from __future__ import annotations

import re
from uuid import UUID

from rongqiao.cli.simulate.town import Resident, Town
from rongqiao.finance.money import Money
from rongqiao.money.payments.queries.terms import withdrawal_purpose
from rongqiao.parties.operations.phones.record_sms import RecordSms, record_sms
from rongqiao.parties.operations.step_up.ask_step_up import AskStepUp, ask_step_up
from rongqiao.parties.operations.step_up.prove_step_up import ProveStepUp, prove_step_up
from rongqiao.parties.queries import get_outgoing_sms

_CODE = re.compile(r"\d{6}")


def prove_withdrawal(town: Town, resident: Resident, amount: Money, key: str) -> UUID:
    """Prove a withdrawal to the resident's own account; return the proof's id.

    The message is noted as delivered: no gateway is asked to send it once more.
    """
    asked = town.do(
        ask_step_up,
        AskStepUp(
            purpose=withdrawal_purpose(resident.party_id, resident.bank_account_id, amount),
            words="{code}",
        ),
        town.desk.user(resident.user_id, f"{key}:ask"),
    )
    assert asked.message_id is not None, f"{resident.name} has no proved phone"
    message = get_outgoing_sms(asked.message_id)
    if message is not None:
        found = _CODE.search(message.text)
        assert found is not None, message.id
        town.do(
            prove_step_up,
            ProveStepUp(step_up_id=asked.step_up_id, answer=found.group()),
            town.desk.user(resident.user_id, f"{key}:prove"),
        )
        town.do(
            record_sms,
            RecordSms(message_id=asked.message_id, state="delivered"),
            town.desk.system(f"{key}:text"),
        )
    return asked.step_up_id
