"""Trees on firms' statements stand in the shadow of the policy of firms, and have some to judge.

They were learnt from Polish firms and decide nothing. The statements that firms hand in are made
up, as the reasons on record say: what is compared says nothing of firms anywhere.
"""

from __future__ import annotations

import base64
import io
from datetime import date
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from PIL import Image

from rongqiao.cli.simulate.acting.applying import DOCUMENTS
from rongqiao.cli.simulate.people.profiles import Course, Habit
from rongqiao.cli.simulate.seed.chapters import credit
from rongqiao.cli.simulate.seed.chapters.stated import FAILING, WHOLE
from rongqiao.cli.simulate.town import Resident, Town
from rongqiao.lending.origination.operations.applying.add_document import AddDocument, add_document
from rongqiao.lending.origination.operations.applying.save_step import SaveStep, save_step
from rongqiao.lending.origination.operations.applying.start_application import (
    StartApplication,
    start_application,
)
from rongqiao.lending.origination.operations.applying.submit import Submit, submit
from rongqiao.lending.servicing.queries.loans import history_of
from rongqiao.platform import clock
from rongqiao.platform.operations import Call
from rongqiao.risk.operations.enterprise.record_statement import RecordStatement, record_statement
from rongqiao.risk.queries.features import statement_features
from rongqiao.risk.queries.modelling.firms import policy_by_model
from rongqiao.risk.queries.policies.versions import VersionView, get_version, list_versions

CODE = "business"
TREES_REASON = (
    "演示：评分改用报表模型（由波兰企业数据训练，不含中国企业），只供影子比较，不单独生效。"
)
REFUSAL_REASON = "演示：模型未以中国企业检验，不能审批；留作影子比较。"
SHADOW_REASON = "演示：报表模型进入影子比较，分流比例为 0，只留记录，不作决定。"
SALT = "demonstration-business-trees"
# So many firms ask for another loan, one a day, each with a statement of the last year.
FIRMS = 6
# Sectors that the policy does not lend to.
NOT_LENT_TO = ("real-estate", "finance")


def stand_in_shadow(town: Town, sha256: str) -> None:
    """Propose a policy scored by the released trees `sha256`; what names it follows in two days."""

    def by_trees(document: dict[str, Any]) -> dict[str, Any]:
        return policy_by_model(document, sha256, "")

    version_id = credit.proposed(town, CODE, _in_force(town), "trees", (by_trees, TREES_REASON))
    town.after(1, lambda: _name(town, version_id))


def _name(town: Town, version_id: UUID) -> None:
    """The trees' policy does not hold by itself; what names it is proposed on the same day."""
    credit.refused(town, CODE, version_id, REFUSAL_REASON, "refuse-trees")

    def shadowed(document: dict[str, Any]) -> dict[str, Any]:
        trees = get_version(version_id, town.desk.on).sha256
        return {**document, "challenge": {"policy": trees, "share": "0", "salt": SALT}}

    change = (shadowed, SHADOW_REASON)
    shadowed_id = credit.proposed(town, CODE, _in_force(town), "shadow", change)
    town.after(1, lambda: _release(town, shadowed_id))


def _release(town: Town, version_id: UUID) -> None:
    credit.released(town, CODE, version_id, "release-shadow")
    firms = [one for one in town.residents if _asks_again(one)][:FIRMS]
    for days, resident in enumerate(firms, start=1):
        town.after(days, partial(_ask_again, town, resident))


def _in_force(town: Town) -> VersionView | None:
    if town.is_remembering:
        return None
    return next(one for one in list_versions(CODE, town.desk.on) if one.standing == "in-force")


def _asks_again(resident: Resident) -> bool:
    """Tell whether a firm has something to show: it pays, and is of a sector that is lent to."""
    profile = resident.profile
    return (
        profile.firm is not None
        and profile.product == "working-capital"
        and profile.course is Course.WHOLE
        and profile.conduct.habit in (Habit.PROMPT, Habit.DEBIT)
        and dict(dict(profile.answers)["business"])["sector"] not in NOT_LENT_TO
    )


def _ask_again(town: Town, resident: Resident) -> None:
    """State the last year and hand in an application like the first one."""
    _state(town, resident)
    profile, party_id = resident.profile, resident.party_id
    started = town.do(
        start_application,
        StartApplication(party_id=party_id, product_code=profile.product),
        _own(town, resident, "start"),
    )
    application_id = started.application_id
    for step, values in profile.answers:
        save = SaveStep(application_id=application_id, step=step, values=values)
        town.do(save_step, save, _own(town, resident, f"step:{step}"))
    for kind in DOCUMENTS[profile.product]:
        document = AddDocument(
            application_id=application_id,
            document_kind=kind,
            name=f"{kind}.png",
            content=_blank_page(),
        )
        town.do(add_document, document, _own(town, resident, f"document:{kind}"))
    features = () if town.is_remembering else statement_features(party_id, clock.now())
    asked = Submit(application_id=application_id, history=history_of(party_id), features=features)
    town.do(submit, asked, _own(town, resident, "submit"))


def _state(town: Town, resident: Resident) -> None:
    """Two in three firms are sound, one is about to fail; each is of a size of its own."""
    drawn = Random(f"shadow:{resident.name}")  # noqa: S311 - a demonstration
    figures = FAILING if drawn.random() < 1 / 3 else WHOLE
    size = drawn.randrange(40, 160)
    command = RecordStatement(
        party_id=resident.party_id,
        ends_on=date(town.desk.on.year - 1, 12, 31),
        months=12,
        source="firm",
        figures=tuple((name, str(one * size // 100)) for name, one in figures.items()),
    )
    town.do(record_statement, command, _own(town, resident, "state"))


def _own(town: Town, resident: Resident, what: str) -> Call:
    return town.desk.user(resident.user_id, f"{resident.name}:again:{what}")


def _blank_page() -> str:
    """Return a small blank picture in base64: a document of nobody."""
    out = io.BytesIO()
    Image.new("RGB", (64, 40), (240, 240, 240)).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()
