"""The four files of a portfolio: their columns by both names, and what a cell of each may hold."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rongqiao.finance.schedule.terms import DAY_COUNTS


class File(StrEnum):
    """One of the files, by the name it is given without `.csv`."""

    BORROWERS = "borrowers"
    LOANS = "loans"
    INSTALMENTS = "instalments"
    PAYMENTS = "payments"


class Cell(StrEnum):
    """What a column holds: the shape that a cell is read by."""

    TEXT = "text"
    NUMBER = "number"
    AMOUNT = "amount"
    RATE = "rate"
    DAY = "day"
    WORD = "word"


# The words of the columns that take one of a few, by what people write in either language.
KINDS = {
    "person": "person",
    "个人": "person",
    "organization": "organization",
    "企业": "organization",
}
METHODS = {
    "equal_instalment": "equal_instalment",
    "等额本息": "equal_instalment",
    "equal_principal": "equal_principal",
    "等额本金": "equal_principal",
    "interest_only": "interest_only",
    "按期付息到期还本": "interest_only",
    "先息后本": "interest_only",
    "bullet": "bullet",
    "到期还本付息": "bullet",
    "flat": "flat",
    "等本等息": "flat",
    "custom": "custom",
    "自定义": "custom",
}
# What lending to firms gathers in, by the words of an application and of the concentration limits.
_INDUSTRIES = {
    "agriculture": "农林牧渔",
    "manufacturing": "制造业",
    "wholesale-retail": "批发零售",
    "transport": "交通运输与仓储",
    "catering": "住宿餐饮",
    "technology": "信息技术",
    "services": "商务与居民服务",
    "construction": "建筑业",
    "education": "教育",
    "health": "医疗健康",
    "mining": "采矿业",
    "real-estate": "房地产",
    "finance": "金融业",
    "other": "其他行业",
}
INDUSTRIES = {word: code for code, chinese in _INDUSTRIES.items() for word in (code, chinese)}
BASES = {name: name for name in DAY_COUNTS}


@dataclass(frozen=True)
class Column:
    """One column: both names, its shape, and whether a cell may be empty (0, or none).

    An optional column may be left out as a whole.
    """

    name: str
    chinese: str
    cell: Cell
    is_optional: bool = False
    words: tuple[tuple[str, str], ...] = ()
    longest: int = 40


def _words(name: str, chinese: str, words: dict[str, str], *, is_optional: bool = False) -> Column:
    return Column(name, chinese, Cell.WORD, is_optional, words=tuple(words.items()))


def _amount(name: str, chinese: str, *, is_optional: bool = False) -> Column:
    return Column(name, chinese, Cell.AMOUNT, is_optional)


COLUMNS: dict[File, tuple[Column, ...]] = {
    File.BORROWERS: (
        Column("reference", "客户编号", Cell.TEXT),
        _words("kind", "客户类型", KINDS),
        Column("name", "名称", Cell.TEXT, longest=120),
        Column("id_number", "证件号码", Cell.TEXT),
        Column("phone", "手机号", Cell.TEXT),
        Column("representative_name", "法定代表人", Cell.TEXT, is_optional=True),
        Column("representative_id", "法定代表人身份证号", Cell.TEXT, is_optional=True),
        _words("industry", "行业", INDUSTRIES, is_optional=True),
    ),
    File.LOANS: (
        Column("number", "借款编号", Cell.TEXT, longest=24),
        Column("borrower", "客户编号", Cell.TEXT),
        Column("product", "产品代码", Cell.TEXT),
        _amount("principal", "本金"),
        Column("annual_rate", "年利率(%)", Cell.RATE),
        Column("penalty_rate", "罚息年利率(%)", Cell.RATE, is_optional=True),
        _words("method", "还款方式", METHODS),
        _words("day_count", "计息基础", BASES),
        Column("lent_on", "放款日", Cell.DAY),
    ),
    File.INSTALMENTS: (
        Column("loan", "借款编号", Cell.TEXT, longest=24),
        Column("no", "期数", Cell.NUMBER),
        Column("from_on", "起息日", Cell.DAY),
        Column("due_on", "应还日", Cell.DAY),
        _amount("principal", "应还本金"),
        _amount("interest", "应还利息"),
        _amount("fee", "应还费用", is_optional=True),
        _amount("penalty", "应还罚息", is_optional=True),
        _amount("principal_paid", "已还本金"),
        _amount("interest_paid", "已还利息"),
        _amount("fee_paid", "已还费用", is_optional=True),
        _amount("penalty_paid", "已还罚息", is_optional=True),
        Column("settled_on", "结清日", Cell.DAY, is_optional=True),
    ),
    File.PAYMENTS: (
        Column("loan", "借款编号", Cell.TEXT, longest=24),
        Column("paid_on", "还款日", Cell.DAY),
        _amount("principal", "本金"),
        _amount("interest", "利息"),
        _amount("penalty", "罚息", is_optional=True),
        _amount("fee", "费用", is_optional=True),
    ),
}

# One borrower and one loan, for the templates; the figures agree with each other.
_EXAMPLES: dict[File, tuple[str, ...]] = {
    File.BORROWERS: ("K0001,个人,王小明,110101199003070011,13800138000,,,",),
    File.LOANS: ("JK0001,K0001,consumer-monthly,2000.00,12,18,等额本金,30/360,2025-11-20",),
    File.INSTALMENTS: (
        "JK0001,1,2025-11-20,2025-12-20,1000.00,20.00,0.00,0.00,1000.00,20.00,0.00,0.00,2025-12-20",
        "JK0001,2,2025-12-20,2026-01-20,1000.00,10.00,0.00,0.00,0.00,0.00,0.00,0.00,",
    ),
    File.PAYMENTS: ("JK0001,2025-12-20,1000.00,20.00,0.00,0.00",),
}


def template_of(file: File, *, in_chinese: bool = True) -> str:
    """Return the file with its heads and an example of each row, lines ending as Excel has them."""
    heads = [column.chinese if in_chinese else column.name for column in COLUMNS[file]]
    return "\r\n".join([",".join(heads), *_EXAMPLES[file]]) + "\r\n"
