"""The switchboard: which fact wakes whom."""

from collections.abc import Callable
from typing import Any

import rongqiao.parties.jobs  # noqa: F401 - registers the jobs of parties, as config's own do
from rongqiao.config.compliance import look_after as look_after_laundering
from rongqiao.config.jobs import watch_scoring
from rongqiao.engagement.notifications.handlers import (
    tell_of_changed_terms,
    tell_of_closing,
    tell_of_decision,
    tell_of_disbursement,
    tell_of_documents,
    tell_of_draw,
    tell_of_ended_recall,
    tell_of_hold,
    tell_of_limit_cut,
    tell_of_prepayment,
    tell_of_rate_reset,
    tell_of_recall,
    tell_of_recall_notice,
    tell_of_recovery,
    tell_of_reversal,
    tell_of_review,
    tell_of_security,
    tell_of_waiver,
    tell_of_write_off,
)
from rongqiao.engagement.notifications.jobs import chase_mails, remind
from rongqiao.lending.collateral.events import SecurityChanged
from rongqiao.lending.origination.events import (
    AgreementSigned,
    ApplicationDecided,
    ApplicationSubmitted,
    DocumentsAsked,
    LimitCutDown,
    LimitDrawn,
    ReviewAsked,
)
from rongqiao.lending.origination.handlers import (
    on_loan_closed,
    on_loan_disbursed,
    on_loan_repaid,
    on_security_changed,
)
from rongqiao.lending.origination.jobs import RENDER
from rongqiao.lending.servicing.events import (
    BorrowerHeld,
    LoanClosed,
    LoanDisbursed,
    LoanDrawn,
    LoanOverdue,
    LoanPaymentReversed,
    LoanPrepaid,
    LoanRateReset,
    LoanRecalled,
    LoanRecallEnded,
    LoanRecallNoticed,
    LoanRecovered,
    LoanRepaid,
    LoanTermsChanged,
    LoanWaived,
    LoanWrittenOff,
)
from rongqiao.lending.servicing.handlers import (
    certify_closing,
    count_for_case,
    disburse_agreement,
    disburse_drawing,
    end_case,
    open_case_of_overdue,
    repay_by_debit,
)
from rongqiao.lending.servicing.jobs import (
    carry_out_recalls,
    collect_by_debit,
    look_after_cases,
    reset_floating_rates,
    watch_firms,
)
from rongqiao.money.payments.events import PaymentSucceeded
from rongqiao.money.payments.handlers import (
    close_card_of_account,
    open_wallet_of_party,
    submit_card_of_account,
)
from rongqiao.money.payments.jobs import (
    bind_cards_left_behind,
    chase_orders,
    fetch_statements,
)
from rongqiao.parties.events import (
    BankAccountAdded,
    BankAccountClosed,
    OwnersDeclared,
    PartyRegistered,
)
from rongqiao.platform.events import Event
from rongqiao.platform.operations import Call
from rongqiao.risk.handlers import (
    heed_declaration,
    screen_new_party,
    screen_owners,
    trace_application,
    trace_card,
    trace_draw,
    trace_party,
    trace_repayment,
    trace_withdrawal,
)
from rongqiao.risk.jobs.fraud import bring_rings_up_to_date, forget_old_sightings
from rongqiao.risk.jobs.inquiring import chase_inquiries

# The job that prints agreements nobody has opened yet.
PRINT_PAPERS = RENDER
# What the worker does at the bank by itself, beat by beat.
CHASE_ORDERS, BIND_CARDS_LEFT_BEHIND = chase_orders, bind_cards_left_behind
FETCH_STATEMENTS = fetch_statements
# What end of day does on the business date it has just opened.
COLLECT_BY_DEBIT = collect_by_debit
# What end of day does before anything else on a business date.
RESET_RATES, CARRY_OUT_RECALLS = reset_floating_rates, carry_out_recalls
# What end of day does once a month has ended: the month's decisions, model by model.
WATCH_MODELS = watch_scoring
# What the worker does with collection cases on the business date that is open.
LOOK_AFTER_CASES = look_after_cases
# What the worker looks at once in each month: firms that owe.
WATCH_FIRMS = watch_firms
# What the worker tells borrowers in daytime of the business date that is open.
REMIND = remind
# What the worker does about questions to outside sources that wait for their answer.
CHASE_INQUIRIES = chase_inquiries
# What the worker does about mails that nobody has told the end of.
CHASE_MAILS = chase_mails
# What the worker gathers of who shares what with whom.
GATHER_RINGS = bring_rings_up_to_date
# What the worker deletes once a business date is open: sightings past their term.
FORGET_SIGHTINGS = forget_old_sightings
# What the worker holds against lists and patterns once a business date is open.
LOOK_AFTER_LAUNDERING = look_after_laundering

SUBSCRIBERS: dict[type[Event], list[Callable[[Any, Call], None]]] = {
    PartyRegistered: [open_wallet_of_party, trace_party, screen_new_party],
    OwnersDeclared: [screen_owners, heed_declaration],
    BankAccountAdded: [submit_card_of_account, trace_card],
    BankAccountClosed: [close_card_of_account],
    PaymentSucceeded: [repay_by_debit, trace_withdrawal],
    ApplicationSubmitted: [trace_application],
    ApplicationDecided: [tell_of_decision],
    DocumentsAsked: [tell_of_documents],
    ReviewAsked: [tell_of_review],
    AgreementSigned: [disburse_agreement],
    LimitDrawn: [disburse_drawing],
    LoanDisbursed: [on_loan_disbursed, tell_of_disbursement, trace_draw],
    LoanDrawn: [tell_of_draw],
    LoanOverdue: [open_case_of_overdue],
    LoanRepaid: [on_loan_repaid, count_for_case, trace_repayment],
    LoanClosed: [on_loan_closed, certify_closing, end_case, tell_of_closing],
    LoanWrittenOff: [end_case, tell_of_write_off],
    LoanRecovered: [tell_of_recovery],
    LoanPaymentReversed: [tell_of_reversal],
    LoanPrepaid: [tell_of_prepayment],
    LoanTermsChanged: [tell_of_changed_terms],
    LoanRateReset: [tell_of_rate_reset],
    LoanRecallNoticed: [tell_of_recall_notice],
    LoanRecallEnded: [tell_of_ended_recall],
    LoanRecalled: [tell_of_recall],
    LoanWaived: [tell_of_waiver],
    BorrowerHeld: [tell_of_hold],
    LimitCutDown: [tell_of_limit_cut],
    SecurityChanged: [on_security_changed, tell_of_security],
}
