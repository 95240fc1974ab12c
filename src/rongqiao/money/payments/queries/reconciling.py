"""Breaks as cases, what both sides say, the days compared with the bank, and aged suspense."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet, Sum

from rongqiao.finance.money import Money
from rongqiao.money.payments.models.movements import CapitalInjection, Receipt
from rongqiao.money.payments.models.orders import BankMessage, PaymentOrder
from rongqiao.money.payments.models.reconciling import (
    UNRESOLVED,
    Break,
    BreakKind,
    BreakStep,
    DayReconciled,
    Mend,
    StatementFile,
    StatementLine,
)
from rongqiao.money.payments.queries.custody import LOOK_BACK, explained_by_break
from rongqiao.money.payments.queries.mending import facts_of, mends_for
from rongqiao.platform.clock import CHINA
from rongqiao.platform.crypto import decrypt
from rongqiao.policies.masking import mask_name

PAGE = 50
RETRY_REFUSED = timedelta(hours=1)
# Days that money lies in suspense, upper ends included; the last bucket is open.
AGES = ((0, 1), (2, 7), (8, 30), (31, None))


@dataclass(frozen=True, kw_only=True)
class BreakFilters:
    """What a list of breaks shows; an empty field filters nothing. Days are of the statement."""

    states: tuple[str, ...] = UNRESOLVED
    kinds: tuple[str, ...] = ()
    day_from: date | None = None
    day_to: date | None = None
    assignee: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class BreakView:
    """A break in a list. `bank` and `ours` are signed, money into the pool above zero.

    `explains` is what it accounts for in the pool's balance now; `waits_for_undo` that an officer
    wants its mend taken back.
    """

    id: UUID
    number: str
    kind: str
    day: date
    age_days: int
    amount: Money
    bank: Money | None
    ours: Money | None
    explains: Money
    suspense: Money
    state: str
    suggested: str
    mend: str
    assignee: str
    maker: str
    order_number: str
    opened_at: datetime
    waits_for_undo: bool


@dataclass(frozen=True, kw_only=True)
class BankSide:
    """The statement's line, its people masked."""

    file_id: UUID
    position: int
    serial: str
    order_no: str
    kind: str
    is_credit: bool
    amount: Money
    value_on: date
    account_no: str
    counterparty: str
    memo: str
    standing: str


@dataclass(frozen=True, kw_only=True)
class OurSide:
    """What we have of it: an order, a receipt or capital (`what`), and the journal it moved by."""

    what: str
    id: UUID
    number: str
    kind: str
    state: str
    amount: Money
    on: date | None
    party_id: UUID | None
    journal: int | None


@dataclass(frozen=True, kw_only=True)
class ToldSide:
    """A parked message of the bank, as it came."""

    event_id: str
    order_no: str
    state: str
    amount: str
    currency: str
    bank_serial: str
    verdict: str
    received_at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseStep:
    """One step of a case's life."""

    from_state: str
    to_state: str
    actor: str
    mend: str
    note: str
    journal: int | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class BreakDetail:
    """A break with both sides next to each other, what may be done, and what was."""

    view: BreakView
    bank: BankSide | None
    ours: OurSide | None
    told: ToldSide | None
    file: FileView | None
    mends: tuple[str, ...]
    suggested_party: UUID | None
    mend_party: UUID | None
    mend_journal: int | None
    reason: str
    proposed_at: datetime | None
    checker: str
    resolved_at: datetime | None
    journal: int | None
    mend_order_id: UUID | None
    mend_order_number: str
    counterpart: str
    undo_maker: str
    undo_reason: str
    steps: tuple[CaseStep, ...]


@dataclass(frozen=True, kw_only=True)
class FileView:
    """A statement file as it was handed in; `reason` and `found` where it was refused."""

    id: UUID
    day: date
    state: str
    reason: str
    found: str
    line_count: int
    total_in: Money
    total_out: Money
    opening: Money | None
    closing: Money | None
    stored_file: UUID
    received_at: datetime


@dataclass(frozen=True, kw_only=True)
class DayView:
    """A day compared with the bank, and how many of its breaks are still to be mended."""

    day: date
    line_count: int
    agreed_count: int
    break_count: int
    open_breaks: int
    closing: Money
    unexplained: Money
    reconciled_at: datetime


@dataclass(frozen=True, kw_only=True)
class AgedSuspense:
    """Money in suspense for `from_days` to `to_days` days; the last bucket has no end."""

    from_days: int
    to_days: int | None
    count: int
    amount: Money


@dataclass(frozen=True, kw_only=True)
class BreakCount:
    """How many unresolved breaks of a kind there are, and their amounts in all."""

    kind: str
    count: int
    amount: Money


def list_breaks(
    filters: BreakFilters, on: date, *, start: int = 0, limit: int = PAGE
) -> tuple[BreakView, ...]:
    """Return breaks, oldest first, `start` of them left out; ages are reckoned to `on`."""
    rows = _filtered(filters).select_related("order").order_by("opened_at", "id")
    now = explained_by_break()
    return tuple(_view(row, on, now) for row in rows[start : start + limit])


def count_breaks(filters: BreakFilters) -> int:
    """Return how many breaks a list has in all."""
    return _filtered(filters).count()


def breaks_by_kind() -> tuple[BreakCount, ...]:
    """Return the unresolved breaks per kind, the most frequent first."""
    rows = (
        Break.objects.filter(state__in=UNRESOLVED)
        .values("kind")
        .annotate(count=Count("id"), minor=Sum("amount_minor"))
        .order_by("-count", "kind")
    )
    return tuple(
        BreakCount(kind=row["kind"], count=row["count"], amount=Money(row["minor"])) for row in rows
    )


def get_break(break_id: UUID, on: date) -> BreakDetail | None:
    """Return a break with both sides, or None."""
    row = Break.objects.select_related("order", "line", "mend_order").filter(pk=break_id).first()
    if row is None:
        return None
    is_open = row.state in UNRESOLVED
    return BreakDetail(
        view=_view(row, on, explained_by_break()),
        bank=_bank_side(row.line) if row.line else None,
        ours=_our_side(row),
        told=_told_side(row),
        file=_file_of(row),
        mends=mends_for(facts_of(row)) if is_open else (),
        suggested_party=row.suggested_party,
        mend_party=row.mend_party,
        mend_journal=row.mend_journal,
        reason=row.reason,
        proposed_at=row.proposed_at,
        checker=row.checker,
        resolved_at=row.resolved_at,
        journal=row.journal,
        mend_order_id=row.mend_order_id,
        mend_order_number=row.mend_order.number if row.mend_order else "",
        counterpart=row.counterpart,
        undo_maker=row.undo_maker,
        undo_reason=row.undo_reason,
        steps=_steps(row),
    )


def find_break(number: str) -> UUID | None:
    """Return the id of the break of a number, or None."""
    return Break.objects.filter(number=number.strip().upper()).values_list("id", flat=True).first()


def aged_suspense(on: date) -> tuple[AgedSuspense, ...]:
    """Return what lies in suspense by age to `on`, the youngest first; refunds under way count."""
    waiting = Break.objects.exclude(suspense_minor=0).filter(
        Q(state__in=UNRESOLVED)
        | Q(mend=Mend.RETURN_TO_SENDER, mend_order__isnull=False)
        & (~Q(mend_order__state="succeeded") | Q(mend_order__is_returned=True))
    )
    aged = [(_age(row.opened_at, on), row.suspense_minor) for row in waiting]
    buckets = []
    for first, last in AGES:
        inside = [minor for age, minor in aged if age >= first and (last is None or age <= last)]
        buckets.append(
            AgedSuspense(
                from_days=first, to_days=last, count=len(inside), amount=Money(sum(inside))
            )
        )
    return tuple(buckets)


def list_days(*, before: date | None = None, limit: int = 31) -> tuple[DayView, ...]:
    """Return compared days, newest first; `before` is the last one seen."""
    rows = DayReconciled.objects.order_by("-day")
    rows = (rows.filter(day__lt=before) if before else rows)[:limit]
    days = list(rows)
    left = dict(
        Break.objects.filter(day__in=[row.day for row in days], state__in=UNRESOLVED)
        .values_list("day")
        .annotate(count=Count("id"))
    )
    return tuple(
        DayView(
            day=row.day,
            line_count=row.line_count,
            agreed_count=row.agreed_count,
            break_count=row.break_count,
            open_breaks=left.get(row.day, 0),
            closing=Money(row.closing_minor),
            unexplained=Money(row.unexplained_minor),
            reconciled_at=row.reconciled_at,
        )
        for row in days
    )


def list_files(day: date | None = None, limit: int = PAGE) -> tuple[FileView, ...]:
    """Return statement files handed in, newest first: of one day, or of all."""
    rows = StatementFile.objects.order_by("-received_at", "-id")
    return tuple(_file(row) for row in (rows.filter(day=day) if day else rows)[:limit])


def list_lines(day: date, *, start: int = 0, limit: int = PAGE) -> tuple[BankSide, ...]:
    """Return the lines of an imported day as they stand in the file, people masked."""
    rows = StatementLine.objects.filter(day=day).order_by("position")
    return tuple(_bank_side(row) for row in rows[start : start + limit])


def statement_days_due(through: date, now: datetime) -> tuple[date, ...]:
    """Return the days up to `through` that have no comparison yet, oldest first.

    Days begin with the first order the bank settled. One whose file was refused is due again
    `RETRY_REFUSED` later.
    """
    first = PaymentOrder.objects.filter(settled_on__isnull=False).aggregate(day=Min("settled_on"))
    if first["day"] is None:
        return ()
    start = max(first["day"], through - LOOK_BACK)
    days = {start + timedelta(days=place) for place in range((through - start).days + 1)}
    done = DayReconciled.objects.filter(day__in=days).values_list("day", flat=True)
    lately = StatementFile.objects.filter(
        day__in=days, state="refused", received_at__gt=now - RETRY_REFUSED
    )
    return tuple(sorted(days - set(done) - set(lately.values_list("day", flat=True))))


def _filtered(filters: BreakFilters) -> QuerySet[Break]:
    wanted = {
        "state__in": filters.states,
        "kind__in": filters.kinds,
        "day__gte": filters.day_from,
        "day__lte": filters.day_to,
        "assignee": filters.assignee,
    }
    rows = Break.objects.filter(**{name: value for name, value in wanted.items() if value})
    if filters.text:
        said = filters.text.strip()
        rows = rows.filter(
            Q(number__iexact=said) | Q(order__number__iexact=said) | Q(line__serial=said)
        )
    return rows


def _age(opened_at: datetime, on: date) -> int:
    return max((on - opened_at.astimezone(CHINA).date()).days, 0)


def _view(row: Break, on: date, explained: dict[str, int]) -> BreakView:
    return BreakView(
        id=row.pk,
        number=row.number,
        kind=row.kind,
        day=row.day,
        age_days=_age(row.opened_at, on),
        amount=Money(row.amount_minor),
        bank=None if row.bank_minor is None else Money(row.bank_minor),
        ours=None if row.ours_minor is None else Money(row.ours_minor),
        explains=Money(explained.get(str(row.pk), 0)),
        suspense=Money(row.suspense_minor if row.state in UNRESOLVED else 0),
        state=row.state,
        suggested=row.suggested,
        mend=row.mend,
        assignee=row.assignee,
        maker=row.maker,
        order_number=row.order.number if row.order else "",
        opened_at=row.opened_at,
        waits_for_undo=bool(row.undo_maker),
    )


def _bank_side(line: StatementLine) -> BankSide:
    text = decrypt(
        line.particulars_sealed,
        table="payments_statementline",
        column="particulars_sealed",
        row=line.pk,
    )
    name, memo = json.loads(text)
    return BankSide(
        file_id=line.file_id,
        position=line.position,
        serial=line.serial,
        order_no=line.order_no,
        kind=line.kind,
        is_credit=line.is_credit,
        amount=Money(line.amount_minor),
        value_on=line.value_on,
        account_no=line.account_no,
        counterparty=mask_name(name),
        memo=memo,
        standing=line.standing,
    )


def _our_side(case: Break) -> OurSide | None:
    if case.order is not None:
        return _order_side(case.order, case.subject)
    what, _, row_id = case.subject.partition(":")
    if case.kind == BreakKind.MISSING_AT_BANK and what in ("receipt", "capital"):
        return _hand_side(what, UUID(row_id))
    match = getattr(case.line, "match", None) if case.line else None
    what, _, row_id = (match.subject if match else "").partition(":")
    return _hand_side(what, UUID(row_id)) if what in ("receipt", "capital") else None


def _order_side(order: PaymentOrder, subject: str) -> OurSide:
    is_return = subject.startswith("return:")
    return OurSide(
        what="order",
        id=order.pk,
        number=order.number,
        kind=order.kind,
        state=order.state,
        amount=Money(order.amount_minor),
        on=order.returned_on if is_return else order.settled_on,
        party_id=order.party_id,
        journal=order.returned_journal if is_return else order.journal,
    )


def _hand_side(what: str, row_id: UUID) -> OurSide:
    row: Receipt | CapitalInjection
    if what == "receipt":
        row = Receipt.objects.get(pk=row_id)
    else:
        row = CapitalInjection.objects.get(pk=row_id)
    return OurSide(
        what=what,
        id=row.pk,
        number=row.number,
        kind=what,
        state=row.state,
        amount=Money(row.amount_minor),
        on=row.received_on if isinstance(row, Receipt) else None,
        party_id=row.party_id if isinstance(row, Receipt) else None,
        journal=None,
    )


def _told_side(case: Break) -> ToldSide | None:
    if case.kind != BreakKind.PARKED_CALLBACK:
        return None
    message = BankMessage.objects.get(pk=int(case.subject.removeprefix("message:")))
    names = ToldSide.__dataclass_fields__
    return ToldSide(**{name: getattr(message, name) for name in names})


def _file_of(case: Break) -> FileView | None:
    if case.kind != BreakKind.STATEMENT_DAMAGED:
        return None
    return _file(StatementFile.objects.get(pk=UUID(case.subject.removeprefix("file:"))))


def _file(row: StatementFile) -> FileView:
    return FileView(
        id=row.pk,
        day=row.day,
        state=row.state,
        reason=row.reason,
        found=row.found,
        line_count=row.line_count,
        total_in=Money(row.total_in_minor),
        total_out=Money(row.total_out_minor),
        opening=None if row.opening_minor is None else Money(row.opening_minor),
        closing=None if row.closing_minor is None else Money(row.closing_minor),
        stored_file=row.stored_file,
        received_at=row.received_at,
    )


def _steps(case: Break) -> tuple[CaseStep, ...]:
    rows = BreakStep.objects.filter(case=case).order_by("id")
    names = CaseStep.__dataclass_fields__
    return tuple(CaseStep(**{name: getattr(row, name) for name in names}) for row in rows)
