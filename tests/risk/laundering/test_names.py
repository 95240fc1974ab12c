"""Names: one form for one name, surnames read right, generic words that never match."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.risk.laundering.names import measuring
from rongqiao.risk.laundering.names.matching import (
    FIRM,
    LIKELY,
    PERSON,
    POSSIBLE,
    Listed,
    Subject,
    compare,
    keys_of,
    matches,
)
from rongqiao.risk.laundering.names.reading import folded, surname_readings
from rongqiao.risk.laundering.names.tables import firm_words

ROOT = Path(__file__).parents[3]
# The vectors of the design, copied: what each surname reads as, and what the dictionary says.
CASES = json.loads((ROOT / "tests/vectors/risk/surname_pinyin.json").read_text())["cases"]


def person(name, *aliases, born=(), numbers=()):
    return Listed(reference="x", kind=PERSON, names=(name, *aliases), born=born, numbers=numbers)


def firm(name):
    return Listed(reference="x", kind=FIRM, names=(name,))


def asks(name, kind=PERSON, **more):
    return Subject(kind=kind, name=name, **more)


def found(subject, listed):
    """Whether a shared key leads there and the likeness is worth a look."""
    near = keys_of(subject.kind, subject.name) & {
        key for name in listed.names for key in keys_of(listed.kind, name)
    }
    return bool(near) and compare(subject, listed).is_possible


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["surname"])
def test_a_surname_reads_as_the_table_says(case):
    said = case["surname_reading"].replace(" ", "")
    assert surname_readings(case["surname"])[0] == said
    passport = said.replace("lv", "lyu").upper()
    assert found(asks(f"{passport} MINGYUAN"), person(f"{case['surname']}明远"))
    assert found(asks(f"{case['surname']}明远"), person(f"{passport.title()} Ming-Yuan"))
    wrong = case["pypinyin_0_55_default"].replace(" ", "")
    if wrong not in surname_readings(case["surname"]):
        # Found at most as what another spelling (Wade and Giles write zha as CHA) makes of it.
        spelt = compare(asks(f"{wrong.upper()} MINGYUAN"), person(f"{case['surname']}明远"))
        assert spelt.parts[0].code in ("name:different", "name:spelt-abroad")


@pytest.mark.parametrize(
    ("written", "listed"),
    [
        ("張偉", "张伟"),
        ("张　伟", "张伟"),
        ("张·伟", "张伟"),
        ("張偉 ", "张伟"),
        ("歐陽娜娜", "欧阳娜娜"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("王喆", "王哲"),
        ("李峯", "李峰"),
        ("張\u200b偉", "张伟"),
    ],
)
def test_forms_of_one_name_are_one_name(written, listed):
    assert folded(written) == folded(listed)
    assert compare(asks(written), person(listed)).score == 1.0


@pytest.mark.parametrize(
    "spelt",
    [
        "OUYANG NANA",
        "Nana Ouyang",
        "ouyang na-na",
        "OU YANG NANA",
        "OUYANG, Nana",
        "OuYang Na'na",
        "OUYANGNANA",
        "Au Yeung Nana",
    ],
)
def test_a_passport_spells_a_name_in_many_ways(spelt):
    assert found(asks(spelt), person("欧阳娜娜")), spelt
    assert found(asks("歐陽娜娜"), person(spelt)), spelt


@pytest.mark.parametrize("spelt", ["LYU QINGSHAN", "LV QINGSHAN", "LU QINGSHAN", "Lü Qingshan"])
def test_an_umlaut_is_spelt_in_four_ways(spelt):
    assert found(asks(spelt), person("吕青山"))


def test_who_is_born_on_another_day_is_somebody_else():
    listed = person("张伟", born=("1968-03-12",))
    assert compare(asks("張偉", born="1968-03-12"), listed).score == 1.0
    assert not compare(asks("張偉", born="1990-03-07"), listed).is_possible
    assert compare(asks("张伟"), listed).is_possible
    year = person("张伟", born=("1968",))
    assert compare(asks("张伟", born="1968-03-12"), year).is_possible


def test_the_same_number_settles_it_whatever_the_name():
    listed = person("完全不同", numbers=("110101196803120014",))
    found_by_number = compare(asks("张伟", number="110101196803120014"), listed)
    assert (found_by_number.score, found_by_number.parts[0].code) == (1.0, "number:same")


def test_a_sound_alone_needs_a_second_attribute_where_little_else_is_the_same():
    assert not compare(asks("张炜"), person("张伟")).is_possible
    near = compare(asks("张炜", born="1968-03-12"), person("张伟", born=("1968-03-12",)))
    assert POSSIBLE <= near.score < LIKELY
    assert [part.code for part in near.parts] == ["name:sounds-alike", "birth:same"]


@pytest.mark.parametrize(
    "words",
    [
        "有限公司",
        "有限责任公司",
        "股份有限公司",
        "科技有限公司",
        "深圳市科技有限公司",
        "集团",
        "Co., Ltd.",
        "Technology Co., Ltd.",
        "北京贸易有限公司",
    ],
)
def test_words_of_every_firm_match_nobody(words):
    for name in ("深圳市融桥科技有限公司", "北京黑崖贸易有限公司", "Heiya Trading Co., Ltd."):
        assert not found(asks(words, FIRM), firm(name)), (words, name)
        assert compare(asks(words, FIRM), firm(name)).score == 0


@given(st.lists(st.sampled_from(sorted(firm_words().chinese)), min_size=1, max_size=5))
def test_no_mix_of_generic_words_matches_a_firm_with_a_mark(words):
    assert compare(asks("".join(words), FIRM), firm("深圳市融桥科技有限公司")).score == 0


@pytest.mark.parametrize(
    "name",
    [
        "北京黑崖贸易有限责任公司",
        "北京黑崖貿易有限公司",
        "黑崖贸易",
        "北京市黑崖贸易有限公司",
        "Beijing Heiya Trading Co., Ltd.",
        "HEIYA TRADING COMPANY LIMITED",
    ],
)
def test_a_firm_is_found_under_its_forms(name):
    assert found(asks(name, FIRM), firm("北京黑崖贸易有限公司")), compare(
        asks(name, FIRM), firm("北京黑崖贸易有限公司")
    )


def test_firms_that_share_place_trade_and_form_are_others():
    assert not found(asks("北京白石贸易有限公司", FIRM), firm("北京黑崖贸易有限公司"))
    assert not found(asks("黑崖", PERSON), firm("北京黑崖贸易有限公司"))


CHARACTERS = "张王李欧阳单仇伟娜娜明远建国晓燕"


@given(st.text(CHARACTERS, min_size=2, max_size=4), st.text(CHARACTERS, min_size=2, max_size=4))
def test_likeness_is_the_same_both_ways_and_between_nought_and_one(one, other):
    there = compare(asks(one), person(other)).score
    assert there == compare(asks(other), person(one)).score
    assert 0 <= there <= 1
    assert compare(asks(one), person(one)).score == 1


def test_precision_and_recall_are_what_the_page_says():
    page = (ROOT / "docs" / "name-screening.md").read_text()
    assert measuring.page_table() in page
    for born in (True, False):
        precision, recall = measuring.totals(measuring.run(born=born))
        assert recall > 0.99
        assert precision > (0.99 if born else 0.8)


@pytest.mark.parametrize("written", ["CN", "中国", "China", "P.R.C."])
def test_one_country_is_one_however_a_list_writes_it(written):
    subject = Subject(kind=PERSON, name="王小明", country="CN")
    one = Listed(reference="1", kind=PERSON, names=("王小明",), countries=(written,))
    other = Listed(reference="2", kind=PERSON, names=("王小明",), countries=("Panama",))
    codes = {
        listed.reference: [part.code for part in match.parts]
        for listed, match in matches(subject, [one, other])
    }
    assert "country:same" in codes["1"]
    assert "country:other" in codes["2"]
