"""`rongqiao apr` and `rongqiao daycount`: one line in, one line out, one sentence for a bad one."""

import json
import subprocess
import sys

import pytest

from rongqiao.cli.lines import apr, daycount
from rongqiao.finance.daycount import BASES
from rongqiao.finance.fields import BadField

LOAN = [
    {"date": "2026-01-10", "amount": "-5000"},
    {
        "first": "2026-02-10",
        "every": {"unit": "month", "count": 1},
        "count": 24,
        "amount": "230",
    },
]
RUN = LOAN[1]


def run(command, text):
    return subprocess.run(
        [sys.executable, "-c", "from rongqiao.cli.main import main; main()", command],
        input=text.encode(),
        capture_output=True,
        check=False,
    )


def test_the_contracts_own_loan_in_four_methods():
    found = {method: apr.answer({"flows": LOAN, "method": method}) for method in apr._RATES}
    assert found == {
        "cn": {"apr": "0.096857080623", "compound": "0.101274652633"},
        "us_actuarial": {
            "apr": "0.096857080623",
            "unit_period": {"unit": "month", "count": 1},
        },
        "eu": {"apr": "0.101274652633"},
        "xirr": {"apr": "0.101505323604"},
    }


def test_a_run_is_its_flows_one_by_one():
    singles = [LOAN[0]]
    for n in range(24):
        years, month = divmod(1 + n, 12)
        singles.append({"date": f"{2026 + years}-{month + 1:02d}-10", "amount": "230.00"})
    for method in ("cn", "us_actuarial", "eu", "xirr"):
        one = apr.answer({"flows": LOAN, "method": method})
        assert apr.answer({"flows": singles, "method": method}) == one
        assert apr.answer({"flows": singles[::-1], "method": method}) == one


def test_the_unit_period_may_be_given():
    line = {"flows": LOAN, "method": "us_actuarial", "unit_period": {"unit": "quarter"}}
    found = apr.answer(line)
    assert found["unit_period"] == {"unit": "month", "count": 3}
    assert found["apr"] != "0.096857080623"


def test_money_back_on_the_day_it_came_costs_nothing():
    flows = [{"date": "2012-10-10", "amount": a} for a in ("-500.00", "500.00")]
    for method in ("cn", "us_actuarial", "eu", "xirr"):
        assert apr.answer({"flows": flows, "method": method})["apr"] == "0.000000000000"


def flow(**changed):
    """The loan with its first flow changed; None takes a field away."""
    first = {**LOAN[0], **changed}
    return {"flows": [{k: v for k, v in first.items() if v is not None}, RUN]}


def stretched(**changed):
    return {"flows": [LOAN[0], {**RUN, **changed}]}


BAD_APR = [
    ({}, "flows", "missing"),
    ({"flows": []}, "flows", "1 to 10000"),
    ({"flows": {}}, "flows", "a list"),
    ({"flows": [1]}, "flows[0]", "a JSON object"),
    ({"flows": LOAN, "method": "irr"}, "method", "cn, us_actuarial, eu, xirr"),
    ({"flows": LOAN, "method": None}, "method", "null"),
    ({"flows": LOAN, "methods": "cn"}, "methods", "unknown"),
    ({"flows": LOAN, "unit_period": {"unit": "month"}}, "unit_period", "us_actuarial"),
    (flow(date="2026-02-30"), "flows[0].date", '"2026-02-30"'),
    (flow(date="20260110"), "flows[0].date", "2026-01-31"),
    (flow(date="2026-1-10"), "flows[0].date", "2026-01-31"),
    (flow(date="２０２６-01-10"), "flows[0].date", "2026-01-31"),
    (flow(date=20260110), "flows[0].date", "2026-01-31"),
    (flow(date=None), "flows[0]", "one of date, days, first"),
    (flow(days="1"), "flows[0]", "one of date, days, first"),
    (flow(amount=None), "flows[0].amount", "missing"),
    (flow(amount=-5000), "flows[0].amount", "-5000"),
    (flow(amount="-5000.001"), "flows[0].amount", "two decimals"),
    (flow(amount="NaN"), "flows[0].amount", '"NaN"'),
    (flow(amount="Infinity"), "flows[0].amount", '"Infinity"'),
    (flow(amount="５０００"), "flows[0].amount", "５０００"),
    (flow(amount="-99999999999999"), "flows[0].amount", "10000000000000.00"),
    (flow(amount=""), "flows[0].amount", '""'),
    (flow(amount=float("nan")), "flows[0].amount", "NaN"),
    (flow(amount=True), "flows[0].amount", "true"),
    (flow(note="x"), "flows[0].note", "unknown"),
    (stretched(count=0), "flows[1].count", "1 to 3660"),
    (stretched(count=10**9), "flows[1].count", "1 to 3660"),
    (stretched(count="24"), "flows[1].count", '"24"'),
    (stretched(count=24.0), "flows[1].count", "24.0"),
    (stretched(count=True), "flows[1].count", "true"),
    (stretched(every="month"), "flows[1].every", "a JSON object"),
    (stretched(every={"unit": "fortnight"}), "flows[1].every.unit", "half_month"),
    (stretched(every={"unit": "month", "count": 0}), "flows[1].every.count", "1 to 3660"),
    (stretched(every={"unit": "month", "of": 1}), "flows[1].every.of", "unknown"),
    (stretched(first="9999-01-01"), "flows", "9999-12-31"),
    ({"flows": [*LOAN, {"days": "3", "amount": "1"}]}, "flows[2].days", "not both"),
    ({"flows": [{"days": "0", "amount": "-1"}, LOAN[0]]}, "flows[1].date", "not both"),
    ({"flows": [{"days": "-1", "amount": "1"}]}, "flows[0].days", "30.4375"),
    ({"flows": [{"days": "1e3", "amount": "1"}]}, "flows[0].days", "30.4375"),
    ({"flows": [{"days": 31, "amount": "1"}]}, "flows[0].days", "30.4375"),
    ({"flows": [RUN] * 500}, "flows", "12000 flows"),
    ({"flows": [LOAN[0]]}, "flows", "money must go both ways"),
    ({"flows": [LOAN[0]], "method": "us_actuarial"}, "flows", "money must go both ways"),
    ({"flows": [RUN], "method": "xirr"}, "flows", "money must go both ways"),
]
BAD_APR += [
    ({"flows": LOAN, "method": "us_actuarial", "unit_period": bad}, "unit_period", "one year")
    for bad in ({"unit": "month", "count": 13}, {"unit": "half_month", "count": 3})
]


@pytest.mark.parametrize(("line", "field", "words"), BAD_APR)
def test_a_bad_line_is_refused_with_field_value_and_what_is_allowed(line, field, words):
    with pytest.raises(BadField) as refusal:
        apr.answer(line)
    assert refusal.value.field == field
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert "allowed: " in str(refusal.value)


def dated(*flows):
    return [{"date": on, "amount": amount} for on, amount in flows]


@pytest.mark.parametrize("method", ["cn", "us_actuarial", "eu", "xirr"])
def test_no_rate_and_several_rates_say_so(method):
    several = dated(("2026-01-10", "-100"), ("2027-01-10", "230"), ("2028-01-10", "-132"))
    none = dated(("2026-01-10", "100"), ("2027-01-10", "-230"), ("2028-01-10", "133"))
    with pytest.raises(BadField, match="several rates solve these flows"):
        apr.answer({"flows": several, "method": method})
    with pytest.raises(BadField, match="no rate solves these flows"):
        apr.answer({"flows": none, "method": method})


@pytest.mark.parametrize("method", ["cn", "eu", "xirr"])
def test_a_rate_beyond_printing_says_so(method):
    flows = dated(("2026-01-10", "-0.01"), ("2026-01-11", "9999999999999"))
    with pytest.raises(BadField, match="above 1000000000000000"):
        apr.answer({"flows": flows, "method": method})


def test_a_revolving_loan_with_one_rate_gets_it():
    flows = dated(
        ("2026-01-10", "-1000"),
        ("2026-02-10", "500"),
        ("2026-03-10", "-700"),
        ("2026-04-10", "1250"),
    )
    assert apr.answer({"flows": flows})["apr"].startswith("0.")


def test_good_lines_come_out_after_a_bad_one_and_the_exit_code_is_2():
    bad = {"id": "x", "flows": []}
    text = "\n".join(json.dumps(line) for line in ({"id": 1, "flows": LOAN}, bad, {"flows": LOAN}))
    done = run("apr", text + "\nnot json\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 2
    assert [answer.get("id") for answer in answers] == [1, "x", None, None]
    assert [sorted(answer) for answer in answers[:3]] == [
        ["apr", "compound", "id"],
        ["error", "id"],
        ["apr", "compound", "id"],
    ]
    assert done.stderr.decode().count("\n") == 1
    assert "flows" in done.stderr.decode()


def test_daycount_answers_with_its_own_days_and_twenty_decimals():
    line = {"id": "d", "basis": "act/act_isda", "from": "2011-12-28", "to": "2012-02-28"}
    assert daycount.answer(line) == {"days": 62, "year_fraction": "0.16942884946478029793"}
    done = run("daycount", json.dumps(line))
    assert done.returncode == 0
    assert done.stderr == b""
    assert json.loads(done.stdout) == {
        "id": "d",
        "days": 62,
        "year_fraction": "0.16942884946478029793",
    }


def test_every_basis_of_the_contract_is_there_but_icma():
    assert set(BASES) == {
        "30/360", "30e/360", "30e+/360", "30/360_psa", "act/360", "act/364", "act/365f",
        "act/365.25", "act/365a", "act/act_isda", "act/act_afb", "act/act_year", "nl/360",
        "nl/365", "1/1",
    }  # fmt: skip


PERIOD = {"basis": "act/360", "from": "2026-01-31", "to": "2026-02-28"}


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"basis": "act/act_icma"}, "basis", "30/360"),
        ({"basis": "ACT/360"}, "basis", '"ACT/360"'),
        ({"basis": 360}, "basis", "360"),
        ({"basis": None}, "basis", "null"),
        ({"from": "2026-02-30"}, "from", '"2026-02-30"'),
        ({"from": "2026-03-01"}, "to", "2026-03-01"),
        ({"to": ""}, "to", '""'),
        ({"to": "2026-02-28T00:00"}, "to", "2026-01-31"),
        ({"day_count": "act/360"}, "day_count", "unknown"),
    ],
)
def test_a_bad_daycount_line_is_refused(changed, field, words):
    with pytest.raises(BadField) as refusal:
        daycount.answer(PERIOD | changed)
    assert refusal.value.field == field
    assert words in str(refusal.value)


PEAK = """
import io, resource, sys
from rongqiao.cli.lines import {command}, streams
class Lines(io.RawIOBase):
    def __init__(self, left): self.left = left
    def readline(self, size=-1):
        self.left -= 1
        return {line!r}.encode() if self.left >= 0 else b""
class Nowhere:
    def write(self, text): pass
    def flush(self): pass
assert streams.answer_lines({command}.answer, Lines({warm}), Nowhere()) == 0
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert streams.answer_lines({command}.answer, Lines({count}), Nowhere()) == 0
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize(
    ("command", "line", "count"),
    [("daycount", PERIOD, 100_000), ("apr", {"flows": LOAN}, 15_000)],
)
def test_memory_stays_flat_however_many_lines_come(command, line, count):
    text = json.dumps(line) + "\n"
    code = PEAK.format(command=command, line=text, warm=500, count=count)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert int(done.stdout) < 2048  # KiB
