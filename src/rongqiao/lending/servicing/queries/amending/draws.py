"""Further sums on a loan: what may still be drawn, why not, what one does to the plan, quotes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.finance.schedule.remaining import IN_PART
from rongqiao.lending.servicing.engine import Life
from rongqiao.lending.servicing.models.amending.draws import DrawRoom, FurtherDraw
from rongqiao.lending.servicing.models.closing_days import ParkedLoan
from rongqiao.lending.servicing.models.loans import LIVE, Loan
from rongqiao.lending.servicing.queries.amending.holds import is_held
from rongqiao.lending.servicing.queries.amending.prepayments import KeptRow, kept_rows
from rongqiao.lending.servicing.queries.amending.recalls import is_recall_standing
from rongqiao.lending.servicing.queries.lives import life_of, plan_rule_of
from rongqiao.lending.servicing.queries.loans import history_of
from rongqiao.lending.servicing.terms.drawing import drawn, undrawable
from rongqiao.platform.refusals import Kind, NotFound, Refusal


class NothingToDraw(Refusal):
    """The loan was lent whole, all of it is drawn, or nothing of its plan is ahead."""

    code = "servicing.nothing-to-draw"


class DrawNotByMethod(Refusal):
    """Its interest is not reckoned on what is left, so its plan takes no further sum."""

    code = "servicing.draw-not-by-method"


class DrawTooLate(Refusal):
    """The last day of drawing is over; fact: `last_on`."""

    code = "servicing.draw-too-late"


class DrawsUsedUp(Refusal):
    """It was drawn as often as was agreed; fact: `most`."""

    code = "servicing.draws-used-up"


class DrawAfterPaying(Refusal):
    """Something of this loan is due, or another loan of the borrower is late: it is paid first."""

    code = "servicing.draw-after-paying"


class DrawWhileHeld(Refusal):
    """The borrower is on hold."""

    code = "servicing.draw-while-held"


class DrawWhileAside(Refusal):
    """The loan was set aside by a close and is being looked into."""

    code = "servicing.draw-while-aside"


class DrawWhileChanging(Refusal):
    """A change of terms, a correction or a recall of the loan is under way."""

    code = "servicing.draw-while-changing"


class DrawWhileWatched(Refusal):
    """The loan was restructured for its borrower's difficulty, and is watched."""

    code = "servicing.draw-while-watched"


class DrawOutOfRange(Refusal):
    """Less than a draw has to be, or more than is left; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "servicing.draw-out-of-range"


@dataclass(frozen=True, kw_only=True)
class DrawRoomView:
    """What was agreed and drawn so far, in how many sums; `made` counts the first one too."""

    agreed: Money
    drawn: Money
    least: Money
    most: int
    made: int
    last_on: date

    @property
    def left(self) -> Money:
        """What may still be drawn."""
        return self.agreed - self.drawn

    @property
    def at_least(self) -> Money:
        """The least that one further draw may be: all that is left, where that is less."""
        return min(self.least, self.left)


@dataclass(frozen=True, kw_only=True)
class DrawQuoteView:
    """A quote as it was given; `rows` is the plan from its day on, `is_drawn` once it was drawn.

    What is to be paid on a due date may be in two rows, the earlier one with interest earned.
    """

    id: UUID
    loan_id: UUID
    valid_on: date
    amount: Money
    rows: tuple[KeptRow, ...]
    next_due_on: date
    next_due: Money
    more_interest: Money
    is_drawn: bool


def draw_room_of(loan_id: UUID) -> DrawRoomView | None:
    """Return what may be drawn on a loan; None of one that was lent whole."""
    room = DrawRoom.objects.select_related("loan").filter(pk=loan_id).first()
    return _room(room) if room else None


def why_not(loan_id: UUID, on: date) -> Refusal | None:
    """Return why nothing can be drawn on a loan on `on`, None where something can."""
    loan = Loan.objects.filter(pk=loan_id).first()
    if loan is None:
        return NotFound(what="loan")
    try:
        checked_room(loan, on)
    except Refusal as reason:
        return reason
    return None


def checked_room(loan: Loan, on: date) -> DrawRoomView:
    """Return what may be drawn on a live loan on `on`.

    Raises NothingToDraw, DrawTooLate, DrawsUsedUp, DrawNotByMethod, DrawAfterPaying, DrawWhileHeld,
    DrawWhileAside, DrawWhileChanging, DrawWhileWatched.
    """
    row = DrawRoom.objects.select_related("loan").filter(pk=loan.pk).first()
    room = _room(row) if row else None
    if room is None or not room.left or loan.state not in LIVE:
        raise NothingToDraw(number=loan.number)
    if on > room.last_on:
        raise DrawTooLate(last_on=room.last_on.isoformat())
    if room.made >= room.most:
        raise DrawsUsedUp(most=str(room.most))
    if plan_rule_of(loan).method not in IN_PART:
        raise DrawNotByMethod(method=loan.method)
    _refuse_in_trouble(loan, on)
    return room


def _refuse_in_trouble(loan: Loan, on: date) -> None:
    if is_held(loan.party_id):
        raise DrawWhileHeld
    if ParkedLoan.objects.filter(loan_id=loan.pk, released_at=None).exists():
        raise DrawWhileAside
    if loan.watched_until:
        raise DrawWhileWatched
    waiting = loan.term_changes.filter(state="waiting"), loan.corrections.filter(state="waiting")
    if is_recall_standing(loan.pk) or any(rows.exists() for rows in waiting):
        raise DrawWhileChanging
    due = loan.instalments.filter(is_due=True, settled_on=None, due_on__lte=on)
    if history_of(loan.party_id).days_past_due or any(row.left_minor for row in due):
        raise DrawAfterPaying


def drawn_life(loan: Loan, amount: Money, on: date) -> tuple[Life, Life]:
    """Return a live loan before and after `amount` more was drawn on the open business date `on`.

    Raises what `checked_room` does, and DrawOutOfRange.
    """
    room = checked_room(loan, on)
    if not room.at_least <= amount <= room.left:
        allowed = f"{room.at_least.text()} - {room.left.text()}"
        raise DrawOutOfRange(field="amount", value=amount.text(), allowed=allowed)
    life, rule = life_of(loan), plan_rule_of(loan)
    if undrawable(life, amount.minor, rule):
        raise NothingToDraw(number=loan.number)
    return life, drawn(life, on, amount.minor, rule)


def get_draw_quote(quote_id: UUID, party_id: UUID) -> DrawQuoteView:
    """Return a quote on one of the party's loans. Raises NotFound."""
    row = FurtherDraw.objects.filter(pk=quote_id, loan__party_id=party_id).first()
    if row is None:
        raise NotFound(what="draw-quote")
    rows = kept_rows(row.plan)
    return DrawQuoteView(
        id=row.pk,
        loan_id=row.loan_id,
        valid_on=row.valid_on,
        amount=Money(row.amount_minor),
        rows=rows,
        next_due_on=rows[0].due_on,
        next_due=next_due_of(rows),
        more_interest=Money(row.interest_after_minor - row.interest_before_minor),
        is_drawn=row.drawn_at is not None,
    )


def next_due_of(rows: Sequence[KeptRow]) -> Money:
    """Return what is to be paid on the first due date of rows ahead."""
    due = [row.payment for row in rows if row.due_on == rows[0].due_on]
    return sum(due, Money.zero())


def _room(row: DrawRoom) -> DrawRoomView:
    further = row.loan.further_draws.exclude(drawn_at=None).count()
    return DrawRoomView(
        agreed=Money(row.agreed_minor),
        drawn=Money(row.loan.principal_minor),
        least=Money(row.least_minor),
        most=row.most,
        made=1 + further,
        last_on=row.last_on,
    )
