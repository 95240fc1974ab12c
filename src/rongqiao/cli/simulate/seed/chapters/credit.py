"""Credit policies get a profit floor and a stricter challenger, each put in force by two people.

Every figure is made up for the demonstration, as the reasons on record say; none was measured on
borrowers anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from rongqiao.cli.simulate.town import Action, Town
from rongqiao.platform.operations import Call
from rongqiao.risk.operations.policies.propose_policy import ProposePolicy, propose_policy
from rongqiao.risk.operations.policies.refuse_policy import RefusePolicy, refuse_policy
from rongqiao.risk.operations.policies.release_policy import ReleasePolicy, release_policy
from rongqiao.risk.operations.policies.save_draft import SaveDraft, save_draft
from rongqiao.risk.operations.policies.start_draft import StartDraft, start_draft
from rongqiao.risk.queries.policies.documents import with_cutoffs
from rongqiao.risk.queries.policies.versions import (
    VersionView,
    document_of,
    find_version,
    get_version,
)

Edit = Callable[[dict[str, Any]], dict[str, Any]]
# On which day of a hundred lived the challenger is proposed; the rest follows day by day.
AT = 10
SHARE = "0.20"
NOBODY = UUID(int=0)
# More cases go to a person.
CUTOFFS = {"for-a-person/score-needs-a-person/0": Decimal(680)}
CHALLENGER_REASON = "演示：提高转人工的分数线，先作为挑战者试行。示例数字，不来自真实借款人。"
REFUSAL_REASON = "演示：先与现行策略并行比较，再决定是否全面采用。"
FLOOR_REASON = "演示：设定利润下限，并以更严的一版为挑战者。示例数字，不来自真实借款人。"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What one policy is to get: made-up default rates from the best grade to the riskiest."""

    code: str
    funds: str
    defaults: tuple[str, ...]

    def profit(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return the profit part of a document, by its own grades."""
        steps = zip(document["grades"], self.defaults, strict=True)
        return {
            "funds": self.funds,
            "cost": "0.010",
            "loss_given_default": "0.60",
            "default_rates": [{"grade": one["grade"], "rate": rate} for one, rate in steps],
            "floor": "0.010",
            "below": "refer",
        }


ALL = (
    Wanted(code="consumer", funds="0.040", defaults=("0.005", "0.020", "0.050", "0.100", "0.220")),
    Wanted(code="business", funds="0.030", defaults=("0.005", "0.020", "0.040", "0.080", "0.180")),
)


def tighten_credit(town: Town) -> None:
    """Put down how each policy comes to its second and third version."""
    day = town.desk.first + timedelta(days=(town.last - town.desk.first).days * AT // 100)
    for wanted in ALL:
        town.on(day, _propose_challenger(town, wanted))


def _propose_challenger(town: Town, wanted: Wanted) -> Action:
    """A proposed document is kept for good, so that another version may name it."""

    def act() -> None:
        def stricter(document: dict[str, Any]) -> dict[str, Any]:
            return {**with_cutoffs(document, CUTOFFS), "profit": wanted.profit(document)}

        version_id = _proposed(town, wanted, stricter, "challenger", CHALLENGER_REASON)
        town.after(1, lambda: _refuse(town, wanted, version_id))

    return act


def _refuse(town: Town, wanted: Wanted, version_id: UUID) -> None:
    """The challenger does not hold by itself; what names it is proposed on the same day."""
    refused(town, wanted.code, version_id, REFUSAL_REASON, "refuse")

    def floored(document: dict[str, Any]) -> dict[str, Any]:
        challenger = get_version(version_id, town.desk.on).sha256
        challenge = {
            "policy": challenger,
            "share": SHARE,
            "salt": f"demonstration-{wanted.code}",
        }
        return {**document, "profit": wanted.profit(document), "challenge": challenge}

    floored_id = _proposed(town, wanted, floored, "floor", FLOOR_REASON)
    town.after(1, lambda: released(town, wanted.code, floored_id, "release"))


def _proposed(town: Town, wanted: Wanted, edit: Edit, name: str, reason: str) -> UUID:
    """Propose what `edit` makes of the first version; return the version's id."""
    first = None if town.is_remembering else find_version(wanted.code, "1", town.desk.on)
    return proposed(town, wanted.code, first, name, (edit, reason))


def proposed(
    town: Town, code: str, base: VersionView | None, name: str, change: tuple[Edit, str]
) -> UUID:
    """Draft, save and propose what a change makes of a version, by its reason; return the new id.

    Of days that are only remembered there is no `base`.
    """
    edit, reason = change

    def call(step: str) -> Any:
        return town.desk.user(town.staff["risk"], f"policy:{code}:{name}:{step}")

    draft = town.do(start_draft, StartDraft(version_id=base.id if base else NOBODY), call("start"))
    label = f"{code}-demonstration-{name}"
    made = {**edit(document_of(base.id)), "label": label} if base else {}
    body = json.dumps(made, ensure_ascii=False)
    save = SaveDraft(draft_id=draft.draft_id, revision=draft.revision, body=body)
    saved = town.do(save_draft, save, call("save"))
    propose = ProposePolicy(
        draft_id=saved.draft_id,
        revision=saved.revision,
        label=label,
        effective_on=town.desk.on,
        reason=reason,
    )
    return town.do(propose_policy, propose, call("propose")).version_id


def refused(town: Town, code: str, version_id: UUID, reason: str, name: str) -> None:
    """Have a second analyst refuse a version; its document is kept for another to name."""
    command = RefusePolicy(version_id=version_id, reason=reason)
    town.do(refuse_policy, command, _second(town, code, name))


def released(town: Town, code: str, version_id: UUID, name: str) -> None:
    """Have a second analyst release a version from today on."""
    sha256 = "" if town.is_remembering else get_version(version_id, town.desk.on).sha256
    command = ReleasePolicy(version_id=version_id, sha256=sha256, effective_on=town.desk.on)
    town.do(release_policy, command, _second(town, code, name))


def _second(town: Town, code: str, name: str) -> Call:
    return town.desk.user(town.staff["risk-2"], f"policy:{code}:{name}")
