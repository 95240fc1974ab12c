"""Hold the pool's balance against the statement's: what nothing explains is a break of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import combinations

from django.db import connection

from rongqiao.money.payments.models.reconciling import UNRESOLVED, Break, BreakKind, Mend
from rongqiao.money.payments.operations.reconciling.cases import Found, open_breaks
from rongqiao.money.payments.queries.custody import (
    Compared,
    compare_pool,
    explained_by_break,
    last_reconciled,
)
from rongqiao.money.payments.queries.mending import LARGEST_ACCEPTED
from rongqiao.platform.operations import Call

# Among more new breaks than this no combination is looked for: the balance becomes a break.
MOST_SUSPECTS = 12


def gap_in_file(day: date) -> int:
    """Return by how much (fen) the file's own lines overshoot its own closing balance.

    Anything but zero means that a line of the file is wrong, too many, or not there.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT f.opening_minor - f.closing_minor + coalesce(sum(
                        CASE WHEN l.is_credit THEN l.amount_minor ELSE -l.amount_minor END), 0)
               FROM payments_statementfile f
               LEFT JOIN payments_statementline l ON l.file_id = f.id
                 AND l.standing <> 'repeated'
                 AND NOT (l.standing = 'other_day' AND EXISTS (
                   SELECT FROM payments_statementline e
                   WHERE e.serial = l.serial AND e.id <> l.id AND e.day <= l.day))
               WHERE f.day = %s AND f.state = 'imported'
               GROUP BY f.opening_minor, f.closing_minor""",
            [day],
        )
        return int(cursor.fetchone()[0])


def compare_balance(day: date, fresh: Sequence[Break], gap: int, call: Call) -> Compared:
    """Compare the pool through the latest day; open, correct or clear `balance-differs`.

    Where the file contradicts itself by exactly what is left over, the closing balance is
    believed, and those of the `fresh` breaks that make up the gap explain nothing any more.
    """
    latest = max(day, last_reconciled() or day)
    compared = compare_pool(latest)
    if gap and compared.unexplained == -gap:
        _blame_the_file(fresh, gap)
        compared = compare_pool(latest)
    if _cleared(compared) or compared.unexplained:
        _tell_difference(latest, compared, call)
        compared = compare_pool(latest)
    return compared


def _blame_the_file(fresh: Sequence[Break], gap: int) -> None:
    now = explained_by_break()
    suspects = [(case.pk, now[str(case.pk)]) for case in fresh if now.get(str(case.pk))]
    if len(suspects) > MOST_SUSPECTS:
        return
    for count in range(1, len(suspects) + 1):
        for some in combinations(suspects, count):
            if sum(minor for _, minor in some) == gap:
                cases = Break.objects.filter(pk__in=[pk for pk, _ in some])
                cases.update(is_in_balance=False)
                return


def _open_differences() -> list[Break]:
    rows = Break.objects.filter(kind=BreakKind.BALANCE_DIFFERS, state__in=UNRESOLVED)
    return list(rows.order_by("day"))


def _cleared(compared: Compared) -> bool:
    """Tell whether the balances agree but for what earlier differences still claim to explain."""
    claimed = sum(case.explains_minor for case in _open_differences())
    return bool(claimed) and compared.unexplained + claimed == 0


def _tell_difference(day: date, compared: Compared, call: Call) -> None:
    if _cleared(compared):
        for case in _open_differences():
            case.explains_minor, case.suggested = 0, Mend.CLOSE_EXPLAINED
            case.counterpart = f"day:{day}"
            case.save(update_fields=["explains_minor", "suggested", "counterpart"])
        return
    today = [case for case in _open_differences() if case.day == day]
    if today:
        case = today[0]
        case.explains_minor += compared.unexplained
        case.amount_minor = abs(case.explains_minor)
        case.save(update_fields=["explains_minor", "amount_minor"])
        return
    count = Break.objects.filter(kind=BreakKind.BALANCE_DIFFERS, day=day).count()
    left = compared.unexplained
    found = Found(
        kind=BreakKind.BALANCE_DIFFERS,
        day=day,
        subject=f"day:{day}" if not count else f"day:{day}:{count + 1}",
        amount_minor=abs(left),
        bank_minor=compared.closing,
        ours_minor=compared.closing - left,
        explains_minor=left,
        suggested=suggestion_for_rest(left),
    )
    open_breaks([found], call)


def suggestion_for_rest(left: int) -> str:
    """Return what to suggest for money nobody can place: a small difference may be accepted."""
    return Mend.ACCEPT_DIFFERENCE if abs(left) <= LARGEST_ACCEPTED.minor else ""
