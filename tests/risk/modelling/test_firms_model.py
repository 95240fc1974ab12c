"""The model of firms: learnt as it says, judging by statements, its decisions made again."""

import json
from datetime import date
from decimal import Decimal

import numpy as np
import psycopg
import pytest

from rongqiao.config.jobs import watch_scoring
from rongqiao.lending.origination.models import Decision
from rongqiao.lending.origination.queries.looking_back.replays import check_decisions
from rongqiao.lending.origination.sealing import unseal, unseal_text
from rongqiao.risk.enterprise.learning.figures import LEARNT, figures_of
from rongqiao.risk.enterprise.statements import read_statement
from rongqiao.risk.models.monitored import MonitoredMonth
from rongqiao.risk.queries import recording
from rongqiao.risk.queries.documents import kept_documents, scorer_of
from rongqiao.risk.queries.modelling import firms
from rongqiao.risk.queries.modelling.monitored import months_of
from rongqiao.risk.queries.modelling.registry import ModelTampered, check_models, open_by_hash
from rongqiao.risk.queries.modelling.watched import names_of_models
from rongqiao.risk.queries.policies.versions import document_of, list_versions
from rongqiao.risk.scorecards.challenger import Challenger
from rongqiao.web.frame.reasons import explain
from tests.makers.firms_by_trees import FAILING, WHOLE, judged, later_call, put_in_force


def test_the_shipped_model_is_what_the_polish_firms_give():
    columns, failed = firms.polish_firms()
    shipped = Challenger.from_json(firms.shipped_model())
    assert set(shipped.names) == {one.name for one in LEARNT} == set(columns)
    assert "no Chinese firm" in shipped.about.population
    again = firms.learn_firms(columns, failed)
    assert np.allclose(again.probability(columns), shipped.probability(columns), atol=1e-3)
    fold = firms.measure_fold(columns, failed, 0)
    assert fold.auc == pytest.approx(shipped.about.metrics["fold-1"]["auc"], abs=0.002)
    assert shipped.about.metrics["all"]["auc"] > 0.85


def test_a_month_of_a_model_keeps_the_chances_that_it_told(db, call, champion):
    sound, failing = judged(call, 1, WHOLE), judged(call, 2, FAILING)
    assert watch_scoring(date(2026, 1, 31)) == 1
    (row,) = MonitoredMonth.objects.all()
    assert row.model == champion
    shipped = Challenger.from_json(firms.shipped_model())
    for decision, figures in ((sound, WHOLE), (failing, FAILING)):
        found = figures_of(read_statement(date(2025, 12, 31), 12, figures))
        given = {
            name: np.array([np.nan if found[name] is None else float(found[name])])
            for name in shipped.names
        }
        chance = float(shipped.probability(given)[0])
        (line,) = [one for one in row.counted["scores"] if one["score"] == decision.score]
        odds = line["chance_ppm"] / (1_000_000 - line["chance_ppm"])
        assert odds == pytest.approx(chance / (1 - chance), rel=0.008)
    assert months_of(champion)[0].tells_chances
    assert names_of_models([champion, "points"]) == {champion: f"{firms.CODE} 1"}


def test_a_figure_grows_risk_only_the_way_it_is_given():
    shipped = Challenger.from_json(firms.shipped_model())
    columns, _failed = firms.polish_firms()
    some = {name: values[:200].copy() for name, values in columns.items()}
    for one in LEARNT:
        if one.direction == "auto":
            continue
        low, high = np.nanpercentile(columns[one.name], [5, 95])
        ends = [
            shipped.probability({**some, one.name: np.full(200, value)}) for value in (low, high)
        ]
        change = ends[1] - ends[0] if one.direction == "rising" else ends[0] - ends[1]
        assert change.min() >= -1e-12, one.name


def test_figures_of_a_statement_are_those_of_the_set():
    made = read_statement(
        date(2024, 12, 31),
        12,
        {
            "revenue": "200", "cost_of_sales": "120", "selling_and_administrative": "40",
            "net_profit": "20", "depreciation": "5", "current_assets": "80",
            "inventories": "30", "receivables": "25", "fixed_assets": "40",
            "total_assets": "120", "current_liabilities": "40", "total_liabilities": "60",
            "equity": "60", "operating_profit": "30",
        },
    )  # fmt: skip
    found = figures_of(made)
    assert found["statement.sales-margin"] == Decimal("0.2")
    assert found["statement.quick-to-long-debt"] == Decimal("2.5")
    assert found["statement.liquid-ratio"] == Decimal("0.625")
    assert found["statement.working-capital-to-assets"] == Decimal(40) / 120
    assert found["statement.retained-to-assets"] is None
    assert set(found) == {one.name for one in LEARNT}


def test_trees_as_champion_decide_with_reasons_in_words(db, call, champion):
    sound, failing = judged(call, 1, WHOLE), judged(call, 2, FAILING)
    silent = judged(call, 3, {})
    assert {one.model_sha256 for one in (sound, failing, silent)} == {champion}
    assert sound.score > failing.score
    assert failing.outcome == "decline", (failing.score, failing.reasons)
    assert "fact-missing" in {one["code"] for one in silent.reasons}
    code, facts = next(
        (one["code"], one["facts"]) for one in failing.reasons if one["code"] == "score-too-low"
    )
    told = explain(code, facts).why
    assert facts["weakest"].startswith("statement.")
    assert "statement." not in told
    parts = json.loads(unseal_text(failing.answer_sealed, Decision, "answer_sealed", failing.pk))
    gravest = min(parts["parts"], key=lambda one: one[1])[0]
    assert facts["weakest"].split(",")[0] == gravest


def test_a_decision_by_trees_is_made_again_byte_for_byte(db, call, champion):
    row = judged(call, 1, WHOLE)
    inputs = unseal(row.inputs_sealed, Decision, "inputs_sealed", row.pk)
    kept = kept_documents([row.policy_sha256, row.model_sha256])
    recording._armed.cache_clear()
    scorer_of.cache_clear()
    again = recording.replay(inputs, row.policy_sha256, row.model_sha256, kept)
    assert again == unseal_text(row.answer_sealed, Decision, "answer_sealed", row.pk).encode()
    found = check_decisions()
    assert (found.checked, found.broken) == (1, 0)


@pytest.mark.parametrize("share", ["1", "0"])
def test_trees_that_challenge_decide_or_stand_in_the_shadow_and_repeat(
    db, call, champion, analysts, share
):
    """Trees with rates of their own beside points that have none: either asks for its own cap."""
    trees, points = (one.id for one in list_versions("business", call().on))
    priced = document_of(trees)
    rates = zip("ABCDE", ("0.08", "0.09", "0.10", "0.11", "0.12"), strict=True)
    priced["pricing"] = {"rates": [{"grade": one, "rate_annual": rate} for one, rate in rates]}
    made = put_in_force(call, analysts, {**priced, "label": "priced"}, days=1)
    named = {
        **document_of(points),
        "label": "challenged",
        "challenge": {"policy": made, "share": share, "salt": "a salt of its own"},
    }
    put_in_force(call, analysts, named, days=2)
    later = later_call(call, days=2)
    sound, failing = judged(later, 1, WHOLE), judged(later, 2, FAILING)
    for row in (sound, failing):
        beside = row.shadow
        if share == "1":
            assert (row.arm, row.model_sha256, row.policy_sha256) == ("challenger", champion, made)
            assert beside["model_sha256"] == ""
        else:
            assert (row.arm, row.model_sha256) == ("champion", "")
            assert (beside["model_sha256"], beside["policy_sha256"]) == (champion, made)
    told = {
        row.pk: row.outcome if share == "1" else row.shadow["outcome"] for row in (sound, failing)
    }
    assert told[failing.pk] == "decline"
    codes = [one["code"] for one in failing.reasons] if share == "1" else failing.shadow["reasons"]
    assert "score-too-low" in codes
    recording._armed.cache_clear()
    scorer_of.cache_clear()
    found = check_decisions()
    assert (found.checked, found.broken, found.examples) == (2, 0, ())


def test_a_changed_byte_of_the_trees_is_noticed(live_db, call, champion):
    judged(call, 1, WHOLE)
    assert (check_decisions().checked, check_decisions().broken) == (1, 0)
    for table in ("risk_ruledocument", "risk_scoringmodel"):
        tamper(
            live_db,
            f"UPDATE {table} SET body = overlay(body placing '7' from strpos(body, 'leaf_value')"
            " + 15 for 1) WHERE sha256 = %s",
            champion,
        )
    assert check_decisions().broken == 1
    assert check_models().broken == 1
    with pytest.raises(ModelTampered):
        open_by_hash(champion)


def tamper(live_db, statement, *values):
    admin_url = live_db.server.admin_url.replace("/rongqiao?", f"/{live_db.name}?")
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        assert admin.execute(statement, values).rowcount == 1
