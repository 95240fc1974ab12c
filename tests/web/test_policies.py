"""Credit policies at the desk: read, edited, tried on past cases, released by a second person."""

import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from playwright.sync_api import expect

from rongqiao.config.jobs import carry_out_backtest
from rongqiao.risk.judging.changing.cutoffs import cutoffs_of
from rongqiao.risk.models.policies import PolicyBacktest, PolicyDraft, PolicyVersion
from rongqiao.risk.queries.policies.drafts import get_draft
from rongqiao.risk.queries.policies.versions import document_of, get_version, policy_on
from rongqiao.web.backoffice.risk.policies.words import text_words
from tests.makers.officers import make_officer
from tests.makers.policy_versions import (
    SCORE,
    TODAY,
    cut,
    draft_of,
    in_force,
    make_analysts,
    propose,
    proposed,
    release,
    save,
)
from tests.web.finance_desk import client_of, rows_of_csv, rows_of_xlsx, send, text_of
from tests.web.policy_forms import edited, fields_of

pytestmark = pytest.mark.usefixtures("static_files")
ASKED = {
    "source": "german-1994",
    "first": "2025-01-05",
    "last": "2026-01-05",
    "loss_share": "60",
    "funding_rate": "4",
    "cost_each": "100.00",
    "reject_multiple": "2",
}


@pytest.fixture
def analysts(clock):
    return make_analysts(clock)


@pytest.fixture
def first(analysts):
    return client_of(analysts[0])


@pytest.fixture
def second(analysts):
    return client_of(analysts[1])


def field_of_cutoff(key):
    found = [one.key for one in cutoffs_of(policy_on("consumer", TODAY))]
    return f"cutoff_{found.index(key)}"


def test_a_version_says_its_test_cases_in_words_and_nothing_in_english(first):
    version = in_force()
    answer = first.get(reverse("policy-version", args=[version.id]))
    page, sheet = text_of(answer), answer.context["sheet"]
    case = next(row for row in sheet["tests"] if row["name"] == "收入不详")
    known = {one["name"]: one["value"] for one in case["features"]}
    assert known["月收入"] == "不详"
    assert known["每月需偿还的其他借款"] == "¥1,000.00"
    assert "¥20,000.00 / 12" in page
    assert "人工制定的评分表" in page
    history = text_of(first.get(reverse("policy-history", args=["consumer"])))
    for raw in ("= None", "¥20000.00", "income not known", "hand-made table", "comes with"):
        assert raw not in page + history, raw
    document = json.loads(first.get(reverse("policy-json", args=[version.id])).content)
    texts = [one["name"] for one in document["tests"]]
    assert all(text_words(text) != text for text in texts)


def test_an_analyst_edits_tries_and_proposes_and_a_second_one_releases(first, second):
    version_id = in_force().id
    started = send(first, "policy-start", version_id)
    draft = PolicyDraft.objects.get()
    assert started["Location"] == reverse("policy-draft", args=[draft.pk])
    assert "还没有修改" in text_of(first.get(started["Location"]))
    saved = edited(first, draft.pk, "cutoffs", **{field_of_cutoff(SCORE): "700"})
    assert saved.status_code == 302
    told = text_of(first.get(started["Location"]))
    assert "score &lt; 570" in told
    assert "score &lt; 700" in told
    asked = send(first, "policy-try-draft", draft.pk, **ASKED)
    tried = PolicyBacktest.objects.get()
    assert asked["Location"] == reverse("policy-backtest", args=[tried.pk])
    assert "排队中" in text_of(first.get(asked["Location"]))
    stand = reverse("policy-backtest-stand", args=[tried.pk])
    assert "X-Final" not in first.get(stand)
    carry_out_backtest(str(tried.pk))
    assert first.get(stand)["X-Final"] == "1"
    shown = text_of(first.get(asked["Location"]))
    for words in ("换出：现行放贷，新策略不放", "1994", "阈值推演", "没有中国借款人", "G0"):
        assert words in shown
    rows = rows_of_csv(first.get(asked["Location"], {"format": "csv"}))
    assert {row["方向"] for row in rows} == {"换出"}
    assert len(rows) == PolicyBacktest.objects.get().result["swaps"]["swapped_out"]["accepted"]
    curve = rows_of_csv(first.get(asked["Location"], {"format": "csv", "table": "curve"}))
    assert "700" in {row["阈值"] for row in curve if row["对象"] == "score"}
    made = send(
        first,
        "policy-propose",
        draft.pk,
        revision="2",
        label="consumer-2026-01",
        effective_on="2026-01-05",
        reason="坏账上升",
    )
    waiting = PolicyVersion.objects.get(state="proposed")
    page = reverse("policy-version", args=[waiting.pk])
    assert made["Location"] == page
    assert "您提出的版本" in text_of(first.get(page))
    assert release_by(first, waiting).status_code == 403
    told = text_of(second.get(page))
    for words in ("score &lt; 700", "相符", "放行", waiting.sha256, "德国信贷数据"):
        assert words in told
    assert release_by(second, waiting).status_code == 302
    assert policy_on("consumer", TODAY).sha256 == waiting.sha256
    assert "生效中" in text_of(first.get(page))
    assert "已被取代" in text_of(first.get(reverse("policy-history", args=["consumer"])))


def release_by(client, version, **changes):
    said = {"effective_on": "2026-01-05", "sha256": version.sha256} | changes
    return send(client, "policy-version-act", version.pk, "release", **said)


def test_what_is_wrong_stands_beside_its_field(call, analysts, first):
    draft_id = draft_of(call, analysts[0])
    wrong = edited(first, draft_id, "cutoffs", **{field_of_cutoff(SCORE): "abc"})
    assert wrong.status_code == 422
    assert "「abc」不对" in text_of(wrong)
    wrong = edited(first, draft_id, "rules-score", when_0="scoer < 570")
    assert wrong.status_code == 422
    beside = re.search(r'id="id_when_0_error"[^>]*>([^<]*)<', text_of(wrong))
    assert "不是本策略的特征" in beside[1]
    assert "第 1 个字符处" in beside[1]
    wrong = edited(first, draft_id, "grades", grade_0="100")
    assert "等级须按最低分从高到低排列" in text_of(wrong)
    wrong = edited(first, draft_id, "means", burden_max="3")
    assert re.search(r'id="id_burden_max_error"[^>]*>须为 0 到 2 的数字', text_of(wrong))
    wrong = edited(first, draft_id, "json", body="{")
    assert "不是有效的 JSON" in text_of(wrong)
    assert PolicyDraft.objects.get().revision == 1


def test_rules_are_added_moved_and_dropped(call, analysts, first):
    draft_id = draft_of(call, analysts[0])
    new = {"code_1": "young-renter", "when_1": 'age < 25 and housing == "rented"'}
    new |= {"outcome_1": "decline", "reason_1": "other-risk", "again_1": "90", "order_1": "1"}
    new |= {"facts_1": "age_min = 25\nage = age", "order_0": "2"}
    wrong = edited(first, draft_id, "rules-score", **new)
    assert wrong.status_code == 422  # The platform has no sentence for that reason.
    new["reason_1"] = "too-young"
    assert edited(first, draft_id, "rules-score", **new).status_code == 302
    (table,) = [one for one in get_draft(draft_id)[1]["tables"] if one["code"] == "score"]
    assert [one["code"] for one in table["rules"]] == ["young-renter", "score-too-low"]
    assert table["rules"][0] == {
        "code": "young-renter",
        "when": new["when_1"],
        "outcome": "decline",
        "reason": "too-young",
        "facts": {"age_min": "25", "age": "age"},
        "again": {"days": 90},
    }
    assert edited(first, draft_id, "rules-score", drop_1="on").status_code == 302
    (table,) = [one for one in get_draft(draft_id)[1]["tables"] if one["code"] == "score"]
    assert [one["code"] for one in table["rules"]] == ["young-renter"]


def test_points_means_and_test_cases_are_edited(call, analysts, first):
    draft_id = draft_of(call, analysts[0])
    assert edited(first, draft_id, "points", points_0_2="50", start="470").status_code == 302
    assert edited(first, draft_id, "means", income_months_max="12").status_code == 302
    document = get_draft(draft_id)[1]
    assert document["score"]["points"]["start"] == 470
    assert document["score"]["points"]["lines"][0]["bounds"][2] == ["27", 50]
    assert document["affordability"]["income_months_max"] == 12
    count = len(document["tests"])
    page = fields_of(first.get(reverse("policy-edit", args=[draft_id, "tests"])))
    new = {"features": page["features_0"], "case": page["case_0"], "rates": page["rates_0"]}
    new |= {"name": "一个新案例", "expect": "outcome = decline"}
    changes = {f"{name}_{count}": text for name, text in new.items()}
    assert edited(first, draft_id, "tests", **changes).status_code == 302
    assert len(get_draft(draft_id)[1]["tests"]) == count + 1
    told = text_of(first.get(reverse("policy-draft", args=[draft_id])))
    assert "改正之前不能提出" in told
    refused = send(
        first,
        "policy-propose",
        draft_id,
        revision="4",
        label="x",
        effective_on="2026-01-05",
        reason="试一试",
    )
    assert refused.status_code == 422
    assert "测试案例「" in text_of(refused)


def test_a_profit_floor_and_a_challenger_are_set_and_taken_away_in_forms(call, analysts, first):
    draft_id = draft_of(call, analysts[0])
    money = {"funds": "0.04", "cost": "0.01", "loss_given_default": "0.6", "floor": "0.01"}
    said = {f"profit_{name}": value for name, value in money.items()}
    said |= {f"default_{n}": f"0.0{n + 1}" for n in range(5)}
    wrong = edited(first, draft_id, "profit", is_on="on", **said | {"default_2": "0.01"})
    assert wrong.status_code == 422
    found = re.search(r'<input[^>]*name="default_2"[^>]*>', wrong.content.decode()).group()
    assert 'aria-invalid="true"' in found
    assert edited(first, draft_id, "profit", is_on="on", below="decline", **said).status_code == 302
    challenger = in_force().sha256
    split = {"policy": challenger, "share": "0.2", "salt": "short"}
    wrong = edited(first, draft_id, "challenge", is_on="on", **split)
    found = re.search(r'<input[^>]*name="salt"[^>]*>', wrong.content.decode()).group()
    assert 'aria-invalid="true"' in found
    split["salt"] = "long enough a salt"
    assert edited(first, draft_id, "challenge", is_on="on", **split).status_code == 302
    document = get_draft(draft_id)[1]
    assert document["challenge"] == split
    assert (document["profit"]["floor"], document["profit"]["below"]) == ("0.01", "decline")
    assert document["profit"]["default_rates"][4] == {"grade": "E", "rate": "0.05"}
    for section in ("profit", "challenge"):
        assert edited(first, draft_id, section).status_code == 302
        assert get_draft(draft_id)[1] == document
        assert edited(first, draft_id, section, is_on="").status_code == 302
        assert get_draft(draft_id)[1][section] is None
        document[section] = None


def test_a_document_goes_out_and_comes_back_as_a_file(call, analysts, first):
    draft_id = draft_of(call, analysts[0])
    out = first.get(reverse("policy-draft-json", args=[draft_id]))
    assert out["Content-Type"] == "application/json"
    document = json.loads(out.content)
    document["affordability"]["burden_max"] = "0.50"
    page = reverse("policy-edit", args=[draft_id, "json"])
    upload = SimpleUploadedFile("p.json", json.dumps(document).encode(), "application/json")
    fields = fields_of(first.get(page)) | {"upload": upload}
    assert first.post(page, fields).status_code == 302
    assert get_draft(draft_id)[1] == document
    kept = first.get(reverse("policy-json", args=[in_force().id]))
    assert json.loads(kept.content) == document_of(in_force().id)


def test_two_tabs_of_one_draft_do_not_overwrite_each_other(call, analysts, first, second):
    draft_id = draft_of(call, analysts[0])
    page = reverse("policy-edit", args=[draft_id, "means"])
    stale = fields_of(second.get(page))
    assert edited(first, draft_id, "means", burden_max="0.50").status_code == 302
    answer = second.post(page, stale | {"burden_max": "0.45"})
    assert answer.status_code == 422
    assert "草稿已被别人改到修订 2" in text_of(answer)
    assert get_draft(draft_id)[1]["affordability"]["burden_max"] == "0.50"


def test_versions_are_compared_brought_back_and_had_as_files(call, analysts, first, second):
    old = in_force().id
    new = proposed(call, analysts[0], {SCORE: "600"})
    release(call, analysts[1], new)
    page = reverse("policy-compare", args=[new, old])
    told = text_of(first.get(page))
    assert "评分 › score-too-low › 条件" in told
    (row,) = [
        one for one in rows_of_csv(first.get(page, {"format": "csv"})) if "when" in one["路径"]
    ]
    assert (row["原来"], row["现在"]) == ("score < 570", "score < 600")
    history = reverse("policy-history", args=["consumer"])
    assert [one["版本"] for one in rows_of_csv(first.get(history, {"format": "csv"}))] == ["2", "1"]
    _heads, rows = rows_of_xlsx(first.get(reverse("policies"), {"format": "xlsx"}), "策略")
    assert len(rows) == 2
    back = {"effective_on": (TODAY + timedelta(days=1)).isoformat(), "reason": "通过率太低"}
    assert send(first, "policy-version-act", old, "roll-back", **back).status_code == 302
    third = PolicyVersion.objects.get(number=3)
    assert third.origin == "rollback"
    assert (
        send(second, "policy-version-act", third.pk, "refuse", reason="还需要再核对").status_code
        == 302
    )
    assert "还需要再核对" in text_of(first.get(history))
    again = send(second, "policy-version-act", third.pk, "refuse", reason="还需要再核对")
    assert again.status_code == 422
    assert "已经办理过" in text_of(again)


def test_only_those_who_may_open_a_page_or_act(call, clock, analysts):
    version_id = proposed(call, analysts[0])
    draft_id = draft_of(call, analysts[0])
    pages = [
        reverse("policies"),
        reverse("policy-history", args=["consumer"]),
        reverse("policy-version", args=[version_id]),
        reverse("policy-draft", args=[draft_id]),
        reverse("policy-json", args=[version_id]),
        reverse("policy-compare", args=[version_id, in_force().id]),
    ]
    for role in ("auditor", "approver"):
        client = client_of(make_officer(clock, role=role))
        assert {client.get(page).status_code for page in pages} == {200}
        assert send(client, "policy-start", version_id).status_code == 404
        assert client.get(reverse("policy-edit", args=[draft_id, "cutoffs"])).status_code == 404
        drop = send(client, "policy-drop", draft_id, revision="1")
        assert drop.status_code == 404
    auditor = client_of(make_officer(clock, role="auditor"))
    assert auditor.get(reverse("policy-try", args=[version_id])).status_code == 404
    assert release_by(auditor, PolicyVersion.objects.get(pk=version_id)).status_code == 404
    assert "放行</summary>" not in text_of(auditor.get(pages[2]))
    for role in ("reviewer", "finance", "support", "collector"):
        client = client_of(make_officer(clock, role=role))
        assert {client.get(page).status_code for page in pages} == {404}
    assert get_version(version_id, TODAY).standing == "waiting"
    first = client_of(analysts[0])
    assert first.get(reverse("policy-version", args=[uuid4()])).status_code == 404
    assert first.get(reverse("policy-history", args=["nothing"])).status_code == 404
    assert first.get(reverse("policy-edit", args=[draft_id, "nothing"])).status_code == 404
    assert send(first, "policy-drop", draft_id, revision="1").status_code == 302
    assert first.get(reverse("policy-edit", args=[draft_id, "cutoffs"])).status_code == 404


def test_pages_cost_the_same_however_many_versions(
    call, analysts, first, django_assert_max_num_queries
):
    for n in range(4):
        day = TODAY + timedelta(days=n)
        draft_id = draft_of(call, analysts[0])
        save(call, analysts[0], draft_id, cut({SCORE: str(600 + n)}))
        release(call, analysts[1], propose(call, analysts[0], draft_id, on=day), on=day)
    for name, args in (
        ("policies", []),
        ("policy-history", ["consumer"]),
        ("policy-version", [in_force().id]),
    ):
        page = reverse(name, args=args)
        first.get(page)
        with django_assert_max_num_queries(20):
            first.get(page)


def test_a_back_test_without_cases_says_what_else_to_do(call, analysts, first):
    draft_id = draft_of(call, analysts[0])
    asked = send(first, "policy-try-draft", draft_id, **ASKED | {"source": "platform"})
    carry_out_backtest(str(PolicyBacktest.objects.get().pk))
    told = text_of(first.get(asked["Location"]))
    assert "改用公开样本" in told
    wrong = send(first, "policy-try-draft", draft_id, **ASKED | {"first": "2026-02-01"})
    assert wrong.status_code == 422


@pytest.mark.browser
def test_the_story_in_a_browser(site, clock, open_page, look, tmp_path):
    """An analyst edits a cut-off, runs the back-test, sees the swap set; another one releases."""
    find = get_user_model().objects.get
    analysts = make_analysts(clock)
    page = open_page(width=1440, user=find(pk=analysts[0]))
    page.goto(site(reverse("policies")))
    look(page)
    page.get_by_role("link", name="个人消费贷款").click()
    look(page)
    page.get_by_role("button", name="由现行版本起草").click()
    page.get_by_role("link", name="阈值", exact=True).click()
    look(page)
    page.get_by_label("评分低于（拒绝）").fill("700")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("score < 700").first).to_be_visible()
    look(page)
    page.get_by_role("link", name="回测", exact=False).first.click()
    page.get_by_label("案例来源").select_option("german-1994")
    look(page)
    page.get_by_role("button", name="开始回测").click()
    page.get_by_role("link", name="看结果").click()
    expect(page.get_by_role("heading", name="换出名单")).to_be_visible()
    look(page)
    page.go_back()
    page.goto(site(reverse("policy-draft", args=[PolicyDraft.objects.get().pk])))
    page.get_by_label("版本名称").fill("consumer-2026-01")
    page.get_by_label("为什么修改").fill("坏账上升，提高最低分")
    page.get_by_role("button", name="提出这一版").click()
    expect(page.get_by_text("您提出的版本，须由另一位放行。")).to_be_visible()
    look(page)
    other = open_page(width=390, user=find(pk=analysts[1]))
    other.goto(site(reverse("policies")))
    other.get_by_role("link", name="consumer-2026-01").click()
    expect(other.get_by_text("score < 700").first).to_be_visible()
    other.locator("summary", has_text="放行").click()
    look(other)
    other.get_by_role("button", name="确认：放行").click()
    expect(other.get_by_text("生效中").first).to_be_visible()
    look(other)
