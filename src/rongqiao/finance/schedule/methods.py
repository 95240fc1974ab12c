"""The six ways to repay, row by row, by the rules of the command line's contract."""

from __future__ import annotations

from typing import NoReturn

from rongqiao.finance.daycount import Ratio
from rongqiao.finance.money import LARGEST_MINOR
from rongqiao.finance.rounding import Rounding
from rongqiao.finance.schedule.level import first_absorbing, level_instalment
from rongqiao.finance.schedule.periods import Periods
from rongqiao.finance.schedule.result import Columns
from rongqiao.finance.schedule.terms import MOST_TERMS, BadTerms, Method, Terms, yuan


def repay(terms: Terms, periods: Periods) -> Columns | None:
    """Return what each instalment pays and leaves.

    None where a fixed `payment` needs more rows than there are periods.
    Raises BadTerms where an instalment would not cover its interest.
    """
    run = _Run(terms, periods)
    if terms.method is Method.EQUAL_INSTALMENT:
        is_cleared = _equal_instalment(run)
    elif terms.method in (Method.EQUAL_PRINCIPAL, Method.FLAT):
        is_cleared = _equal_principal(run)
    else:
        is_cleared = _planned(run)
    return Columns(run.principals, run.interests, run.balances) if is_cleared else None


class _Run:
    """One loan on its way through its periods."""

    def __init__(self, terms: Terms, periods: Periods) -> None:
        self.terms, self.periods = terms, periods
        self.balance = terms.principal
        self.principals: list[int] = []
        self.interests: list[int] = []
        self.balances: list[int] = []

    def growth(self, row: int, at_rate_of: int) -> Ratio:
        """Interest of a row on one unit: none where it is waived."""
        grace = self.terms.grace
        if row < grace.interest_terms and not grace.capitalise:
            return 0, 1
        return self.periods.growth(row, at_rate_of)

    def accrue(self, row: int) -> int:
        """Return the interest due in this row; that of a grace period joins the balance."""
        grace = self.terms.grace
        bears = self.terms.principal if self.terms.method is Method.FLAT else self.balance
        numerator, denominator = self.growth(row, row)
        interest = self.terms.interest_rounding.of(bears * numerator, denominator)
        if row >= grace.interest_terms:
            return interest
        self.balance += interest
        if self.balance > LARGEST_MINOR:
            allowed = f"a balance up to {yuan(LARGEST_MINOR)}"
            raise BadTerms("grace.capitalise", f"true for {grace.interest_terms} terms", allowed)
        return 0

    def pay(self, principal: int, interest: int) -> bool:
        """Write one row; return whether it clears the balance."""
        self.balance -= principal
        self.principals.append(principal)
        self.interests.append(interest)
        self.balances.append(self.balance)
        return self.balance == 0


def _equal_instalment(run: _Run) -> bool:
    terms, rows = run.terms, len(run.periods.dues)
    is_open_ended = terms.terms is None
    level, found_in = terms.payment or 0, -1
    for row in range(rows):
        if row < terms.grace.principal_terms:
            run.pay(0, run.accrue(row))
            continue
        instalment = level
        if terms.payment is None and run.periods.segments[row] != found_in:
            found_in = run.periods.segments[row]
            level = instalment = _level_from(run, row)
            if terms.remainder == "first" and found_in == run.periods.segments[-1]:
                instalment = _absorbing(run, row, level)
        interest = run.accrue(row)
        if instalment >= run.balance + interest or (row == rows - 1 and not is_open_ended):
            return run.pay(run.balance, interest)
        if instalment < interest:
            _refuse_below_interest(terms, row, instalment, interest)
        run.pay(instalment - interest, interest)
    return False


def _growths_from(run: _Run, row: int) -> list[Ratio]:
    """Later steps are not known yet: today's rate holds for every row that is left."""
    return [run.growth(later, row) for later in range(row, len(run.periods.dues))]


def _level_from(run: _Run, row: int) -> int:
    exact = level_instalment(run.balance, _growths_from(run, row), run.terms.balloon)
    return run.terms.rounding.of(*exact)


def _absorbing(run: _Run, row: int, level: int) -> int:
    growths = _growths_from(run, row)
    if len(growths) == 1:
        return level
    rounding: Rounding = run.terms.interest_rounding
    return first_absorbing(run.balance, growths, level, run.terms.balloon, rounding)


def _refuse_below_interest(terms: Terms, row: int, instalment: int, interest: int) -> NoReturn:
    allowed = f"an instalment of at least {yuan(interest)}, the interest of instalment {row + 1}"
    if terms.payment is not None:
        raise BadTerms("payment", yuan(instalment), allowed)
    if terms.remainder == "first":
        at, given = "remainder", "first"
    elif instalment + terms.rounding.unit > interest:
        # Rounding moves it by less than a unit, so a finer one would have covered it.
        at, given = "rounding", f"{terms.rounding.mode} to {yuan(terms.rounding.unit)}"
    else:
        at, given = "terms", f"{terms.terms}"
    raise BadTerms(at, f"{given}, which makes an instalment of {yuan(instalment)}", allowed)


def _equal_principal(run: _Run) -> bool:
    """Equal principal, with interest on the balance, or on the whole loan for `flat`."""
    terms, rows = run.terms, len(run.periods.dues)
    first = terms.grace.principal_terms
    for row in range(first):
        run.pay(0, run.accrue(row))
    shared, count = run.balance - terms.balloon, rows - first
    level = terms.rounding.of(shared, count)
    for row in range(first, rows):
        interest = run.accrue(row)
        principal = level
        if terms.remainder == "first" and row == first:
            principal = shared - level * (count - 1)
        if principal < 0:
            allowed = f"last, or a smaller unit: {count} x {yuan(level)} is more than is lent"
            raise BadTerms("remainder", "first", allowed)
        if principal >= run.balance or row == rows - 1:
            return run.pay(run.balance, interest)
        run.pay(principal, interest)
    return False


def _planned(run: _Run) -> bool:
    """All principal in the last row, or where `principal_plan` says."""
    rows = len(run.periods.dues)
    plan = run.terms.principal_plan or (0,) * rows
    for row in range(rows - 1):
        interest = run.accrue(row)
        run.pay(plan[row], interest)
    interest = run.accrue(rows - 1)
    return run.pay(run.balance, interest)


def endless(terms: Terms) -> BadTerms:
    """Return the refusal of a `payment` that does not clear the balance in the longest schedule."""
    assert terms.payment is not None
    allowed = f"enough to clear the balance within {MOST_TERMS} instalments"
    return BadTerms("payment", yuan(terms.payment), allowed)
