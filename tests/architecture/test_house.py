"""The rules of the house that no other tool holds."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"
FILES = sorted(
    path
    for path in SOURCE.glob("**/*.py")
    if not {"migrations", "__pycache__", "node_modules"} & set(path.parts)
)
BANNED = {"util", "utils", "helper", "helpers", "common", "manager", "service", "base", "misc"}
LONGEST_FILE, LONGEST_FUNCTION, MOST_ENTRIES = 500, 70, 12
UNCOUNTED = {"__init__.py", "__pycache__", "apps.py", "migrations", "py.typed", "locale"}


def functions(tree):
    return (
        node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    )


def parsed(path):
    return ast.parse(path.read_text())


def where(path):
    return str(path.relative_to(SOURCE))


def test_no_file_is_too_long():
    long = {where(p): n for p in FILES if (n := len(p.read_text().splitlines())) > LONGEST_FILE}
    assert long == {}


def test_no_function_is_too_long():
    long = {
        f"{where(path)}:{node.name}": length
        for path in FILES
        for node in functions(parsed(path))
        if (length := node.end_lineno - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert long == {}


def test_no_folder_is_crowded():
    folders = {path.parent for path in FILES}
    crowded = {
        where(folder): count
        for folder in folders
        if (count := sum(entry.name not in UNCOUNTED for entry in folder.iterdir())) > MOST_ENTRIES
    }
    assert crowded == {}


def test_no_file_has_a_name_that_says_nothing():
    assert [where(path) for path in FILES if path.stem in BANNED] == []


def public(body):
    for node in body:
        is_named = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        if is_named and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body)


# What Django calls by name explains itself; so does an overriding method.
SELF_EXPLAINING = {"Meta", "Migration"}


def explains_itself(node):
    decorators = {ast.unparse(one) for one in getattr(node, "decorator_list", [])}
    return node.name in SELF_EXPLAINING or bool({"override", "overload"} & decorators)


@pytest.mark.parametrize("floor", sorted({p.relative_to(SOURCE).parts[1] for p in FILES}))
def test_every_public_name_says_what_it_is_for(floor):
    silent = []
    for path in FILES:
        if path.relative_to(SOURCE).parts[1] != floor:
            continue
        tree = parsed(path)
        if path.stat().st_size and not ast.get_docstring(tree):
            silent.append(where(path))
        silent += [
            f"{where(path)}:{node.name}"
            for node in public(tree.body)
            if not ast.get_docstring(node) and not explains_itself(node)
        ]
    assert silent == []


def test_nothing_below_the_clock_reads_the_machines_time():
    readers = [
        where(path)
        for path in FILES
        if path.name != "clock.py" and path.is_relative_to(SOURCE / "rongqiao")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func)
        in {"datetime.now", "datetime.utcnow", "date.today", "time.time", "timezone.now"}
    ]
    assert readers == []
