"""Policies that decide by trees, at the desk: tried on past cases, and without their model."""

import pytest
from django.urls import reverse

from rongqiao.config.jobs import carry_out_backtest
from rongqiao.lending.origination.models import Decision
from rongqiao.lending.origination.queries.looking_back.shadows import outcomes_beside
from rongqiao.risk.judging.deciding import ModelNotGiven
from rongqiao.risk.models.policies import PolicyBacktest
from rongqiao.risk.queries.policies.versions import document_of, list_versions
from tests.makers.firms_by_trees import (
    FAILING,
    WHOLE,
    by_trees,
    judged,
    later_call,
    put_in_force,
    release_trees,
)
from tests.makers.policy_versions import TODAY, draft_of, in_force, make_analysts, save
from tests.parties.people import actor
from tests.web.finance_desk import client_of, rows_of_csv, send, text_of

pytestmark = pytest.mark.usefixtures("static_files")
ASKED = {
    "source": "platform",
    "first": "2025-01-05",
    "last": "2026-01-05",
    "loss_share": "60",
    "funding_rate": "4",
    "cost_each": "100.00",
    "reject_multiple": "2",
}


@pytest.fixture
def champion(call, clock, settings):
    """The digest of the trees by which firms are judged."""
    settings.OPERATOR_ROLE = "microloan_company"
    return release_trees(call, [actor(one) for one in make_analysts(clock)])


def test_a_draft_by_trees_is_tried_on_the_page_once_its_model_is_released(db, call, clock):
    analyst, _other = make_analysts(clock)
    client = client_of(analyst)
    draft_id = draft_of(call, analyst, in_force("business").id)
    save(call, analyst, draft_id, lambda _document: by_trees())
    refused = send(client, "policy-try-draft", draft_id, **ASKED)
    assert refused.status_code == 422
    assert "模型" in text_of(refused)
    assert not PolicyBacktest.objects.exists()


def test_the_page_shows_a_back_test_by_trees(call, clock, champion):
    judged(call, 1, WHOLE)
    failing = judged(call, 2, FAILING)
    client = client_of(make_analysts(clock)[0])
    version = in_force("business")
    page = text_of(client.get(reverse("policy-version", args=[version.id])))
    assert champion in page
    asked = send(client, "policy-try", list_versions("business", TODAY)[-1].id, **ASKED)
    carry_out_backtest(str(PolicyBacktest.objects.get().pk))
    told = text_of(client.get(asked["Location"]))
    assert failing.application.number in told
    assert "换入" in told
    assert Decision.objects.filter(model_sha256=champion).count() == 2


def test_a_model_that_is_gone_ends_the_job_with_a_word(call, clock, champion, monkeypatch):
    judged(call, 1, WHOLE)
    client = client_of(make_analysts(clock)[0])
    asked = send(client, "policy-try", in_force("business").id, **ASKED)
    tried = PolicyBacktest.objects.get()

    def gone(_policy):
        raise ModelNotGiven(champion)

    monkeypatch.setattr("rongqiao.risk.queries.policies.trying.scorer_for", gone)
    carry_out_backtest(str(tried.pk))
    tried.refresh_from_db()
    assert (tried.state, tried.failure) == ("failed", "not-kept")
    assert "模型" in text_of(client.get(asked["Location"]))


def test_what_trees_in_the_shadow_would_have_said_is_counted(
    call, champion, clock, django_assert_max_num_queries
):
    analysts = [actor(one) for one in make_analysts(clock)]
    first = next(one for one in list_versions("business", TODAY) if one.number == 1)
    trees = in_force("business")
    named = {
        **document_of(first.id),
        "label": "shadowed",
        "challenge": {"policy": trees.sha256, "share": "0", "salt": "a salt of its own"},
    }
    put_in_force(call, analysts, named, days=1)
    client = client_of(make_analysts(clock)[0])
    (version,) = [one for one in list_versions("business", TODAY) if one.label == "shadowed"]
    page = reverse("policy-version", args=[version.id])
    empty = text_of(client.get(page, {"parts": "shadow"}))
    assert "还没有申请同时由两个策略判断" in empty
    later = later_call(call, days=1)
    rows = [judged(later, n, figures) for n, figures in enumerate((WHOLE, FAILING, {}), start=1)]
    assert {row.arm for row in rows} == {"champion"}
    with django_assert_max_num_queries(20):
        answer = client.get(page, {"parts": "shadow"})
    told = answer.context["shadow"]
    assert [(one["own"], one["other"], one["count"]) for one in told["rows"]] == [
        ("通过", "通过", 1),
        ("通过", "转人工", 1),
        ("通过", "拒绝", 1),
    ]
    assert (told["cases"], told["same"]) == (3, 1)
    assert {row.outcome for row in rows} == {"approve"}
    assert "3 笔申请由两个策略同时判断，其中 1 笔结论相同" in text_of(answer)
    files = rows_of_csv(client.get(page, {"format": "csv"}))
    assert [(one["本策略"], one["挑战者"], one["笔数"]) for one in files] == [
        ("通过", "通过", "1"),
        ("通过", "转人工", "1"),
        ("通过", "拒绝", "1"),
    ]


def test_cases_that_the_challenger_decided_count_on_the_same_side(call, champion, clock):
    analysts = [actor(one) for one in make_analysts(clock)]
    first = next(one for one in list_versions("business", TODAY) if one.number == 1)
    challenge = {"policy": in_force("business").sha256, "share": "1", "salt": "a salt of its own"}
    named = {**document_of(first.id), "label": "divided", "challenge": challenge}
    digest = put_in_force(call, analysts, named, days=1)
    row = judged(later_call(call, days=1), 1, FAILING)
    assert (row.arm, row.outcome, row.shadow["outcome"]) == ("challenger", "decline", "approve")
    (found,) = outcomes_beside(digest, challenge["policy"])
    assert (found.own, found.other, found.count) == ("approve", "decline", 1)
