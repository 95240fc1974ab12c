"""The ground of `rongqiao bench decision`: cases of one product, and policies of two sizes."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection

from rongqiao.cli.bench.ledger_cpu import CALL
from rongqiao.cli.migrate import bring_up_to_date
from rongqiao.cli.simulate.staff import make_user
from rongqiao.config.places import django_database
from rongqiao.finance.money import Money
from rongqiao.lending.origination.operations.applying.screen import Screening, screen
from rongqiao.lending.products.operations.definitions import first_products
from rongqiao.lending.products.operations.draft_version import draft_version
from rongqiao.lending.products.queries import VersionView, get_version
from rongqiao.parties.operations.staff.appoint_administrators import (
    AppointAdministrators,
    appoint_administrators,
)
from rongqiao.parties.operations.staff.confirm_role import ConfirmRole, confirm_role
from rongqiao.parties.operations.staff.propose_role import ProposeRole, propose_role
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.postgres import launcher
from rongqiao.platform.postgres.connecting import pointed_at
from rongqiao.policies.credit.facts import Facts, PlatformHistory
from rongqiao.policies.roles import Role
from rongqiao.risk.queries.judging import Case, Feature, own_features, policy_text
from rongqiao.risk.queries.recording import judge_application

FEW, MANY = 10, 200
ON, AT = date(2026, 1, 5), datetime(2026, 1, 5, 4, tzinfo=UTC)
SOURCES = 20
_RULES = (
    "outside.fact-{a} > {n} and monthly-income < 900",
    'outside.fact-{a} between {n} and {m} and not (housing in ("own", "mortgage", "family"))',
    "outside.fact-{a} / (outside.fact-{b} + 1) > 40 or age < 17",
    "min(outside.fact-{a}, outside.fact-{b}) > 99 and score < 500",
)


@dataclass
class Ground:
    """Cases waiting to be decided, one after the other, and the texts of two policies."""

    version: VersionView
    product_id: Any
    few: bytes
    many: bytes
    random: random.Random = field(default_factory=lambda: random.Random(20260101))  # noqa: S311
    decided: int = 0
    number: int = 0


@dataclass(frozen=True, kw_only=True)
class Decide:
    """How many decisions."""

    count: int


@contextmanager
def ground() -> Iterator[Ground]:
    """Make a durable server with the tables and one product, and take it away at the end."""
    with tempfile.TemporaryDirectory(prefix="rongqiao-bench-") as name:
        server = launcher.start(Path(name) / "postgres")
        try:
            bring_up_to_date(server.owner_url, server.app_url)
            with pointed_at(django_database(server.app_url)):
                try:
                    version = _product()
                    row = apps.get_model("products", "ProductVersion")._default_manager.get(
                        pk=version.id
                    )
                    yield Ground(version, row.product_id, _policy(FEW), _policy(MANY))
                finally:
                    connection.close()
        finally:
            server.stop()


def take_cases(bench: Ground, count: int) -> list[Screening]:
    """Return so many new cases with what they say, as handing them in would find them."""
    model = apps.get_model("origination", "Application")
    rows = [_application(bench) for _ in range(count)]
    model._default_manager.bulk_create(rows)
    return [
        Screening(case=row, facts=_facts(bench), features=_outside(bench), version=bench.version)
        for row in rows
    ]


def decide_some(bench: Ground, policy: bytes, cases: list[Screening]) -> None:
    """Decide these cases in one transaction, as one process of a busy platform does in many."""

    @operation("bench.decide", restore=Decide)
    def decide_all(command: Decide, call: Call) -> Decide:
        for case in cases:
            screen(case, policy, call)
        return command

    decide_all(Decide(count=len(cases)), _call(bench))
    bench.decided += len(cases)


def judge_only(bench: Ground, policy: bytes, count: int) -> None:
    """Judge so many cases without keeping anything."""
    facts, outside = _facts(bench), _outside(bench)
    case = Case(
        on=facts.on,
        amount=facts.amount,
        term_months=facts.term_months,
        offer=bench.version.terms.offer,
    )
    chosen = new_id(AT)
    for _ in range(count):
        judge_application(policy, (*outside, *own_features(facts, AT)), case, chosen, AT)


def insert_again(count: int) -> Callable[[], None]:
    """Return work: bare inserts of the last decisions' rows, under other numbers, undone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM origination_decision ORDER BY id DESC LIMIT %s", [count])
        columns = [column.name for column in cursor.description]
        rows = [_renumbered(dict(zip(columns, row, strict=True))) for row in cursor.fetchall()]
    names, places = ", ".join(f'"{name}"' for name in columns), ", ".join(["%s"] * len(columns))
    statement = f"INSERT INTO origination_decision ({names}) VALUES ({places})"  # noqa: S608

    def work() -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            for row in rows:
                cursor.execute(statement, row)
            cursor.execute("ROLLBACK")

    return work


def _renumbered(row: dict[str, Any]) -> list[Any]:
    row = {**row, "id": new_id(AT), "number": 2}
    return [
        json.dumps(value) if isinstance(value, (dict, list)) else value for value in row.values()
    ]


def _call(bench: Ground) -> Call:
    bench.number += 1
    return Call(actor="system:bench", key=f"decide-{bench.number}", at=AT, on=ON)


def _product() -> VersionView:
    users = [new_id(AT) for _ in range(3)]
    for one in users:
        make_user(one, AT)
    first, second, operator = users
    appoint_administrators(AppointAdministrators(first_user_id=first, second_user_id=second), CALL)
    asked = ProposeRole(user_id=operator, role=Role.OPERATOR.value)
    grant = propose_role(asked, _by(first)).grant_id
    confirm_role(ConfirmRole(grant_id=grant), _by(second))
    drafted = draft_version(first_products()[0], _by(operator))
    return get_version(drafted.version_id)


def _by(user: object) -> Call:
    return Call(actor=f"user:{user}", key="bench", at=AT, on=ON)


def _policy(rules: int) -> bytes:
    """Return the shipped policy with so many rules in all, none of which is met."""
    made = json.loads(policy_text("consumer", ON))
    own = sum(len(table["rules"]) for table in made["tables"])
    made["label"] = f"bench-{rules}"
    made["features"] += [
        {"name": f"outside.fact-{n}", "type": "number", "unit": "count", "missing": "unknown"}
        for n in range(SOURCES)
    ]
    more = [
        {
            "code": f"rule-{n}",
            "when": _RULES[n % len(_RULES)].format(
                a=n % SOURCES, b=(n * 7 + 1) % SOURCES, n=100 + n, m=200 + n
            ),
            "outcome": "refer",
            "reason": "other-facts",
        }
        for n in range(max(0, rules - own))
    ]
    title = {"zh": "更多规则", "en": "More rules"}
    made["tables"].append(
        {"code": "more", "title": title, "hit": "collect", "unknown": "refer", "rules": more}
    )
    told = dict.fromkeys(("zh", "en", "help_zh", "help_en"), "bench")
    made["reasons"] = [{"code": "other-facts", **told}]
    return json.dumps(made, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _application(bench: Ground) -> Any:
    model = apps.get_model("origination", "Application")
    chosen = new_id(AT)
    return model(
        id=chosen,
        number=f"B{chosen.hex[-20:]}",
        party_id=new_id(AT),
        started_by=new_id(AT),
        product_id=bench.product_id,
        version_id=bench.version.id,
        state="screening",
        answers_sealed=b"",
        created_at=AT,
        changed_at=AT,
    )


def _facts(bench: Ground) -> Facts:
    draw = bench.random
    return Facts(
        on=ON,
        party_kind="person",
        amount=Money(draw.randrange(1_000_00, 60_000_00)),
        term_months=draw.choice((3, 6, 12, 24)),
        monthly_income=Money(draw.randrange(3_000_00, 40_000_00)),
        monthly_debt_service=Money(draw.randrange(0, 3_000_00)),
        months_established=draw.randrange(0, 240),
        history=PlatformHistory(
            days_past_due=0,
            days_past_due_worst=draw.choice((0, 0, 0, 5)),
            outstanding=Money(0),
            loans_live=draw.choice((0, 0, 1)),
            loans_closed=draw.choice((0, 1, 3)),
        ),
        born_on=date(1970, 1, 1) + timedelta(days=draw.randrange(12_000)),
        employment=draw.choice(("salaried", "public", "freelance")),
        housing=draw.choice(("own", "mortgage", "rented")),
    )


def _outside(bench: Ground) -> tuple[Feature, ...]:
    return tuple(
        Feature(
            name=f"outside.fact-{n}",
            value=Decimal(bench.random.randrange(0, 40)),
            as_of=AT - timedelta(days=n),
            source="bureau",
        )
        for n in range(SOURCES)
    )
