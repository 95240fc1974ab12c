"""A statement is taken once and whole; a bad one is kept, refused and made a case."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from rongqiao.money.ledger.queries.books import trial_balance
from rongqiao.money.payments.models.reconciling import Break, StatementFile, StatementLine
from rongqiao.money.payments.operations.mending.propose_mend import ProposeMend, propose_mend
from rongqiao.money.payments.operations.mending.refusals import MendUnfit
from rongqiao.money.payments.operations.reconciling.import_statement import (
    FileUnreadable,
    ImportStatement,
    import_statement,
)
from rongqiao.money.payments.operations.two_people import FinanceOfficerNeeded
from rongqiao.money.payments.queries.reconciling import list_lines
from rongqiao.platform import files
from tests.makers.statements import DAY, SYSTEM, Moved, changed, hand_in, reconcile, written
from tests.parties.people import actor

LINES = [Moved("S0000001", 10_000, name="张三丰"), Moved("S0000002", -500, kind="fee")]


def test_the_same_file_twice_changes_nothing(call):
    first, again = hand_in(call, written(LINES)), hand_in(call, written(LINES))
    assert (first.state, first.line_count, first.is_new) == ("imported", 2, True)
    assert (again.file_id, again.is_new) == (first.file_id, False)
    assert StatementFile.objects.count() == 1
    assert StatementLine.objects.count() == 2


def test_a_damaged_file_is_kept_encrypted_and_becomes_a_case_and_posts_nothing(call):
    content = written(LINES)[:-90]
    refused = hand_in(call, content)
    assert (refused.state, refused.reason) == ("refused", "cut")
    case = Break.objects.get()
    assert (case.kind, case.subject, case.state) == (
        "statement-damaged",
        f"file:{refused.file_id}",
        "open",
    )
    row = StatementFile.objects.get()
    assert files.read(row.stored_file) == content
    folder = settings.PLACES.files / row.stored_file.hex[-2:]
    assert b"serial" not in (folder / str(row.stored_file)).read_bytes()
    assert not StatementLine.objects.exists()
    assert trial_balance() == ()
    assert hand_in(call, content).is_new is False
    assert Break.objects.count() == 1


def test_a_refused_day_takes_a_corrected_file_and_then_no_other(call, officers):
    hand_in(call, written(LINES)[:-10])
    case = Break.objects.get()
    close = ProposeMend(break_id=case.pk, mend="close-explained", reason="看错")
    with pytest.raises(MendUnfit):
        propose_mend(close, call(actor=actor(officers[0])))
    assert hand_in(call, written(LINES)).state == "imported"
    other = hand_in(call, written(LINES[:1]))
    assert (other.state, other.reason) == ("refused", "day-taken")
    propose_mend(close, call(actor=actor(officers[0])))


def test_a_doubled_line_and_a_line_of_yesterday_are_parked_one_by_one(call):
    yesterday = changed(LINES[0], serial="S0000003", day=DAY.replace(day=4))
    imported = hand_in(call, written([*LINES, LINES[0], yesterday], closing=9_500))
    assert imported.state == "imported"
    assert [line.standing for line in list_lines(DAY)] == [
        "taken",
        "taken",
        "repeated",
        "other_day",
    ]
    reconcile(call)
    kinds = sorted(Break.objects.values_list("kind", flat=True))
    assert kinds == ["bank-fee", "duplicate-line", "unknown-credit", "wrong-day"]


def test_lines_can_be_added_and_never_changed(call):
    hand_in(call, written(LINES))
    for statement in (
        "UPDATE payments_statementline SET amount_minor = 1",
        "DELETE FROM payments_statementline",
        "UPDATE payments_statementfile SET closing_minor = 1",
        "DELETE FROM payments_linematch",
    ):
        refused = pytest.raises(DatabaseError, match="permission denied")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_people_in_a_statement_are_sealed_and_shown_masked(call):
    hand_in(call, written(LINES))
    sealed = bytes(StatementLine.objects.get(position=1).particulars_sealed)
    assert "张三丰".encode() not in sealed
    assert list_lines(DAY)[0].counterparty == "张**"


def test_only_finance_and_the_platform_itself_hand_statements_in(call, clock, customer, officers):
    with pytest.raises(FinanceOfficerNeeded):
        import_statement(ImportStatement(day=DAY, content="eA=="), call(actor=actor(customer[0])))
    for content in ("", "not base64!"):
        with pytest.raises(FileUnreadable):
            import_statement(ImportStatement(day=DAY, content=content), call(actor=SYSTEM))
    clock.move(timedelta(days=1))
    import_statement(ImportStatement(day=DAY, content="eA=="), call(actor=actor(officers[0])))


def test_a_long_day_takes_as_many_queries_as_a_short_one(call, django_assert_max_num_queries):
    many = [Moved(f"S{number:08d}", 100 + number) for number in range(900)]
    content = written(many)
    with django_assert_max_num_queries(14):
        hand_in(call, content)
