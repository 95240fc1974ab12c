"""Identifiers: the standards' own examples, published traps, and laws over drawn ones."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.policies.identifiers import (
    PROVINCES,
    BadIdentifier,
    Sex,
    bank_card,
    credit_code,
    mobile_phone,
    organization_name,
    person_name,
    plate,
    resident_id,
    vehicle_number,
)
from rongqiao.policies.masking import mask_email, mask_name, mask_number, mask_phone

CASES = Path(__file__).parents[1] / "golden" / "china"
TODAY = date(2026, 1, 5)


def cases(name):
    return json.loads((CASES / f"{name}.json").read_text())


IDS, CODES = cases("resident_id"), cases("uscc")
CARDS, PHONES = cases("bank_card_luhn"), cases("mobile_prefix")
REFUSED_SYNTHETIC = {"999999189912319998": "region", "110101209912310103": "birth-date"}
WHY = {
    "wrong check char": "check-digit",
    "unknown province 16": "region",
    "31 February": "birth-date",
    "length": "length",
    "alphabet": "characters",
    "check char": "check-digit",
    "letter O": "characters",
}


@pytest.mark.parametrize("case", IDS["valid"], ids=lambda case: case["id"])
def test_the_examples_of_the_standard_are_valid(case):
    found = resident_id(case["id"], TODAY)
    assert found.number == case["id"]
    assert found.sex == case["sex"]
    assert found.birth_on.isoformat() == case["birth"]


@pytest.mark.parametrize("case", IDS["synthetic"], ids=lambda case: case["id"])
def test_synthetic_resident_ids_are_judged_by_region_and_birth_too(case):
    reason = REFUSED_SYNTHETIC.get(case["id"])
    if reason is None:
        assert resident_id(case["id"], TODAY).number == case["id"]
    else:
        with pytest.raises(BadIdentifier) as refused:
            resident_id(case["id"], TODAY)
        assert refused.value.reason == reason


@pytest.mark.parametrize("case", IDS["invalid"], ids=lambda case: case["id"])
def test_wrong_resident_ids_are_refused_for_the_right_reason(case):
    with pytest.raises(BadIdentifier) as refused:
        resident_id(case["id"], TODAY)
    assert refused.value.reason == WHY[case["why"]]
    assert case["id"] not in str(refused.value) + refused.value.shown


def test_small_x_full_width_and_spaces_are_one_number():
    one = resident_id("11010519491231002X", TODAY)
    assert resident_id("11010519491231002x", TODAY) == one
    assert resident_id(" 110105 19491231 002X ", TODAY) == one
    assert resident_id("１１０１０５１９４９１２３１００２Ｘ", TODAY) == one


def test_the_fifteen_digit_form_is_the_same_person():
    assert resident_id("110105491231002", TODAY) == resident_id("11010519491231002X", TODAY)


def test_the_fifteen_digit_form_of_a_centenarian_lies_in_the_century_before():
    assert resident_id("110105801231998", TODAY).birth_on == date(1880, 12, 31)


def test_a_person_is_a_year_older_on_the_birthday_and_not_before():
    born = resident_id("11010519491231002X", TODAY)
    assert born.age_on(date(2025, 12, 30)) == 75
    assert born.age_on(date(2025, 12, 31)) == 76


births = st.dates(date(1900, 1, 1), TODAY)
regions = st.builds(
    lambda province, rest: f"{province}{rest:04d}",
    st.sampled_from(sorted(PROVINCES)),
    st.integers(101, 9999),
)


def with_check(seventeen):
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(c) * w for c, w in zip(seventeen, weights, strict=True))
    return seventeen + "10X98765432"[total % 11]


@given(regions, births, st.integers(0, 999))
def test_every_well_formed_resident_id_is_valid_and_read_right(region, born, sequence):
    number = with_check(f"{region}{born:%Y%m%d}{sequence:03d}")
    found = resident_id(number, TODAY)
    assert (found.number, found.birth_on) == (number, born)
    assert found.sex == (Sex.MALE if sequence % 2 else Sex.FEMALE)


@given(regions, births, st.integers(0, 999), st.integers(0, 17), st.integers(1, 9))
def test_no_single_wrong_digit_passes(region, born, sequence, place, step):
    number = with_check(f"{region}{born:%Y%m%d}{sequence:03d}")
    wrong_digit = "0" if number[place] == "X" else str((int(number[place]) + step) % 10)
    wrong = number[:place] + wrong_digit + number[place + 1 :]
    with pytest.raises(BadIdentifier):
        resident_id(wrong, TODAY + timedelta(days=1))


@pytest.mark.parametrize("case", CODES["valid"] + CODES["synthetic"], ids=lambda case: case["code"])
def test_credit_codes_are_valid_also_where_the_remainder_is_nought(case):
    found = credit_code(case["code"].lower())
    assert found.number == case["code"]
    assert found.is_organisation_code_consistent


@pytest.mark.parametrize("case", CODES["invalid"], ids=lambda case: case["code"])
def test_wrong_credit_codes_are_refused_for_the_right_reason(case):
    with pytest.raises(BadIdentifier) as refused:
        credit_code(case["code"])
    assert refused.value.reason == WHY[case["why"]]


def credit_code_of(first_seventeen):
    total = sum(
        CODES["alphabet"].index(c) * w
        for c, w in zip(first_seventeen, CODES["weights"], strict=True)
    )
    return first_seventeen + CODES["alphabet"][(31 - total % 31) % 31]


@given(
    st.text(CODES["alphabet"], min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(CODES["alphabet"], min_size=9, max_size=9),
)
def test_letters_are_allowed_in_the_first_two_places(head, region, organisation):
    assert credit_code(credit_code_of(head + region + organisation)).number[:2] == head


@pytest.mark.parametrize("number", PHONES["vectors"]["valid"])
def test_mobile_numbers_are_valid_with_and_without_the_country(number):
    assert mobile_phone(number) == number[-11:]


@pytest.mark.parametrize("number", PHONES["vectors"]["invalid"])
def test_wrong_mobile_numbers_are_refused(number):
    with pytest.raises(BadIdentifier):
        mobile_phone(number)


@pytest.mark.parametrize(
    "written",
    [
        "138 0013 8000",
        "+86 138-0013-8000",
        "008613800138000",
        "8613800138000",
        "１３８００１３８０００",
        "+86 13800138000",
        "（+86）13800138000",
    ],
)
def test_however_it_is_written_one_phone_is_one_number(written):
    assert mobile_phone(written) == "13800138000"


@pytest.mark.parametrize("number", CARDS["valid"])
def test_published_cards_pass_the_luhn_check(number):
    assert bank_card(number).is_luhn_valid


@pytest.mark.parametrize("number", CARDS["invalid"] + [CARDS["genuine_but_fails"]])
def test_a_card_that_fails_the_luhn_check_is_warned_of_and_taken(number):
    found = bank_card(number)
    assert found.number == number
    assert not found.is_luhn_valid


@pytest.mark.parametrize("text", ["", "12345", "6" * 20, "62220000000A", "-1", "1e18"])
def test_what_is_no_card_number_is_refused(text):
    with pytest.raises(BadIdentifier):
        bank_card(text)


def test_a_name_has_one_form():
    assert person_name(" 阿不都•热合曼 ") == "阿不都·热合曼"
    assert person_name("Ａｎｎａ  Ｌｉ") == "Anna Li"


@pytest.mark.parametrize("name", ["", "王", "王1", "王<b>", "王\x00小", "王" * 51, "==cmd"])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(BadIdentifier):
        person_name(name)


def test_a_firm_may_carry_brackets_and_nothing_dangerous():
    assert organization_name("融桥（北京）科技有限公司") == "融桥(北京)科技有限公司"
    with pytest.raises(BadIdentifier):
        organization_name("<script>有限公司")


def test_masks_show_what_they_may_and_no_more():
    assert mask_phone("13800138000") == "138****8000"
    assert mask_name("王五") == "王*"
    assert mask_number("110101199003070021") == "1101**********0021"
    assert mask_number("12345678") == "1******8"
    assert mask_email("zhang@example.com") == "z***@example.com"


# 1M8GDM9AXKP042788 is the worked example of the check digit in 49 CFR 565.15.
@pytest.mark.parametrize("text", ["1M8GDM9AXKP042788", "11111111111111111", "5GZCZ43D13S812715"])
def test_a_vehicle_number_comes_out_in_one_form(text):
    assert vehicle_number(f" {text[:8].lower()} {text[8:]} ") == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1M8GDM9AXKP04278", "length"),
        ("1M8GDM9AXKP04278O", "characters"),
        ("1M8GDM9A1KP042788", "check-digit"),
        ("", "length"),
    ],
)
def test_a_wrong_vehicle_number_says_why(text, reason):
    with pytest.raises(BadIdentifier) as refused:
        vehicle_number(text)
    assert refused.value.reason == reason


@given(st.integers(0, 16), st.sampled_from("0123456789"))
def test_one_wrong_digit_of_a_vehicle_number_is_found(place, digit):
    number = "5GZCZ43D13S812715"
    if number[place].isdigit() and number[place] != digit:
        with pytest.raises(BadIdentifier):
            vehicle_number(number[:place] + digit + number[place + 1 :])


@pytest.mark.parametrize("text", ["京A12345", "京a·12345", "粤BD12345", "沪A1234学"])
def test_a_plate_comes_out_in_one_form(text):
    assert plate(text) == text.upper().replace("·", "")


@pytest.mark.parametrize("text", ["A12345", "京112345", "京AI2345", "京A1234", "京A1234567", ""])
def test_what_is_no_plate_is_refused(text):
    with pytest.raises(BadIdentifier):
        plate(text)
