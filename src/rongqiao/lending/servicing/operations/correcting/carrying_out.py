"""Bringing a loan, its lines and the books to where its life lived again puts it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rongqiao.finance.money import Money
from rongqiao.lending.servicing import postings
from rongqiao.lending.servicing.engine import Row, State
from rongqiao.lending.servicing.models.loans import BUCKETS, Instalment, Loan, LoanEntry
from rongqiao.lending.servicing.operations.repaying.settling import PAID, write_entry
from rongqiao.lending.servicing.postings import Correcting, Parts
from rongqiao.lending.servicing.queries.amending.corrections import NOT_BOOKED, Effect
from rongqiao.lending.servicing.replay import Standing
from rongqiao.money.ledger.operations.post import post
from rongqiao.money.ledger.operations.reverse import reverse
from rongqiao.platform.operations import Call

_CHARGED = [f"{bucket}_charged_minor" for bucket in ("interest", "penalty", "fee")]


def carry_out(loan: Loan, effect: Effect, call: Call) -> int:
    """Book the payment or its reversal and what else differs; return the first one's journal.

    Nothing is edited: the lines and journals of today hold the difference.
    """
    journal, lines, kind = _own_journal(loan, effect, call)
    owed = _owed_more(effect)
    rest = {no: _minus(parts, lines.get(no, Parts())) for no, parts in owed.items()}
    difference = _correcting(effect, _sum(rest.values()))
    second = postings.correction(loan.number, loan.product_code, loan.party_id, difference, call.on)
    ids = post([second] if second else [], call)
    entries = [
        write_entry(loan, kind, parts, call, journal=journal, no=no)
        for no, parts in sorted(lines.items())
    ]
    entries += [
        write_entry(loan, "correction", parts, call, journal=ids[0] if ids else None, no=no)
        for no, parts in sorted(rest.items())
        if parts.named()
    ]
    LoanEntry.objects.bulk_create(entries)
    _write_rows(loan, effect.after)
    _write_loan(loan, effect.after, _sum(owed.values()))
    return journal


def _own_journal(loan: Loan, effect: Effect, call: Call) -> tuple[int, dict[int, Parts], str]:
    """Book the payment, or take it back; return what that makes owed more by instalment."""
    if effect.payment is not None:
        journal = reverse(effect.payment.journal, loan.number, call)
        return journal, dict(effect.payment.lines), "reversal"
    share = effect.after.shares[NOT_BOOKED]
    parts: dict[int, dict[str, int]] = {}
    for due in share.paid:
        parts.setdefault(due.instalment, {})[due.bucket.value] = -due.amount.minor
    lines = {no: Parts(**own) for no, own in parts.items()}
    paid = _minus(Parts(), _sum(lines.values()))
    assert Money(paid.total) == share.total, share
    (journal,) = post(
        [postings.repayment(loan.number, loan.product_code, loan.party_id, paid, call.on)], call
    )
    return journal, lines, "back-dated"


def _owed_more(effect: Effect) -> dict[int, Parts]:
    """Return by how much more each due instalment owes after than before."""
    before, after = _due(effect.before), _due(effect.after)
    return {no: _minus(_left(row), _left(before[no])) for no, row in after.items()}


def _correcting(effect: Effect, owed: Parts) -> Correcting:
    before, after = _due(effect.before), _due(effect.after)
    charged = _sum(_minus(_charged(row), _charged(before[no])) for no, row in after.items())
    return Correcting(owed=owed, charged=charged, given_back=owed.total - charged.total)


def _due(standing: Standing) -> Mapping[int, Row]:
    return {row.no: row for row in standing.life.rows if row.is_due}


def _left(row: Row) -> Parts:
    return Parts(
        principal=row.principal - row.principal_paid,
        interest=row.interest - row.interest_paid,
        penalty=row.penalty - row.penalty_paid,
        fee=row.fee - row.fee_paid,
    )


def _charged(row: Row) -> Parts:
    return Parts(interest=row.interest, penalty=row.penalty, fee=row.fee)


def _minus(one: Parts, other: Parts) -> Parts:
    return Parts(**{bucket: getattr(one, bucket) - getattr(other, bucket) for bucket in BUCKETS})


def _sum(parts: Iterable[Parts]) -> Parts:
    told = list(parts)
    return Parts(**{bucket: sum(getattr(one, bucket) for one in told) for bucket in BUCKETS})


def _write_rows(loan: Loan, standing: Standing) -> None:
    due = _due(standing)
    rows = list(loan.instalments.filter(is_due=True))
    for row in rows:
        _set(row, due[row.no])
        row.settled_on = standing.settled.get(row.no)
    Instalment.objects.bulk_update(rows, [*PAID, *_CHARGED, "penalty_micro", "settled_on"])


def _set(row: Instalment, lived: Row) -> None:
    row.principal_paid_minor, row.interest_paid_minor = lived.principal_paid, lived.interest_paid
    row.penalty_paid_minor, row.fee_paid_minor = lived.penalty_paid, lived.fee_paid
    row.interest_charged_minor, row.fee_charged_minor = lived.interest, lived.fee
    row.penalty_micro, row.penalty_charged_minor = lived.penalty_micro, lived.penalty


def _write_loan(loan: Loan, standing: Standing, owed: Parts) -> None:
    """Bring the loan to its standing; its running period is what it was."""
    less = _minus(Parts(), owed)
    loan.take(less.principal, less.interest, less.penalty, less.fee)
    loan.state, loan.risk_class = standing.life.state.value, standing.risk_class.value
    loan.days_past_due, loan.days_past_due_worst = standing.life.days_past_due, standing.worst
    loan.watched_until = standing.life.watched_until
    if standing.life.state is State.CLOSED:
        assert standing.closed_on is not None, standing
        loan.close(standing.closed_on)
    loan.save()
