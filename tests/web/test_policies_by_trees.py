"""Policies that decide by trees, at the desk: tried on past cases, and without their model."""

import pytest
from django.urls import reverse

from rongqiao.config.backtesting import carry_out_backtest
from rongqiao.lending.origination.models import Decision
from rongqiao.risk.judging.deciding import ModelNotGiven
from rongqiao.risk.models.policies import PolicyBacktest
from rongqiao.risk.queries.policies.versions import list_versions
from tests.makers.firms_by_trees import FAILING, WHOLE, by_trees, judged, release_trees
from tests.makers.policy_versions import TODAY, draft_of, in_force, make_analysts, save
from tests.parties.people import actor
from tests.web.finance_desk import client_of, send, text_of

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
