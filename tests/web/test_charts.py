"""Charts: what is not known is left out of a line, by the server's picture and by the live one."""

from rongqiao.web.frame.charts import BOTTOM, Known, Series, lines


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
