"""What outsiders tell: a policy that reads it, inquiries, and the lists names are held against.

No source is called: the answers are drawn, on record as asked by `system:seed`, and say nothing of
anybody. The lists say themselves that they are of the demonstration.
"""

from __future__ import annotations

import json
from datetime import timedelta
from random import Random

from rongqiao.cli.simulate.town import Resident, Town
from rongqiao.platform import jobs
from rongqiao.policies.credit.policy import with_outside_sources
from rongqiao.risk.operations.fraud.listing.add_entry import AddEntry, add_entry
from rongqiao.risk.operations.fraud.listing.decide_entry import DecideEntry, decide_entry
from rongqiao.risk.operations.inquiring.open_inquiry import (
    ASK,
    FALL_BACK,
    OpenInquiry,
    open_inquiry,
)
from rongqiao.risk.operations.inquiring.record_answer import RecordAnswer, record_answer
from rongqiao.risk.operations.laundering.screening.import_list import ImportList, import_list
from rongqiao.risk.operations.policies.propose_policy import ProposePolicy, propose_policy
from rongqiao.risk.operations.policies.release_policy import ReleasePolicy, release_policy
from rongqiao.risk.operations.policies.save_draft import SaveDraft, save_draft
from rongqiao.risk.operations.policies.start_draft import StartDraft, start_draft
from rongqiao.risk.queries.policies.versions import document_of, get_version, list_versions

RELEASED_AT, ASKED_AT = 90, 96
ASKED_ABOUT = 20
LABEL = "consumer-outside"
WHY = "演示数据：非真实名单"
PERSONAL, OF_FIRMS = ("identity", "judicial", "score"), ("registry", "judicial")
Facts = dict[str, str | int | bool]


def hear(town: Town) -> None:
    """Put down the policy, the lists and the inquiries."""
    days = (town.last - town.desk.first).days
    town.on(town.desk.first + timedelta(days=days * RELEASED_AT // 100), lambda: _release(town))
    asked_on = town.desk.first + timedelta(days=days * ASKED_AT // 100)
    town.on(asked_on, lambda: _list(town))
    town.on(asked_on, lambda: _ask(town))


def _release(town: Town) -> None:
    one, other = (town.staff[post] for post in ("risk", "risk-2"))
    versions = list_versions("consumer", town.desk.on)
    current = next(one for one in versions if one.standing == "in-force")
    begun = town.do(
        start_draft, StartDraft(version_id=current.id), town.desk.user(one, "outside:draft")
    )
    body = json.dumps(with_outside_sources(document_of(current.id)), ensure_ascii=False)
    saved = town.do(
        save_draft,
        SaveDraft(draft_id=begun.draft_id, revision=begun.revision, body=body),
        town.desk.user(one, "outside:save"),
    )
    proposed = town.do(
        propose_policy,
        ProposePolicy(
            draft_id=begun.draft_id,
            revision=saved.revision,
            label=LABEL,
            effective_on=town.desk.on,
            reason="加入法院公开信息与外部评分的规则。",
        ),
        town.desk.user(one, "outside:propose"),
    )
    sha256 = get_version(proposed.version_id, town.desk.on).sha256
    town.do(
        release_policy,
        ReleasePolicy(version_id=proposed.version_id, sha256=sha256, effective_on=town.desk.on),
        town.desk.user(other, "outside:release"),
    )


def _list(town: Town) -> None:
    for number, standing in enumerate(("black", "grey", "black"), start=1):
        added = town.do(
            add_entry,
            AddEntry(
                standing=standing,
                kind="phone",
                value=f"1390000000{number}",
                reason=f"{WHY}，号码与他人共用。",
                until_on=town.desk.on + timedelta(days=365),
            ),
            town.desk.user(town.staff["risk"], f"outside:list:{number}"),
        )
        if number == 1:
            town.do(
                decide_entry,
                DecideEntry(entry_id=added.entry_id, is_confirmed=True),
                town.desk.user(town.staff["risk-2"], f"outside:list:{number}:decide"),
            )
    names = [one.profile.person.name for one in town.residents[:2]]
    rows = [f"DEMO-{n},人员,{name},{WHY}" for n, name in enumerate(names, start=1)]
    content = "\n".join(["编号,类型,姓名,备注", *rows, f"DEMO-9,人员,欧阳示例,{WHY}", ""])
    town.do(
        import_list,
        ImportList(code="demo-watch", kind="adverse", source=WHY, content=content),
        town.desk.user(town.staff["compliance"], "outside:screening"),
    )


def _ask(town: Town) -> None:
    for resident in town.residents[-ASKED_ABOUT:]:
        is_firm = resident.profile.firm is not None
        for source in OF_FIRMS if is_firm else PERSONAL:
            _ask_one(town, resident, source)


def _ask_one(town: Town, resident: Resident, source: str) -> None:
    key = f"{resident.name}:outside:{source}"
    wanted = OpenInquiry(
        source=source, party_id=resident.party_id, user_id=resident.user_id, purpose="application"
    )
    with jobs.done_by_hand(ASK, FALL_BACK):
        opened = town.do(open_inquiry, wanted, town.desk.system(key))
        drawn = Random(key)  # noqa: S311 - a demonstration
        is_silent = drawn.random() < 0.05
        answer = RecordAnswer(
            inquiry_id=opened.inquiry_id,
            outcome="timed-out" if is_silent else "answered",
            tries=1,
            latency_ms=drawn.randrange(80, 900),
            fault="late" if is_silent else "",
            answer="" if is_silent else json.dumps(_facts(source, drawn)),
        )
        town.do(record_answer, answer, town.desk.system(f"{key}:answer"))


def _facts(source: str, drawn: Random) -> Facts:
    cases = drawn.choice((0, 0, 0, 0, 1))
    every: dict[str, Facts] = {
        "identity": Facts(verdict="same"),
        "score": Facts(score=drawn.randrange(450, 800)),
        "judicial": {
            "judgments": cases,
            "enforcements": cases,
            "is-dishonest-debtor": False,
            "owed": cases * 1_250_000,
        },
        "registry": {
            "verdict": "same",
            "representative": "same",
            "status": "active",
            "founded-on": "2018-05-14",
            "capital": 500_000_000,
            "is-listed-abnormal": False,
        },
    }
    return every[source]
