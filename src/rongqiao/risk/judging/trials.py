"""Cases stored with a policy and what must come of them: read with it, run before its release."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from rongqiao.finance.money import Money
from rongqiao.policies.credit.facts import GradeRate, Offer
from rongqiao.risk.judging.deciding import Case, Verdict, decide
from rongqiao.risk.judging.evaluation import Kind
from rongqiao.risk.judging.features import Value
from rongqiao.risk.judging.points import Scorer
from rongqiao.risk.judging.policy import Policy, Trial, Use
from rongqiao.risk.judging.schema import Part, check_once

# What a trial may expect.
EXPECTABLE = ("outcome", "reasons", "score", "grade", "amount", "rate_annual", "apply_again_on")
TRIALS_MAX, FEATURES_MAX = 500, 500


@dataclass(frozen=True)
class TrialRun:
    """A trial and what came of it; `wrong` names what differs, with what was expected and came."""

    name: str
    wrong: tuple[tuple[str, str, str], ...]

    @property
    def is_held(self) -> bool:
        """Tell whether everything came as expected."""
        return not self.wrong


def run_trials(policy: Policy, scorer: Scorer | None = None) -> tuple[TrialRun, ...]:
    """Judge every case stored with the policy; `scorer` is its model, where it names one."""
    return tuple(_run(policy, trial, scorer) for trial in policy.trials)


def case_of(trial: Trial) -> Case:
    """Return what a trial asks for."""
    grades = tuple(GradeRate(grade, rate) for grade, rate in trial.rates)
    return Case(
        on=trial.on,
        amount=trial.amount,
        term_months=trial.term_months,
        offer=Offer(amount_min=trial.amount_min, amount_max=trial.amount_max, grades=grades),
    )


def _run(policy: Policy, trial: Trial, scorer: Scorer | None) -> TrialRun:
    came = _shown(decide(policy, dict(trial.features), case_of(trial), scorer))
    return TrialRun(
        trial.name,
        tuple((key, wanted, came[key]) for key, wanted in trial.expect if came[key] != wanted),
    )


def _shown(verdict: Verdict) -> dict[str, str]:
    again = verdict.apply_again_on
    return {
        "outcome": verdict.outcome.value,
        "reasons": ",".join(reason.code for reason in verdict.reasons),
        "score": str(verdict.score),
        "grade": verdict.grade,
        "amount": _number(Decimal(verdict.amount.minor) / 100),
        "rate_annual": _number(verdict.rate_annual),
        "apply_again_on": "never" if again is None else again.isoformat(),
    }


def _number(value: Decimal) -> str:
    return format(value.normalize(), "f")


def value_of(part: Part, kind: Kind) -> Value:
    """Return a JSON value of that kind, None for null; raises BadPolicy."""
    if not part.is_there:
        return None
    if kind is Kind.NUMBER:
        return part.decimal()
    if kind is Kind.TEXT:
        return part.text()
    return part.flag() if kind is Kind.FLAG else part.day()


def read_trials(part: Part, uses: tuple[Use, ...]) -> tuple[Trial, ...]:
    """Return the trials of a document; raises BadPolicy."""
    parts = part.list(TRIALS_MAX)
    trials = tuple(_trial(one, {use.name: use.kind for use in uses}) for one in parts)
    check_once(parts, [one.name for one in trials], "the test")
    return trials


def _trial(part: Part, kinds: dict[str, Kind]) -> Trial:
    part.object(("name", "case", "features", "expect"))
    case = part["case"].object(("on", "amount", "term_months", "amount_min", "amount_max", "rates"))
    features = []
    for name, one in part["features"].pairs(FEATURES_MAX):
        if name not in kinds:
            raise part["features"].bad(f"{name!r} is no feature of this policy")
        features.append((name, value_of(one, kinds[name])))
    rates = []
    for one in case["rates"].list(20, 1):
        one.object(("grade", "rate_annual"))
        rates.append((one["grade"].text(4), one["rate_annual"].decimal("0", "1")))
    return Trial(
        name=part["name"].text(120),
        on=case["on"].day(),
        amount=_money(case["amount"]),
        term_months=case["term_months"].whole(1, 600),
        amount_min=_money(case["amount_min"]),
        amount_max=_money(case["amount_max"]),
        rates=tuple(rates),
        features=tuple(features),
        expect=_expected(part["expect"]),
    )


def _expected(part: Part) -> tuple[tuple[str, str], ...]:
    part.object(("outcome",), EXPECTABLE)
    part["outcome"].choice("approve", "refer", "decline")
    expected = []
    for key, one in part.pairs(len(EXPECTABLE)):
        if key == "reasons":
            expected.append((key, ",".join(code.code() for code in one.list(50))))
        elif key in ("amount", "rate_annual"):
            expected.append((key, _number(one.decimal("0", "1e15"))))
        elif key == "score":
            expected.append((key, str(one.whole(-100_000, 100_000))))
        else:
            expected.append((key, one.text(40)))
    return tuple(expected)


def _money(part: Part) -> Money:
    yuan = part.decimal("0.01", "1e12")
    if yuan != yuan.quantize(Decimal("0.01")):
        raise part.bad("an amount has two decimals at most")
    return Money.yuan(str(yuan))
