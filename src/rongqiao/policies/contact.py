"""When a debtor may be contacted about what is overdue: dated rules, and why a contact may not be.

GB/T 45251-2025 (see china/contact.json and the rows of china/rules.json it names).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from rongqiao.policies.rules import Rule, rule

CHINA = ZoneInfo("Asia/Shanghai")


class NoContactRule(LookupError):
    """No entry covers that day: nobody may be contacted then."""


class Channel(StrEnum):
    """The ways to a debtor."""

    CALL = "call"
    SMS = "sms"
    VISIT = "visit"
    LETTER = "letter"


class Whom(StrEnum):
    """Who is spoken to."""

    DEBTOR = "debtor"
    THIRD_PARTY = "third-party"


class Why(StrEnum):
    """Why a contact may not be made."""

    COMPLAINT = "complaint"
    THIRD_PARTY = "third-party"
    QUIET_HOURS = "quiet-hours"
    CALLS_USED = "calls-used"


@dataclass(frozen=True, kw_only=True)
class ContactRules:
    """The rules of one day. Quiet hours are China time, from included, until excluded."""

    calls_per_day: int
    quiet_from: time
    quiet_until: time
    quiet_channels: frozenset[Channel]
    whom: frozenset[Whom]
    is_stopped_by_complaint: bool
    rules: tuple[Rule, ...]


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A contact about to be made, at an aware instant."""

    channel: Channel
    whom: Whom
    at: datetime


@dataclass(frozen=True, kw_only=True)
class History:
    """What is known of the debtor: calls of the attempt's China-time day, and a standing stop."""

    calls_today: int
    is_stopped: bool


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """Why not, and the first instant at which it would be allowed; None where no time helps."""

    why: Why
    next_at: datetime | None
    rules: ContactRules


def rules_on(day: date) -> ContactRules:
    """Return the rules in force on a day in China; raises NoContactRule."""
    standing = [rules for since, rules in _entries() if since <= day]
    if not standing:
        raise NoContactRule(f"no contact rule is known for {day}")
    return standing[-1]


def obstacle(attempt: Attempt, history: History) -> Obstacle | None:
    """Return what stands in the way of a contact, the gravest first; None where it may be made."""
    local = attempt.at.astimezone(CHINA)
    rules = rules_on(local.date())
    if history.is_stopped and rules.is_stopped_by_complaint:
        return Obstacle(why=Why.COMPLAINT, next_at=None, rules=rules)
    if attempt.whom not in rules.whom:
        return Obstacle(why=Why.THIRD_PARTY, next_at=None, rules=rules)
    if attempt.channel in rules.quiet_channels and _is_quiet(local.time(), rules):
        opens = _opening(local, rules)
        if opens.date() == local.date() and _is_used_up(attempt, history, rules):
            opens = _first_of_next_day(local, rules)
        return Obstacle(why=Why.QUIET_HOURS, next_at=opens, rules=rules)
    if _is_used_up(attempt, history, rules):
        return Obstacle(why=Why.CALLS_USED, next_at=_first_of_next_day(local, rules), rules=rules)
    return None


def _is_used_up(attempt: Attempt, history: History, rules: ContactRules) -> bool:
    return attempt.channel is Channel.CALL and history.calls_today >= rules.calls_per_day


def _is_quiet(at: time, rules: ContactRules) -> bool:
    """Tell whether a time of day is quiet; the hours run over midnight."""
    return at >= rules.quiet_from or at < rules.quiet_until


def _opening(local: datetime, rules: ContactRules) -> datetime:
    """Return the end of the quiet hours that `local` lies in."""
    day = local.date() + timedelta(days=local.time() >= rules.quiet_from)
    return datetime.combine(day, rules.quiet_until, CHINA)


def _first_of_next_day(local: datetime, rules: ContactRules) -> datetime:
    return datetime.combine(local.date() + timedelta(days=1), rules.quiet_until, CHINA)


@cache
def _entries() -> tuple[tuple[date, ContactRules], ...]:
    text = files("rongqiao.policies").joinpath("china/contact.json").read_text("utf-8")
    return tuple(
        (
            date.fromisoformat(entry["from"]),
            ContactRules(
                calls_per_day=entry["calls_per_day"],
                quiet_from=time.fromisoformat(entry["quiet_from"]),
                quiet_until=time.fromisoformat(entry["quiet_until"]),
                quiet_channels=frozenset(map(Channel, entry["quiet_channels"])),
                whom=frozenset(map(Whom, entry["whom"])),
                is_stopped_by_complaint=entry["complaint_stops"],
                rules=tuple(rule(key) for key in entry["rules"]),
            ),
        )
        for entry in json.loads(text)["entries"]
    )
