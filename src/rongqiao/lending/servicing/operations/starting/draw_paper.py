"""The canonical text of the supplement to a further draw: one text for the same facts. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rongqiao.finance.capitals import capitals
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.operations.rescheduling.supplement import (
    day_in_words,
    percent,
    plan_lines,
)
from rongqiao.lending.servicing.queries.amending.changes import TITLE, PlannedRow


@dataclass(frozen=True, kw_only=True)
class DrawPaper:
    """What was drawn; names and numbers in full. `rows` is the plan from now on.

    `drawn` is all that was drawn so far, this sum included; the rate is a yearly fraction.
    """

    number: str
    lender: str
    borrower: str
    borrower_number: str
    loan_number: str
    amount: Money
    drawn: Money
    left: Money
    last_on: date
    rate_annual: Decimal
    made_on: date
    rows: tuple[PlannedRow, ...]


def draw_text(made: DrawPaper) -> str:
    """Return the text, lines ending in a newline."""
    rest = (
        f"尚可提取人民币{made.left.text()}元，最迟于{day_in_words(made.last_on)}提取"
        if made.left
        else "合同项下借款已全部提取"
    )
    lines = [
        TITLE,
        f"编号：{made.number}",
        "",
        (
            f"{made.lender}（贷款人）与{made.borrower}（借款人，证件号码：{made.borrower_number}）"
            f"就借款编号{made.loan_number}的借款，依据借款合同的分次放款约定，确认如下："
        ),
        (
            f"一、借款人于{day_in_words(made.made_on)}提取{capitals(made.amount)}"
            f"（小写：人民币{made.amount.text()}元），款项当日放入借款人账户，自当日起计息；"
            f"累计已提取人民币{made.drawn.text()}元，{rest}。"
        ),
        (
            f"二、年利率{percent(made.rate_annual)}、还款日、期数和其他约定不变；当日之前的利息按"
            "当时的本金计算，已还款项和已产生的利息不变，利息不计复利。"
        ),
        "三、放款后的还款计划（元）：",
        *plan_lines(made.rows),
    ]
    lines += ["", f"贷款人：{made.lender}", f"日期：{day_in_words(made.made_on)}"]
    return "\n".join(lines) + "\n"
