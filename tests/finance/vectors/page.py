"""The table of all cases, and the page docs/vectors.md: `python -m tests.finance.vectors.page`."""

from collections import Counter
from dataclasses import dataclass

from tests.finance.vectors.registry import Case, all_cases

OPENING = """# Published cases

Every case under `tests/vectors/lending` is either run as a test, to its own tolerance or its last
printed digit, or listed here with the reason why the command line's contract cannot express it.
A case that can be expressed in part is run in part: the part is named.

Where published conventions differ, the test of the case names the option that it needs (year of
360 or 365 days, rounding up or half-even, a level payment found otherwise and given as `payment`).

This page is written by `python -m tests.finance.vectors.page`, and a test holds it to that.

"""


@dataclass
class Count:
    """How the cases of one file came out."""

    run: int = 0
    held: int = 0
    not_expressible: int = 0


def table(held_names: set[str]) -> str:
    """Return the table of cases run, held and not expressible, by file."""
    counts: dict[str, Count] = {}
    for case in all_cases():
        count = counts.setdefault(case.file, Count())
        count.run += case.run is not None
        count.held += case.name in held_names
        count.not_expressible += case.run is None
    everything = list(counts.items())
    everything.append(
        (
            "all",
            Count(
                sum(count.run for count in counts.values()),
                sum(count.held for count in counts.values()),
                sum(count.not_expressible for count in counts.values()),
            ),
        )
    )
    head = f"{'published cases':36} {'run':>5} {'held':>5} {'not expressible':>16}"
    lines = [
        f"{file:36} {count.run:5} {count.held:5} {count.not_expressible:16}"
        for file, count in everything
    ]
    reasons = Counter(case.reason for case in all_cases() if case.run is None)
    why = [f"  {number:4}  {reason}" for reason, number in reasons.most_common()]
    return "\n".join([head, *lines, "not expressible, because of:", *why])


def page() -> str:
    """Return the text of docs/vectors.md."""
    cases = all_cases()
    return OPENING + _counts(cases) + _reasons(cases)


def _counts(cases: list[Case]) -> str:
    files = dict.fromkeys(case.file for case in cases)
    lines = ["| file | run | not expressible |", "|---|---|---|"]
    for file in files:
        own = [case for case in cases if case.file == file]
        ran = sum(case.run is not None for case in own)
        lines.append(f"| {file} | {ran} | {len(own) - ran} |")
    return "\n".join(lines) + "\n"


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
