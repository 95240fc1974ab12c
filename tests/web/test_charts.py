"""Charts: what is not known is left out of a line, by the server's picture and by the live one."""

import re
from itertools import combinations
from pathlib import Path

import pytest
from django.template.loader import render_to_string

from rongqiao.web.frame import charts
from rongqiao.web.frame.charts import BOTTOM, LOOKS, Known, Series, lines, stacked_bars


def test_what_is_not_known_is_a_gap_and_never_nought():
    chart = lines("c", "KS", ["1", "2", "3"], [Known("KS", [40, None, 0])])
    assert chart.content["series"][0]["values"] == ["0.40", None, "0.00"]
    first, last = chart.line.split(" ")
    assert first.startswith("122.7,")
    assert last == f"517.3,{BOTTOM:.1f}"


def test_a_line_of_which_nothing_is_known_is_not_drawn():
    chart = lines("c", "KS", ["1", "2"], [Known("KS", [None, None]), Series("PSI", [1, 2])])
    assert chart.line == ""
    assert chart.content["series"][0]["values"] == [None, None]


def test_stacks_of_many_are_told_apart_by_colour_and_by_strokes():
    few = stacked_bars("c", "", ["1"], [Series(str(i), [100]) for i in range(3)])
    assert {bar.mark for bar in few.bars} == {0}
    many = stacked_bars("c", "", ["1"], [Series(str(i), [100]) for i in range(5)])
    assert len({bar.look for bar in many.bars}) == 5
    assert [bar.mark for bar in many.bars] == [0, 1, 2, 3, 4]
    assert [one["mark"] for one in many.content["series"]] == [0, 1, 2, 3, 4]
    drawn = render_to_string("components/picture.html", {"chart": many})
    assert all(drawn.count(f"c-mark-{i}") == 2 for i in range(1, 5))


@pytest.mark.parametrize("theme", ["rqlight", "rqdark"])
def test_no_two_colours_of_a_stack_look_alike(theme):
    sheet = (Path(charts.__file__).parents[1] / "assets" / "app.css").read_text()
    block = sheet.split(f'name: "{theme}"')[1].split("\n}")[0]
    rules = [re.search(rf"\.{look} {{ fill: var\((--[a-z0-9-]+)\)", sheet)[1] for look in LOOKS]
    found = [re.search(rf"{name}: #([0-9a-f]{{6}})", block)[1] for name in rules]
    live = (Path(charts.__file__).parents[1] / "assets" / "chart.js").read_text()
    assert re.findall(r'css\("(--[a-z-]+)"\)', live.split("setOption(")[1])[:5] == rules
    for one, other in combinations(found, 2):
        apart = sum((int(one[i : i + 2], 16) - int(other[i : i + 2], 16)) ** 2 for i in (0, 2, 4))
        assert apart > 75**2, (theme, one, other)
