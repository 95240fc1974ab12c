"""A month against what its model was taught by: from real decisions, on the page, in the file."""

import io
from datetime import date

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rongqiao.config.jobs import watch_scoring
from rongqiao.platform.operations import canonical
from rongqiao.risk.models.monitored import MonitoredMonth
from rongqiao.risk.operations.modelling.propose_model import ProposeModel, propose_model
from rongqiao.risk.operations.modelling.reckon_month import ReckonMonth, reckon_month
from rongqiao.risk.operations.modelling.release_model import ReleaseModel, release_model
from rongqiao.risk.queries.modelling.monitored import DecidedCase, count_cases, months_of
from rongqiao.risk.queries.modelling.registry import open_by_hash
from rongqiao.risk.queries.modelling.training import Question, learn
from rongqiao.risk.queries.modelling.watched import watched_model
from rongqiao.risk.scorecards.monitoring.learnt import Learnt
from rongqiao.risk.scorecards.monitoring.tallies import BinLine
from tests.makers import journeys
from tests.makers.officers import make_officer
from tests.makers.policies import document, put_in_force
from tests.parties.people import actor
from tests.web.finance_desk import officer, rows_of_csv, rows_of_xlsx, text_of

LEARNT = Learnt(
    data="made.csv sha256:ab",
    population="cross-validation",
    trained_on="2024-12-01",
    rows=1000,
    score_rows=800,
    edges=(560, 600, 640),
    shares_ppm=(212_000, 288_000, 288_000, 212_000),
    bins=(
        BinLine(column="monthly-income", text="0", rows=500),
        BinLine(column="monthly-income", text="1", rows=500),
    ),
)


@pytest.fixture
def staff(call):
    return journeys.make_staff(call)


@pytest.fixture(scope="module")
def card():
    """A scorecard of features that the consumer policy has."""
    random = np.random.default_rng(5)
    income = random.lognormal(9.2, 0.5, 800).round(2)
    age = random.integers(20, 60, 800)
    work = np.array(["salaried", "freelance", "public"])[random.integers(0, 3, 800)]
    risk = 1.2 - 1.1 * np.log(income / 9000) - 0.05 * (age - 20) + 0.6 * (work == "freelance")
    bad = random.random(800) < 1 / (1 + np.exp(-risk))
    lines = ["monthly-income,age,employment,bad"]
    lines += [f"{i},{a},{w},{int(b)}" for i, a, w, b in zip(income, age, work, bad, strict=True)]
    question = Question(name="made.csv", target="bad", on="2026-01-02")
    file = io.BytesIO("\n".join(lines).encode())
    return learn(file, question, lambda *_: None, with_challenger=False).model


@pytest.fixture
def judged_by(call, clock, card, monkeypatch, staff):
    """The card, released by two and scoring every application of people; its sha256."""
    journeys.publish_first_products(call, staff)
    first, second = (actor(make_officer(clock, role="risk_analyst")) for _ in range(2))
    made = propose_model(
        ProposeModel(code="person-card", body=card, reason="首个模型"), call(actor=first)
    )
    word = ReleaseModel(model_id=made.model_id, sha256=made.sha256, effective_on=call().on)
    release_model(word, call(actor=second))
    put_in_force(monkeypatch, document(score={"model": made.sha256}, label="consumer-by-card"))
    return made.sha256


@pytest.fixture
def told(call):
    """Return `told(month, mean)`: a month of 400 cases, reckoned beside what its model learnt."""

    def make(month, mean=600, rows=400, learnt=LEARNT, low=0.5):
        random = np.random.default_rng(month)
        scores = random.normal(mean, 50, rows).round().astype(int).tolist()
        cases = [
            DecidedCase(
                score=score,
                bins={"monthly-income": "20", "employment": "30"},
                outcome="approved",
                chance=0.1,
                places={"monthly-income": str(int(random.random() > low))} if learnt.bins else {},
            )
            for score in scores
        ]
        command = ReckonMonth(
            model="card 1",
            month=date(2025, month, 1),
            as_of=date(2025, month, 28),
            tally=count_cases(cases),
            learnt=learnt,
        )
        return reckon_month(command, call(key=f"month {month}"))

    return make


def hand_in(call, number, income):
    borrower = journeys.make_borrower(call, number)
    return journeys.apply(call, borrower, monthly_income=income)


def queries_of(work):
    with CaptureQueriesContext(connection) as seen:
        work()
    return len(seen)


def test_a_closed_month_is_held_against_what_the_model_learnt_from(call, judged_by):
    hand_in(call, 1, "9000")
    first = queries_of(lambda: watch_scoring(date(2026, 1, 31)))
    (row,) = MonitoredMonth.objects.all()
    model = open_by_hash(judged_by)
    assert row.model == judged_by
    assert row.figures["psi"] is None
    assert float(row.figures["psi_learnt"]) > 0
    assert set(row.figures["csi_learnt"]) == set(model.card.binnings) >= {"monthly-income"}
    training = row.figures["populations"]["training"]
    assert (training["rows"], training["trained_on"], training["absent"]) == (800, "2026-01-02", "")
    assert row.figures["populations"]["months"] is None
    assert row.figures["compares"]["psi-learnt"] == "training"
    assert row.figures["compares"]["csi"] == "months"
    assert row.figures["alarms"] == []
    place = watched_model(judged_by).place_of({"monthly-income": 9000.0})
    told = {one["column"]: one["text"] for one in row.counted["places"]}
    assert told["monthly-income"] == place["monthly-income"]
    assert "9000" not in canonical([one["text"] for one in row.counted["places"]])
    for number in (2, 3, 4):
        hand_in(call, number, "12000")
    assert queries_of(lambda: watch_scoring(date(2026, 1, 31))) <= first
    assert MonitoredMonth.objects.count() == 1
    assert watch_scoring(date(2026, 2, 28)) == 1
    later = MonitoredMonth.objects.get(as_of=date(2026, 2, 28))
    assert later.rows == 4
    assert sum(one["rows"] for one in later.counted["places"]) == 4 * len(model.card.binnings)


def test_closing_again_leaves_the_month_and_its_populations_as_they_are(call, told):
    first = told(1)
    before = MonitoredMonth.objects.get().figures
    assert told(1) == first
    other = ReckonMonth(
        model="card 1",
        month=date(2025, 1, 1),
        as_of=date(2025, 1, 28),
        tally=count_cases([]),
    )
    assert reckon_month(other, call(key="again")).alarms == first.alarms
    assert MonitoredMonth.objects.get().figures == before


@pytest.mark.usefixtures("static_files")
def test_the_page_has_both_populations_with_chart_table_alarms_bounds_and_file(
    call, staff, told, django_assert_max_num_queries
):
    for month in (1, 2, 3):
        assert told(month).alarms == 0
    assert told(4, mean=540, low=0.1).alarms >= 3
    risk = officer(call, staff, "risk_analyst")
    with django_assert_max_num_queries(15):
        shown = text_of(risk.get(reverse("monitoring")))
    for word in (
        "总分偏离训练总体（PSI）",
        "变量偏离训练总体（CSI）",
        "PSI（训练总体）",
        "CSI（训练总体）",
        "2025-01 至 2025-03",
        "1200 笔",
        "made.csv",
        "2024-12-01",
        "1000 笔",
        "交叉检验",
        "Siddiqi",
        "0.25",
        "本项目自定",
    ):
        assert word in shown, word
    rows = rows_of_csv(risk.get(reverse("monitoring"), {"format": "csv"}))
    assert float(rows[0]["PSI（训练总体）"]) > 0.25
    assert float(rows[1]["PSI（训练总体）"]) < 0.1
    assert float(rows[0]["CSI（训练总体）月收入"]) > 0.25
    assert (rows[0]["最初三月笔数"], rows[0]["训练总体笔数"]) == ("1200", "1000")
    assert (rows[-1]["PSI"], rows[-1]["最初三月笔数"]) == ("", "")
    assert rows[-1]["PSI（训练总体）"] != ""
    _heads, sheet = rows_of_xlsx(risk.get(reverse("monitoring"), {"format": "xlsx"}), "月份")
    assert len(sheet) == 4


@pytest.mark.usefixtures("static_files")
@pytest.mark.parametrize(
    ("absent", "why"),
    [
        ("points-table", "手工评分表没有训练总体"),
        ("trees", "提升树的文件不含训练总体的分布"),
        ("not-opened", "登记册中没有这个模型，或其封条不符"),
        ("scores-not-kept", "模型文件没有保存训练时的总分分布"),
    ],
)
def test_what_a_file_does_not_tell_is_not_known_and_never_nought(call, staff, told, absent, why):
    told(1, learnt=Learnt(absent=absent))
    risk = officer(call, staff, "risk_analyst")
    assert why in text_of(risk.get(reverse("monitoring")))
    (row,) = rows_of_csv(risk.get(reverse("monitoring"), {"format": "csv"}))
    assert row["PSI（训练总体）"] == ""
    (month,) = months_of("card 1")
    assert (month.psi_learnt, dict(month.csi_learnt)) == (None, {})


@pytest.mark.usefixtures("static_files")
def test_a_month_reckoned_before_there_was_a_comparison_says_so(call, staff, told):
    told(1)
    row = MonitoredMonth.objects.get()
    before = {"psi_learnt", "csi_learnt", "populations", "compares"}
    MonitoredMonth.objects.create(
        id="0197d000-0000-7000-8000-000000000001",
        model="card 0",
        month=row.month,
        as_of=row.as_of,
        rows=row.rows,
        counted={name: value for name, value in row.counted.items() if name != "places"},
        figures={name: value for name, value in row.figures.items() if name not in before},
        reckoned_at=row.reckoned_at,
    )
    risk = officer(call, staff, "risk_analyst")
    shown = text_of(risk.get(reverse("monitoring"), {"model": "card 0"}))
    assert "此月计数时尚未与训练总体比较" in shown
    (month,) = months_of("card 0")
    assert (month.psi_learnt, month.taught, month.against) == (None, None, None)
    told(2)
    assert months_of("card 1")[0].against.rows == 400


@pytest.mark.usefixtures("static_files")
def test_few_cases_judge_nothing_against_training_either(call, staff, told):
    told(1)
    told(2, mean=500, rows=30)
    (newest, _before) = months_of("card 1")
    assert newest.psi_learnt > 0.25
    assert newest.alarms == ()
    risk = officer(call, staff, "risk_analyst")
    page = text_of(risk.get(reverse("monitoring"))).split("<h1")[1]
    assert "案件太少，不作判断" in page
    assert "text-error" not in page
