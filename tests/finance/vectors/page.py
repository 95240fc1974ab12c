"""The table of all cases, and the page docs/vectors.md: `python -m tests.finance.vectors.page`."""

from collections import Counter
from dataclasses import dataclass

from tests.finance.vectors.registry import Case, all_cases
from tests.finance.vectors.replay_cases import figures

OPENING = """# Published cases

Every case under `tests/vectors/lending` is either run as a test, to its own tolerance or its last
printed digit, or listed here with the reason why it cannot be expressed: by the command line's
contract, or for the life of a loan by the pure engine of servicing. A case that can be expressed in
part is run in part: the part is named. A case that is run and does not hold is listed with the
cause, and a test fails as soon as it holds.

Where published conventions differ, the test of the case names the option that it needs (year of
360 or 365 days, rounding up or half-even, a level payment found otherwise and given as `payment`).

The files of fineract_* are taken from Apache Fineract (Apache License 2.0), each case with the
repository, path, commit and line it came from.

This page is written by `python -m tests.finance.vectors.page`, and a test holds it to that.

"""


@dataclass
class Count:
    """How the cases of one file came out."""

    run: int = 0
    held: int = 0
    not_held: int = 0
    not_expressible: int = 0


def table(held_names: set[str]) -> str:
    """Return the table of cases run, held and not expressible, by file."""
    counts: dict[str, Count] = {}
    for case in all_cases():
        count = counts.setdefault(case.file, Count())
        count.run += case.run is not None
        count.held += case.name in held_names
        count.not_held += case.run is not None and case.name not in held_names
        count.not_expressible += case.run is None
    each = counts.values()
    counts["all"] = Count(
        sum(count.run for count in each),
        sum(count.held for count in each),
        sum(count.not_held for count in each),
        sum(count.not_expressible for count in each),
    )
    head = f"{'published cases':36} {'run':>5} {'held':>5} {'not held':>9} {'not expressible':>16}"
    lines = [
        f"{file:36} {count.run:5} {count.held:5} {count.not_held:9} {count.not_expressible:16}"
        for file, count in counts.items()
    ]
    reasons = Counter(case.reason for case in all_cases() if case.run is None)
    why = [f"  {number:4}  {reason}" for reason, number in reasons.most_common()]
    causes = Counter(case.not_held for case in all_cases() if case.not_held)
    known = [f"  {number:4}  {cause}" for cause, number in causes.most_common()]
    return "\n".join(
        [head, *lines, "not held, because:", *known, "not expressible, because of:", *why]
    )


def page() -> str:
    """Return the text of docs/vectors.md."""
    cases = all_cases()
    return OPENING + _counts(cases) + figures() + _causes(cases) + _reasons(cases)


def _counts(cases: list[Case]) -> str:
    files = dict.fromkeys(case.file for case in cases)
    lines = ["| file | run | held | not expressible |", "|---|---|---|---|"]
    for file in files:
        own = [case for case in cases if case.file == file]
        ran = sum(case.run is not None for case in own)
        held = ran - sum(case.not_held is not None for case in own)
        lines.append(f"| {file} | {ran} | {held} | {len(own) - ran} |")
    return "\n".join(lines) + "\n"


def _causes(cases: list[Case]) -> str:
    text = "\n## Run, and not held\n"
    for cause in dict.fromkeys(case.not_held for case in cases if case.not_held):
        text += f"\n{cause[0].upper()}{cause[1:]}:\n\n"
        text += "".join(
            f"- `{case.id}` ({case.file})\n" for case in cases if case.not_held == cause
        )
    return text


def _reasons(cases: list[Case]) -> str:
    text = ""
    parts = {(case.file, case.id): case.part for case in cases if case.part}
    for reason in dict.fromkeys(case.reason for case in cases if case.run is None):
        text += f"\n## {reason[0].upper()}{reason[1:]}\n\n"
        for case in cases:
            if case.run is None and case.reason == reason:
                part = parts.get((case.file, case.id))
                text += f"- `{case.id}` ({case.file}){f'; run in part: {part}' if part else ''}\n"
    return text


if __name__ == "__main__":
    print(page(), end="")
