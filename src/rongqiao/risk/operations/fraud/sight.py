"""Note what somebody did and what was seen of them; open a case where the rules say so."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from rongqiao.platform.ids import new_id, short_number
from rongqiao.platform.operations import Call, circumstance, operation
from rongqiao.risk.fraud.profile import Deed
from rongqiao.risk.fraud.rules import Assessment, Outcome
from rongqiao.risk.models.fraud import (
    OPEN,
    SELF,
    FraudAct,
    FraudCase,
    FraudFinding,
    Trace,
    TracedAccount,
)
from rongqiao.risk.queries.fraud import assessment_of
from rongqiao.risk.queries.watching.marks import Mark, self_index

# Nothing about these tells of fraud by itself: they are kept for rulings on pay-outs.
UNJUDGED = (Deed.DREW, Deed.REPAID)


@dataclass(frozen=True, kw_only=True)
class Sight:
    """Who (a party, or a log-in without one), what they did, and what was seen.

    `account_id` names the log-in that has just turned out to be this party. What was seen is a
    circumstance: a retry from another network tells of the same deed.
    """

    subject_id: UUID
    deed: str
    marks: tuple[Mark, ...] = circumstance(default=())
    account_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Sighted:
    """What the rules say now, and the case that is open; the caller tells neither to anybody."""

    outcome: str
    case_id: UUID | None


@operation("risk.sight", restore=Sighted)
def sight(command: Sight, call: Call) -> Sighted:
    """Write the sighting down and judge the subject by all that is known of it.

    A log-in that has turned out to be a party is that party from then on.
    """
    deed = Deed(command.deed)
    if command.account_id is not None and command.account_id != command.subject_id:
        link = TracedAccount(
            account_id=command.account_id, party_id=command.subject_id, since_at=call.at
        )
        TracedAccount.objects.bulk_create([link], ignore_conflicts=True)
    known = TracedAccount.objects.filter(pk=command.subject_id).values_list("party_id", flat=True)
    subject_id = known.first() or command.subject_id
    _write(subject_id, command.marks, deed, call)
    if deed in UNJUDGED:
        return Sighted(outcome=Outcome.CLEAR, case_id=None)
    said = assessment_of(subject_id, call.at)
    case = None if said.outcome is Outcome.CLEAR else _case(subject_id, said, call)
    return Sighted(outcome=said.outcome, case_id=case.pk if case else None)


def _write(subject_id: UUID, marks: tuple[Mark, ...], deed: Deed, call: Call) -> None:
    seen = [(SELF, self_index(subject_id))]
    seen += [(one.kind, one.raw) for one in dict.fromkeys(marks)]
    Trace.objects.bulk_create(
        Trace(subject_id=subject_id, kind=kind, index=index, deed=deed, seen_at=call.at)
        for kind, index in seen
    )


def _case(subject_id: UUID, said: Assessment, call: Call) -> FraudCase | None:
    """Return the subject's open case with what was found now; none where that is settled."""
    case = FraudCase.objects.filter(subject_id=subject_id).order_by("-opened_at").first()
    if case is None or case.state not in OPEN:
        if case is not None and _is_settled(case, said):
            return None
        case = open_case("party", subject_id, said.score, call)
    elif case.score < said.score:
        case.score = said.score
        case.save(update_fields=["score"])
    write_findings(case, said, call)
    return case


def _is_settled(case: FraudCase, said: Assessment) -> bool:
    """A cleared case is opened again by a rule it had not met; a confirmed one stays confirmed."""
    if case.state == "confirmed":
        return True
    known = set(case.findings.values_list("code", flat=True))
    return {one.code for one in said.met} <= known


def open_case(about: str, subject_id: UUID, score: int, call: Call) -> FraudCase:
    """Return the open case of a subject: a new one, or the one that somebody opened meanwhile."""
    fresh = FraudCase(
        id=new_id(call.at),
        number=short_number("F", call.at),
        about=about,
        subject_id=subject_id,
        score=score,
        opened_at=call.at,
    )
    FraudCase.objects.bulk_create([fresh], ignore_conflicts=True)
    case = FraudCase.objects.get(subject_id=subject_id, state__in=OPEN)
    if case.pk == fresh.pk:
        FraudAct.objects.create(case=case, verb="opened", actor=call.actor, acted_at=call.at)
    return case


def write_findings(case: FraudCase, said: Assessment, call: Call) -> None:
    """Put down which rules were met, with which values; what was found before stays.

    A rule is put down again once its number has doubled, not at every step.
    """
    highest: dict[str, Decimal] = {}
    for code, value in case.findings.values_list("code", "value"):
        highest[code] = max(highest.get(code, Decimal(0)), _number(value))
    FraudFinding.objects.bulk_create(
        [
            FraudFinding(
                case=case,
                code=one.code,
                figure=one.figure,
                value=one.value,
                bound=one.bound,
                points=one.points,
                rules_version=said.version,
                found_at=call.at,
            )
            for one in said.met
            if one.code not in highest or _number(one.value) >= 2 * highest[one.code] > 0
        ],
        ignore_conflicts=True,
    )


def _number(value: str) -> Decimal:
    """Return a finding's value as a number; 0 for a word."""
    return Decimal(value) if value.isdecimal() else Decimal(0)
