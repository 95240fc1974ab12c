"""Whom we ask about people and firms: what each source answers, on what consent, at what cost.

Statutes: 个人信息保护法 (PIPL, 2021), 征信业管理条例 (State Council decree 631, 2013). Prices,
cache and waiting times are the operator's own figures, to be replaced by those of its contracts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from rongqiao.policies.consents import (
    CREDIT_INQUIRY,
    FACE_CHECK,
    IDENTITY_CHECK,
    PUBLIC_RECORDS,
    SCORE_INQUIRY,
    TAX_INVOICE,
)

PERSON, ORGANIZATION = "person", "organization"
PIPL = "个人信息保护法"
CREDIT_REGULATION = "征信业管理条例"


class FactKind(StrEnum):
    """How a fact is written in an answer, and what it becomes as a feature."""

    WHOLE = "whole"
    AMOUNT = "amount"
    SHARE = "share"
    FLAG = "flag"
    CODE = "code"
    DAY = "day"


@dataclass(frozen=True)
class Fact:
    """One named value of an answer. `codes` are the only ones a CODE may have; `least` to `most`
    bound a number (an AMOUNT in fen, a SHARE as decimal text from 0 to 1)."""

    name: str
    kind: FactKind
    codes: tuple[str, ...] = ()
    least: int = 0
    most: int = 1_000_000
    is_optional: bool = False


class Fallback(StrEnum):
    """What happens when a source does not answer."""

    ANOTHER = "another"
    WITHOUT = "without"
    REFUSE = "refuse"


@dataclass(frozen=True, kw_only=True)
class Source:
    """One kind of inquiry. `cost_minor` in fen per call; `timeout_seconds` for each of `tries`.

    `elements` are what is told to the source; an answer may be used again for `cache_days` days.
    `instead` names the source that is asked where `fallback` is ANOTHER; WITHOUT refers the case
    to a person; REFUSE ends what was wanted until the source answers again.
    """

    code: str
    about: frozenset[str]
    elements: tuple[str, ...]
    facts: tuple[Fact, ...]
    consent: str
    cost_minor: int
    daily_budget_minor: int
    cache_days: int
    timeout_seconds: int
    tries: int
    fallback: Fallback
    instead: str = ""
    # An answer that comes later, by callback or when asked for; hours it is waited for.
    wait_hours: int = 0
    legal_basis: tuple[tuple[str, str], ...]


SAME = Fact("verdict", FactKind.CODE, ("same", "differs"))
_AMOUNT = 10**15

SOURCES = (
    Source(
        code="identity",
        about=frozenset({PERSON}),
        elements=("name", "number"),
        facts=(SAME,),
        consent=IDENTITY_CHECK,
        cost_minor=30,
        daily_budget_minor=300_000,
        cache_days=180,
        timeout_seconds=3,
        tries=2,
        fallback=Fallback.ANOTHER,
        instead="phone",
        legal_basis=((PIPL, "第二十三条"), (PIPL, "第十三条第一款第二项")),
    ),
    Source(
        code="phone",
        about=frozenset({PERSON}),
        elements=("name", "number", "phone"),
        facts=(
            SAME,
            Fact("months-in-use", FactKind.WHOLE, most=600),
            Fact("state", FactKind.CODE, ("in-use", "suspended", "closed")),
        ),
        consent=IDENTITY_CHECK,
        cost_minor=40,
        daily_budget_minor=400_000,
        cache_days=90,
        timeout_seconds=3,
        tries=2,
        fallback=Fallback.WITHOUT,
        legal_basis=((PIPL, "第二十三条"),),
    ),
    Source(
        code="card",
        about=frozenset({PERSON, ORGANIZATION}),
        elements=("name", "number", "card", "phone"),
        facts=(SAME, Fact("is-phone-same", FactKind.FLAG, is_optional=True)),
        consent=IDENTITY_CHECK,
        cost_minor=50,
        daily_budget_minor=500_000,
        cache_days=30,
        timeout_seconds=5,
        tries=2,
        # Money goes out to this account: nothing else tells whose it is.
        fallback=Fallback.REFUSE,
        legal_basis=((PIPL, "第二十三条"),),
    ),
    Source(
        code="registry",
        about=frozenset({ORGANIZATION}),
        elements=("name", "number", "representative"),
        facts=(
            SAME,
            Fact("representative", FactKind.CODE, ("same", "differs")),
            Fact("status", FactKind.CODE, ("active", "revoked", "cancelled", "moved-out")),
            Fact("founded-on", FactKind.DAY),
            Fact("capital", FactKind.AMOUNT, most=_AMOUNT),
            Fact("is-listed-abnormal", FactKind.FLAG),
        ),
        consent=PUBLIC_RECORDS,
        cost_minor=60,
        daily_budget_minor=200_000,
        cache_days=30,
        timeout_seconds=5,
        tries=2,
        fallback=Fallback.WITHOUT,
        legal_basis=(("企业信息公示暂行条例", "第六条"), (PIPL, "第二十七条")),
    ),
    Source(
        code="face",
        about=frozenset({PERSON}),
        elements=("name", "number", "recording"),
        facts=(
            Fact("liveness", FactKind.CODE, ("live", "spoof")),
            Fact("similarity", FactKind.SHARE),
        ),
        consent=FACE_CHECK,
        cost_minor=80,
        daily_budget_minor=200_000,
        # A face is looked at for one occasion.
        cache_days=1,
        timeout_seconds=8,
        tries=1,
        fallback=Fallback.WITHOUT,
        legal_basis=((PIPL, "第二十八条"), (PIPL, "第二十九条")),
    ),
    Source(
        code="judicial",
        about=frozenset({PERSON, ORGANIZATION}),
        elements=("name", "number"),
        facts=(
            Fact("judgments", FactKind.WHOLE),
            Fact("enforcements", FactKind.WHOLE),
            Fact("is-dishonest-debtor", FactKind.FLAG),
            Fact("owed", FactKind.AMOUNT, most=_AMOUNT),
        ),
        consent=PUBLIC_RECORDS,
        cost_minor=100,
        daily_budget_minor=300_000,
        cache_days=15,
        timeout_seconds=5,
        tries=2,
        fallback=Fallback.WITHOUT,
        legal_basis=(
            ("最高人民法院关于公布失信被执行人名单信息的若干规定", "第七条"),
            (PIPL, "第二十七条"),
        ),
    ),
    Source(
        code="tax",
        about=frozenset({ORGANIZATION}),
        elements=("name", "number"),
        facts=(
            Fact("invoiced-12m", FactKind.AMOUNT, most=_AMOUNT),
            Fact("invoiced-prior-12m", FactKind.AMOUNT, most=_AMOUNT),
            Fact("months-without-invoice", FactKind.WHOLE, most=12),
            Fact("largest-customer-share", FactKind.SHARE),
            Fact("tax-paid-12m", FactKind.AMOUNT, most=_AMOUNT),
            Fact("grade", FactKind.CODE, ("A", "B", "M", "C", "D")),
            Fact("arrears", FactKind.AMOUNT, most=_AMOUNT),
        ),
        consent=TAX_INVOICE,
        cost_minor=500,
        daily_budget_minor=500_000,
        cache_days=30,
        timeout_seconds=5,
        tries=2,
        fallback=Fallback.WITHOUT,
        wait_hours=24,
        legal_basis=(("税收征收管理法", "第八条"), (PIPL, "第二十三条")),
    ),
    Source(
        code="bureau",
        about=frozenset({PERSON, ORGANIZATION}),
        elements=("name", "number"),
        facts=(
            Fact("accounts-open", FactKind.WHOLE),
            Fact("balance", FactKind.AMOUNT, most=_AMOUNT),
            Fact("overdue-count-24m", FactKind.WHOLE),
            Fact("worst-days-past-due-24m", FactKind.WHOLE, most=9_999),
            Fact("is-overdue-now", FactKind.FLAG),
            Fact("inquiries-6m", FactKind.WHOLE),
            Fact("guaranteed", FactKind.AMOUNT, most=_AMOUNT),
            Fact("first-account-on", FactKind.DAY, is_optional=True),
        ),
        consent=CREDIT_INQUIRY,
        cost_minor=200,
        daily_budget_minor=600_000,
        cache_days=30,
        timeout_seconds=8,
        tries=2,
        fallback=Fallback.WITHOUT,
        legal_basis=((CREDIT_REGULATION, "第十八条"), (CREDIT_REGULATION, "第二十条")),
    ),
    Source(
        code="score",
        about=frozenset({PERSON}),
        elements=("name", "number", "phone"),
        facts=(Fact("score", FactKind.WHOLE, least=350, most=950),),
        consent=SCORE_INQUIRY,
        cost_minor=100,
        daily_budget_minor=300_000,
        cache_days=30,
        timeout_seconds=3,
        tries=1,
        fallback=Fallback.ANOTHER,
        instead="bureau",
        legal_basis=((CREDIT_REGULATION, "第十三条"), (CREDIT_REGULATION, "第十八条")),
    ),
)
BY_CODE = {source.code: source for source in SOURCES}
# Who it is must be known whatever a credit policy looks at (反洗钱法 2024, art. 29). Everything
# else is asked only where a policy reads the answer (PIPL art. 6: no more than it needs).
WHO_IT_IS = {PERSON: ("identity",), ORGANIZATION: ("registry",)}
# What tells, when somebody registers, whether they are who they say.
ON_REGISTERING = {PERSON: ("identity", "phone"), ORGANIZATION: ("registry",)}
# Of one source about one party on one day: whoever tries card after card stops here, and nobody
# alone spends what the day has for all.
MOST_A_DAY = 10
# Why one may be asked about; each inquiry names one.
PURPOSES = ("identity-check", "bank-account", "application", "monitoring")


def source_of(code: str) -> Source:
    """Return the source of a code; raises LookupError."""
    if code not in BY_CODE:
        raise LookupError(code)
    return BY_CODE[code]


def sources_needed(kind: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return whom to ask about a kind of party where `names` of features are read, in order.

    Features of sources are named `source.fact`; other names, and sources that answer nothing about
    such a party, need nobody.
    """
    # Without a dot a name is of the platform's own, as `score` is, whatever a source is called.
    read = {name.partition(".")[0] for name in names if "." in name} | set(WHO_IT_IS[kind])
    return tuple(one.code for one in SOURCES if one.code in read and kind in one.about)


def fallbacks_of(code: str) -> Iterator[Source]:
    """Go through the sources asked one after another where each does not answer."""
    source = source_of(code)
    while source.fallback is Fallback.ANOTHER:
        source = source_of(source.instead)
        yield source
