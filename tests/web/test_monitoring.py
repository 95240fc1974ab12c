"""Models watched month by month: counted when a month closes, alarms told, exported, read only."""

from datetime import date

import numpy as np
import pytest
from django.urls import reverse

from rongqiao.cli import eod
from rongqiao.config.jobs import watch_scoring
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.lending.origination.queries.looking_back.screened import screened_in
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.queries.months import turned_bad
from rongqiao.platform import relay
from rongqiao.risk.models.monitored import MonitoredMonth
from rongqiao.risk.operations.modelling.reckon_month import ReckonMonth, reckon_month
from rongqiao.risk.queries.modelling.monitored import DecidedCase, count_cases, months_of
from tests.makers import journeys
from tests.makers import reviewing as desk
from tests.web.finance_desk import officer, rows_of_csv, rows_of_xlsx, text_of

MONTH = date(2026, 1, 1)


def nowhere(_sha256, _values):
    return {}


@pytest.fixture
def staff(call):
    return journeys.make_staff(call)


@pytest.fixture
def told(call):
    """Return `told(month, mean, missing)`: a month of 400 cases of one model, reckoned."""

    def make(month, mean=600, missing=0.02, model="card 1", rows=400):
        random = np.random.default_rng(month)
        scores = random.normal(mean, 50, rows).round().astype(int).tolist()
        cases = [
            DecidedCase(
                score=score,
                bins={"monthly-income": "" if random.random() < missing else str(score // 60)},
                outcome="approved" if score > 560 else "declined",
                by_person=i % 4 == 0,
                override="up" if i % 80 == 0 else "",
                chance=float(1 / (1 + np.exp((score - 480) / 72.13))),
                is_bad=bool(random.random() < 1 / (1 + np.exp((score - 480) / 72.13))),
            )
            for i, score in enumerate(scores)
        ]
        first = date(2025, month, 1)
        command = ReckonMonth(
            model=model, month=first, as_of=date(2025, month, 28), tally=count_cases(cases)
        )
        return reckon_month(command, call(key=f"month {model} {month}"))

    return make


@pytest.mark.usefixtures("static_files")
def test_a_month_that_closes_is_counted_from_the_decisions_of_lending(call, clock, staff):
    journeys.publish_first_products(call, staff)
    risk = officer(call, staff, "risk_analyst")
    assert "还没有可监测的月份" in text_of(risk.get(reverse("monitoring")))
    journeys.signed_loan(call, clock, journeys.make_borrower(call))
    relay.drain(SUBSCRIBERS)
    eod.catch_up(date(2026, 2, 1))
    (row,) = MonitoredMonth.objects.all()
    assert (row.month, row.as_of, row.rows) == (date(2026, 1, 1), date(2026, 1, 31), 1)
    assert row.counted["approved"] == 1
    assert {one["column"] for one in row.counted["bins"]} >= {"monthly-income", "employment"}
    (month,) = months_of(row.model)
    assert (month.known, month.psi, month.ks) == (0, None, None)
    assert watch_scoring(date(2026, 1, 31)) == 1
    assert MonitoredMonth.objects.count() == 1
    shown = text_of(risk.get(reverse("monitoring")))
    assert row.model in shown
    assert "月收入" in shown
    assert "没有警报" in shown


@pytest.mark.usefixtures("static_files")
def test_a_later_month_end_counts_the_same_month_again(call, clock, staff):
    journeys.publish_first_products(call, staff)
    journeys.signed_loan(call, clock, journeys.make_borrower(call))
    relay.drain(SUBSCRIBERS)
    eod.catch_up(date(2026, 3, 1))
    as_of = [row.as_of for row in MonitoredMonth.objects.order_by("as_of")]
    assert as_of == [date(2026, 1, 31), date(2026, 2, 28)]
    (month,) = months_of(MonitoredMonth.objects.first().model)
    assert month.as_of == date(2026, 2, 28)
    loan = Loan.objects.get()
    assert turned_bad([loan.agreement_id], date(2026, 2, 28), 30, 180) == {}
    assert turned_bad([loan.agreement_id], date(2027, 2, 28), 30, 180) == {loan.agreement_id: False}
    Loan.objects.update(days_past_due_worst=30)
    assert turned_bad([loan.agreement_id], date(2026, 2, 28), 30, 180) == {loan.agreement_id: True}


@pytest.mark.usefixtures("static_files")
def test_drift_and_missing_values_are_alarms_and_the_first_months_are_the_measure(
    call, staff, told, django_assert_max_num_queries
):
    for month in (1, 2, 3):
        assert told(month).alarms == 0
    assert told(4).alarms == 0
    assert told(5, mean=540, missing=0.4).alarms >= 3
    risk = officer(call, staff, "risk_analyst")
    with django_assert_max_num_queries(15):
        shown = text_of(risk.get(reverse("monitoring")))
    for word in ("总分分布移动（PSI）", "缺失率上升", "须处理", "月收入", "2025-05"):
        assert word in shown
    rows = rows_of_csv(risk.get(reverse("monitoring"), {"format": "csv"}))
    assert [row["月份"] for row in rows] == [f"2025-{month:02d}" for month in (5, 4, 3, 2, 1)]
    assert float(rows[0]["PSI"]) > 0.25
    assert float(rows[1]["PSI"]) < 0.1
    assert rows[-1]["PSI"] == ""
    assert float(rows[0]["逆系统放款率"]) == pytest.approx(0.05)
    assert 0.8 < float(rows[1]["校准斜率"]) < 1.25
    _heads, sheet = rows_of_xlsx(risk.get(reverse("monitoring"), {"format": "xlsx"}), "月份")
    assert len(sheet) == 5


@pytest.mark.usefixtures("static_files")
def test_each_model_has_its_own_months(call, staff, told):
    told(1)
    told(2, mean=700, model="card 2")
    risk = officer(call, staff, "risk_analyst")
    newest = text_of(risk.get(reverse("monitoring")))
    assert "评分者 card 2" in newest
    assert "评分者 card 1" in text_of(risk.get(reverse("monitoring"), {"model": "card 1"}))
    assert "评分者 card 2" in text_of(risk.get(reverse("monitoring"), {"model": "none\x00"}))


@pytest.mark.usefixtures("static_files")
@pytest.mark.parametrize(
    ("role", "status"), [("approver", 200), ("auditor", 200), ("reviewer", 404), ("support", 404)]
)
def test_those_who_watch_policy_read_it_and_others_do_not_know(call, staff, told, role, status):
    told(1)
    assert officer(call, staff, role).get(reverse("monitoring")).status_code == status


def test_the_same_month_reckoned_twice_stands_once(told):
    assert told(1) == told(1)
    assert MonitoredMonth.objects.count() == 1


def test_overrides_are_those_that_officers_recorded_both_ways(call, staff):
    journeys.publish_first_products(call, staff)
    down, _ = desk.referred(call, 1)
    desk.taken(call, staff.reviewer, down)
    desk.turned_down(call, staff.reviewer, down, override="facts-doubtful")
    up, borrower = desk.declined(call, 2)
    desk.ask_person(call, borrower, up)
    desk.taken(call, staff.reviewer, up)
    desk.recommended(call, staff.reviewer, up, "20000", term_count=12, override="data-wrong")
    along, _ = desk.referred(call, 3)
    desk.taken(call, staff.reviewer, along)
    desk.recommended(call, staff.reviewer, along)
    desk.approved(call, staff.approver, along)
    desk.declined(call, 4)
    found = [
        (one.by_person, one.override) for one in screened_in(MONTH, date(2026, 1, 31), nowhere)
    ]
    assert sorted(found) == [(False, ""), (True, ""), (True, "down"), (True, "up")]
    assert watch_scoring(date(2026, 1, 31)) == 1
    (row,) = MonitoredMonth.objects.all()
    (month,) = months_of(row.model)
    assert (month.by_person, month.overrides_up, month.overrides_down) == (3, 1, 1)


def test_declining_what_did_not_meet_every_criterion_is_no_override(call, staff):
    journeys.publish_first_products(call, staff)
    case, _ = desk.referred(call, 1, monthly_income="5500")
    desk.taken(call, staff.reviewer, case)
    desk.turned_down(call, staff.reviewer, case)
    (found,) = screened_in(MONTH, date(2026, 1, 31), nowhere)
    assert (found.outcome, found.by_person, found.override) == ("declined", True, "")


@pytest.mark.usefixtures("static_files")
def test_what_too_few_cases_say_is_not_set_as_an_alarm_and_the_page_says_so(call, staff, told):
    for month in (1, 2, 3):
        told(month)
    assert told(4, mean=520, rows=30).alarms == 0
    risk = officer(call, staff, "risk_analyst")
    page = risk.get(reverse("monitoring")).content.decode()
    (newest, *_) = months_of("card 1")
    assert newest.psi > 0.25
    assert not newest.is_judged
    assert "案件太少，不作判断" in page
    assert "text-error" not in page.split("<h1")[1]
    told(5, mean=520)
    judged = risk.get(reverse("monitoring")).content.decode()
    assert "text-error font-semibold" in judged.split("<h1")[1]


@pytest.mark.usefixtures("static_files")
def test_a_points_table_says_in_words_why_nothing_is_calibrated(call, staff, told):
    journeys.publish_first_products(call, staff)
    desk.declined(call, 1)
    assert watch_scoring(date(2026, 1, 31)) == 1
    risk = officer(call, staff, "risk_analyst")
    assert "评分表只给分数，不给违约概率" in text_of(risk.get(reverse("monitoring")))
    told(1, rows=20)
    few = text_of(risk.get(reverse("monitoring"), {"model": "card 1"}))
    assert "评分表只给分数" not in few
    assert "概率已有，已知结果太少" in few
