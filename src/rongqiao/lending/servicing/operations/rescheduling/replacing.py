"""What putting a changed plan in force writes: former plan, new rows, one line, the rate's step."""

from __future__ import annotations

from collections.abc import Sequence

from rongqiao.lending.servicing import postings
from rongqiao.lending.servicing.engine import Life, Row
from rongqiao.lending.servicing.models.amending.changes import TermChange
from rongqiao.lending.servicing.models.amending.rates import RateStep
from rongqiao.lending.servicing.models.loans import FormerPlan, Instalment, Loan
from rongqiao.lending.servicing.operations.prepaying.new_plan import plain_instalments
from rongqiao.lending.servicing.operations.repaying.settling import write_entry
from rongqiao.lending.servicing.postings import Parts
from rongqiao.lending.servicing.queries.amending.rates import Rate
from rongqiao.money.ledger.operations.post import post
from rongqiao.platform.operations import Call


def put_in_force(loan: Loan, before: Life, after: Life, kind: str, call: Call) -> None:
    """Write `after` in the place of `before` as a change of `kind`; the caller saves the loan."""
    _book(loan, before, after, kind, call)
    _replace_rows(loan, before, after, kind, call)
    _turn(loan, after)


def take_rate(loan: Loan, rate: Rate, call: Call, *, change: TermChange | None) -> RateStep:
    """Let the loan cost `rate` from today, and keep the step; the caller saves the loan.

    Without a `change` that was agreed on it is a reset.
    """
    step = RateStep.objects.create(
        loan=loan,
        no=loan.rate_steps.count() + 1,
        on=call.on,
        at=call.at,
        cause="agreement" if change else "reset",
        change=change,
        rate_before=loan.rate_annual,
        rate_after=rate.annual,
        penalty_before=loan.penalty_rate_annual,
        penalty_after=rate.penalty,
        reference=rate.reference,
        quoted=rate.quoted,
        quoted_on=rate.quoted_on,
        is_capped=rate.is_capped,
    )
    loan.rate_annual, loan.penalty_rate_annual = rate.annual, rate.penalty
    return step


def _book(loan: Loan, before: Life, after: Life, kind: str, call: Call) -> None:
    """Enter what was earned of the running period where it is put off; one line in any case."""
    known = {row.no for row in before.rows if row.is_due}
    held = next((row for row in after.rows if row.is_due and row.no not in known), None)
    journal, earned = None, 0
    if held is not None:
        earned = held.interest
        # What no day's end has booked of it, as on a loan lent and changed before the first one.
        if missing := earned - loan.period_accrued_minor:
            added = {"interest": missing}
            charges = postings.charges(loan.number, loan.product_code, added, call.on)
            (journal,) = post([charges], call)
            loan.interest_outstanding_minor += missing
    no = held.no if held else next(row.no for row in after.rows if not row.is_due)
    write_entry(loan, kind, Parts(interest=earned), call, journal=journal, no=no).save()


def _replace_rows(loan: Loan, before: Life, after: Life, kind: str, call: Call) -> None:
    """Keep the rows ahead as a former plan, and write the new ones in their place."""
    ahead = loan.instalments.filter(is_due=False).order_by("no")
    # Of a loan whose last due date is over the plan it had ends with its last row.
    kept_rows = list(ahead) or list(loan.instalments.order_by("-no")[:1])
    FormerPlan.objects.create(
        loan=loan,
        no=loan.former_plans.count() + 1,
        cause=kind,
        replaced_on=call.on,
        replaced_at=call.at,
        rows=plain_instalments(kept_rows),
    )
    ahead.delete()
    kept = {row.no: row for row in before.rows if row.is_due}
    for row in after.rows:
        former = kept.get(row.no)
        if former and (row.due_on, row.principal) != (former.due_on, former.principal):
            # What is left after it by the new plan: what it no longer pays is spread ahead.
            left = sum(later.principal for later in after.rows if later.no > row.no)
            changed = {
                "due_on": row.due_on,
                "principal_minor": row.principal,
                "balance_minor": left,
            }
            if row.left == 0:
                changed["settled_on"] = call.on
            loan.instalments.filter(no=row.no).update(**changed)
    Instalment.objects.bulk_create(
        _instalments(loan, [row for row in after.rows if row.no not in kept], call)
    )


def _instalments(loan: Loan, rows: Sequence[Row], call: Call) -> list[Instalment]:
    balance, found = sum(row.principal for row in rows), []
    for row in rows:
        balance -= row.principal
        found.append(
            Instalment(
                loan=loan,
                no=row.no,
                from_on=row.from_on,
                due_on=row.due_on,
                days=(row.due_on - row.from_on).days,
                principal_minor=row.principal,
                interest_minor=row.interest,
                fee_minor=row.fee,
                balance_minor=balance,
                is_due=row.is_due,
                interest_charged_minor=row.interest if row.is_due else 0,
                settled_on=call.on if row.is_due and row.left == 0 else None,
            )
        )
    return found


def _turn(loan: Loan, after: Life) -> None:
    """Let the loan's running period and its end be those of the new plan."""
    loan.matures_on = after.rows[-1].due_on
    running = next((row for row in after.rows if not row.is_due), None)
    if running is None:
        loan.period_no = loan.period_from_on = loan.period_due_on = None
        loan.period_interest_minor = loan.period_accrued_minor = 0
        return
    if running.from_on != loan.period_from_on:
        loan.period_accrued_minor = 0
    loan.period_no, loan.period_from_on = running.no, running.from_on
    loan.period_due_on, loan.period_interest_minor = running.due_on, running.interest
