"""What is weighed: models of risk by two people, firms rated, a plan of what to lend.

The scorecard is learnt from German Credit and the trees from Polish firms: no Chinese borrower is
in either. Statements, grades and the plan's figures are made up. Reasons and sources on record say
so; a statement has no room for a word, so that both its firms' other grades say it of them.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from importlib.resources import files
from typing import Any
from uuid import UUID

import numpy as np

from rongqiao.cli.simulate.seed.chapters import credit
from rongqiao.cli.simulate.seed.chapters.shadow import stand_in_shadow
from rongqiao.cli.simulate.seed.chapters.stated import SOUND, STRAINED
from rongqiao.cli.simulate.town import Resident, Town
from rongqiao.finance.money import Money
from rongqiao.lending.products.queries import list_products
from rongqiao.risk.operations.enterprise.decide_override import DecideOverride, decide_override
from rongqiao.risk.operations.enterprise.propose_override import ProposeOverride, propose_override
from rongqiao.risk.operations.enterprise.rate_firm import RateFirm, rate_firm
from rongqiao.risk.operations.enterprise.record_statement import RecordStatement, record_statement
from rongqiao.risk.operations.modelling.propose_model import ProposeModel, propose_model
from rongqiao.risk.operations.modelling.release_model import ReleaseModel, release_model
from rongqiao.risk.operations.planning.decide_plan import DecidePlan, decide_plan
from rongqiao.risk.operations.planning.propose_plan import ProposePlan, propose_plan
from rongqiao.risk.queries.enterprise import asked_of_people, scale
from rongqiao.risk.queries.modelling.firms import CODE, shipped_model
from rongqiao.risk.queries.modelling.scorecards import measured, scorecard_of, split
from rongqiao.risk.queries.policies.plans import read_lines, written
from rongqiao.risk.queries.policies.plans import split as best_split

# On which day of a hundred lived each is done; what a second person does follows a day later.
MODELS_AT, RATED_AT, PLANNED_AT = 88, 91, 86
SCORECARD = "german-credit"
# Nobody is to be judged by these.
LEFT_OUT = ("default", "personal_status_and_sex", "foreign_worker")
SCORECARD_REASON = "演示：由公开的德国信贷数据集训练，不含中国借款人，仅供查看，不用于任何决策。"
FIRMS_REASON = "演示：随附的企业报表模型，由波兰企业数据训练，不含中国企业，只宜影子比较。"
OVERRIDE_REASON = "演示：主要客户只有一家，调整一级。报表与判断均为示例，不涉及真实企业。"
PLAN_SOURCE = "演示：利率取自产品，其余数字均为示例，不来自真实借款人。"
STANDARDS = "industry-medium-2006"
# Two firms: what they state of the last year, and how officers answer what is asked of people.
# Of the year before all is a tenth less.
FIRMS = ((SOUND, "b"), (STRAINED, "d"))
PLAN_MONTHS, PLAN_MONTHS_OUT = 3, 9
BUDGET, CAP, LOSS_CEILING = (
    Money.yuan(text) for text in ("60000000.00", "4000000.00", "900000.00")
)


def weigh(town: Town) -> None:
    """Put down the models, the ratings and the plan."""
    days = (town.last - town.desk.first).days
    for at, act in ((PLANNED_AT, _plan), (MODELS_AT, _model), (RATED_AT, _rate)):
        town.on(town.desk.first + timedelta(days=days * at // 100), partial(act, town))


def _model(town: Town) -> None:
    """Both models come to be released; the one of firms then stands in the shadow of a policy."""
    body = "" if town.is_remembering else learnt_card(town.desk.on)
    one, other = town.staff["risk"], town.staff["risk-2"]
    proposed = town.do(
        propose_model,
        ProposeModel(code=SCORECARD, body=body, reason=SCORECARD_REASON),
        town.desk.user(one, "weigh:scorecard"),
    )
    town.after(1, lambda: release(proposed.model_id, proposed.sha256))

    def release(model_id: UUID, sha256: str) -> None:
        command = ReleaseModel(model_id=model_id, sha256=sha256, effective_on=town.desk.on)
        town.do(release_model, command, town.desk.user(other, "weigh:scorecard:release"))

    body = "" if town.is_remembering else shipped_model()
    of_firms = town.do(
        propose_model,
        ProposeModel(code=CODE, body=body, reason=FIRMS_REASON),
        town.desk.user(one, "weigh:firms"),
    )
    town.after(1, lambda: release_firms(of_firms.model_id, of_firms.sha256))

    def release_firms(model_id: UUID, sha256: str) -> None:
        command = ReleaseModel(model_id=model_id, sha256=sha256, effective_on=town.desk.on)
        town.do(release_model, command, town.desk.user(other, "weigh:firms:release"))
        stand_in_shadow(town, sha256)


def learnt_card(on: date) -> str:
    """Return a sealed scorecard learnt from four fifths of German Credit, measured on the fifth."""
    place = files("rongqiao.risk.scorecards").joinpath("sets", "german_credit.csv.gz")
    text = gzip.decompress(place.read_bytes()).decode()
    rows = list(csv.DictReader(text.splitlines()))
    bad = np.array([float(row["default"]) for row in rows])
    table = {name: _column(rows, name) for name in rows[0] if name not in LEFT_OUT}
    inside, outside = next(split(bad))
    card = scorecard_of({name: one[inside] for name, one in table.items()}, bad[inside])
    chance = card.probability({name: one[outside] for name, one in table.items()})
    found = measured(bad[outside], chance)
    about = replace(
        card.about,
        data="Statlog German Credit (Hans Hofmann, UCI), CC BY 4.0",
        population="演示：1994 年德国借款人，不含中国借款人",
        target="default",
        trained_on=on.isoformat(),
        trained_by="rongqiao seed",
        rows=len(inside),
        rate=round(float(bad[inside].mean()), 6),
        metrics={"all": {"auc": round(found.auc, 6), "ks": round(found.ks, 6)}},
        notes=("演示", f"measured on {len(outside)} rows it was not learnt from"),
    )
    return replace(card, about=about).to_json()


def _column(rows: list[dict[str, str]], name: str) -> Any:
    told = [row[name] for row in rows]
    if all(one.isdecimal() for one in told):
        return np.array([float(one) for one in told])
    return np.array(told, object)


def _rate(town: Town) -> None:
    """Two firms state two years each and are rated; the first gets another grade by two.

    The second firm's other grade waits for somebody.
    """
    firms = [one for one in town.residents if one.profile.firm is not None and one.party_id.int]
    pairs = zip(firms, FIRMS, strict=False)
    for number, (resident, (figures, answer)) in enumerate(pairs, start=1):
        grade, rating_id = _rated(town, resident, figures, answer, number)
        override_id = _override(town, rating_id, grade, number)
        if number == 1:
            town.after(1, partial(_approve, town, override_id))


def _rated(
    town: Town, resident: Resident, figures: dict[str, int], answer: str, number: int
) -> tuple[str, UUID]:
    def call(step: str) -> Any:
        return town.desk.user(town.staff["risk"], f"weigh:firm:{number}:{step}")

    for back in (2, 1):
        stated = tuple((name, str(one * (11 - back) // 10)) for name, one in figures.items())
        command = RecordStatement(
            party_id=resident.party_id,
            ends_on=date(town.desk.on.year - back, 12, 31),
            months=12,
            source="firm",
            figures=stated,
        )
        town.do(record_statement, command, call(f"state:{back}"))
    answers = tuple((question, answer) for question in asked_of_people())
    wanted = RateFirm(party_id=resident.party_id, standards=STANDARDS, answers=answers)
    rated = town.do(rate_firm, wanted, call("rate"))
    return rated.grade, rated.rating_id


def _override(town: Town, rating_id: UUID, grade: str, number: int) -> UUID:
    """Propose the next lower grade; of the lowest one the next higher."""
    grades = [band.grade for band in scale()]
    at = grades.index(grade)
    other = grades[at + 1] if at + 1 < len(grades) else grades[at - 1]
    command = ProposeOverride(rating_id=rating_id, grade=other, reason=OVERRIDE_REASON)
    call = town.desk.user(town.staff["risk"], f"weigh:firm:{number}:override")
    return town.do(propose_override, command, call).override_id


def _approve(town: Town, override_id: UUID) -> None:
    command = DecideOverride(override_id=override_id, is_approved=True)
    call = town.desk.user(town.staff["approver"], "weigh:override:approve")
    town.do(decide_override, command, call)


def _plan(town: Town) -> None:
    """A plan from this month on, so that what was lent stands beside what was planned."""
    first_on = town.desk.on.replace(day=1)
    lines = "" if town.is_remembering else _lines(town.desk.on)
    proposed = town.do(
        propose_plan,
        ProposePlan(
            first_on=first_on,
            months=PLAN_MONTHS,
            budget=BUDGET,
            loss_ceiling=LOSS_CEILING,
            lines=lines,
            source=PLAN_SOURCE,
        ),
        town.desk.user(town.staff["risk"], "weigh:plan"),
    )
    town.after(1, lambda: release(proposed.plan_id))

    def release(plan_id: UUID) -> None:
        command = DecidePlan(plan_id=plan_id, word="release")
        town.do(decide_plan, command, town.desk.user(town.staff["finance"], "weigh:plan:release"))


def _lines(on: date) -> str:
    """Return the split that earns most by the policies' made-up rates of default."""
    return written(best_split(read_lines("\n".join(_open_lines(on))), BUDGET, LOSS_CEILING))


def _open_lines(on: date) -> Iterator[str]:
    wanted = {one.code: one for one in credit.ALL}
    for product in list_products(on):
        told = wanted[product.terms.borrowers[0].policy]
        for step, default in zip(product.terms.grades, told.defaults, strict=False):
            shares = (step.rate_annual, *map(Decimal, (told.funds, "0.010", default, "0.60")))
            percents = " ".join(f"{100 * one:.4f}" for one in shares)
            yield f"{product.code} {step.grade} 0.00 0.00 {CAP.text()} {percents} {PLAN_MONTHS_OUT}"
