"""Addresses of the console of finance."""

from django.urls import path

from rongqiao.web.backoffice.finance import movements
from rongqiao.web.backoffice.finance.bank import orders
from rongqiao.web.backoffice.finance.books import balances, journals, statements

urlpatterns = [
    path("money/orders/", orders.order_list, name="orders-desk"),
    path("money/orders/<uuid:order_id>/", orders.order_page, name="order-desk"),
    path("money/orders/<uuid:order_id>/<str:verb>/", orders.act, name="order-act"),
    path("money/movements/", movements.money_desk, name="money-desk"),
    path("money/receipts/new/", movements.new_receipt, name="new-receipt"),
    path("money/capital/new/", movements.new_capital, name="new-capital"),
    path("money/<str:kind>/<uuid:movement_id>/<str:verb>/", movements.decide, name="decide-money"),
    path("books/", balances.trial_balance, name="books"),
    path("books/balance-sheet/", statements.sheet, name="balance-sheet"),
    path("books/income/", statements.income, name="income-statement"),
    path("books/accounts/", balances.account, name="account"),
    path("books/documents/", journals.document, name="document"),
    path("books/journals/", journals.journal_list, name="journals"),
    path("books/journals/<int:number>/", journals.journal, name="journal"),
]
