"""The rules of early warning at the desk: each step's bound, and what it did on public firms."""

import json

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from playwright.sync_api import expect

from rongqiao.cli.bench.report import Work
from rongqiao.cli.bench.risk import warnings as bench
from rongqiao.risk.enterprise.watching import warnings as rules
from rongqiao.risk.queries.enterprise import rules_tried
from tests.makers import journeys
from tests.web.finance_desk import officer, rows_of_csv, rows_of_xlsx, text_of
from tests.web.test_models_in_a_browser import crowded_cells


@pytest.fixture
def staff(call):
    return journeys.make_staff(call)


@pytest.mark.usefixtures("static_files")
def test_every_step_is_shown_with_what_it_did_and_what_nobody_measured_says_so(
    call, staff, django_assert_max_num_queries
):
    analyst = officer(call, staff, "risk_analyst")
    assert reverse("warning-rules") in text_of(analyst.get(reverse("warnings")))
    with django_assert_max_num_queries(12):
        answer = analyst.get(reverse("warning-rules"))
    page = text_of(answer)
    for word in (
        "速动比率低",
        "35.1%",
        "30.1%",
        "5.08",
        "凭判断，未经测量",
        "没有中国企业",
        "漏报税",
    ):
        assert word in page, word
    measured = answer.context["measured"]
    assert len(measured) == 18
    cover = next(
        row for row in measured if row["code"] == "interest-uncovered" and row["step"] == 2
    )
    assert "不支持" in str(cover["verdict"])
    judged = {row["label"] for row in answer.context["judged"]}
    assert "毛利率下降" in judged
    assert "资产负债率高" not in judged
    rows = rows_of_csv(analyst.get(reverse("warning-rules"), {"format": "csv"}))
    # Every step, the three levels, and the three levels without each of six rules.
    judgement = [one for one in rules_tried() if one.measured is None]
    assert len(rows) == 18 + 3 + 18 + sum(len(list(filter(None, r.bounds))) for r in judgement)
    assert "391 家没有此数值，其中 123 家失败" in page
    less = next(r for r in rows if r["信号"] == "少了利润不足以支付利息" and r["程度"] == "较重")
    assert (less["标记企业"], less["有此数值的企业"]) == ("1464", "5910")
    thin = next(row for row in rows if row["信号"] == "速动比率低" and row["程度"] == "严重")
    assert (thin["标记企业"], thin["其中失败"], thin["界限"]) == ("336", "118", "< 0.25")
    assert float(thin["提升下限"]) > 4
    owed = next(row for row in rows if row["信号"] == "漏报税")
    assert (owed["标记企业"], owed["提升"]) == ("", "")
    _heads, sheet = rows_of_xlsx(analyst.get(reverse("warning-rules"), {"format": "xlsx"}), "信号")
    assert len(sheet) == len(rows)


@pytest.mark.usefixtures("static_files")
@pytest.mark.parametrize(("role", "status"), [("auditor", 200), ("support", 404), ("finance", 404)])
def test_only_those_who_read_warnings_read_the_rules(call, staff, role, status):
    client = officer(call, staff, role)
    assert client.get(reverse("warning-rules")).status_code == status


def test_a_bound_that_was_moved_since_is_not_shown_as_measured(monkeypatch):
    document = json.loads(json.dumps(rules._document()))
    moved = next(one for one in document["rules"] if one["code"] == "debt-high")
    moved["above"][1] = "0.85"
    monkeypatch.setattr(rules, "_document", lambda: document)
    rules._rules.cache_clear()
    try:
        found = {one.code: one.measured for one in rules_tried()}
    finally:
        rules._rules.cache_clear()
    assert found["debt-high"] is None
    assert found["liquidity-thin"] is not None


def test_the_bench_tries_every_rule_anew():
    report = bench.measure(Work())
    assert report.held
    told = {one.name: one for one in report.figures}
    assert told["level grave: 94 of 238"].value == pytest.approx(5.69, abs=0.01)
    assert told["interest-uncovered 2 (1.0): 9 of 679"].value < 1
    assert json.loads(report.json())["limit"]["firms"] == 5910


@pytest.mark.browser
def test_the_rules_are_readable_in_every_light(site, call, staff, open_page, look):
    user_id = officer(call, staff, "risk_analyst").user_id
    page = open_page(user=get_user_model().objects.get(pk=user_id))
    page.goto(site(reverse("warning-rules")))
    expect(page.get_by_role("heading", name="预警规则")).to_be_visible()
    look(page)
    assert crowded_cells(page) == []
