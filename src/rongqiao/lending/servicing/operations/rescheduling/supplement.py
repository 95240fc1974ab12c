"""The canonical text of a 借款合同补充协议: one text follows from the same facts for ever. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rongqiao.lending.servicing.queries.amending.changes import TITLE, PlannedRow

KINDS = {
    "extension": "展期{months}个月",
    "principal-holiday": "自下一期起{months}个月只还利息、不还本金",
    "payment-holiday": "自下一期起{months}个月不还本金和利息",
}


@dataclass(frozen=True, kw_only=True)
class Supplement:
    """What was agreed; names and numbers in full. `rows` is the plan from now on."""

    number: str
    lender: str
    borrower: str
    borrower_number: str
    loan_number: str
    consent: str
    kind: str
    months: int
    is_end_moved: bool
    is_spread: bool
    made_on: date
    rows: tuple[PlannedRow, ...]


def supplement_text(made: Supplement) -> str:
    """Return the text, lines ending in a newline."""
    lines = [
        TITLE,
        f"编号：{made.number}",
        "",
        (
            f"{made.lender}（贷款人）与{made.borrower}（借款人，证件号码：{made.borrower_number}）"
            f"就借款编号{made.loan_number}的借款，依据借款人签署的申请（编号：{made.consent}），"
            f"自{_day(made.made_on)}起变更还款安排如下："
        ),
        f"一、{KINDS[made.kind].format(months=made.months)}。{_rest(made)}",
        "二、借款年利率、罚息利率和其他约定不变；已还款项和已产生的利息不变，利息不计复利。",
        "三、变更后的还款计划（元）：",
    ]
    lines.append("应还日 | 应还合计 | 本金 | 利息 | 费用 | 剩余本金")
    for row in made.rows:
        parts = (row.payment, row.principal, row.interest, row.fee, row.balance)
        lines.append(" | ".join([row.due_on.isoformat(), *(part.text() for part in parts)]))
    lines += ["", f"贷款人：{made.lender}", f"日期：{_day(made.made_on)}"]
    return "\n".join(lines) + "\n"


def _rest(made: Supplement) -> str:
    """Return what becomes of the end and of interest that is put off."""
    if made.kind == "extension":
        return ""
    told = "最后到期日相应顺延。" if made.is_end_moved else "最后到期日不变。"
    if made.kind == "payment-holiday":
        told += "其间的利息" + (
            "在其后各期中分摊归还。" if made.is_spread else "与其后第一期一并归还。"
        )
    return told


def _day(on: date) -> str:
    return f"{on.year}年{on.month}月{on.day}日"
