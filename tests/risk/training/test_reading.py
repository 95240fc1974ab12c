"""Any CSV: encoding, delimiter, heading and kinds are found out, and which end is bad."""

import gzip
import io

import numpy as np
import pytest

from rongqiao.risk.scorecards.training.intake.reading import (
    UnreadableTable,
    blocks_of,
    layout_of,
    whole,
)
from rongqiao.risk.scorecards.training.intake.schema import RARE, Field, Kind, column_of, fields_of
from rongqiao.risk.scorecards.training.intake.target import UnreadableTarget, target_of


def file(text, encoding="utf-8"):
    return io.BytesIO(text.encode(encoding))


def kinds(text):
    source = file(text)
    layout = layout_of(source)
    return {one.name: one for one in fields_of(layout, whole(source, layout))}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_table_is_read_whatever_its_delimiter_and_letters(delimiter, encoding):
    text = "\r\n".join(
        delimiter.join(row) for row in [("姓名", "收入"), ("张伟", "1"), ("李娜", "2")]
    )
    source = file(text, encoding)
    layout = layout_of(source)
    block = whole(source, layout)
    assert layout.names == ("姓名", "收入")
    assert layout.delimiter == delimiter
    assert block.columns == (["张伟", "李娜"], ["1", "2"])


def test_letters_are_told_by_the_whole_file_and_not_by_its_beginning():
    text = "a,b\n" + "1,2\n" * 200_000 + "3,逾期\n"
    assert layout_of(file(text, "gb18030")).encoding == "gb18030"
    assert layout_of(file(text)).encoding == "utf-8"


def test_decimal_commas_do_not_pass_for_delimiters():
    assert layout_of(file("a;b\n1,5;2,5\n3,5;4,5\n")).delimiter == ";"


def test_quoted_cells_hold_delimiters_and_line_ends():
    source = file('a,b\n"x, y",1\n"two\nlines",2\n')
    layout = layout_of(source)
    assert whole(source, layout).columns[0] == ["x, y", "two\nlines"]


def test_a_table_without_a_heading_gets_names():
    layout = layout_of(file("1,2\n3,4\n"))
    assert (layout.has_heading, layout.names) == (False, ("column_1", "column_2"))
    assert layout_of(file("2019,2020\n3,4\n"), ["2020"]).has_heading


def test_names_that_are_empty_or_repeated_become_different():
    source = file("a,a,b\nx,y,z\n")
    assert len(set(layout_of(source, ["b"]).names)) == 3


def test_rows_of_another_length_are_fitted_and_counted():
    source = file("a,b,c\n1,2\n1,2,3,4\n5,6,7\n\n")
    layout = layout_of(source)
    block = whole(source, layout)
    assert (block.rows, block.ragged) == (3, 2)
    assert block.columns == (["1", "1", "5"], ["2", "2", "6"], ["", "3", "7"])


def test_empty_lines_before_the_heading_are_no_heading():
    source = file("\n\na,b\n1,2\n")
    layout = layout_of(source)
    assert layout.names == ("a", "b")
    assert whole(source, layout).columns == (["1"], ["2"])


def test_blocks_together_are_the_whole_table():
    source = file("a,b\n" + "".join(f"{i},{i}\n" for i in range(101)))
    layout = layout_of(source)
    blocks = list(blocks_of(source, layout, most=25))
    assert [one.rows for one in blocks] == [25, 25, 25, 25, 1]
    cells = [cell for one in blocks for cell in one.columns[0]]
    assert cells == whole(source, layout).columns[0]


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"a,b\n\xff\xfe\x81\xff", gzip.compress(b"a,b\n" + b"1,2\n" * 99)[:-12]],
    # A gzip header tells the second: two workers that collect would not find the same tests.
    ids=["empty", "lines", "bytes", "cut"],
)
def test_what_is_no_table_is_refused_with_a_sentence(content):
    with pytest.raises(UnreadableTable):
        layout_of(io.BytesIO(content))


def test_columns_are_told_apart():
    rows = [
        f"{1_000_000 + i},{i % 7},{'x' if i % 2 else 'y'},2026-01-{i % 28 + 1:02d},same,,"
        f"0{i % 9}21,free {i} words,{i * 37.5}"
        for i in range(400)
    ]
    heading = "id,count,letter,on,one,none,code,said,amount"
    found = {name: one.kind for name, one in kinds("\n".join([heading, *rows])).items()}
    assert found == {
        "id": Kind.SERIAL,
        "count": Kind.NUMBER,
        "letter": Kind.WORD,
        "on": Kind.DATE,
        "one": Kind.CONSTANT,
        "none": Kind.EMPTY,
        "code": Kind.WORD,
        "said": Kind.SERIAL,
        "amount": Kind.NUMBER,
    }


def test_a_few_strange_cells_do_not_make_words_of_numbers():
    text = "\n".join(["a,b", *(f"{i % 60},1" for i in range(200)), "zwölf,2", "none,3"])
    one = kinds(text)["a"]
    assert (one.kind, one.strange, one.missing) == (Kind.NUMBER, 1, 2)


def test_rare_words_of_a_crowded_column_are_one_level_and_so_are_new_ones():
    rows = [f"w{i % 80 if i % 4 else 0},1" for i in range(8000)]
    rows += [f"r{i},2" for i in range(90)]
    one = kinds("\n".join(["w,n", *rows]))["w"]
    assert 0 < len(one.levels) <= 60
    assert column_of(one, ["w0", "r3", "new", ""]).tolist() == ["w0", RARE, RARE, None]


def test_a_field_comes_back_from_its_json():
    one = Field(name="a", kind=Kind.WORD, levels=("x", "y"), distinct=2)
    assert Field.of(one.plain()) == one


def outcome(*values, each=40):
    return [value for value in values for _ in range(each)]


@pytest.mark.parametrize(
    ("name", "values", "bad", "reason"),
    [
        ("default", ("0", "1"), "1", "name"),
        ("是否逾期", ("是", "否"), "是", "name"),
        ("approved", ("1", "0"), "0", "name"),
        ("good_bad", ("1", "0"), "1", "name"),
        ("y", ("1.0", "0.0"), "1", "value"),
        ("MIS_Status", ("P I F", "CHGOFF"), "CHGOFF", "value"),
        ("outcome", ("Fully Paid", "somehow gone"), "somehow gone", "value"),
        ("label", ("good", "bad"), "bad", "value"),
        ("class", ("G", "B"), "B", "value"),
        ("还款正常", ("是", "否"), "否", "name"),
    ],
)
def test_which_of_two_values_is_bad_is_told_by_value_or_name(name, values, bad, reason):
    found = target_of(name, outcome(*values))
    assert (found.bad_values, found.reason) == ((bad,), reason)
    assert found.bad.sum() == 40


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (("A", "B"), "which of the two is bad cannot be told"),
        (("1", "2"), "which of the two is bad cannot be told"),
        (("a", "b", "c"), "3 different values"),
        (("1",), "1 different values"),
    ],
)
def test_a_target_that_cannot_be_told_is_refused_with_its_values(values, said):
    with pytest.raises(UnreadableTarget, match=said):
        target_of("grade", outcome(*values))


def test_values_said_to_be_bad_are_and_all_others_are_good():
    found = target_of("s", outcome("late", "lost", "fine", ""), ["late", "lost"])
    assert found.bad_values == ("late", "lost")
    assert found.good_values == ("fine",)
    assert (len(found.bad), int(found.known.sum())) == (120, 120)
    with pytest.raises(UnreadableTarget, match="does not hold"):
        target_of("s", outcome("late", "fine"), ["lost"])


def test_too_few_of_a_class_are_refused():
    with pytest.raises(UnreadableTarget, match="at least 30"):
        target_of("default", ["0"] * 500 + ["1"] * 29)


def test_rows_without_an_outcome_are_left_out():
    found = target_of("default", [*outcome("0", "1"), "", "NA"])
    assert np.flatnonzero(~found.known).tolist() == [80, 81]
