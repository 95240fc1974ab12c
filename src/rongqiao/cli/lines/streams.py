"""JSON lines in, one JSON line out for each, in order: a bad line is answered, not obeyed.

Lines are read, answered and forgotten one by one, so memory stays flat however many come.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO, NoReturn

from rongqiao.finance.fields import BadField, shown

Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]

DONE, WRONG_INPUT = 0, 2
# A line of more bytes is no order of ours; it is skipped without being kept.
LONGEST_LINE = 4 * 1024 * 1024
_AN_ID = "a string of at most 200 characters, or a whole number"


def answer_lines(answer: Answer, source: BinaryIO, target: BinaryIO) -> int:
    """Write an answer for each line of `source`; return the exit code.

    `answer` gets the object of one line and returns what goes beside its `id`; it raises BadField
    for a bad one, which becomes `{"id", "error": {"field", "message"}}`. Of all bad lines one
    sentence, about the first, goes to standard error.
    """
    wrong, first = 0, ""
    for number, line in enumerate(_lines(source), start=1):
        said: str | int | None = None
        try:
            content = _object(line)
            said = _id(content)
            out = {"id": said, **answer(content)}
        except BadField as problem:
            wrong += 1
            first = first or f"line {number}: {problem}"
            out = {"id": said, "error": {"field": problem.field, "message": str(problem)}}
        target.write(_encoded(out))
        # Someone may be waiting for this answer before sending the next line.
        target.flush()
    if wrong:
        sys.stderr.write(f"{wrong} of {number} lines refused; the first: {first}\n")
    return WRONG_INPUT if wrong else DONE


def run_stream(answer: Answer) -> NoReturn:
    """Answer standard input on standard output and leave with the exit code."""
    try:
        code = answer_lines(answer, sys.stdin.buffer, sys.stdout.buffer)
    except BrokenPipeError:
        # The reader has gone, as `head` does: nobody is left to be told.
        sys.stdout = None
        code = DONE
    raise SystemExit(code)


def _lines(source: BinaryIO) -> Iterator[bytes | None]:
    """Yield each line without its end; None stands for one that is too long."""
    while line := source.readline(LONGEST_LINE + 1):
        if len(line) <= LONGEST_LINE or line.endswith(b"\n"):
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = source.readline(LONGEST_LINE)
        yield None


def _object(line: bytes | None) -> dict[str, Any]:
    if line is None:
        raise BadField("line", "too long", f"at most {LONGEST_LINE} bytes")
    try:
        content = json.loads(line.decode("utf-8"), object_pairs_hook=_once)
    except UnicodeDecodeError:
        raise BadField("line", "not UTF-8", "one JSON object in UTF-8") from None
    except (json.JSONDecodeError, RecursionError) as problem:
        why = problem.msg if isinstance(problem, json.JSONDecodeError) else "too deep"
        raise BadField("line", f"not JSON ({why})", "one JSON object") from None
    except BadField:
        raise
    except ValueError:
        raise BadField("line", "a number of thousands of digits", "one JSON object") from None
    if not isinstance(content, dict):
        raise BadField("line", shown(content), "one JSON object")
    return content


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadField(twice, "given twice", "each field once")
    return content


def _id(content: Mapping[str, Any]) -> str | int | None:
    """Return the line's own name, or None where it has none."""
    if "id" not in content:
        return None
    said = content["id"]
    if isinstance(said, str) and len(said) <= 200:
        return said
    if type(said) is int and abs(said) < 10**18:
        return said
    raise BadField("id", shown(said), _AN_ID)


def _encoded(out: Mapping[str, Any]) -> bytes:
    text = json.dumps(out, ensure_ascii=False, separators=(",", ":"), check_circular=False)
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:
        # Half a surrogate pair is legal in JSON text and impossible in UTF-8.
        return json.dumps(out, separators=(",", ":")).encode() + b"\n"
