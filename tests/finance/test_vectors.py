"""Every published case is run and held, or listed with the reason why it cannot be expressed."""

import sys
from collections import Counter
from pathlib import Path

from tests.finance.vectors.page import page, table
from tests.finance.vectors.registry import FOLDER, all_cases, load

ROOT = Path(__file__).parents[2]
MOST_SHOWN = 20


def test_every_published_case_that_can_be_expressed_holds(capsys):
    held, broken = set(), []
    for case in all_cases():
        if case.run is None:
            continue
        try:
            case.run()
            held.add(case.name)
        except Exception as problem:
            broken.append(f"{case.name}: {type(problem).__name__}: {problem}")
    with capsys.disabled():
        # Standard error reaches the screen from a worker process too.
        print(f"\n{table(held)}", file=sys.stderr)
    assert not broken, "\n".join(broken[:MOST_SHOWN])


def test_every_case_of_every_file_is_run_or_listed_once():
    shipped = Counter(
        f"{path.stem}:{case['id']}" for path in FOLDER.glob("*.json") for case in load(path.stem)
    )
    named = Counter(f"{case.file}:{case.id}" for case in all_cases() if not case.part)
    replayed = {name for name in named if name.startswith("fineract_e2e_replay:")}
    assert len(replayed) == 146
    assert {name: n for name, n in named.items() if name not in replayed} == shipped


def test_a_case_is_either_run_or_has_a_reason():
    assert [case.name for case in all_cases() if (case.run is None) == (case.reason is None)] == []


def test_the_page_of_cases_is_in_step():
    assert (ROOT / "docs" / "vectors.md").read_text(encoding="utf-8") == page()
