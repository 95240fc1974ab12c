"""No cell of a file is run by the spreadsheet that opens it."""

import pytest

from rongqiao.policies.spreadsheets import FORMULA_STARTS, plain


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_what_may_be_read_as_a_formula_is_marked(start):
    assert plain(f"{start}1+1") == f"'{start}1+1"


def test_the_signs_are_those_that_are_known_and_those_of_full_width():
    assert {"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"} <= set(FORMULA_STARTS)


@pytest.mark.parametrize("text", ["", "1+1", "张三", " =1", "13800138000"])
def test_any_other_text_stays(text):
    assert plain(text) == text
