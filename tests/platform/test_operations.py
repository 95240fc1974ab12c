"""A write happens once per key, wholly, and on record; the record does not change."""

import threading
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest
from django.db import DatabaseError, connection

from rongqiao.finance.money import Money
from rongqiao.platform import audit
from rongqiao.platform.models import OperationRecord, OutboxEvent, Seal, StoredFile
from rongqiao.platform.operations import (
    KeyReusedForAnotherRequest,
    UnreadableText,
    operation,
    restored,
    sensitive,
)
from rongqiao.platform.refusals import Refusal

CENT = Money(1)


@dataclass(frozen=True, kw_only=True)
class Note:
    text: str
    amount: Money = CENT
    phone: str = sensitive(default="")
    address: str = sensitive(circumstance=True, default="")


@dataclass(frozen=True, kw_only=True)
class Noted:
    id: UUID
    amount: Money
    on: date
    rate: Decimal | None
    parts: tuple[Money, ...]


class Silence(Refusal):
    code = "test.silence"


FILE = UUID(int=7)


@operation("test.note", restore=Noted)
def note(command, call):
    StoredFile.objects.create(
        id=uuid5(NAMESPACE_URL, call.actor + call.key),
        owner="test",
        name=command.text,
        media_type="text/plain",
        size=1,
        sha256="",
        stored_at=call.at,
    )
    if command.text == "refused":
        raise Silence
    if command.text == "broken":
        raise ZeroDivisionError
    return Noted(id=FILE, amount=command.amount, on=call.on, rate=None, parts=(Money(1), Money(2)))


def written():
    return StoredFile.objects.count()


def test_a_repeated_request_gets_the_first_answer_and_changes_nothing(call):
    first = note(Note(text="a"), call(key="k"))
    assert note(Note(text="a"), call(key="k")) == first
    assert written() == 1


def test_a_key_may_not_be_reused_for_another_request(call):
    note(Note(text="a"), call(key="k"))
    for other in (Note(text="b"), Note(text="a", amount=Money(2)), Note(text="a", phone="1")):
        with pytest.raises(KeyReusedForAnotherRequest):
            note(other, call(key="k"))
    assert written() == 1


def test_a_retry_from_another_network_is_the_same_request(call):
    first = note(Note(text="a", address="192.0.2.1"), call(key="k"))
    assert note(Note(text="a", address="198.51.100.7"), call(key="k")) == first
    assert "192.0.2.1" not in str(OperationRecord.objects.get().request)


def test_keys_of_two_actors_do_not_meet(call):
    note(Note(text="a"), call(actor="user:1", key="k"))
    note(Note(text="b"), call(actor="user:2", key="k"))
    assert OperationRecord.objects.count() == 2


@pytest.mark.parametrize(("text", "error"), [("refused", Silence), ("broken", ZeroDivisionError)])
def test_what_did_not_end_well_leaves_nothing_and_may_be_tried_again(call, text, error):
    with pytest.raises(error):
        note(Note(text=text), call(key="k"))
    assert (written(), OperationRecord.objects.count()) == (0, 0)
    note(Note(text="better"), call(key="k"))
    assert written() == 1


def test_a_sensitive_field_is_on_record_as_a_digest_only(call):
    note(Note(text="a", phone="13800138000"), call(key="k"))
    record = OperationRecord.objects.get()
    assert record.request["phone"].startswith("hmac:")
    assert "13800138000" not in str(record.request)


def test_an_operation_never_calls_an_operation(call):
    @operation("test.outer", restore=Noted)
    def outer(command, inner):
        return note(command, inner)

    with pytest.raises(AssertionError, match=r"test\.note called from inside"):
        outer(Note(text="a"), call(key="k"))


def test_an_answer_comes_back_with_its_types(call):
    answer = note(Note(text="a", amount=Money(5)), call(key="k"))
    assert restored(Noted, OperationRecord.objects.get().result) == answer


def test_sixteen_threads_with_one_key_have_one_effect(live_db, call):
    one_call, answers, barrier = call(key="k"), [], threading.Barrier(16)

    def ask():
        barrier.wait()
        answers.append(note(Note(text="a"), one_call))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(16)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(answers) == 16
    assert len(set(answers)) == 1
    assert written() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE platform_operationrecord SET name = 'x'",
        "UPDATE platform_operationrecord SET result = '{}'",
        "DELETE FROM platform_operationrecord",
        "TRUNCATE platform_operationrecord",
        "UPDATE platform_seal SET hash = ''",
        "DELETE FROM platform_seal",
        "TRUNCATE platform_seal",
    ],
)
def test_the_application_cannot_change_what_is_on_record(call, statement):
    note(Note(text="a"), call(key="k"))
    audit.seal()
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_chain_covers_every_operation_in_order(call):
    for number in range(5):
        note(Note(text=str(number)), call(key=f"k{number}"))
    assert audit.seal() == 5
    assert audit.seal() == 0
    assert audit.check() == (5, None)
    assert audit.head()[0] == 5


def test_a_changed_record_is_found_and_located(live_db, call):
    import psycopg  # noqa: PLC0415

    for number in range(5):
        note(Note(text=str(number)), call(key=f"k{number}"))
    audit.seal()
    record = Seal.objects.get(position=3).record_id
    with psycopg.connect(live_db.owner_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE platform_operationrecord DISABLE TRIGGER USER")
        owner.execute(
            "UPDATE platform_operationrecord SET actor = 'user:eve' WHERE id = %s", [record]
        )
    _checked, broken = audit.check()
    assert (broken.position, broken.record_id) == (3, record)


def test_two_sealers_make_one_chain(live_db, call):
    for number in range(40):
        note(Note(text=str(number)), call(key=f"k{number}"))
    barrier = threading.Barrier(4)

    def work():
        barrier.wait()
        for _ in range(20):
            audit.seal(limit=3)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    audit.seal()
    assert audit.check() == (40, None)
    assert OutboxEvent.objects.count() == 0


def test_a_text_that_no_table_can_keep_is_refused(call):
    with pytest.raises(UnreadableText):
        note(Note(text="a\x00b"), call(key="k"))
    assert (written(), OperationRecord.objects.count()) == (0, 0)
    note(Note(text="a\\u0000b"), call(key="k"))
