"""The bank's side of a day: movements, and the file that tells of them."""

import base64
import csv
import hashlib
import io
import itertools
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations.hold import hold
from rongqiao.money.payments.models.orders import By, OrderState, PaymentOrder
from rongqiao.money.payments.operations.orders.placing import Wish, place, step
from rongqiao.money.payments.operations.orders.settling import Said, settle
from rongqiao.money.payments.operations.reconciling.import_statement import (
    ImportStatement,
    import_statement,
)
from rongqiao.money.payments.operations.reconciling.reconcile_day import (
    ReconcileDay,
    reconcile_day,
)
from rongqiao.money.payments.operations.reconciling.statement_file import HEADER
from rongqiao.money.payments.postings import wallet
from rongqiao.parties.queries import get_payee
from rongqiao.platform.operations import operation

DAY = date(2026, 1, 5)
SYSTEM = "system:payments.jobs"
IN = ("top_up", "direct_debit", "transfer_in")


@dataclass(frozen=True)
class Moved:
    """A movement at the bank, as a line of its file; `minor` above zero came in."""

    serial: str
    minor: int
    order_no: str = ""
    kind: str = "credit"
    day: date = DAY
    account_no: str = ""
    name: str = "王小明"
    memo: str = ""

    def row(self):
        direction = "in" if self.minor > 0 else "out"
        return [
            *(self.serial, self.order_no, self.kind, direction),
            *(Money(abs(self.minor)).text(), "CNY", self.day.isoformat()),
            *(self.account_no, self.name, self.memo),
        ]


def written(lines, day=DAY, opening=0, closing=None, *, rows=None, trailer=None):
    """Return the file of a day; `rows` and `trailer` (changed fields by place) bend it."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(HEADER)
    out.writerows(rows if rows is not None else [line.row() for line in lines])
    came_in = sum(line.minor for line in lines if line.minor > 0)
    went_out = -sum(line.minor for line in lines if line.minor < 0)
    if closing is None:
        closing = opening + came_in - went_out
    fields = ["trailer", day.isoformat(), str(len(lines))]
    fields += [Money(minor).text() for minor in (came_in, went_out, opening, closing)]
    for place_of, value in (trailer or {}).items():
        fields[place_of] = value
    content = (text.getvalue() + ",".join(fields) + ",").encode()
    return content + hashlib.sha256(content).hexdigest().encode() + b"\n"


@dataclass
class BankBook:
    """The pool as the bank keeps it: every movement, and files of any day."""

    moved: list = field(default_factory=list)
    serials: itertools.count = field(default_factory=lambda: itertools.count(1))

    def serial(self):
        return f"S{next(self.serials):08d}"

    def move(self, minor, **more):
        """Move money at the bank; return the line that tells of it."""
        more.setdefault("serial", self.serial())
        line = Moved(minor=minor, **more)
        self.moved.append(line)
        return line

    def pay(self, row, minor=None, day=DAY, serial=None):
        """Carry an order out."""
        side = row.amount_minor if row.kind in IN else -row.amount_minor
        serial = serial or row.bank_serial or self.serial()
        return self.move(minor or side, order_no=row.number, kind=row.kind, day=day, serial=serial)

    def closing(self, day=DAY):
        return sum(line.minor for line in self.moved if line.day <= day)

    def file(self, day=DAY, *, lines=None):
        """Return a day's file: the true balances, and its lines or those given instead."""
        if lines is None:
            lines = [line for line in self.moved if line.day == day]
        yesterday = day - timedelta(days=1)
        return written(lines, day, self.closing(yesterday), self.closing(day))


@dataclass(frozen=True, kw_only=True)
class MakeOrder:
    """An order as a test wants it; `state` sent, unknown, succeeded, failed."""

    kind: str
    amount: Money
    state: str = "succeeded"
    settled_on: date = DAY
    serial: str = ""
    party_id: object = None
    account_id: object = None
    subject: str = ""


@dataclass(frozen=True, kw_only=True)
class Made:
    """Its number."""

    number: str


@operation("tests.make_order", restore=Made)
def made_order(command, call):
    payee = get_payee(command.account_id, command.party_id) if command.account_id else None
    is_held = command.kind == "withdrawal"
    held = hold(wallet(command.party_id), command.amount, "test", call) if is_held else None
    wish = Wish(
        kind=command.kind,
        amount=command.amount,
        party_id=command.party_id,
        payee=payee,
        subject=command.subject or ("loan:test" if command.kind == "direct_debit" else ""),
    )
    row = place(wish, call, hold_id=held)
    row.state, row.sent_at, row.next_try_at = OrderState.SENT, call.at, call.at
    row.save()
    step(row, OrderState.CREATED, By.SYSTEM, call)
    if command.state == OrderState.UNKNOWN:
        row.state = OrderState.UNKNOWN
        row.save()
        step(row, OrderState.SENT, By.SYSTEM, call)
    if command.state in (OrderState.SUCCEEDED, OrderState.FAILED):
        said = Said(
            order_no=row.number,
            state=command.state,
            amount=command.amount.text(),
            currency="CNY",
            bank_serial=command.serial if command.state == OrderState.SUCCEEDED else "",
            settled_on=command.settled_on,
            reason="told-so",
            by=By.QUERY,
        )
        assert settle(said, f"test:{row.number}", call).verdict == "settled"
    return Made(number=row.number)


def make_order(call, book, kind, yuan, **more):
    """Make an order, and return its row."""
    amount = Money.yuan(yuan) if isinstance(yuan, str) else Money(yuan)
    command = MakeOrder(kind=kind, amount=amount, serial=book.serial(), **more)
    return PaymentOrder.objects.get(number=made_order(command, call(actor=SYSTEM)).number)


def hand_in(call, content, day=DAY, by=SYSTEM):
    """Import a file."""
    command = ImportStatement(day=day, content=base64.b64encode(content).decode())
    return import_statement(command, call(actor=by))


def reconcile(call, day=DAY):
    return reconcile_day(ReconcileDay(day=day), call(actor=SYSTEM))


def compare(call, book, day=DAY, *, lines=None):
    """Hand in the book's day and compare it."""
    assert hand_in(call, book.file(day, lines=lines), day).state == "imported"
    return reconcile(call, day)


def changed(line, **changes):
    """Return a line that says something else."""
    return replace(line, **changes)
