"""Invented people and firms whose identifiers pass every check, and no two alike.

Resident ids: GB 11643-1999; credit codes: GB 32100-2015 with GB 11714 inside; cards: Luhn.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from uuid import UUID

from rongqiao.cli.simulate.people.profiles import Firm, Person

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡"
    "余杜叶程苏魏吕丁任沈"
)
GIVEN = (
    "伟芳娜敏静强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉萍红丹玲宇晨欣怡子涵梓轩浩然思雨"
    "嘉琪雅婷俊文博海燕建国志远春梅秋月"
)
TOWNS = ("110105", "310115", "440305", "330106", "320505", "510107", "420106", "610113", "370203")
FIRM_WORDS = "恒信泰和盛源德润诚达兴隆瑞丰安"
FIRM_TRADES = {
    "agriculture": "农业",
    "manufacturing": "制造",
    "wholesale-retail": "商贸",
    "transport": "物流",
    "catering": "餐饮",
    "technology": "科技",
    "services": "服务",
    "construction": "建设工程",
    "education": "教育咨询",
    "health": "健康服务",
    "mining": "矿业",
    "other": "实业",
}
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
FAMILIES_OF_NUMBERS = 1_000_000


def user_id_of(seed: int, number: int) -> UUID:
    """Return the id of the seed's user `number`: a UUIDv7 that is the same at every run."""
    draw = random.Random(f"{seed}/user/{number}")  # noqa: S311 - invented people, no secret
    bits = draw.getrandbits(128)
    return UUID(int=(bits & ~(0xF << 76) & ~(0x3 << 62)) | 0x7 << 76 | 0x2 << 62)


def invent_person(draw: random.Random, seed: int, number: int, born_on: date) -> Person:
    """Return person `number`, born on `born_on`."""
    name = draw.choice(SURNAMES) + "".join(draw.choices(GIVEN, k=draw.choice((1, 2, 2))))
    return Person(
        user_id=user_id_of(seed, number),
        name=name,
        resident_id=_resident_id(draw.choice(TOWNS), born_on, number),
        phone=f"1{draw.choice('35789')}{number % 10}{_scattered(number):08d}",
        card=_card(f"622848{number:012d}"),
    )


def invent_firm(draw: random.Random, number: int, sector: str) -> Firm:
    """Return firm `number` of a sector."""
    words = "".join(draw.sample(FIRM_WORDS, 2)) + draw.choice(GIVEN)
    trade = FIRM_TRADES.get(sector, "实业")
    return Firm(
        name=f"{words}{trade}有限公司",
        uscc=_credit_code(f"{number:08d}"),
        account=f"1100{number:012d}",
    )


def born_years_before(on: date, years: int, draw: random.Random) -> date:
    """Return a birthday that makes somebody `years` old on `on`."""
    return date(on.year - years, 1, 1) - timedelta(days=draw.randrange(0, 330))


def _scattered(number: int) -> int:
    """Return a number of eight digits that never repeats and does not look counted."""
    return (number * 61_803_399 + 27_182_818) % 100_000_000


def _resident_id(town: str, born_on: date, number: int) -> str:
    """Return an id; people of one birthday and town differ by their sequence number."""
    seventeen = f"{town}{born_on:%Y%m%d}{number % 995 + 1:03d}"
    total = sum(int(c) * w for c, w in zip(seventeen, _ID_WEIGHTS, strict=True))
    return seventeen + "10X98765432"[total % 11]


def _credit_code(eight: str) -> str:
    total = sum(int(c) * w for c, w in zip(eight, _ORGANISATION_WEIGHTS, strict=True))
    head = f"91110105{eight}{'0123456789X0'[11 - total % 11]}"
    weighed = sum(_USCC_ALPHABET.index(c) * pow(3, place, 31) for place, c in enumerate(head))
    return head + _USCC_ALPHABET[(31 - weighed % 31) % 31]


def _card(digits: str) -> str:
    doubled = sum(sum(divmod(int(c) * 2, 10)) for c in digits[::-2])
    return digits + str(-(doubled + sum(int(c) for c in digits[-2::-2])) % 10)
