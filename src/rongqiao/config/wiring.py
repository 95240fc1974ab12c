"""The switchboard: which fact wakes whom."""

from collections.abc import Callable
from typing import Any

import rongqiao.parties.jobs  # noqa: F401 - registers the jobs of parties
from rongqiao.lending.origination.events import AgreementSigned, LimitDrawn
from rongqiao.lending.origination.handlers import (
    on_loan_closed,
    on_loan_disbursed,
    on_loan_repaid,
)
from rongqiao.lending.origination.jobs import RENDER
from rongqiao.lending.servicing.events import LoanClosed, LoanDisbursed, LoanRepaid
from rongqiao.lending.servicing.handlers import (
    certify_closing,
    disburse_agreement,
    disburse_drawing,
)
from rongqiao.money.payments.handlers import open_wallet_of_party
from rongqiao.parties.events import PartyRegistered
from rongqiao.platform.events import Event
from rongqiao.platform.operations import Call

# The job that prints agreements nobody has opened yet.
PRINT_PAPERS = RENDER

SUBSCRIBERS: dict[type[Event], list[Callable[[Any, Call], None]]] = {
    PartyRegistered: [open_wallet_of_party],
    AgreementSigned: [disburse_agreement],
    LimitDrawn: [disburse_drawing],
    LoanDisbursed: [on_loan_disbursed],
    LoanRepaid: [on_loan_repaid],
    LoanClosed: [on_loan_closed, certify_closing],
}
