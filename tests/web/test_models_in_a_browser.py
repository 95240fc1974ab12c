"""Models and their months in a real browser: in every light, on a phone, by two people."""

import io
from dataclasses import replace
from datetime import date

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import expect

from rongqiao.risk.models.registry import ScoringModel
from rongqiao.risk.operations.modelling.reckon_month import ReckonMonth, reckon_month
from rongqiao.risk.queries.modelling.monitored import DecidedCase, count_cases
from rongqiao.risk.queries.modelling.training import Question, learn
from rongqiao.risk.scorecards.monitoring.learnt import NO_MODEL
from tests.makers import journeys
from tests.parties.people import make_user
from tests.risk.training import made
from tests.web.test_monitoring import told
from tests.web.test_monitoring_learnt import LEARNT

__all__ = ["told"]
pytestmark = pytest.mark.browser
# Cells that are flex boxes and hold more than one thing.
CROWDED = """() => [...document.querySelectorAll('main .rows td')]
  .filter(cell => getComputedStyle(cell).display === 'flex' &&
    [...cell.childNodes].filter(one => one.nodeType === 1 || one.textContent.trim()).length > 1)
  .map(cell => cell.dataset.label + ': ' + cell.textContent.trim())"""


@pytest.fixture
def analysts(call):
    staff = journeys.make_staff(call)
    found = []
    for _ in range(2):
        user_id = make_user()
        journeys.give_role(call, *staff.administrators, user_id, "risk_analyst")
        found.append(get_user_model().objects.get(pk=user_id))
    return found


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for seed in (7, 8):
        question = Question(name=f"made {seed}", target="是否逾期", on="2026-01-02")
        done = learn(
            io.BytesIO(made.chinese(rows=600, seed=seed)),
            question,
            lambda *_: None,
            with_challenger=False,
        )
        (folder / f"{seed}.json").write_text(done.model)
        (folder / f"{seed}.html").write_text(done.page)
    return folder


def put_forward(page, site, file):
    page.goto(site("/desk/risk/models/"))
    page.get_by_text("提出模型", exact=True).click()
    page.get_by_label("代码").fill("person-card")
    page.get_by_label("模型文件").set_input_files(file)
    page.get_by_label("理由").fill("首个模型")
    page.get_by_role("button", name="提交放行").click()
    page.wait_for_url("**/desk/risk/models/*-*/")


def test_a_model_is_put_forward_read_released_and_compared(site, analysts, files, open_page, look):
    first, second = (open_page(user=one) for one in analysts)
    first.goto(site("/desk/risk/models/"))
    expect(first.get_by_text("还没有评分模型")).to_be_visible()
    look(first)
    put_forward(first, site, files / "7.json")
    expect(first.get_by_text("您提出的模型，须由另一位风控分析员放行。")).to_be_visible()
    look(first)
    second.goto(first.url)
    second.locator("summary", has_text="放行").first.click()
    second.get_by_role("button", name="确认：放行").click()
    expect(second.get_by_text("使用中")).to_be_visible()
    put_forward(second, site, files / "8.json")
    second.goto(site("/desk/risk/models/compare/"))
    expect(second.get_by_role("cell", name="AUC")).to_be_visible()
    look(second)
    second.goto(site("/desk/risk/models/"))
    look(second)
    assert ScoringModel.objects.count() == 2


def test_months_and_alarms_are_readable_in_every_light(site, analysts, told, open_page, look):
    page = open_page(user=analysts[0])
    page.goto(site("/desk/risk/monitoring/"))
    look(page)
    for month in (1, 2, 3, 4):
        told(month)
    told(5, mean=540, missing=0.4)
    page.goto(site("/desk/risk/monitoring/"))
    expect(page.get_by_text("总分分布移动（PSI）").first).to_be_visible()
    look(page)
    assert crowded_cells(page) == []


def test_months_beside_training_are_readable_in_every_light(site, analysts, call, open_page, look):
    """A model nobody named, a month of few cases, months without chances: the longest words."""
    page = open_page(user=analysts[0])
    held = replace(LEARNT, data=f"applicants-2024.csv sha256:{'ab' * 32}")
    for model, learnt, months in (
        ("9f" * 32, held, ((1, 600, 400), (2, 600, 30), (3, 540, 400))),
        ("points-person-1", NO_MODEL, ((1, 600, 400), (2, 540, 400))),
    ):
        for month, mean, rows in months:
            scores = range(mean - 60, mean + 60)
            cases = [
                DecidedCase(
                    score=scores[at % len(scores)],
                    bins={"monthly-income": "20", "days-past-due-worst": ""},
                    outcome="approved",
                    chance=0.1 if learnt.bins else None,
                    places={"monthly-income": str(at % 2)} if learnt.bins else {},
                )
                for at in range(rows)
            ]
            command = ReckonMonth(
                model=model,
                month=date(2025, month, 1),
                as_of=date(2025, month, 28),
                tally=count_cases(cases),
                learnt=learnt,
            )
            reckon_month(command, call(key=f"{model} {month}"))
        page.goto(site(f"/desk/risk/monitoring/?model={model}"))
        expect(page.get_by_role("heading", name="界限", exact=True)).to_be_visible()
        look(page)
        assert crowded_cells(page) == []


def crowded_cells(page):
    """Return the cells that, as cards on a phone, tear what they hold apart to both sides."""
    page.set_viewport_size({"width": 390, "height": 900})
    return page.evaluate(CROWDED)


def test_the_report_of_a_training_is_readable_in_both_languages(files, open_page, look):
    page = open_page()
    page.set_content((files / "7.html").read_text())
    expect(page.get_by_role("heading", name="变量与分箱")).to_be_visible()
    page.get_by_label("English").check()
    expect(page.get_by_role("heading", name="Characteristics and bins")).to_be_visible()
    expect(page.get_by_role("heading", name="变量与分箱")).to_be_hidden()
    look(page)
