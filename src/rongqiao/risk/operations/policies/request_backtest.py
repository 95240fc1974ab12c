"""Ask for a back-test: a draft or version beside the version in force, on past cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.platform import jobs
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.risk.models.policies import SOURCES, PolicyBacktest, PolicyDraft, PolicyVersion
from rongqiao.risk.operations.policies.checking import check_judges, read_body
from rongqiao.risk.operations.policies.deciding import RELEASERS, acting, found_version
from rongqiao.risk.queries.policies.backtests import CARRY_OUT


class BacktestUnfit(Refusal):
    """A figure of the request is out of bounds; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "risk.policy-backtest-unfit"


class NothingInForce(Refusal):
    """No version of the policy holds today, so there is nothing to compare with."""

    code = "risk.policy-nothing-in-force"


@dataclass(frozen=True, kw_only=True)
class RequestBacktest:
    """What to try (a draft, else a version), on which cases, and what the cases do not tell.

    Shares and rates are fractions; `source` is `platform` or `german-1994`, days are both included.
    """

    draft_id: UUID | None
    version_id: UUID | None
    source: str
    first: date
    last: date
    loss_share: Decimal
    funding_rate_annual: Decimal
    cost_each: Money
    reject_multiple: Decimal


@dataclass(frozen=True, kw_only=True)
class BacktestRequested:
    """The back-test that waits for its job."""

    backtest_id: UUID


@operation("risk.request-policy-backtest", restore=BacktestRequested)
def request_backtest(command: RequestBacktest, call: Call) -> BacktestRequested:
    """Lay the request down with the document as it stands now, and put its job in the queue.

    Raises PolicyRoleNeeded, NotFound, BacktestUnfit, NothingInForce, PolicyUnreadable,
    PolicyModelUnknown, PolicyChallengerUnknown.
    """
    acting(call, RELEASERS)
    _check(command)
    candidate = _candidate(command)
    read = read_body(candidate.body, candidate.code)
    check_judges(read.policy)
    holds = PolicyVersion.objects.filter(
        code=candidate.code, state="released", effective_on__lte=call.on
    )
    current = holds.order_by("-effective_on").first()
    if current is None:
        raise NothingInForce
    made = PolicyBacktest.objects.create(
        id=new_id(call.at),
        code=candidate.code,
        current=current,
        draft_id=command.draft_id,
        version_id=None if command.draft_id else command.version_id,
        candidate_sha256=read.sha256,
        candidate_body=read.text,
        asked={
            "source": command.source,
            "first": command.first.isoformat(),
            "last": command.last.isoformat(),
            "loss_share": str(command.loss_share),
            "funding_rate_annual": str(command.funding_rate_annual),
            "cost_each_minor": str(command.cost_each.minor),
            "reject_multiple": str(command.reject_multiple),
        },
        asked_by=call.actor,
        asked_at=call.at,
    )
    jobs.enqueue(CARRY_OUT, backtest_id=str(made.pk))
    return BacktestRequested(backtest_id=made.pk)


def _candidate(command: RequestBacktest) -> PolicyDraft | PolicyVersion:
    if command.draft_id is not None:
        draft = PolicyDraft.objects.filter(pk=command.draft_id).first()
        if draft is None:
            raise NotFound(what="policy-draft")
        return draft
    if command.version_id is None:
        raise NotFound(what="policy-version")
    return found_version(command.version_id)


def _check(command: RequestBacktest) -> None:
    bounds = (
        ("source", command.source in SOURCES, ", ".join(SOURCES)),
        ("last", command.first <= command.last, f"{command.first} -"),
        ("loss_share", 0 <= command.loss_share <= 1, "0 - 1"),
        ("funding_rate_annual", 0 <= command.funding_rate_annual <= 1, "0 - 1"),
        ("cost_each", 0 <= command.cost_each.minor <= 100_000_000, "0.00 - 1000000.00"),
        ("reject_multiple", 1 <= command.reject_multiple <= 10, "1 - 10"),
    )
    for field, is_right, allowed in bounds:
        if not is_right:
            value = getattr(command, field)
            told = value.text() if isinstance(value, Money) else str(value)
            raise BacktestUnfit(field=field, value=told, allowed=allowed)
