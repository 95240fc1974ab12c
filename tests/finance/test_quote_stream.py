"""`rongqiao quote` as a stream: line for line, in order, in flat memory, whatever comes."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rongqiao.cli.lines import streams
from rongqiao.cli.lines.quote import answer
from rongqiao.cli.lines.streams import answer_lines

ROOT = Path(__file__).parents[2]
GOOD = {"principal": "1000.00", "rate": "0.06", "terms": 2, "start": "2026-01-15"}
COMMAND = [sys.executable, "-c", "from rongqiao.cli.main import main; main()", "quote"]
FEW, MANY = 20_000, 100_000


def asked(text):
    """Return exit code and answers for these lines."""
    target = io.BytesIO()
    content = text if isinstance(text, bytes) else text.encode()
    code = answer_lines(answer, io.BytesIO(content), target)
    return code, [json.loads(line) for line in target.getvalue().splitlines()]


def line(**changes):
    return json.dumps(GOOD | changes)


def test_answers_come_in_order_and_a_bad_line_stops_nothing(capsys):
    code, answers = asked("\n".join([line(id="a"), line(id="b", principal="-5"), line(id="c")]))
    assert code == 2
    assert [each["id"] for each in answers] == ["a", "b", "c"]
    assert ["error" in each for each in answers] == [False, True, False]
    assert answers[1]["error"]["field"] == "principal"
    said = capsys.readouterr().err
    assert said.startswith("1 of 3 lines refused; the first: line 2: principal")
    assert said.count("\n") == 1


def test_good_lines_leave_standard_error_empty_and_exit_0(capsys):
    code, answers = asked(line(id="a") + "\n" + line(id=7) + "\n" + line())
    assert (code, [each["id"] for each in answers]) == (0, ["a", 7, None])
    assert capsys.readouterr().err == ""


def test_nothing_in_is_nothing_out():
    assert asked("") == (0, [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "not JSON"),
        (b"   ", "not JSON"),
        (b"{", "not JSON"),
        (b"[1]", "[1]"),
        (b"null", "null"),
        (b'"a"', '"a"'),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000, "not JSON"),
        (b'{"terms":' + b"9" * 5000 + b"}", "digits"),
    ],
)
def test_a_line_that_is_no_object_is_told_so(text, said):
    code, answers = asked(text + b"\n" + line(id="after").encode())
    assert code == 2
    assert answers[0]["id"] is None
    assert answers[0]["error"]["field"] == "line"
    assert said in answers[0]["error"]["message"]
    assert answers[1]["id"] == "after"


def test_a_field_given_twice_is_refused():
    _, answers = asked('{"id":"a","terms":1,"terms":2}')
    assert answers[0]["error"]["field"] == "terms"


def test_an_endless_line_is_passed_over_without_being_kept(monkeypatch):
    monkeypatch.setattr(streams, "LONGEST_LINE", 100)
    code, answers = asked("x" * 1050 + "\n" + line(id="a")[:100] + "\n")
    assert code == 2
    assert len(answers) == 2
    assert "at most 100 bytes" in answers[0]["error"]["message"]


@pytest.mark.parametrize("said", [True, 1.5, [], {}, None, "x" * 201, 10**18])
def test_an_id_is_a_short_text_or_a_whole_number(said):
    _, answers = asked(line(id=said))
    assert answers[0]["id"] is None
    assert answers[0]["error"]["field"] == "id"


def test_half_a_surrogate_pair_still_gives_one_line_of_utf8():
    _, answers = asked('{"id":"\\ud800"}\n' + line(id="融桥"))
    assert [each["id"] for each in answers] == ["\ud800", "融桥"]


def run(source, target):
    """Run the command on files; return exit code and the most memory it held, in KiB."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    with source.open("rb") as lines, target.open("wb") as answers:
        child = subprocess.Popen(
            COMMAND, stdin=lines, stdout=answers, stderr=subprocess.PIPE, env=environment
        )
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        said = child.stderr.read()
        child.stderr.close()
    return child.returncode, usage.ru_maxrss, said


def test_a_hundred_thousand_lines_take_no_more_memory_than_twenty_thousand(tmp_path):
    most = {}
    for count in (FEW, MANY):
        source, target = tmp_path / f"{count}.in", tmp_path / f"{count}.out"
        with source.open("w") as lines:
            for k in range(count):
                rate = f"0.{k % 2000 + 100:04d}"
                lines.write(line(id=k, rate=rate, method="bullet", terms=k % 30 + 1) + "\n")
        code, most[count], said = run(source, target)
        assert (code, said) == (0, b"")
        with target.open() as answers:
            assert [json.loads(each)["id"] for each in answers] == list(range(count))
    assert most[MANY] < most[FEW] * 1.1 + 4096, most


def test_each_answer_is_written_before_the_next_line_is_read():
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    pipe = subprocess.PIPE
    with subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe, env=environment) as child:
        for k in range(3):
            child.stdin.write(line(id=k).encode() + b"\n")
            child.stdin.flush()
            assert json.loads(child.stdout.readline())["id"] == k
        child.stdin.close()
        assert child.wait() == 0


def test_a_reader_that_leaves_ends_the_stream_quietly(tmp_path):
    source = tmp_path / "many.in"
    source.write_text("".join(line(id=k, terms=300) + "\n" for k in range(200)))
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    pipe = subprocess.PIPE
    with (
        source.open("rb") as lines,
        subprocess.Popen(COMMAND, stdin=lines, stdout=pipe, stderr=pipe, env=environment) as child,
    ):
        child.stdout.readline()
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait() == 0
