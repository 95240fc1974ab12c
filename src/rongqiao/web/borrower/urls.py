"""Addresses under /my/."""

from django.urls import path

from rongqiao.web.borrower import (
    home,
    loans,
    notices,
    papers,
    repaying,
    signing,
)
from rongqiao.web.borrower.applying import asking, drafts, supplying, tracker
from rongqiao.web.borrower.credit import draws, limits, pledges
from rongqiao.web.borrower.statements.owners import owners
from rongqiao.web.borrower.statements.pages import statements
from rongqiao.web.borrower.wallet import (
    auto_debit,
    cards,
    orders,
    overview,
    statement,
    top_up,
    withdraw,
)

CASE = "applications/<uuid:application_id>/"
LOAN = "loans/<uuid:loan_id>/"
ORDER = "wallet/orders/<uuid:order_id>/"

urlpatterns = [
    path("", home.dashboard, name="dashboard"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.read, name="notices-read"),
    path("notices/channels/", notices.channels, name="notice-channels"),
    path("choose-party/", home.choose, name="choose-party"),
    path("statements/", statements, name="statements"),
    path("owners/", owners, name="owners"),
    path("applications/", tracker.applications, name="applications"),
    path("applications/new/", drafts.new, name="application-new"),
    path(CASE, tracker.application, name="application"),
    path(f"{CASE}tracker/", tracker.tracker_part, name="application-tracker"),
    path(f"{CASE}steps/<slug:name>/", drafts.step, name="application-step"),
    path(f"{CASE}quote/", drafts.quote_part, name="application-quote"),
    path(f"{CASE}documents/", drafts.documents, name="application-documents"),
    path(f"{CASE}documents/<uuid:document_id>/", drafts.document, name="application-document"),
    path(
        f"{CASE}documents/<uuid:document_id>/remove/",
        drafts.remove,
        name="application-document-remove",
    ),
    path(f"{CASE}review/", drafts.review, name="application-review"),
    path(f"{CASE}accept/", tracker.accept, name="application-accept"),
    path(f"{CASE}supply/", supplying.supply, name="application-supply"),
    path(f"{CASE}ask-for-review/", asking.ask, name="application-ask-for-review"),
    path(f"{CASE}withdraw/", tracker.withdraw, name="application-withdraw"),
    path(f"{CASE}cost-sheet/", signing.open_for_application, name="application-sheet"),
    path("drawings/<uuid:drawing_id>/cost-sheet/", signing.open_for_drawing, name="drawing-sheet"),
    path("cost-sheets/<uuid:sheet_id>/", signing.cost_sheet, name="cost-sheet"),
    path("cost-sheets/<uuid:sheet_id>/sign/", signing.sign, name="sign"),
    path("agreements/<uuid:agreement_id>/", signing.agreement, name="agreement"),
    path("agreements/<uuid:agreement_id>/pdf/", signing.agreement_pdf, name="agreement-pdf"),
    path("loans/", loans.loans, name="loans"),
    path(LOAN, loans.loan, name="loan"),
    path(f"{LOAN}statement/", loans.statement, name="loan-statement"),
    path(f"{LOAN}debit/", loans.debit, name="loan-debit"),
    path(f"{LOAN}calendar.ics", papers.calendar, name="calendar"),
    path(f"{LOAN}repay/", repaying.repay_loan, name="repay"),
    path(f"{LOAN}recover/", repaying.recover_loan, name="recover"),
    path("recoveries/<uuid:recovery_id>/", repaying.recovery, name="recovery"),
    path(f"{LOAN}payoff/", repaying.payoff, name="payoff"),
    path(f"{LOAN}prepay/", repaying.prepayment, name="prepay"),
    path("prepayment-quotes/<uuid:quote_id>/", repaying.prepayment_quote, name="prepayment-quote"),
    path(f"{LOAN}draw/", draws.further, name="draw-further"),
    path("draw-quotes/<uuid:quote_id>/", draws.draw_quote, name="draw-quote"),
    path("payoff-quotes/<uuid:quote_id>/", repaying.payoff_quote, name="payoff-quote"),
    path(f"{LOAN}certificate/", papers.certificate, name="certificate"),
    path(f"{LOAN}certificate.pdf", papers.certificate_pdf, name="certificate-pdf"),
    path(f"{LOAN}supplements/<uuid:change_id>/", papers.supplement, name="supplement"),
    path(
        f"{LOAN}supplements/<uuid:change_id>/paper.pdf",
        papers.supplement_pdf,
        name="supplement-pdf",
    ),
    path("limits/<uuid:limit_id>/", limits.limit, name="limit"),
    path("pledges/", pledges.pledges, name="pledges"),
    path("wallet/", overview.wallet, name="wallet"),
    path("wallet/standing/", overview.standing_part, name="wallet-standing"),
    path("wallet/statement/", statement.statement, name="wallet-statement"),
    path("wallet/cards/", cards.cards, name="wallet-cards"),
    path("wallet/cards/states/", cards.cards_part, name="wallet-cards-states"),
    path("wallet/cards/<uuid:card_id>/", cards.card, name="wallet-card"),
    path("wallet/top-up/", top_up.top_up, name="top-up"),
    path("wallet/withdraw/", withdraw.withdraw, name="withdraw"),
    path("wallet/withdraw/<uuid:step_up_id>/", withdraw.prove, name="withdraw-prove"),
    path(ORDER, orders.order, name="wallet-order"),
    path(f"{ORDER}state/", orders.order_part, name="wallet-order-state"),
    path(f"{ORDER}cancel/", orders.cancel, name="wallet-order-cancel"),
    path("wallet/auto-debit/", auto_debit.auto_debit, name="auto-debit"),
    path(
        "wallet/auto-debit/<uuid:mandate_id>/end/",
        auto_debit.end_mandate,
        name="auto-debit-end",
    ),
]
