"""Law 5: what moved the allowance leads from each booked valuation to the next and to the books."""

from datetime import date

import pytest
from django.db import connection, transaction

from rongqiao.cli.verify import check_all
from rongqiao.config.places import django_database
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.allowance import AllowanceEntry
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.provisioning.decide_allowance import (
    AllowanceChanged,
)
from rongqiao.lending.servicing.operations.provisioning.reserving import DayValued
from rongqiao.lending.servicing.operations.writing_off.recover import Recover, recover
from rongqiao.lending.servicing.queries.provisioning.movements import moves_of_month
from rongqiao.money.ledger.queries.books import balance
from rongqiao.platform.postgres.connecting import pointed_at
from tests.lending.servicing.test_allowance_movements import book, grant
from tests.lending.servicing.test_allowance_movements import people as people_of
from tests.lending.servicing.test_repay import pass_days
from tests.lending.servicing.test_write_off import ask, decide

people = people_of
LAW = "5 movements of the allowance lead from valuation to valuation and to the books"
FEBRUARY = date(2026, 2, 1)


class Lost:
    """A loan as `ask` wants it."""

    def __init__(self, loan_id):
        self.loan_id = loan_id


def give_up(loan, call, people):
    Loan.objects.filter(pk=loan).update(risk_class="loss", state="overdue")
    asked = ask(Lost(loan), call, people[1])
    decide(asked, "approve", call, people[2], expected=asked.total)


def bring_back(loan, call, fen):
    party = Loan.objects.get(pk=loan).party_id
    recover(Recover(loan_id=loan, party_id=party, amount=Money(fen)), call())


def live_two_months(clock, call, people):
    """Two valuations booked; write-offs between them and on the second one's date, and receipts."""
    first, second, _kept = (grant(1100 + n, call) for n in range(3))
    grant(1110, call, product="other")
    pass_days(clock, date(2026, 2, 1))
    book(call, people[1])
    pass_days(clock, date(2026, 2, 20))
    give_up(first, call, people)
    pass_days(clock, date(2026, 2, 21))
    bring_back(first, call, 5_000)
    pass_days(clock, date(2026, 2, 28))
    give_up(second, call, people)
    pass_days(clock, date(2026, 3, 1))
    book(call, people[1])
    bring_back(second, call, 700)


def law():
    (found,) = [one for one in check_all() if one.law == LAW]
    return found


def test_the_law_holds_over_write_offs_on_a_valuations_own_date(clock, call, people):
    live_two_months(clock, call, people)
    found = law()
    assert (found.broken, found.examples) == (0, ())
    # Two valuations of two products in stage 1, and the floor of each; a product's books each.
    assert found.checked >= 10
    assert moves_of_month(FEBRUARY).is_whole
    assert [one for one in check_all() if one.broken] == []


def lose_before_the_month_ends(clock, call, people):
    """A loan given up, and a call of the month's last day, read before that day was over."""
    lost, _kept = grant(1120, call), grant(1121, call)
    pass_days(clock, date(2026, 1, 30))
    give_up(lost, call, people)
    pass_days(clock, date(2026, 1, 31))
    late = call()
    pass_days(clock, date(2026, 2, 1))
    return lost, late


def test_nothing_comes_in_on_the_date_of_a_valuation_that_is_booked(clock, call, people):
    lost, late = lose_before_the_month_ends(clock, call, people)
    book(call, people[1])
    before = AllowanceEntry.objects.count()
    with pytest.raises(DayValued) as refused:
        bring_back(lost, lambda: late, 5_000)
    assert refused.value.facts == {"on": "2026-01-31"}
    assert AllowanceEntry.objects.count() == before
    bring_back(lost, call, 5_000)
    assert (law().broken, AllowanceEntry.objects.count()) == (0, before + 1)


def test_a_valuation_whose_date_moved_since_is_not_booked(clock, call, people):
    lost, late = lose_before_the_month_ends(clock, call, people)
    bring_back(lost, lambda: late, 5_000)
    with pytest.raises(AllowanceChanged):
        book(call, people[1])
    assert law().broken == 0


TAMPERED = {
    "a movement is another sum": (
        "UPDATE servicing_allowancemovement SET minor = minor + 1 WHERE id = "
        "(SELECT min(id) FROM servicing_allowancemovement WHERE kind = 'new')"
    ),
    "a movement is gone": (
        "DELETE FROM servicing_allowancemovement WHERE id = "
        "(SELECT max(id) FROM servicing_allowancemovement WHERE kind = 'remeasured' AND minor <> 0)"
    ),
    "a write-off is told as remeasured": (
        "UPDATE servicing_allowancemovement SET minor = 0 "
        "WHERE kind IN ('write-off', 'remeasured') AND run_id = "
        '(SELECT id FROM servicing_allowancerun ORDER BY "on" DESC LIMIT 1) AND stage = 3'
    ),
    "an entry is told of another day": (
        "UPDATE servicing_allowanceentry SET \"on\" = '2026-01-30' "
        "WHERE kind = 'recovery' AND \"on\" = '2026-02-21'"
    ),
    "a write-off drew another sum": (
        "UPDATE servicing_allowanceentry SET minor = minor - 1 WHERE kind = 'write-off'"
    ),
    "a valuation opened with another sum": (
        "UPDATE servicing_allowanceproduct SET opening_minor = opening_minor + 1, "
        "target_minor = target_minor + 1 WHERE product_code = 'other' AND opening_minor > 0"
    ),
    "a line of a valuation is another sum": (
        "UPDATE servicing_allowanceline SET expected_minor = expected_minor + 1 "
        "WHERE id = (SELECT min(id) FROM servicing_allowanceline)"
    ),
    "a posting is another sum": (
        "UPDATE ledger_leg SET amount_minor = amount_minor + 1 WHERE journal_id = "
        "(SELECT min(journal_id) FROM servicing_allowanceentry WHERE kind = 'recovery') "
        "AND account_id IN (SELECT id FROM ledger_account WHERE code = 'loan-loss-allowance:test')"
    ),
    "a posting is of another day": (
        "UPDATE ledger_leg SET value_on = '2026-02-22' WHERE journal_id = "
        "(SELECT min(journal_id) FROM servicing_allowanceentry WHERE kind = 'recovery') "
        "AND account_id IN (SELECT id FROM ledger_account WHERE code = 'loan-loss-allowance:test')"
    ),
}


def test_one_tampered_movement_or_posting_breaks_it(live_db, clock, call, people):
    live_two_months(clock, call, people)
    assert law().broken == 0
    assert balance("loan-loss-allowance:test") > Money.zero()
    admin = live_db.server.admin_url.replace("/rongqiao?", f"/{live_db.name}?")
    unnoticed = []
    with pointed_at(django_database(admin)):
        for what, statement in TAMPERED.items():
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL session_replication_role = replica")
                    cursor.execute(statement)
                    assert cursor.rowcount >= 1, what
                if not law().broken:
                    unnoticed.append(what)
                transaction.set_rollback(True)
    assert unnoticed == []
