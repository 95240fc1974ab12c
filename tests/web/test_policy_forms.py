"""Every part of a draft in forms: bands, prices, means, tables, features, texts, outside rules."""

import re

import pytest
from django.urls import reverse

from rongqiao.risk.models.policies import PolicyDraft
from rongqiao.risk.queries.policies.documents import read_document, tried
from rongqiao.risk.queries.policies.drafts import get_draft
from rongqiao.risk.queries.policies.versions import document_of
from tests.makers.policy_versions import draft_of, in_force, make_analysts, save
from tests.web.finance_desk import client_of, text_of
from tests.web.policy_forms import edited, fields_of

pytestmark = pytest.mark.usefixtures("static_files")
OWN_RATES = {f"rate_{n}": rate for n, rate in enumerate(("0.08", "0.09", "0.10", "0.11", "0.12"))}


@pytest.fixture
def analyst(clock):
    return make_analysts(clock)[0]


@pytest.fixture
def client(analyst):
    return client_of(analyst)


@pytest.fixture
def draft_id(call, analyst):
    return draft_of(call, analyst)


def beside(answer, name):
    """What stands beside a field as wrong."""
    found = re.search(rf'id="id_{name}_error"[^>]*>([^<]*)<', text_of(answer))
    return found[1] if found else ""


def line_of(document, name):
    (found,) = [one for one in document["score"]["points"]["lines"] if one["name"] == name]
    return found


@pytest.mark.parametrize("code", ["consumer", "business"])
def test_saving_an_untouched_form_changes_nothing(call, analyst, client, code):
    version_id = in_force(code).id
    draft_id = draft_of(call, analyst, version_id)
    page = text_of(client.get(reverse("policy-draft", args=[draft_id])))
    sections = re.findall(rf"drafts/{draft_id}/edit/([\w-]+)/", page)
    wanted = {"cutoffs", "points", "grades", "profit", "challenge", "means", "tables", "outside"}
    assert wanted | {"features", "texts", "tests", "json", "rules-against"} <= set(sections)
    for section in sections:
        assert edited(client, draft_id, section).status_code == 302, section
        assert get_draft(draft_id)[1] == document_of(version_id), section
    assert PolicyDraft.objects.get().revision == 1


def test_a_band_comes_in_its_place_and_another_goes(client, draft_id):
    before = line_of(get_draft(draft_id)[1], "age")["bounds"]
    n = 0
    new = {f"bound_{n}_{len(before)}": "30.5", f"points_{n}_{len(before)}": "44"}
    assert edited(client, draft_id, "points", **new).status_code == 302
    after = line_of(get_draft(draft_id)[1], "age")["bounds"]
    assert ["30.5", 44] in after
    assert [one for one in after if one != ["30.5", 44]] == before
    bounds = [float(bound) for bound, _points in after]
    assert bounds == sorted(bounds)
    at = after.index(["30.5", 44])
    assert edited(client, draft_id, "points", **{f"bound_{n}_{at}": ""}).status_code == 302
    assert line_of(get_draft(draft_id)[1], "age")["bounds"] == before
    twice = {f"bound_{n}_{len(before)}": before[1][0], f"points_{n}_{len(before)}": "1"}
    wrong = edited(client, draft_id, "points", **twice)
    assert wrong.status_code == 422
    assert "分段的下限须从小到大" in text_of(wrong)


def test_words_and_lines_of_the_points_table_come_and_go(client, draft_id):
    document = get_draft(draft_id)[1]
    lines = [one["name"] for one in document["score"]["points"]["lines"]]
    at = lines.index("housing")
    said = {f"new_word_{at}": "boat", f"new_points_{at}": "3"}
    said |= {"new_name": "loans-live", "new_pairs": "0 = 10\n2 = -5", "new_missing": "0"}
    assert edited(client, draft_id, "points", **said).status_code == 302
    made = get_draft(draft_id)[1]
    assert line_of(made, "housing")["words"]["boat"] == 3
    assert line_of(made, "loans-live") == {
        "name": "loans-live",
        "missing": 0,
        "bounds": [["0", 10], ["2", -5]],
    }
    assert edited(client, draft_id, "points", **{f"drop_{len(lines)}": "on"}).status_code == 302
    left = [one["name"] for one in get_draft(draft_id)[1]["score"]["points"]["lines"]]
    assert left == lines
    said |= {"new_pairs": "0 = many"}
    wrong = edited(client, draft_id, "points", **said)
    assert wrong.status_code == 422
    assert "整数" in beside(wrong, "new_pairs")


def test_rates_of_its_own_are_set_held_to_their_order_and_taken_away(client, draft_id):
    own = {"whose_rates": "own", **OWN_RATES}
    wrong = edited(client, draft_id, "grades", **own | {"rate_3": "0.05"})
    assert wrong.status_code == 422
    assert "风险较高的等级不能更低" in beside(wrong, "rate_3")
    wrong = edited(client, draft_id, "grades", **own | {"rate_4": ""})
    assert beside(wrong, "rate_4")
    assert edited(client, draft_id, "grades", **own).status_code == 302
    rates = get_draft(draft_id)[1]["pricing"]["rates"]
    assert [(one["grade"], one["rate_annual"]) for one in rates] == list(
        zip("ABCDE", OWN_RATES.values(), strict=True)
    )
    assert edited(client, draft_id, "grades").status_code == 302
    assert get_draft(draft_id)[1]["pricing"]["rates"] == rates
    assert edited(client, draft_id, "grades", whose_rates="product").status_code == 302
    assert get_draft(draft_id)[1]["pricing"] == {"rates": "product"}


def test_means_are_reckoned_or_not(client, draft_id):
    before = get_draft(draft_id)[1]["affordability"]
    assert edited(client, draft_id, "means", is_on="").status_code == 302
    assert get_draft(draft_id)[1]["affordability"] is None
    limits = {"burden_max": "0.55", "income_months_max": ""}
    wrong = edited(client, draft_id, "means", is_on="on", **limits)
    assert wrong.status_code == 422
    assert beside(wrong, "income_months_max")
    limits["income_months_max"] = str(before["income_months_max"])
    limits["burden_max"] = before["burden_max"]
    assert edited(client, draft_id, "means", is_on="on", **limits).status_code == 302
    assert get_draft(draft_id)[1]["affordability"] == before


def test_features_come_change_and_go_unless_a_rule_reads_them(client, draft_id):
    features = get_draft(draft_id)[1]["features"]
    n = len(features)
    new = {f"name_{n}": "tax.arrears", f"type_{n}": "number", f"unit_{n}": "yuan"}
    new |= {f"missing_{n}": "use", f"use_{n}": "0"}
    assert edited(client, draft_id, "features", **new).status_code == 302
    made = get_draft(draft_id)[1]["features"]
    added = {"name": "tax.arrears", "type": "number", "unit": "yuan", "missing": {"use": "0"}}
    assert made == [*features, added]
    assert edited(client, draft_id, "features", **{f"missing_{n}": "refer"}).status_code == 302
    assert get_draft(draft_id)[1]["features"][n]["missing"] == "refer"
    assert edited(client, draft_id, "features", **{f"drop_{n}": "on"}).status_code == 302
    assert get_draft(draft_id)[1]["features"] == features
    # The points table and rules look at it.
    at = next(i for i, one in enumerate(features) if one["name"] == "housing")
    assert edited(client, draft_id, "features", **{f"drop_{at}": "on"}).status_code == 422
    wrong = edited(client, draft_id, "features", **new | {f"name_{n}": "score"})
    assert wrong.status_code == 422
    assert beside(wrong, f"name_{n}")
    assert get_draft(draft_id)[1]["features"] == features


def test_a_new_table_brings_its_first_rule_and_a_reason_of_its_own(client, draft_id):
    texts = {"code_0": "asks-at-night", "zh": "申请金额 {amount} 元较大，需要人工审核。"}
    texts |= {"zh_0": texts.pop("zh"), "en_0": "{amount} yuan is much; a person will look at this."}
    texts |= {"help_zh_0": "减少金额可以加快审核。", "help_en_0": "Ask for less."}
    assert edited(client, draft_id, "texts", **texts).status_code == 302
    tables = get_draft(draft_id)[1]["tables"]
    n = len(tables)
    new = {f"code_{n}": "late", f"title_zh_{n}": "夜间", f"title_en_{n}": "At night"}
    new |= {"first_code_0": "much", "first_when_0": "amount > 150000", "order_0": "9"}
    new |= {"first_outcome_0": "refer", "first_reason_0": "asks-at-night"}
    wrong = edited(client, draft_id, "tables", **new)
    assert wrong.status_code == 422  # The sentence tells an amount that the rule does not give.
    new["first_facts_0"] = "amount = amount"
    assert edited(client, draft_id, "tables", **new).status_code == 302
    made = get_draft(draft_id)[1]["tables"]
    first, *rest = [one["code"] for one in tables]
    assert [one["code"] for one in made] == [*rest, first, "late"]
    assert made[-1]["rules"][0]["facts"] == {"amount": "amount"}
    assert "夜间" in text_of(client.get(reverse("policy-draft", args=[draft_id])))
    assert edited(client, draft_id, "texts", drop_0="on").status_code == 422
    assert edited(client, draft_id, "tables", **{f"drop_{n}": "on"}).status_code == 302
    assert edited(client, draft_id, "texts", drop_0="on").status_code == 302
    assert get_draft(draft_id)[1]["reasons"] == []


@pytest.mark.parametrize("code", ["consumer", "business"])
def test_rules_on_outside_sources_are_taken_in_with_their_cases(call, analyst, client, code):
    draft_id = draft_of(call, analyst, in_force(code).id)
    assert edited(client, draft_id, "outside", is_on="on").status_code == 302
    document = get_draft(draft_id)[1]
    assert document["tables"][0]["code"] == "outside"
    runs = tried(read_document(document))
    assert len(runs) == len(document["tests"]) > len(document_of(in_force(code).id)["tests"]) + 3
    assert all(one.is_held for one in runs)
    page = text_of(client.get(reverse("policy-draft", args=[draft_id])))
    assert reverse("policy-edit", args=[draft_id, "outside"]) not in page
    assert client.get(reverse("policy-edit", args=[draft_id, "outside"])).status_code == 404
    told = "列为失信被执行人" if code == "consumer" else "企业列为失信被执行人"
    assert f"测试案例 › {told}" in page
    assert edited(client, draft_id, "features").status_code == 302
    assert edited(client, draft_id, "texts").status_code == 302
    assert get_draft(draft_id)[1] == document


def test_without_the_case_theirs_are_like_the_rules_are_not_offered(
    call, analyst, client, draft_id
):
    save(call, analyst, draft_id, lambda document: {**document, "tests": []})
    page = text_of(client.get(reverse("policy-draft", args=[draft_id])))
    assert reverse("policy-edit", args=[draft_id, "outside"]) not in page


def test_what_is_typed_as_a_number_wrongly_is_said_beside_it(client, draft_id):
    page = fields_of(client.get(reverse("policy-edit", args=[draft_id, "points"])))
    assert "bound_0_0" in page
    wrong = edited(client, draft_id, "points", bound_0_0="1e3")
    assert wrong.status_code == 422
    assert "须为数字" in beside(wrong, "bound_0_0")
