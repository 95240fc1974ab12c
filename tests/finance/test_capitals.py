"""Amounts in Chinese capitals, by the central bank's rules for vouchers and back again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.finance.capitals import BadCapitals, capitals, parse_capitals
from rongqiao.finance.money import Money

GOLDEN = {
    # The examples of 《正确填写票据和结算凭证的基本规定》第三条.
    "1409.50": "壹仟肆佰零玖元伍角整",
    "6007.14": "陆仟零柒元壹角肆分",
    "1680.32": "壹仟陆佰捌拾元叁角贰分",
    "107000.53": "壹拾万柒仟元伍角叁分",
    "16409.02": "壹万陆仟肆佰零玖元零贰分",
    "325.04": "叁佰贰拾伍元零肆分",
    # Nothing, fen and jiao alone.
    "0.00": "零元整",
    "0.01": "壹分",
    "0.09": "玖分",
    "0.10": "壹角整",
    "0.15": "壹角伍分",
    "0.99": "玖角玖分",
    # Yuan alone: 壹拾, not 拾.
    "1.00": "壹元整",
    "10.00": "壹拾元整",
    "11.00": "壹拾壹元整",
    "20.00": "贰拾元整",
    "100.00": "壹佰元整",
    "101.00": "壹佰零壹元整",
    "110.00": "壹佰壹拾元整",
    "1000.00": "壹仟元整",
    "1001.00": "壹仟零壹元整",
    "1010.00": "壹仟零壹拾元整",
    "1100.00": "壹仟壹佰元整",
    "9999.99": "玖仟玖佰玖拾玖元玖角玖分",
    # Yuan with jiao and fen.
    "1.01": "壹元零壹分",
    "1.10": "壹元壹角整",
    "1.11": "壹元壹角壹分",
    "10.05": "壹拾元零伍分",
    "10.50": "壹拾元伍角整",
    "100.03": "壹佰元零叁分",
    "20000.20": "贰万元贰角整",
    # 万 and zeros across it.
    "10000.00": "壹万元整",
    "10001.00": "壹万零壹元整",
    "10010.00": "壹万零壹拾元整",
    "10100.00": "壹万零壹佰元整",
    "11000.00": "壹万壹仟元整",
    "100000.00": "壹拾万元整",
    "100010.00": "壹拾万零壹拾元整",
    "120000.00": "壹拾贰万元整",
    "1000000.00": "壹佰万元整",
    "1010000.00": "壹佰零壹万元整",
    "1000001.00": "壹佰万零壹元整",
    "10000000.00": "壹仟万元整",
    "10001000.00": "壹仟万壹仟元整",
    "10000001.00": "壹仟万零壹元整",
    "10100100.00": "壹仟零壹拾万零壹佰元整",
    "50000000.00": "伍仟万元整",
    # 亿 and more.
    "100000000.00": "壹亿元整",
    "100000001.00": "壹亿零壹元整",
    "100010000.00": "壹亿零壹万元整",
    "110000000.00": "壹亿壹仟万元整",
    "1050000000.30": "壹拾亿伍仟万元叁角整",
    "10200000000.00": "壹佰零贰亿元整",
    "10000000100.00": "壹佰亿零壹佰元整",
    "1000000000000.00": "壹万亿元整",
    "1000000010000.00": "壹万亿零壹万元整",
    "1000100000000.00": "壹万零壹亿元整",
    "9999999999999.99": "玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分",
    "-5.50": "负伍元伍角整",
}


@pytest.mark.parametrize(("amount", "words"), GOLDEN.items())
def test_the_rules_own_examples_and_their_neighbours(amount, words):
    assert capitals(Money.yuan(amount)) == "人民币" + words


AMOUNTS = st.integers(-(10**18) + 1, 10**18 - 1) | st.text("0005", min_size=1, max_size=17).map(int)


@given(AMOUNTS)
def test_every_amount_reads_back(minor):
    assert parse_capitals(capitals(Money(minor))) == Money(minor)


@given(AMOUNTS, AMOUNTS)
def test_two_amounts_never_share_their_words(one, other):
    assert (capitals(Money(one)) == capitals(Money(other))) == (one == other)


@given(AMOUNTS)
def test_zeros_are_never_doubled_nor_before_a_unit(minor):
    text = capitals(Money(minor))
    assert "零零" not in text
    assert not any("零" + unit in text for unit in "拾佰仟万亿角分整")
    assert minor == 0 or "零元" not in text
    assert text.endswith(("分", "整"))


@pytest.mark.parametrize(
    "text",
    ["", "人民币", "壹元整", "人民币拾元整", "人民币壹元", "人民币壹佰壹元整", "人民币12元整", "x"],
)
def test_words_that_the_rules_do_not_make_are_refused(text):
    with pytest.raises(BadCapitals, match="is not an amount in Chinese capitals"):
        parse_capitals(text)
