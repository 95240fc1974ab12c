"""Amounts in Chinese capitals (人民币大写) for contracts and vouchers, and back.

Source: 中国人民银行《支付结算办法》(1997) 附一《正确填写票据和结算凭证的基本规定》第一至四条.
"""

from __future__ import annotations

from rongqiao.finance.money import Money

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
# 兆 is left out: its size differs by usage; 万亿 says the same without doubt.
_GROUPS = ("", "万", "亿", "万亿")
_LARGEST = 10**18
_PREFIX = "人民币"


class BadCapitals(ValueError):
    """The text is no amount in capitals; the message shows it."""


def capitals(money: Money) -> str:
    """Return the amount in capitals with `人民币` before it: `人民币壹仟贰佰元零伍分`.

    `整` follows yuan and jiao, never fen; one `零` stands for any zeros between digits, also
    between yuan and fen; with yuan ending in 0 and jiao present none is written, which the rule
    allows. A negative amount has `负` before its digits. Yuan only; below 10**16 yuan.
    """
    assert money.currency == "CNY", money
    assert abs(money.minor) < _LARGEST, money
    yuan, cents = divmod(abs(money.minor), 100)
    jiao, fen = divmod(cents, 10)
    text = _PREFIX + ("负" if money.minor < 0 else "")
    if yuan or not cents:
        text += (_whole(yuan) or _DIGITS[0]) + "元"
    if jiao:
        text += _DIGITS[jiao] + "角"
    elif fen and yuan:
        text += _DIGITS[0]
    return text + (_DIGITS[fen] + "分" if fen else "整")


def _whole(number: int) -> str:
    """Return a whole number in capitals, empty for 0."""
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    text = ""
    for position in reversed(range(len(groups))):
        group = groups[position]
        if not group:
            continue
        # A group below a thousand, or zeros since the last group, are one 零.
        if text and (group < 1000 or groups[position + 1] == 0):
            text += _DIGITS[0]
        text += _group(group) + _group_name(position, groups)
    return text


def _group_name(position: int, groups: list[int]) -> str:
    """Return 万, 亿 or 万亿; 万亿 is said 万 where 亿 follows of its own."""
    if position == 3 and groups[2]:
        return _GROUPS[1]
    return _GROUPS[position]


def _group(number: int) -> str:
    """Return 1 to 9999 in capitals."""
    text = ""
    skipped = False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            text += (_DIGITS[0] if skipped and text else "") + _DIGITS[digit] + _PLACES[place]
        skipped = not digit
    return text


def parse_capitals(text: str) -> Money:
    """Return the amount that text in capitals names.

    The inverse of `capitals`; raises BadCapitals for anything it would not write.
    """
    body = text.removeprefix(_PREFIX)
    sign = -1 if body.startswith("负") else 1
    yuan, mark, cents = body.removeprefix("负").rpartition("元")
    minor = (_read(yuan) * 100 if mark else 0) + _read_cents(cents)
    money = Money(sign * minor)
    if abs(minor) >= _LARGEST or capitals(money) != text:
        raise BadCapitals(f"{text!r} is not an amount in Chinese capitals")
    return money


def _read(text: str) -> int:
    """Return the whole number that these capitals name, leniently: the caller writes it back."""
    total = group = digit = 0
    for sign in text:
        if sign in _DIGITS:
            digit = _DIGITS.index(sign)
        elif sign in _PLACES:
            group += digit * 10 ** _PLACES.index(sign)
            digit = 0
        elif sign == "万":
            total += (group + digit) * 10_000
            group = digit = 0
        elif sign == "亿":
            total = (total + group + digit) * 100_000_000
            group = digit = 0
    return total + group + digit


def _read_cents(text: str) -> int:
    cents = digit = 0
    for sign in text:
        if sign in _DIGITS:
            digit = _DIGITS.index(sign)
        elif sign == "角":
            cents += digit * 10
        elif sign == "分":
            cents += digit
    return cents
