"""What paying a part early costs and makes of a plan, as quoting and paying both see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.engine import (
    Choice,
    Life,
    PartPayment,
    PlanRule,
    Row,
    part_payment,
    prepaid,
)
from rongqiao.lending.servicing.models.loans import Instalment, Loan
from rongqiao.lending.servicing.queries.lives import (
    choices_of,
    life_of,
    plan_rule_of,
    prepayment_of,
)
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, Refusal

PlanRows = list[list[Any]]


class NoPartPrepayment(Refusal):
    """The product, or what is left of the plan, takes no prepayment in part."""

    code = "servicing.no-part-prepayment"


class PayDueFirst(Refusal):
    """What is due comes before what is not; `owed` says how much that is."""

    code = "servicing.pay-due-first"


class PrepaymentOutOfRange(Refusal):
    """Part of the principal ahead is more than nothing and less than all of it."""

    kind, code = Kind.INVALID, "servicing.prepayment-out-of-range"


def planned(
    loan: Loan, principal: int, call: Call
) -> tuple[PartPayment, dict[Choice, tuple[Row, ...]]]:
    """Return what `principal` (fen) costs today, and the rows from then on by choice.

    Raises NoPartPrepayment, PayDueFirst, PrepaymentOutOfRange.
    """
    life = life_of(loan)
    open_to = choices_of(loan, life)
    if not open_to:
        raise NoPartPrepayment(number=loan.number)
    if owed := sum(row.left for row in life.rows if row.is_due and row.due_on <= call.on):
        raise PayDueFirst(owed=Money(owed).text())
    ahead = sum(row.principal for row in life.rows if not row.is_due)
    if not 0 < principal < ahead:
        raise PrepaymentOutOfRange(
            field="principal",
            value=Money(principal).text(),
            allowed=f"0.01 - {Money(max(1, ahead - 1)).text()}",
        )
    rule = plan_rule_of(loan)
    cost = part_payment(life, call.on, principal, prepayment_of(loan))
    return cost, {choice: _new_rows(life, principal, rule, choice, call) for choice in open_to}


def _new_rows(
    life: Life, principal: int, rule: PlanRule, choice: Choice, call: Call
) -> tuple[Row, ...]:
    past = sum(row.is_due for row in life.rows)
    return prepaid(life, call.on, principal, rule, choice).rows[past:]


def plain(rows: Iterable[Row]) -> PlanRows:
    """Return new rows as a quote keeps them; the balance counts down to nothing."""
    rows = list(rows)
    balance = sum(row.principal for row in rows)
    found: PlanRows = []
    for row in rows:
        balance -= row.principal
        dates = [row.from_on.isoformat(), row.due_on.isoformat()]
        found.append([row.no, *dates, row.principal, row.interest, row.fee, balance])
    return found


def plain_instalments(rows: Sequence[Instalment]) -> PlanRows:
    """Return rows in force as a former plan keeps them."""
    return [
        [
            row.no,
            row.from_on.isoformat(),
            row.due_on.isoformat(),
            row.principal_minor,
            row.interest_minor,
            row.fee_minor,
            row.balance_minor,
        ]
        for row in rows
    ]
