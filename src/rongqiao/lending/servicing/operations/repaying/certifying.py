"""The canonical text of a 结清证明: one text follows from the same facts for ever. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rongqiao.finance.capitals import capitals
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.queries.certificates import TITLE


@dataclass(frozen=True, kw_only=True)
class Closing:
    """What the certificate certifies; names and numbers in full."""

    number: str
    lender: str
    borrower: str
    borrower_number: str
    loan_number: str
    principal: Money
    disbursed_on: date
    closed_on: date
    issued_on: date
    is_prepaid: bool


def certificate_text(closing: Closing) -> str:
    """Return the text, lines ending in a newline."""
    how = "提前结清" if closing.is_prepaid else "按期结清"
    lines = [
        TITLE,
        f"编号：{closing.number}",
        "",
        (
            f"兹证明，{closing.borrower}（证件号码：{closing.borrower_number}）"
            f"于{_day(closing.disbursed_on)}向{closing.lender}借入的款项，"
            f"借款编号{closing.loan_number}，"
            f"本金{capitals(closing.principal)}（¥{closing.principal.text()}），"
            f"已于{_day(closing.closed_on)}{how}，本金、利息、罚息及费用均已付清。"
        ),
        "自结清之日起，双方就该笔借款的债权债务关系终止。",
        "",
        f"出具人：{closing.lender}",
        f"出具日期：{_day(closing.issued_on)}",
    ]
    return "\n".join(lines) + "\n"


def _day(on: date) -> str:
    return f"{on.year}年{on.month}月{on.day}日"
