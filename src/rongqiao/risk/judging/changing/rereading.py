"""A decision read again, rule by rule: which were looked at, with which values, and what came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import localcontext

from rongqiao.risk.judging.deciding import Case, Verdict, decide, weighed
from rongqiao.risk.judging.evaluation import EXACT, Values
from rongqiao.risk.judging.expressions import plain, printed
from rongqiao.risk.judging.points import Scorer
from rongqiao.risk.judging.policy import Policy, Rule, Table, Told

MET, NOT_MET, UNKNOWN, NOT_REACHED = "met", "not-met", "unknown", "not-reached"


@dataclass(frozen=True, kw_only=True)
class RuleRead:
    """One rule: its condition as text, what was told of it, and the values it saw by name.

    `told` is `met`, `not-met`, `unknown` (something it looks at was not known) or `not-reached` (an
    earlier rule had ended the table). `outcome` and `reason` are what it comes to where it is met.
    """

    code: str
    condition: str
    outcome: str
    reason: str
    told: str
    saw: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, kw_only=True)
class TableRead:
    """A table with its rules; `unknown` is what a rule that cannot be told comes to."""

    code: str
    title: Told
    hit: str
    unknown: str
    rules: tuple[RuleRead, ...]

    @property
    def speaking(self) -> tuple[RuleRead, ...]:
        """Return the rules that were met or could not be told."""
        return tuple(rule for rule in self.rules if rule.told in (MET, UNKNOWN))


@dataclass(frozen=True, kw_only=True)
class Reread:
    """All of a decision: its verdict again, every rule, and every value that a rule could see."""

    policy: Policy
    verdict: Verdict
    values: Mapping[str, str | None]
    tables: tuple[TableRead, ...]


def reread(policy: Policy, features: Values, case: Case, scorer: Scorer | None = None) -> Reread:
    """Return the decision with all that was looked at. Raises ModelNotGiven."""
    values = weighed(policy, features, case, scorer)
    with localcontext(EXACT):
        tables = tuple(_table(one, values) for one in policy.tables)
    return Reread(
        policy=policy,
        verdict=decide(policy, features, case, scorer),
        values={name: None if value is None else plain(value) for name, value in values.items()},
        tables=tables,
    )


def _table(table: Table, values: Values) -> TableRead:
    rules, is_over = [], False
    for rule in table.rules:
        told = NOT_REACHED if is_over else _told(rule, values)
        rules.append(_rule(rule, told, values))
        is_over = is_over or (told == MET and table.hit == "first")
    return TableRead(
        code=table.code,
        title=table.title,
        hit=table.hit,
        unknown=table.unknown,
        rules=tuple(rules),
    )


def _told(rule: Rule, values: Values) -> str:
    told = rule.when.meaning(values)
    return UNKNOWN if told is None else MET if told else NOT_MET


def _rule(rule: Rule, told: str, values: Values) -> RuleRead:
    seen = ((name, values.get(name)) for name in rule.when.names)
    return RuleRead(
        code=rule.code,
        condition=printed(rule.when.tree),
        outcome=rule.outcome,
        reason=rule.reason,
        told=told,
        saw=tuple((name, None if value is None else plain(value)) for name, value in seen),
    )
