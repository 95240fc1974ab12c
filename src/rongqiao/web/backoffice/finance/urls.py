"""Addresses of the console of finance."""

from django.urls import path

from rongqiao.web.backoffice.finance import home, movements
from rongqiao.web.backoffice.finance.bank import breaks, days, orders, repair, transfers
from rongqiao.web.backoffice.finance.books import (
    balances,
    codes,
    journals,
    manual,
    periods,
    statements,
)

urlpatterns = [
    path("money/", home.home, name="finance"),
    path("money/reconciling/", days.day_list, name="reconciling"),
    path("money/reconciling/new/", days.upload, name="upload-statement"),
    path("money/reconciling/<str:day>/", days.day_page, name="reconciling-day"),
    path("money/reconciling/<str:day>/<str:verb>/", days.act, name="reconciling-act"),
    path("money/breaks/", breaks.break_list, name="breaks"),
    path("money/breaks/<uuid:break_id>/", breaks.break_page, name="break"),
    path("money/breaks/<uuid:break_id>/<str:verb>/", breaks.act, name="break-act"),
    path("repair/", repair.repair_desk, name="repair"),
    path("repair/<str:verb>/", repair.act, name="repair-act"),
    path("money/orders/", orders.order_list, name="orders-desk"),
    path("money/orders/<uuid:order_id>/", orders.order_page, name="order-desk"),
    path("money/orders/<uuid:order_id>/<str:verb>/", orders.act, name="order-act"),
    path("money/transfers/new/", transfers.new_transfer, name="new-transfer"),
    path("money/movements/", movements.money_desk, name="money-desk"),
    path("money/receipts/new/", movements.new_receipt, name="new-receipt"),
    path("money/capital/new/", movements.new_capital, name="new-capital"),
    path("money/movements/<str:kind>/<uuid:movement_id>/", movements.movement, name="movement"),
    path("money/<str:kind>/<uuid:movement_id>/<str:verb>/", movements.decide, name="decide-money"),
    path("books/", balances.trial_balance, name="books"),
    path("books/balance-sheet/", statements.sheet, name="balance-sheet"),
    path("books/income/", statements.income, name="income-statement"),
    path("books/chart/", codes.chart, name="chart-of-accounts"),
    path("books/chart/new/", codes.propose, name="propose-mapping"),
    path("books/chart/<uuid:mapping_id>/<str:verb>/", codes.decide, name="decide-mapping"),
    path("books/manual/", manual.manual_list, name="manual-journals"),
    path("books/manual/new/", manual.new_manual, name="new-manual-journal"),
    path("books/manual/<uuid:manual_id>/", manual.manual_page, name="manual-journal"),
    path("books/manual/<uuid:manual_id>/amend/", manual.amend, name="amend-manual-journal"),
    path("books/manual/<uuid:manual_id>/<str:verb>/", manual.act, name="manual-act"),
    path("books/periods/", periods.period_list, name="periods"),
    path("books/periods/<str:month>/", periods.period_page, name="period"),
    path("books/periods/<str:month>/<str:verb>/", periods.act, name="period-act"),
    path("books/accounts/", balances.account, name="account"),
    path("books/documents/", journals.document, name="document"),
    path("books/journals/", journals.journal_list, name="journals"),
    path("books/journals/<int:number>/", journals.journal, name="journal"),
]
