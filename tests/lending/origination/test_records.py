"""The record of a decision: it gives its answer again, and nothing of it can change unnoticed."""

import json
from datetime import timedelta
from decimal import Decimal

import numpy as np
import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from rongqiao.lending.origination.models import Application, Decision
from rongqiao.lending.origination.operations.applying.screen import FeatureTooLate
from rongqiao.lending.origination.operations.applying.submit import Submit, submit
from rongqiao.lending.origination.queries.applications import get_application
from rongqiao.lending.origination.queries.looking_back.replays import (
    check_decisions,
    check_documents,
    replay_decisions,
)
from rongqiao.lending.origination.queries.reviewing.traces import get_trace
from rongqiao.lending.origination.sealing import seal_text, unseal, unseal_text
from rongqiao.platform.ids import new_id
from rongqiao.policies.credit.facts import NO_HISTORY
from rongqiao.risk.judging.document import canonical, read_policy, sha256
from rongqiao.risk.judging.features import Feature
from rongqiao.risk.judging.schema import BadPolicy
from rongqiao.risk.models.documents import RuleDocument
from rongqiao.risk.models.registry import ModelDecision, ScoringModel
from rongqiao.risk.operations.judging.keep import keep
from rongqiao.risk.queries import recording
from rongqiao.risk.queries.documents import (
    DocumentChanged,
    DocumentNotKept,
    Kept,
    kept_documents,
)
from rongqiao.risk.scorecards.fitting import fit_scorecard
from rongqiao.web.frame.reasons import explain
from tests.makers.journeys import (
    apply,
    fill_in,
    make_borrower,
    make_staff,
    publish_first_products,
)
from tests.makers.policies import SALT, document, put_in_force, with_table
from tests.money.ledger.conftest import act

INQUIRIES = {"name": "bureau.inquiries", "type": "number", "unit": "count", "missing": "refer"}
RULE = {
    "code": "many-inquiries",
    "when": "bureau.inquiries > 6",
    "outcome": "decline",
    "reason": "many-inquiries",
    "facts": {"count": "bureau.inquiries"},
    "again": {"days": 30},
}
TEXT = {
    "code": "many-inquiries",
    "zh": "近期查询 {count} 次。",
    "en": "{count} inquiries lately.",
    "help_zh": "减少申请。",
    "help_en": "Apply less often.",
}
WITH_BUREAU = with_table([RULE], features=[INQUIRIES], reasons=[TEXT])


@pytest.fixture(autouse=True)
def nothing_remembered():
    """A challenger is remembered by its digest: tests of one process share it otherwise."""
    yield
    recording._kept_policy.cache_clear()
    recording._armed_text.cache_clear()


def said(value, at, name="bureau.inquiries"):
    return Feature(name=name, value=value, as_of=at, source="bureau")


def hand_in(call, borrower, *features):
    application_id = fill_in(call, borrower, "consumer-monthly")
    command = Submit(application_id=application_id, history=NO_HISTORY, features=features)
    return submit(command, call(actor=borrower.actor))


def answer_of(row):
    return unseal_text(row.answer_sealed, Decision, "answer_sealed", row.pk)


def test_a_decision_gives_its_answer_again_byte_for_byte(call, borrower):
    apply(call, borrower)
    row = Decision.objects.get()
    inputs = unseal(row.inputs_sealed, Decision, "inputs_sealed", row.pk)
    kept = kept_documents([row.policy_sha256])
    again = recording.replay(inputs, row.policy_sha256, row.model_sha256, kept)
    assert again == answer_of(row).encode()
    assert recording.digest_of(again) == row.answer_sha256
    assert (row.arm, row.shadow) == ("champion", None)
    named = {one[0]: one for one in inputs["features"]}
    assert named["monthly-income"][4] == "answers"
    assert named["outstanding"][4] == "platform"
    assert {one[3] for one in named.values()} == {row.decided_at.isoformat()}
    found = replay_decisions()
    assert (found.on_record, found.checked, found.wrong) == (1, 1, ())


def test_what_an_outside_source_said_decides_and_is_on_record(call, borrower, monkeypatch):
    put_in_force(monkeypatch, WITH_BUREAU)
    at = call().at - timedelta(days=3)
    decided = hand_in(call, borrower, said(Decimal(7), at))
    assert decided.state == "declined"
    view = get_application(decided.application_id, borrower.user_id)
    reason = view.reasons[0]
    assert explain(reason.code, reason.facts).why == "近期查询 7 次。"
    assert explain(reason.code, reason.facts).helps == "减少申请。"
    row = Decision.objects.get()
    inputs = unseal(row.inputs_sealed, Decision, "inputs_sealed", row.pk)
    assert inputs["features"][0] == ["bureau.inquiries", "number", "7", at.isoformat(), "bureau"]
    fired = [one for one in json.loads(answer_of(row))["trace"] if one["table"] == "trial"]
    assert fired == [
        {
            "table": "trial",
            "rule": "many-inquiries",
            "told": "true",
            "saw": {"bureau.inquiries": "7"},
        }
    ]
    assert check_decisions().broken == 0


@pytest.mark.parametrize("value", [None, "seven", Decimal("NaN")])
def test_without_the_outside_source_a_person_looks_at_the_case(call, borrower, monkeypatch, value):
    put_in_force(monkeypatch, WITH_BUREAU)
    decided = hand_in(call, borrower, said(value, call().at))
    assert decided.state == "referred"
    assert Decision.objects.get().reasons == [
        {"code": "fact-missing", "facts": {"facts_missing": "bureau.inquiries"}}
    ]
    assert check_decisions().broken == 0


def test_nothing_known_only_later_is_looked_at(call, borrower):
    late = said(Decimal(1), call().at + timedelta(days=1))
    with pytest.raises(FeatureTooLate) as raised:
        hand_in(call, borrower, said(Decimal(0), call().at), late)
    assert raised.value.facts == {"value": "bureau.inquiries"}
    assert not Decision.objects.exists()
    assert Application.objects.get().state == "draft"


def test_no_source_can_speak_for_the_platform(call, borrower):
    forged = said(Decimal(10**9), call().at, "monthly-income")
    hand_in(call, borrower, forged)
    row = Decision.objects.get()
    inputs = unseal(row.inputs_sealed, Decision, "inputs_sealed", row.pk)
    (income,) = [one for one in inputs["features"] if one[0] == "monthly-income"]
    assert (income[4], income[2]) == ("answers", "12000")


def kept(call, made):
    body = canonical(made)
    act(lambda c: keep([Kept(sha256(made), "policy", body)], c.at), call())
    return sha256(made)


def test_a_challenger_in_the_shadow_is_on_record_and_changes_nothing(call, borrower, monkeypatch):
    strict = document(label="consumer-strict")
    strict["tables"][2]["rules"][0]["when"] = "score < 9999"
    challenge = {"policy": kept(call, strict), "share": "0", "salt": SALT}
    put_in_force(monkeypatch, document(challenge=challenge))
    decided = hand_in(call, borrower)
    assert decided.state == "approved"
    row = Decision.objects.get()
    assert (row.arm, row.shadow["outcome"], row.shadow["reasons"]) == (
        "champion",
        "decline",
        ["score-too-low"],
    )
    assert row.shadow["policy_sha256"] == sha256(strict)
    assert row.versions["policy"] == "consumer-2025-01"
    assert check_decisions().broken == 0


def test_a_challenger_decides_its_share_and_the_champion_is_the_shadow(call, borrower, monkeypatch):
    strict = document(label="consumer-strict")
    strict["tables"][2]["rules"][0]["when"] = "score < 9999"
    challenge = {"policy": kept(call, strict), "share": "1", "salt": SALT}
    put_in_force(monkeypatch, document(challenge=challenge))
    assert hand_in(call, borrower).state == "declined"
    row = Decision.objects.get()
    assert (row.arm, row.policy_sha256, row.versions["policy"]) == (
        "challenger",
        sha256(strict),
        "consumer-strict",
    )
    assert (row.shadow["outcome"], row.shadow["policy"]) == ("approve", "consumer-2025-01")
    assert check_decisions().broken == 0


def test_no_decision_without_the_challenger_its_policy_names(call, borrower, monkeypatch):
    challenge = {"policy": "f" * 64, "share": "0", "salt": SALT}
    put_in_force(monkeypatch, document(challenge=challenge))
    with pytest.raises(DocumentNotKept):
        hand_in(call, borrower)
    assert not Decision.objects.exists()


def test_a_policys_own_rates_stay_within_the_cap_fees_counted(call, borrower, monkeypatch):
    rates = [{"grade": grade, "rate_annual": "0.35"} for grade in "ABCDE"]
    put_in_force(monkeypatch, document(pricing={"rates": rates}))
    decided = hand_in(call, borrower)
    answer = json.loads(answer_of(Decision.objects.get()))
    assert answer["is_rate_capped"]
    offer = get_application(decided.application_id, borrower.user_id).row.offer
    assert Decimal("0.05") < offer.rate_annual < Decimal("0.35")
    assert offer.rate_annual == Decimal(answer["rate_annual"])
    assert check_decisions().broken == 0


def test_ten_or_two_hundred_rules_take_the_same_queries(call, products, monkeypatch):
    counted = []
    for number, rules in ((11, 10), (12, 200), (13, 200)):
        borrower = make_borrower(call, number)
        many = [
            {**RULE, "code": f"rule-{n}", "when": f"bureau.inquiries > {n}"} for n in range(rules)
        ]
        put_in_force(monkeypatch, with_table(many, features=[INQUIRIES], reasons=[TEXT], label="x"))
        application_id = fill_in(call, borrower, "consumer-monthly")
        feature = said(Decimal(0), call().at)
        command = Submit(application_id=application_id, history=NO_HISTORY, features=(feature,))
        with CaptureQueriesContext(connection) as queries:
            submit(command, call(actor=borrower.actor))
        counted.append(len(queries))
    # The first two keep a policy nobody used before.
    assert counted[0] == counted[1] == counted[2] + 1


def test_a_document_is_kept_once_and_for_good(live_db, call):
    digest = kept(call, document())
    with CaptureQueriesContext(connection) as queries:
        kept(call, document())
    assert not [one for one in queries if "ruledocument" in one["sql"]]
    with pytest.raises(ZeroDivisionError):
        act(lambda c: (keep([Kept("a" * 64, "policy", b"x")], c.at), 1 // 0), call())
    act(lambda c: keep([Kept("a" * 64, "policy", b"x")], c.at), call())
    assert set(RuleDocument.objects.values_list("sha256", flat=True)) == {digest, "a" * 64}


def test_documents_and_decisions_are_only_ever_added(call, borrower):
    apply(call, borrower)
    for change in (
        lambda: RuleDocument.objects.update(kind="model"),
        lambda: RuleDocument.objects.all().delete(),
        lambda: Decision.objects.update(answer_sha256="0" * 64),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_half_an_answer_is_no_record(call, borrower):
    apply(call, borrower)
    row = Decision.objects.get()
    row.pk, row.number, row.policy_sha256 = None, 2, ""
    with pytest.raises(DatabaseError), transaction.atomic():
        row.save(force_insert=True)


def tamper(live_db, statement, *values):
    admin_url = live_db.server.admin_url.replace("/rongqiao?", f"/{live_db.name}?")
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        assert admin.execute(statement, values).rowcount == 1


CHANGE = "UPDATE origination_decision"
FLIP = CHANGE + " SET {0} = set_byte({0}, 40, get_byte({0}, 40) # 1)"
TAMPERED = [
    (
        "UPDATE risk_ruledocument SET body = replace(body, 'score < 570', 'score < 571')",
        "is not there, or was changed",
        1,
    ),
    (f"{CHANGE} SET outcome = 'refer'", "outcome differs from its answer", 0),
    (f"{CHANGE} SET score = score + 1", "score differs from its answer", 0),
    (
        f"{CHANGE} SET reasons = '[]'",
        "reasons differs from its answer",
        0,
    ),
    (
        FLIP.format("answer_sealed"),
        "its inputs or its answer were changed",
        0,
    ),
    (
        FLIP.format("inputs_sealed"),
        "its inputs or its answer were changed",
        0,
    ),
    (
        f"{CHANGE} SET answer_sha256 = repeat('0', 64)",
        "its answer is not the one of its digest",
        0,
    ),
    (
        f"{CHANGE} SET decided_at = decided_at - interval '1 second'",
        "it looked at what was known only later",
        0,
    ),
]


@pytest.mark.parametrize(("statement", "told", "documents"), TAMPERED, ids=range(len(TAMPERED)))
def test_whatever_is_changed_is_noticed(live_db, call, statement, told, documents):
    publish_first_products(call, make_staff(call))
    apply(call, make_borrower(call, 1))
    assert (check_decisions().broken, check_documents().broken) == (0, 0)
    digest = Decision.objects.get().policy_sha256
    tamper(live_db, statement)
    found = check_decisions()
    assert (found.checked, found.broken) == (1, 1)
    assert told in found.examples[0]
    assert check_documents().broken == documents
    if documents:
        with pytest.raises(DocumentChanged):
            kept_documents([digest])
        view = get_trace(Decision.objects.get().application_id, 1)
        assert (view.read, view.repeats) == (None, False)


def test_a_trace_tells_that_an_answer_is_not_the_one_its_record_gives(live_db, call):
    publish_first_products(call, make_staff(call))
    apply(call, make_borrower(call, 1))
    row = Decision.objects.get()
    assert get_trace(row.application_id, 1).repeats
    text = unseal_text(row.answer_sealed, Decision, "answer_sealed", row.pk)
    other = text.replace('"outcome":"approve"', '"outcome":"decline"')
    assert other != text
    sealed = seal_text(other, Decision, "answer_sealed", row.pk)
    tamper(live_db, f"{CHANGE} SET answer_sealed = %s", sealed)
    view = get_trace(row.application_id, 1)
    assert view.read is not None
    assert not view.repeats


def test_a_large_book_is_checked_by_a_sample(call, products):
    for number in range(21, 27):
        apply(call, make_borrower(call, number))
    found = replay_decisions(at_most=2)
    assert found.on_record == 6
    assert found.checked < 6
    assert replay_decisions(at_most=6).checked == 6


def test_a_released_model_scores_and_its_decisions_repeat(call, borrower, monkeypatch):
    model = trained()
    steps = [640, 600, 560, 520, -9999]
    grades = [{"grade": g, "score_min": s} for g, s in zip("ABCDE", steps, strict=True)]
    made = document(label="by-model", score={"model": model.sha256}, grades=grades)
    with pytest.raises(BadPolicy):
        recording.check_kept(read_policy(made))
    register(model, call().at)
    recording.check_kept(read_policy(made))
    put_in_force(monkeypatch, made)
    hand_in(call, borrower)
    row = Decision.objects.get()
    assert (row.model_sha256, row.versions["points"]) == (model.sha256, "")
    assert row.score == model.score_one({"monthly-income": 12000.0, "housing": "mortgage"})[0]
    assert set(RuleDocument.objects.values_list("sha256", "kind")) == {
        (model.sha256, "model"),
        (sha256(made), "policy"),
    }
    assert (check_decisions().checked, check_decisions().broken) == (1, 0)
    assert check_documents().broken == 0


def test_a_model_that_reads_what_the_policy_lacks_is_told(call, db):
    model = trained(("monthly-income", "shoe-size"))
    register(model, call().at)
    with pytest.raises(BadPolicy) as raised:
        recording.check_kept(read_policy(document(score={"model": model.sha256})))
    assert "shoe-size" in raised.value.what


def register(model, at):
    row = ScoringModel.objects.create(
        id=new_id(at),
        code="person",
        number=1,
        kind="scorecard",
        sha256=model.sha256,
        body=model.to_json(),
        reason="tests",
        proposed_by="user:a",
        proposed_at=at,
    )
    ModelDecision.objects.create(
        id=new_id(at),
        model=row,
        word="released",
        effective_on=at.date(),
        proposed_by="user:a",
        decided_by="user:b",
        decided_at=at,
    )


def trained(names=("monthly-income", "housing")):
    draw = np.random.default_rng(7)
    income = draw.uniform(2000, 30000, 4000)
    second = draw.choice(np.array(["own", "rented"], dtype=object), 4000)
    risk = 1 / (1 + np.exp(income / 4000 - 2 + (second == "own") * 0.8))
    target = (draw.uniform(size=4000) < risk).astype(float)
    return fit_scorecard(dict(zip(names, (income, second), strict=True)), target)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"challenge": {"policy": "f" * 64, "share": "0", "salt": SALT}}, "challenge.policy"),
        ({"score": {"model": "f" * 64}}, "score.model"),
    ],
)
def test_a_policy_that_names_what_is_not_kept_is_told_before_its_release(db, changes, where):
    with pytest.raises(BadPolicy) as raised:
        recording.check_kept(read_policy(document(**changes)))
    assert raised.value.where == where
    recording.check_kept(read_policy(document()))


def test_a_document_is_read_as_it_was_kept(call):
    made = document()
    digest = kept(call, made)
    kept(call, made)  # Once more changes nothing.
    assert RuleDocument.objects.count() == 1
    assert read_policy(json.loads(kept_documents([digest])[digest].body)).sha256 == digest
