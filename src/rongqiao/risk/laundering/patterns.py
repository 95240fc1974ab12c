"""Suspicious patterns: a customer's movements up to a day in, findings out. Pure.

Nothing here is a verdict: a finding is an alert that a compliance officer looks at. No pattern has
a floor set by law (aml_thresholds.json, "no amount floor"); the floors are the house's own, so
that pocket money raises no alarm.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from rongqiao.risk.laundering.movements import Finding, Movement, Profile, with_outside, within
from rongqiao.risk.laundering.thresholds import figures, large_values_on

# How far back the patterns look: who was still for half a year was seen before that.
LOOKS_BACK = 400


def findings(movements: Sequence[Movement], profile: Profile, until: date) -> tuple[Finding, ...]:
    """Return what a customer's movements up to `until` show, in the order of the patterns.

    `movements` are all of one customer, of `LOOKS_BACK` days at least, in order of their dates.
    """
    known = [one for one in movements if one.on <= until]
    found = (pattern(known, profile, until) for pattern in PATTERNS.values())
    return tuple(one for one in found if one is not None)


def structuring(known: Sequence[Movement], profile: Profile, until: date) -> Finding | None:
    """Many movements just below the threshold that would have them reported."""
    said = figures("structuring")
    lines = [line for line in large_values_on(until) if line.who in ("any", profile.kind)]
    recent = with_outside(within(known, until, int(said["days"])))
    for line in lines:
        own = [one for one in recent if one.channel == line.channel]
        low, high = line.least_minor * said["low"], line.least_minor * said["high"]
        near = [one for one in own if low <= one.minor <= high]
        if len(near) >= said["count"] and len(near) >= said["share"] * len(own):
            facts = (("count", str(len(near))), ("threshold", _yuan(line.least_minor)))
            return _finding("structuring", near, facts, 0.9)
    return None


def pass_through(known: Sequence[Movement], _profile: Profile, until: date) -> Finding | None:
    """Money that came from outside leaves again within a day, nearly whole."""
    said = figures("pass_through")
    recent = with_outside(within(known, until, int(said["days"]) + 1))
    came = [one for one in recent if one.is_in]
    left = [one for one in recent if not one.is_in]
    money_in, money_out = _sum(came), _sum(left)
    if money_in < _fen(said["least"]) or not left or not came:
        return None
    if min(one.on for one in left) < min(one.on for one in came):
        return None
    if not said["share"] * money_in <= money_out <= money_in:
        return None
    facts = (("money_in", _yuan(money_in)), ("money_out", _yuan(money_out)))
    return _finding("pass-through", [*came, *left], facts, 0.7)


def fan_in(known: Sequence[Movement], _profile: Profile, until: date) -> Finding | None:
    """Many pay in to one within few days."""
    return _fan(known, until, is_in=True)


def fan_out(known: Sequence[Movement], _profile: Profile, until: date) -> Finding | None:
    """One pays out to many within few days."""
    return _fan(known, until, is_in=False)


def _fan(known: Sequence[Movement], until: date, *, is_in: bool) -> Finding | None:
    name = "fan-in" if is_in else "fan-out"
    said = figures(name.replace("-", "_"))
    own = [
        one
        for one in with_outside(within(known, until, int(said["days"])))
        if one.is_in == is_in and one.counterparty
    ]
    others = {one.counterparty for one in own}
    if len(others) < said["parties"] or _sum(own) < _fen(said["least"]):
        return None
    facts = (("parties", str(len(others))), ("amount", _yuan(_sum(own))))
    return _finding(name, own, facts, 0.75)


def round_trip(known: Sequence[Movement], profile: Profile, until: date) -> Finding | None:
    """Money goes out to somebody, and comes back from them or who is linked, nearly the same."""
    said = figures("round_trip")
    recent = with_outside(within(known, until, int(said["days"])))
    for left in recent:
        if left.is_in or not left.counterparty or left.minor < _fen(said["least"]):
            continue
        circle = profile.linked | {left.counterparty}
        for came in recent:
            is_back = came.is_in and came.on >= left.on and came.counterparty in circle
            # One's own account with a bank is no circle: nothing went to anybody else.
            is_own = not (left.is_third_party or came.is_third_party)
            if is_back and not is_own and _is_near(came.minor, left.minor, said["tolerance"]):
                facts = (("money_out", _yuan(left.minor)), ("money_in", _yuan(came.minor)))
                return _finding("round-trip", [left, came], facts, 0.8)
    return None


def early_repayment(known: Sequence[Movement], _profile: Profile, until: date) -> Finding | None:
    """A loan is paid back soon and nearly whole, with money that others paid in."""
    said = figures("early_repayment")
    recent = within(known, until, int(said["days"]))
    lent = [one for one in recent if one.channel == "loan" and one.is_in]
    if not lent or _sum(lent) < _fen(said["least"]):
        return None
    since = min(one.on for one in lent)
    repaid = [o for o in recent if o.channel == "loan" and not o.is_in and o.on >= since]
    others = [o for o in recent if o.channel != "loan" and o.is_in and o.is_third_party]
    others = [o for o in others if o.on >= since]
    if _sum(repaid) < said["share"] * _sum(lent):
        return None
    if _sum(others) < said["third_party_share"] * _sum(repaid):
        return None
    facts = (("repaid", _yuan(_sum(repaid))), ("third_party", _yuan(_sum(others))))
    return _finding("early-repayment", [*lent, *others, *repaid], facts, 0.8)


def dormant(known: Sequence[Movement], _profile: Profile, until: date) -> Finding | None:
    """A wallet that was used and then lay still for long is suddenly busy."""
    said = figures("dormant")
    busy = with_outside(within(known, until, int(said["active_days"])))
    if len(busy) < said["count"] or _sum(busy) < _fen(said["least"]):
        return None
    before = [one for one in known if one.on < busy[0].on]
    if not before or busy[0].on - before[-1].on < timedelta(days=int(said["quiet_days"])):
        return None
    quiet = (busy[0].on - before[-1].on).days
    facts = (("quiet_days", str(quiet)), ("amount", _yuan(_sum(busy))))
    return _finding("dormant", busy, facts, 0.7)


def income_mismatch(known: Sequence[Movement], profile: Profile, until: date) -> Finding | None:
    """Far more comes in within a month than the customer said to earn."""
    said = figures("income_mismatch")
    if profile.income_minor is None or profile.kind != "person":
        return None
    came = [o for o in with_outside(within(known, until, int(said["days"]))) if o.is_in]
    total = _sum(came)
    if total < _fen(said["least"]) or total < said["times"] * profile.income_minor:
        return None
    facts = (("amount", _yuan(total)), ("income", _yuan(profile.income_minor)))
    return _finding("income-mismatch", came, facts, 0.65)


def many_small(known: Sequence[Movement], _profile: Profile, until: date) -> Finding | None:
    """Many small sums come in, as of a collection of bets or of victims."""
    said = figures("many_small")
    came = [
        one
        for one in with_outside(within(known, until, int(said["days"])))
        if one.is_in and one.minor <= _fen(said["most_each"])
    ]
    if len(came) < said["count"] or _sum(came) < _fen(said["least"]):
        return None
    most = Counter(one.counterparty for one in came).most_common(1)[0][1]
    if most > len(came) / 2:
        return None
    facts = (("count", str(len(came))), ("amount", _yuan(_sum(came))))
    return _finding("many-small", came, facts, 0.7)


PATTERNS: dict[str, Callable[[Sequence[Movement], Profile, date], Finding | None]] = {
    "structuring": structuring,
    "pass-through": pass_through,
    "fan-in": fan_in,
    "fan-out": fan_out,
    "round-trip": round_trip,
    "early-repayment": early_repayment,
    "dormant": dormant,
    "income-mismatch": income_mismatch,
    "many-small": many_small,
}


def _finding(
    pattern: str,
    movements: Sequence[Movement],
    facts: tuple[tuple[str, str], ...],
    score: float,
) -> Finding:
    return Finding(
        pattern=pattern,
        party=movements[0].party,
        since=min(one.on for one in movements),
        until=max(one.on for one in movements),
        facts=facts,
        references=tuple(one.reference for one in movements if one.reference),
        score=score,
    )


def _sum(movements: Sequence[Movement]) -> int:
    return sum(one.minor for one in movements)


def _fen(yuan: Decimal) -> Decimal:
    return yuan * 100


def _yuan(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


def _is_near(one: int, other: int, tolerance: Decimal) -> bool:
    return abs(one - other) <= tolerance * other
