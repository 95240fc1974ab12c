"""The rules of a credit policy: what declines a case, and what sends it to a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from rongqiao.finance.months import add_months
from rongqiao.policies.credit.facts import Facts
from rongqiao.policies.credit.policy import CreditPolicy
from rongqiao.risk.judging.points import age_on


@dataclass(frozen=True)
class Finding:
    """A rule that a case met: its code, the facts of it, and when it may have passed."""

    code: str
    facts: tuple[tuple[str, str], ...]
    passes_on: date | None


def declining(facts: Facts, policy: CreditPolicy) -> tuple[Finding, ...]:
    """Return every rule that rules the case out, gravest first."""
    met = (rule(facts, policy) for rule in _DECLINING)
    return tuple(finding for finding in met if finding)


def referring(facts: Facts, policy: CreditPolicy) -> tuple[Finding, ...]:
    """Return every rule by which a person has to look at the case."""
    met = (rule(facts, policy) for rule in _REFERRING)
    return tuple(finding for finding in met if finding)


def after_pause(facts: Facts, policy: CreditPolicy, code: str) -> date | None:
    """Return the day from which a new application makes sense after `code`; None for never."""
    days = policy.pause_after(code)
    return facts.on + timedelta(days=days) if days else None


def _too_young(facts: Facts, policy: CreditPolicy) -> Finding | None:
    least = policy.limits.age_min
    if facts.born_on is None or age_on(facts.born_on, facts.on) >= least:
        return None
    birthday = add_months(facts.born_on, 12 * least)
    return Finding("too-young", (("age_min", str(least)),), birthday)


def _too_old_at_end(facts: Facts, policy: CreditPolicy) -> Finding | None:
    most = policy.limits.age_max_at_end
    if facts.born_on is None or not most:
        return None
    age = age_on(facts.born_on, add_months(facts.on, facts.term_months))
    if age <= most:
        return None
    return Finding("too-old-at-end", (("age", str(age)), ("age_max", str(most))), None)


def _excluded_sector(facts: Facts, policy: CreditPolicy) -> Finding | None:
    if facts.sector is None or facts.sector not in policy.limits.sectors_excluded:
        return None
    return Finding("sector-excluded", (("sector", facts.sector),), None)


def _no_regular_income(facts: Facts, policy: CreditPolicy) -> Finding | None:
    is_excluded = facts.employment in policy.limits.employments_excluded
    if not is_excluded and facts.monthly_income.minor > 0:
        return None
    code = "no-regular-income"
    return Finding(code, (), after_pause(facts, policy, code) or facts.on + timedelta(days=30))


def _too_short(facts: Facts, policy: CreditPolicy) -> Finding | None:
    least = policy.limits.months_established_min
    if facts.months_established >= least:
        return None
    code = "too-short-in-business" if facts.party_kind == "organization" else "too-short-in-work"
    reached = add_months(facts.on, least - facts.months_established)
    shown = (("months", str(facts.months_established)), ("months_min", str(least)))
    return Finding(code, shown, reached)


def _currently_overdue(facts: Facts, policy: CreditPolicy) -> Finding | None:
    days = facts.history.days_past_due
    if days <= 0:
        return None
    code = "currently-overdue"
    return Finding(code, (("days", str(days)),), after_pause(facts, policy, code))


def _past_due_too_long(facts: Facts, policy: CreditPolicy) -> Finding | None:
    days, most = facts.history.days_past_due_worst, policy.limits.days_past_due_decline
    if days < most:
        return None
    code = "past-due-too-long"
    shown = (("days", str(days)), ("days_max", str(most - 1)))
    return Finding(code, shown, after_pause(facts, policy, code))


def _too_many_loans(facts: Facts, policy: CreditPolicy) -> Finding | None:
    live, most = facts.history.loans_live, policy.limits.loans_live_max
    if live < most:
        return None
    code = "too-many-loans"
    shown = (("loans", str(live)), ("loans_max", str(most)))
    return Finding(code, shown, after_pause(facts, policy, code))


def _above_automatic_amount(facts: Facts, policy: CreditPolicy) -> Finding | None:
    most = policy.limits.automatic_amount_max
    if facts.amount <= most:
        return None
    return Finding("amount-needs-a-person", (("amount_max", most.text()),), None)


def _was_past_due(facts: Facts, policy: CreditPolicy) -> Finding | None:
    days = facts.history.days_past_due_worst
    if days < policy.limits.days_past_due_refer:
        return None
    return Finding("was-past-due", (("days", str(days)),), None)


def _sector_to_look_at(facts: Facts, policy: CreditPolicy) -> Finding | None:
    if facts.sector is None or facts.sector not in policy.limits.sectors_referred:
        return None
    return Finding("sector-needs-a-person", (("sector", facts.sector),), None)


_Rule = Callable[[Facts, CreditPolicy], Finding | None]
_DECLINING: tuple[_Rule, ...] = (
    _too_young,
    _too_old_at_end,
    _excluded_sector,
    _currently_overdue,
    _past_due_too_long,
    _too_many_loans,
    _no_regular_income,
    _too_short,
)
_REFERRING: tuple[_Rule, ...] = (_above_automatic_amount, _was_past_due, _sector_to_look_at)
