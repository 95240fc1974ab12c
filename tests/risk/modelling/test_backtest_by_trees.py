"""Back-tests of policies that decide by trees: as champion, by a share, and without their model."""

import json
from datetime import date
from decimal import Decimal
from uuid import UUID

import numpy as np
import pytest
import typer

from rongqiao.cli.models.backtest import command
from rongqiao.risk.judging.changing.backtesting.past import PastCase, asked_of
from rongqiao.risk.judging.changing.backtesting.replay import Replay
from rongqiao.risk.judging.deciding import decide
from rongqiao.risk.judging.document import canonical, read_policy
from rongqiao.risk.judging.trials import case_of
from rongqiao.risk.queries.modelling import firms
from rongqiao.risk.queries.modelling.scorers import model_body, scorer_of
from rongqiao.risk.queries.policies.trying import try_policy
from rongqiao.risk.queries.policies.versions import document_of, list_versions, policy_on
from rongqiao.risk.queries.recording import is_challenged
from rongqiao.risk.scorecards.challenger import Challenger
from tests.makers.firms_by_trees import FAILING, WHOLE, by_trees, judged

DAY = date(2026, 1, 5)


def polish(policy, count):
    """Cases of the policy's first test, each with the figures of a Polish firm."""
    columns, _failed = firms.polish_firms()
    trial = policy.trials[0]
    for n in range(count):
        figures = {
            name: None if np.isnan(values[n]) else Decimal(str(values[n]))
            for name, values in columns.items()
        }
        yield PastCase(
            reference=f"P{n}",
            application_id=UUID(int=n),
            features=dict(trial.features) | figures,
            case=case_of(trial),
            was_lent=True,
        )


def test_many_cases_by_trees_come_out_as_decide_says_and_the_trees_are_asked_once(db, monkeypatch):
    policy = read_policy(by_trees())
    past = list(polish(policy, 300))
    scorer = scorer_of(model_body(firms.shipped_model()))
    one_by_one = [decide(policy, one.features, one.case, scorer) for one in past]
    asked = []
    real = Challenger.probability

    def counted(self, columns):
        asked.append(1)
        return real(self, columns)

    monkeypatch.setattr(Challenger, "probability", counted)
    found = Replay(policy, asked_of(past), scorer).judged
    # Once for all, and once more for each that lies near half a point.
    assert len(asked) <= 10
    assert found.score.tolist() == [one.score for one in one_by_one]
    assert found.grade.tolist() == [one.grade for one in one_by_one]
    outcomes = [("approve", "refer", "decline")[one] for one in found.verdict.tolist()]
    assert outcomes == [one.outcome.value for one in one_by_one]
    assert {"approve", "decline"} <= set(outcomes)
    assert found.reason.tolist() == [one.reasons[0].code for one in one_by_one]


def test_the_command_tries_trees_beside_points_on_what_was_decided(db, call, champion, capsys):
    rows = [judged(call, 1, WHOLE), judged(call, 2, FAILING), judged(call, 3, {})]
    command("business", as_json=True)
    told = json.loads(capsys.readouterr().out)
    whole = told["whole"]["candidate"]
    assert told["whole"]["current"] == whole
    outcomes = [one.outcome for one in rows]
    counted = [whole[name] for name in ("approved", "referred", "declined")]
    assert counted == [outcomes.count(word) for word in ("approve", "refer", "decline")]
    command("business", candidate="1", as_json=True)
    told = json.loads(capsys.readouterr().out)
    # By points, which know nothing of statements, the failing firm would have been let in, and so
    # the one that a person looked at.
    assert told["whole"]["candidate"]["declined"] == 0
    declined = next(one for one in rows if one.outcome == "decline")
    listed = {one["reference"]: one for one in told["swaps"]["listed_in"]}
    assert len(listed) == 2
    entered = listed[declined.application.number]
    assert (entered["was"], entered["was_score"]) == ("decline", str(declined.score))
    assert told["curves"][0]["subject"] == "score"
    # The trees' own what-if: no firm is let in where the line lies above every score.
    command("business", as_json=True)
    (curve,) = [
        one
        for one in json.loads(capsys.readouterr().out)["curves"]
        if one["rule"] == "score-too-low"
    ]
    assert [point["value"] for point in curve["points"]] == sorted(
        (point["value"] for point in curve["points"]), key=Decimal
    )
    assert len(curve["points"]) >= 2


def test_a_challenger_of_trees_decides_its_share_in_the_back_test_as_on_record(db, champion):
    policy = policy_on("business", DAY)
    first = document_of(next(one.id for one in list_versions("business", DAY) if one.number == 1))
    scorer = scorer_of(model_body(firms.shipped_model()))
    past = list(polish(policy, 60))
    champion_alone = read_policy({**first, "label": "alone"})
    for share in ("0.5", "0", "1"):
        challenge = {"policy": policy.sha256, "share": share, "salt": "a salt of its own"}
        divided = read_policy({**first, "label": "divided", "challenge": challenge})
        told = try_policy(past, champion_alone, divided)
        theirs = [is_challenged(divided, one.application_id) for one in past]
        assert told["challenged"] == {"current": 0, "candidate": sum(theirs)}
        if share == "0.5":
            assert 10 < sum(theirs) < 50
        outcomes = [
            decide(policy, one.features, one.case, scorer).outcome.value
            if is_theirs
            else decide(champion_alone, one.features, one.case).outcome.value
            for one, is_theirs in zip(past, theirs, strict=True)
        ]
        whole = told["whole"]["candidate"]
        counted = [whole[name] for name in ("approved", "referred", "declined")]
        assert counted == [outcomes.count(word) for word in ("approve", "refer", "decline")]
        # A cut-off of the champion moves nobody whom the challenger decides.
        curve = next(one for one in told["curves"] if one["rule"] == "score-too-low")
        fewest = min(point["accepted"] for point in curve["points"])
        assert fewest >= sum(
            outcome != "decline" and is_theirs
            for outcome, is_theirs in zip(outcomes, theirs, strict=True)
        )


def test_trees_that_are_not_released_end_the_command_with_a_sentence(db, clock, tmp_path, capsys):
    path = tmp_path / "trees.json"
    path.write_bytes(canonical(by_trees()))
    with pytest.raises(typer.Exit) as ended:
        command("business", candidate=str(path))
    assert ended.value.exit_code == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("backtest: --candidate: ")
    assert "released" in lines[0]
