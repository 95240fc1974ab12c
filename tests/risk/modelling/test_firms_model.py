"""The model of firms: learnt as it says, judging by statements, its decisions made again."""

import json
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import psycopg
import pytest

from rongqiao.config.jobs import watch_scoring
from rongqiao.lending.origination.models import Decision
from rongqiao.lending.origination.operations.applying.submit import Submit, submit
from rongqiao.lending.origination.queries.looking_back.replays import check_decisions
from rongqiao.lending.origination.sealing import unseal, unseal_text
from rongqiao.platform import clock as clocks
from rongqiao.policies.credit.facts import NO_HISTORY
from rongqiao.risk.enterprise.learning.figures import LEARNT, figures_of
from rongqiao.risk.enterprise.statements import read_statement
from rongqiao.risk.judging.document import canonical
from rongqiao.risk.models.monitored import MonitoredMonth
from rongqiao.risk.operations.enterprise.record_statement import RecordStatement, record_statement
from rongqiao.risk.operations.modelling.deciding import ModelSecondPersonNeeded
from rongqiao.risk.operations.modelling.propose_model import ProposeModel, propose_model
from rongqiao.risk.operations.modelling.release_model import ReleaseModel, release_model
from rongqiao.risk.operations.policies.propose_policy import ProposePolicy, propose_policy
from rongqiao.risk.operations.policies.release_policy import ReleasePolicy, release_policy
from rongqiao.risk.operations.policies.save_draft import SaveDraft, save_draft
from rongqiao.risk.operations.policies.start_draft import StartDraft, start_draft
from rongqiao.risk.queries import recording
from rongqiao.risk.queries.documents import kept_documents, scorer_of
from rongqiao.risk.queries.features import statement_features
from rongqiao.risk.queries.modelling import firms
from rongqiao.risk.queries.modelling.monitored import months_of
from rongqiao.risk.queries.modelling.registry import ModelTampered, check_models, open_by_hash
from rongqiao.risk.queries.modelling.watched import names_of_models
from rongqiao.risk.queries.policies.versions import document_of, list_versions
from rongqiao.risk.scorecards.challenger import Challenger
from rongqiao.web.frame.reasons import explain
from tests.makers.journeys import fill_in, make_firm_borrower, make_staff, publish_first_products
from tests.makers.officers import make_officer
from tests.parties.people import actor
from tests.risk.enterprise.test_rating import SOUND

WHOLE = {
    **SOUND,
    "depreciation": "400000",
    "retained_earnings": "2500000",
    "fixed_assets": "6000000",
}
FAILING = {
    **WHOLE,
    "revenue": "7000000",
    "receivables": "3000000",
    "current_assets": "4500000",
    "net_profit": "-4000000",
    "operating_profit": "-3800000",
    "ebit": "-3800000",
    "profit_before_tax": "-4000000",
    "retained_earnings": "-5000000",
    "equity": "-2000000",
    "total_liabilities": "12000000",
    "current_liabilities": "11000000",
}


@pytest.fixture(autouse=True)
def nothing_remembered():
    """Documents are remembered by their digest: a changed one would be seen by other tests."""
    yield
    for one in (recording._kept_policy, recording._armed_text, recording._armed, scorer_of):
        one.cache_clear()


@pytest.fixture
def analysts(clock):
    return tuple(actor(make_officer(clock, role="risk_analyst")) for _ in range(2))


@pytest.fixture
def champion(call, analysts, settings):
    """The model released by two, and a policy of firms in force that is scored by it."""
    settings.OPERATOR_ROLE = "microloan_company"
    first, second = analysts
    publish_first_products(call, make_staff(call))
    asked = ProposeModel(code=firms.CODE, body=firms.shipped_model(), reason="波兰企业")
    made = propose_model(asked, call(actor=first))
    word = ReleaseModel(model_id=made.model_id, sha256=made.sha256, effective_on=call().on)
    with pytest.raises(ModelSecondPersonNeeded):
        release_model(word, call(actor=first))
    release_model(word, call(actor=second))
    now = list_versions("business", call().on)[0]
    document = firms.policy_by_model(document_of(now.id), made.sha256, "business-by-statements")
    draft = start_draft(StartDraft(version_id=now.id), call(actor=first))
    save = SaveDraft(
        draft_id=draft.draft_id, revision=draft.revision, body=canonical(document).decode()
    )
    saved = save_draft(save, call(actor=first))
    day = call().on
    put = propose_policy(
        ProposePolicy(
            draft_id=saved.draft_id,
            revision=saved.revision,
            label="business-by-statements",
            effective_on=day,
            reason="以报表模型评分",
        ),
        call(actor=first),
    )
    digest = firms_digest(document)
    release_policy(
        ReleasePolicy(version_id=put.version_id, sha256=digest, effective_on=day),
        call(actor=second),
    )
    return made.sha256


def firms_digest(document):
    return recording.digest_of(canonical(document))


def judged(call, number, figures):
    """Hand in a firm's application after it stated a year; return the decision's row."""
    borrower = make_firm_borrower(call, number)
    if figures:
        said = RecordStatement(
            party_id=borrower.party_id,
            ends_on=call().on.replace(month=1, day=1) - timedelta(days=1),
            months=12,
            source="firm",
            figures=tuple(sorted(figures.items())),
        )
        record_statement(said, call(actor=borrower.actor))
    application_id = fill_in(call, borrower, "working-capital")
    features = statement_features(borrower.party_id, clocks.now())
    command = Submit(application_id=application_id, history=NO_HISTORY, features=features)
    submit(command, call(actor=borrower.actor))
    return Decision.objects.get(application_id=application_id)


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
