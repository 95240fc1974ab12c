"""Private files are unreadable on disk; a job lives and dies with the transaction of its cause."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings

from rongqiao.platform import files, jobs
from rongqiao.platform.clock import now
from rongqiao.platform.crypto import Unreadable
from rongqiao.platform.operations import Call, operation

SECRET = "营业执照 91350100M000100Y43".encode() * 20


@dataclass(frozen=True, kw_only=True)
class Keep:
    fail: bool = False


@dataclass(frozen=True, kw_only=True)
class Kept:
    file_id: UUID


@operation("test.keep", restore=Kept)
def keep(command, call):
    file_id = files.store(
        SECRET, owner="test:1", name="执照.pdf", media_type="application/pdf", at=call.at
    )
    jobs.enqueue("test.count", step=1)
    if command.fail:
        raise ZeroDivisionError
    return Kept(file_id=file_id)


counted = []


@jobs.job("test.count")
def count(step):
    counted.append(step)


def on_disk():
    return [path for path in settings.PLACES.files.glob("*/*") if path.is_file()]


def test_a_file_comes_back_whole_and_lies_encrypted(call):
    kept = keep(Keep(), call(key="k"))
    assert files.read(kept.file_id) == SECRET
    assert files.about(kept.file_id).size == len(SECRET)
    (path,) = [path for path in on_disk() if path.name == str(kept.file_id)]
    assert b"91350100M000100Y43" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(Unreadable):
        files.read(kept.file_id)


def test_the_sweeper_removes_only_what_no_row_names(live_db, call):
    kept = keep(Keep(), call(key="k"))
    with pytest.raises(ZeroDivisionError):
        keep(Keep(fail=True), call(key="k2"))
    before = len(on_disk())
    far = now().replace(year=2100)
    assert files.sweep(older_than=now() - timedelta(days=365 * 50)) == 0
    assert files.sweep(older_than=far) == before - 1
    assert files.read(kept.file_id) == SECRET


def test_a_job_lives_and_dies_with_its_cause(live_db, call):
    counted.clear()
    keep(Keep(), call(key="k"))
    with pytest.raises(ZeroDivisionError):
        keep(Keep(fail=True), call(key="k2"))
    assert jobs.waiting() == 1
    jobs.run_waiting()
    assert counted == [1]
    assert jobs.waiting() == 0


@jobs.job("test.keep-and-fail")
def keep_and_fail(key):
    kept = Call(actor="system:test", key=key, at=now(), on=now().date())
    with pytest.raises(ZeroDivisionError):
        keep(Keep(fail=True), kept)


def test_what_a_job_puts_down_dies_with_its_transaction_too(live_db, call):
    counted.clear()
    jobs.enqueue("test.keep-and-fail", key="inside")
    jobs.run_waiting()
    assert jobs.waiting() == 0
    assert counted == []
