"""`rongqiao backtest`: the platform's own past cases, the public set, and its exit codes."""

import io
import json
from datetime import timedelta
from decimal import Decimal

import pytest
import typer

from rongqiao.cli.models.backtest import command
from rongqiao.config import backtesting
from rongqiao.config.backtesting import cases_from
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.lending.origination.queries.looking_back.past import count_screened, past_cases
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.platform import relay
from rongqiao.risk.judging.changing.backtesting.cases import BAD, GOOD, UNKNOWN
from rongqiao.risk.judging.changing.cutoffs import with_cutoffs
from rongqiao.risk.queries.policies.trying import PLATFORM, PUBLIC_SET, Assumptions
from rongqiao.risk.queries.policies.versions import document_of, policy_on
from tests.makers import journeys
from tests.makers.policy_versions import SCORE, TODAY, in_force, make_analysts, proposed

YEAR = (TODAY - timedelta(days=365), TODAY)


@pytest.fixture
def candidate(tmp_path, db):
    def make(**values):
        path = tmp_path / "candidate.json"
        numbers = {key: Decimal(value) for key, value in values.items()}
        document = with_cutoffs(document_of(in_force().id), numbers)
        path.write_text(json.dumps(document, ensure_ascii=False))
        return str(path)

    return make


@pytest.fixture
def lived(call, clock, settings):
    """Two applications of which one was lent, one declined: by the real journey."""
    settings.OPERATOR_ROLE = "microloan_company"
    journeys.publish_first_products(call, journeys.make_staff(call))
    journeys.signed_loan(call, clock, journeys.make_borrower(call))
    relay.drain(SUBSCRIBERS)
    other = journeys.make_borrower(call, 2)
    journeys.apply(call, other, months_established="2")
    return Loan.objects.get()


def run(capsys, policy="consumer", **options):
    command(policy, as_json=True, **options)
    return json.loads(capsys.readouterr().out)


def test_past_cases_are_what_was_judged_and_what_became_of_it(
    lived, clock, django_assert_max_num_queries
):
    assert count_screened(*YEAR) == 2
    # One of them counts, so that it can be told how far the reading is.
    with django_assert_max_num_queries(10):
        found = cases_from(PLATFORM, policy_on("consumer", TODAY), YEAR, Assumptions())
    lent, declined = sorted(found, key=lambda one: not one.was_lent)
    assert (lent.was_lent, lent.outcome) == (True, UNKNOWN)
    assert lent.lent_minor == lived.principal_minor
    assert lent.rate_annual == float(lived.rate_annual)
    assert (declined.was_lent, declined.outcome) == (False, UNKNOWN)
    assert declined.features["months-established"] == 2
    for state, worst, outcome in (("overdue", 95, BAD), ("active", 30, UNKNOWN)):
        Loan.objects.update(state=state, days_past_due_worst=worst)
        (lent,) = [one for one in cases() if one.was_lent]
        assert lent.outcome == outcome
    assert lent.loss_minor == 0
    Loan.objects.update(disbursed_on=TODAY - timedelta(days=400))
    (lent,) = [one for one in cases() if one.was_lent]
    assert lent.outcome == GOOD
    Loan.objects.update(state="overdue", days_past_due_worst=95)
    (lent,) = [one for one in cases() if one.was_lent]
    assert lent.loss_minor == round(lived.principal_minor * 0.6)
    assert list(past_cases(TODAY - timedelta(days=9), TODAY - timedelta(days=2))) == []


def cases():
    return cases_from(PLATFORM, policy_on("consumer", TODAY), YEAR, Assumptions())


def test_the_platforms_own_decisions_come_out_as_they_were_made(lived, capsys):
    told = run(capsys)
    assert (told["cases"], told["known"]) == (2, 0)
    whole = told["whole"]["current"]
    assert (whole["approved"], whole["declined"]) == (1, 1)
    assert told["swaps"]["swapped_in"]["accepted"] == 0
    assert whole["amount_unknown"] == f"{lived.principal_minor // 100}.00"


def test_a_file_is_tried_beside_the_version_in_force(lived, candidate, capsys, tmp_path):
    path = candidate(**{"against/too-short-in-work/0": 1})
    report = tmp_path / "report.html"
    told = run(capsys, candidate=path, out=str(report))
    (entered,) = told["swaps"]["listed_in"]
    assert entered["was"] == "decline"
    assert entered["outcome"] == "unknown"
    assert told["swaps"]["swapped_in"]["known"] == 0
    page = report.read_text()
    for words in ("Swap set", entered["reference"], "<svg", "unknown"):
        assert words in page
    assert "<script" not in page


def test_the_public_set_is_said_to_be_german(candidate, capsys, tmp_path):
    out = tmp_path / "report.json"
    command("consumer", candidate=candidate(**{SCORE: 700}), source=PUBLIC_SET, out=str(out))
    shown = capsys.readouterr().out
    assert "1,000 cases (1,000 with a known outcome)" in shown
    assert "German public data of 1994" in shown
    told = json.loads(out.read_text())
    assert told["swaps"]["swapped_out"]["accepted"] == len(told["swaps"]["listed_out"]) > 100
    assert 10 <= len(told["curves"][0]["points"]) <= 21


class Screen(io.StringIO):
    """A terminal that somebody watches."""

    def isatty(self):
        return True


def test_who_watches_sees_how_far_it_is_and_nobody_else_does(lived, monkeypatch, capsys):
    monkeypatch.setenv("TERM", "xterm-256color")
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    command("consumer")
    told = screen.getvalue()
    for words in ("reading cases", "judging", "80%"):
        assert words in told
    shown = capsys.readouterr().out
    assert "2 cases" in shown
    assert "reading" not in shown
    quiet = Screen()
    monkeypatch.setattr("sys.stderr", quiet)
    command("consumer", as_json=True)
    assert quiet.getvalue() == ""
    json.loads(capsys.readouterr().out)
    piped = io.StringIO()
    monkeypatch.setattr("sys.stderr", piped)
    command("consumer")
    assert piped.getvalue() == ""
    monkeypatch.setattr(backtesting, "TOLD_EVERY", 1)
    heard = []
    policy = policy_on("consumer", TODAY)
    cases_from(PLATFORM, policy, YEAR, Assumptions(), lambda *told: heard.append(told))
    assert heard == [(1, 2), (2, 2)]


def test_a_version_is_named_by_number_or_label(call, clock, capsys):
    first, _second = make_analysts(clock)
    proposed(call, first, {SCORE: "700"}, label="stricter")
    for name in ("2", "stricter"):
        told = run(capsys, candidate=name, source=PUBLIC_SET)
        assert told["swaps"]["swapped_out"]["accepted"] > 100


@pytest.mark.parametrize(
    ("policy", "options", "said"),
    [
        ("unheard-of", {}, "POLICY"),
        ("consumer", {"first": "2026-13-01"}, "--from"),
        ("consumer", {"first": "2026-01-05", "last": "2026-01-01"}, "--to"),
        ("consumer", {"candidate": "nobody"}, "--candidate"),
        ("consumer", {"candidate": "missing.json"}, "--candidate"),
        ("consumer", {"source": "elsewhere"}, "--source"),
        ("consumer", {"out": "report.txt"}, "--out"),
        ("consumer", {}, "--from"),
        ("business", {"source": PUBLIC_SET}, "--from"),
    ],
)
def test_wrong_input_is_one_line_and_two(clock, capsys, policy, options, said):
    with pytest.raises(typer.Exit) as ended:
        command(policy, **options)
    assert ended.value.exit_code == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"backtest: {said}: ")


def test_a_file_that_is_no_policy_names_its_fault(candidate, capsys, tmp_path):
    path = tmp_path / "wrong.json"
    path.write_text('{"format": "rongqiao-policy-1"}')
    with pytest.raises(typer.Exit) as ended:
        command("consumer", candidate=str(path))
    assert ended.value.exit_code == 2
    with pytest.raises(typer.Exit):
        command("business", candidate=candidate(), source=PUBLIC_SET)
    said = capsys.readouterr().err
    assert "is missing" in said
    assert "not 'consumer'" in said
