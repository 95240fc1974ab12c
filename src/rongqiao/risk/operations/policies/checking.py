"""Whether a document reads whole, and whether the test cases it carries come out as it says."""

from __future__ import annotations

from dataclasses import dataclass

from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.risk.judging.deciding import ModelNotGiven
from rongqiao.risk.judging.document import canonical, from_bytes, read_policy, sha256
from rongqiao.risk.judging.points import Scorer
from rongqiao.risk.judging.policy import Policy
from rongqiao.risk.judging.schema import BadPolicy
from rongqiao.risk.judging.trials import run_trials
from rongqiao.risk.queries.policies.scoring import (
    ChallengerNotKept,
    challenger_for,
    scorer_for,
)
from rongqiao.risk.queries.recording import check_kept

LONGEST_BODY = 500_000


class PolicyUnreadable(Refusal):
    """The document has a fault; facts: `field` (the path to it), `value` (what is wrong there)."""

    kind, code = Kind.INVALID, "risk.policy-unreadable"


class TestCaseFails(Refusal):
    """A test case of the policy comes out otherwise; facts: `name`, `field`, `value`, `allowed`."""

    # Its name begins with Test; it is no test.
    __test__ = False
    kind, code = Kind.INVALID, "risk.policy-test-fails"


class PolicyModelUnknown(Refusal):
    """The policy names a model that is not released here; fact: `value`, how its digest begins."""

    kind, code = Kind.INVALID, "risk.policy-model-unknown"


class PolicyChallengerUnknown(Refusal):
    """The policy names a challenger that is not kept here; fact: `value`, as above."""

    kind, code = Kind.INVALID, "risk.policy-challenger-unknown"


@dataclass(frozen=True)
class ReadBody:
    """A document that reads whole: its one text, its digest, and the policy it says."""

    text: str
    sha256: str
    policy: Policy


def read_body(body: str, code: str) -> ReadBody:
    """Return what a document says of the policy `code`. Raises PolicyUnreadable."""
    if len(body) > LONGEST_BODY:
        raise PolicyUnreadable(field="", value=f"{len(body)} > {LONGEST_BODY}")
    try:
        # Half of a character becomes a question mark: no text of a policy needs one.
        document = from_bytes(body.encode("utf-8", "replace"))
        policy = read_policy(document)
    except BadPolicy as bad:
        raise PolicyUnreadable(field=bad.where, value=bad.what) from None
    if policy.code != code:
        raise PolicyUnreadable(field="code", value=f"this is the policy {code!r}")
    return ReadBody(canonical(document).decode(), sha256(document), policy)


def check_judges(policy: Policy) -> Scorer | None:
    """Return the model of a policy, once it and the challenger are found to be here.

    Raises PolicyModelUnknown, PolicyChallengerUnknown, and PolicyUnreadable where a model reads
    what its policy does not look at.
    """
    try:
        scorer = scorer_for(policy)
        challenger = challenger_for(policy)
        if challenger is not None:
            scorer_for(challenger)
        check_kept(policy)
    except ModelNotGiven as missing:
        raise PolicyModelUnknown(value=str(missing)[:12]) from None
    except ChallengerNotKept as missing:
        raise PolicyChallengerUnknown(value=str(missing)[:12]) from None
    except BadPolicy as bad:
        raise PolicyUnreadable(field=bad.where, value=bad.what) from None
    return scorer


def check_test_cases(policy: Policy) -> None:
    """Raise TestCaseFails for the first test case that comes out otherwise than it says.

    Raises PolicyModelUnknown, PolicyChallengerUnknown, PolicyUnreadable as `check_judges` does.
    """
    runs = run_trials(policy, check_judges(policy))
    for run in runs:
        if not run.is_held:
            key, wanted, came = run.wrong[0]
            raise TestCaseFails(name=run.name, field=key, value=came, allowed=wanted)
