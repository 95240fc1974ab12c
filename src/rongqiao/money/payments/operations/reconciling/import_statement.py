"""Import the bank's statement of a day: taken whole, or kept, refused and made a case."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from rongqiao.money.payments.models.reconciling import (
    BreakKind,
    FileState,
    Mend,
    Standing,
    StatementFile,
    StatementLine,
)
from rongqiao.money.payments.operations.reconciling.cases import Found, open_breaks
from rongqiao.money.payments.operations.reconciling.statement_file import (
    Damaged,
    Line,
    Statement,
    read_statement,
    standings,
)
from rongqiao.money.payments.operations.two_people import officer_acting
from rongqiao.platform.clock import CHINA, is_over
from rongqiao.platform.crypto import encrypt
from rongqiao.platform.files import store
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, Refusal

# One statement at a time: the number of PostgreSQL's advisory lock.
LOCK = 7_301
BATCH = 1000
# The reason why a second file of a day is refused.
DAY_TAKEN = "day-taken"
LINES = "payments_statementline"


class FileUnreadable(Refusal):
    """What was handed in is no file in base64, or an empty one."""

    kind, code = Kind.INVALID, "payments.statement-unreadable"


class DayNotOver(Refusal):
    """The day still goes on in China: its statement would not be whole. Fact: the last that is."""

    kind, code = Kind.INVALID, "payments.day-not-over"


@dataclass(frozen=True, kw_only=True)
class ImportStatement:
    """The day it should be of, and the file as the bank gave it, in base64."""

    day: date
    content: str = sensitive()


@dataclass(frozen=True, kw_only=True)
class StatementImported:
    """What became of it: `imported`, or `refused` with its reason and what was found there.

    `is_new` is False where the same file had been handed in before.
    """

    file_id: UUID
    state: str
    reason: str
    found: str
    line_count: int
    is_new: bool


@operation("payments.import_statement", restore=StatementImported)
def import_statement(command: ImportStatement, call: Call) -> StatementImported:
    """Keep the file encrypted, and take its lines or open a case; nothing is posted here.

    The same file twice changes nothing. A day whose file was refused takes a corrected one; a day
    that has its file takes no other. Raises FinanceOfficerNeeded, FileUnreadable; DayNotOver to
    whoever hands in a file by hand.
    """
    is_by_hand = not call.actor.startswith("system:")
    if is_by_hand:
        officer_acting(call)
        refuse_unfinished(command.day, call.at)
    content = _decoded(command.content)
    digest = hashlib.sha256(content).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    row = StatementFile.objects.filter(day=command.day, sha256=digest).first()
    if row is not None:
        return _outcome(row, is_new=False)
    row = StatementFile(
        id=new_id(call.at),
        day=command.day,
        sha256=digest,
        stored_file=store(
            content,
            owner=f"statement:{command.day}",
            name=f"statement-{command.day}.csv",
            media_type="text/csv",
            at=call.at,
        ),
        received_at=call.at,
        is_by_hand=is_by_hand,
    )
    try:
        _refuse_second(command.day)
        statement = read_statement(content, command.day)
    except Damaged as damaged:
        _refuse(row, damaged, call)
    else:
        _take(row, statement)
    return _outcome(row, is_new=True)


def refuse_unfinished(day: date, at: datetime) -> None:
    """Hold that a day has ended in China at `at`. Raises DayNotOver."""
    if not is_over(day, at):
        yesterday = at.astimezone(CHINA).date() - timedelta(days=1)
        raise DayNotOver(field="day", value=day.isoformat(), allowed=yesterday.isoformat())


def _decoded(text: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise FileUnreadable(field="content") from None
    if not content:
        raise FileUnreadable(field="content")
    return content


def _refuse_second(day: date) -> None:
    if StatementFile.objects.filter(day=day, state=FileState.IMPORTED).exists():
        raise Damaged(DAY_TAKEN, day.isoformat())


def _refuse(row: StatementFile, damaged: Damaged, call: Call) -> None:
    row.state, row.reason = FileState.REFUSED, damaged.reason
    row.found = "".join(char if char.isprintable() else "?" for char in damaged.found)
    row.save(force_insert=True)
    case = Found(
        kind=BreakKind.STATEMENT_DAMAGED,
        day=row.day,
        subject=f"file:{row.pk}",
        amount_minor=0,
        suggested=Mend.CLOSE_EXPLAINED,
    )
    open_breaks([case], call)


def _take(row: StatementFile, statement: Statement) -> None:
    row.state, row.line_count = FileState.IMPORTED, len(statement.lines)
    row.total_in_minor, row.total_out_minor = statement.total_in.minor, statement.total_out.minor
    row.opening_minor, row.closing_minor = statement.opening.minor, statement.closing.minor
    row.save(force_insert=True)
    known = StatementLine.objects.filter(
        standing=Standing.TAKEN, serial__in=[line.serial for line in statement.lines]
    ).values_list("serial", flat=True)
    StatementLine.objects.bulk_create(
        [
            _line(row, line, standing)
            for line, standing in standings(statement.lines, row.day, set(known))
        ],
        batch_size=BATCH,
    )


def _line(row: StatementFile, line: Line, standing: str) -> StatementLine:
    particulars = json.dumps([line.counterparty, line.memo], ensure_ascii=False)
    line_id = new_id(row.received_at)
    return StatementLine(
        id=line_id,
        file=row,
        position=line.position,
        day=row.day,
        standing=standing,
        serial=line.serial,
        order_no=line.order_no,
        kind=line.kind,
        is_credit=line.is_credit,
        amount_minor=line.amount.minor,
        currency=line.amount.currency,
        value_on=line.value_on,
        account_no=line.account_no,
        particulars_sealed=encrypt(
            particulars, table=LINES, column="particulars_sealed", row=line_id
        ),
    )


def _outcome(row: StatementFile, *, is_new: bool) -> StatementImported:
    return StatementImported(
        file_id=row.pk,
        state=row.state,
        reason=row.reason,
        found=row.found,
        line_count=row.line_count,
        is_new=is_new,
    )
