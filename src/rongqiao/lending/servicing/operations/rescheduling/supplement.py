"""The canonical text of a 借款合同补充协议: one text follows from the same facts for ever. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.amending.changes import BY_RATE, RESTRUCTURING
from rongqiao.lending.servicing.queries.amending.changes import TITLE, PlannedRow, Wish

KINDS = {
    "extension": "展期{months}个月",
    "principal-holiday": "自下一期起{months}个月只还利息、不还本金",
    "payment-holiday": "自下一期起{months}个月不还本金和利息",
}
REFERENCES = {"lpr-1y": "1年期", "lpr-5y": "5年期以上"}
RESETS = {"new-year": "每年1月1日", "anniversary": "每年放款日的对应日"}
POINT = Decimal("0.0001")


@dataclass(frozen=True, kw_only=True)
class Supplement:
    """What was agreed; names and numbers in full. `rows` is the plan from now on.

    The rates are those from now on, yearly fractions.
    """

    number: str
    lender: str
    borrower: str
    borrower_number: str
    loan_number: str
    consent: str
    wish: Wish
    rate_annual: Decimal
    penalty_rate_annual: Decimal
    made_on: date
    rows: tuple[PlannedRow, ...]
    # What of the payments after is penalty interest that was put off.
    penalty: Money


def supplement_text(made: Supplement) -> str:
    """Return the text, lines ending in a newline."""
    lines = [
        TITLE,
        f"编号：{made.number}",
        "",
        (
            f"{made.lender}（贷款人）与{made.borrower}（借款人，证件号码：{made.borrower_number}）"
            f"就借款编号{made.loan_number}的借款，依据借款人签署的申请（编号：{made.consent}），"
            f"自{day_in_words(made.made_on)}起变更还款安排如下："
        ),
        *_agreed(made),
        "三、变更后的还款计划（元）：",
    ]
    lines += [
        *plan_lines(made.rows),
        "",
        f"贷款人：{made.lender}",
        f"日期：{day_in_words(made.made_on)}",
    ]
    return "\n".join(lines) + "\n"


def plan_lines(rows: Iterable[PlannedRow]) -> list[str]:
    """Return a plan as papers print it: its heads, then a line for each row."""
    lines = ["应还日 | 应还合计 | 本金 | 利息 | 费用 | 剩余本金"]
    for row in rows:
        parts = (row.payment, row.principal, row.interest, row.fee, row.balance)
        lines.append(" | ".join([row.due_on.isoformat(), *(part.text() for part in parts)]))
    return lines


def _agreed(made: Supplement) -> tuple[str, str]:
    if made.wish.kind == RESTRUCTURING:
        return _relief(made)
    return _rates(made) if made.wish.kind in BY_RATE else _months(made)


def _relief(made: Supplement) -> tuple[str, str]:
    """Return what a restructuring brings: nothing is capitalised, nothing forgiven."""
    wish = made.wish
    parts = ["因借款人发生财务困难，双方同意重组本借款"]
    if wish.months:
        parts.append(f"还款期限延长{wish.months}个月")
    if wish.rate_annual is not None:
        parts.append(
            f"年利率自{day_in_words(made.made_on)}起降为{percent(made.rate_annual)}，为固定利率，"
            f"罚息年利率按原比例随之为{percent(made.penalty_rate_annual)}"
        )
    parts.append("逾期和未到期的本金合并，按下列计划归还")
    put_off = (
        "二、变更日之前未还的利息、罚息和费用不减免、不转为本金，与变更后第一期一并归还，"
        "在该日之前不视为逾期，不计罚息和复利"
    )
    if made.penalty:
        put_off += f"；其中罚息{made.penalty.text()}元计入第一期应还合计"
    return "一、" + "；".join(parts) + "。", put_off + "。其他约定不变。"


def _months(made: Supplement) -> tuple[str, str]:
    """Return what was agreed by months, and what stays."""
    first = KINDS[made.wish.kind].format(months=made.wish.months)
    return (
        f"一、{first}。{_rest(made.wish)}",
        "二、借款年利率、罚息利率和其他约定不变；已还款项和已产生的利息不变，利息不计复利。",
    )


def _rest(wish: Wish) -> str:
    """Return what becomes of the end and of interest that is put off."""
    if wish.kind == "extension":
        return ""
    told = "最后到期日相应顺延。" if wish.is_end_moved else "最后到期日不变。"
    if wish.kind == "payment-holiday":
        told += "其间的利息" + (
            "在其后各期中分摊归还。" if wish.is_spread else "与其后第一期一并归还。"
        )
    return told


def _rates(made: Supplement) -> tuple[str, str]:
    """Return what was agreed on the rate, and what stays."""
    wish = made.wish
    now = f"年利率自{day_in_words(made.made_on)}起为{percent(made.rate_annual)}"
    if wish.spread is None:
        first = f"一、{now}，为固定利率。"
    else:
        points = (wish.spread / POINT).quantize(Decimal("0.01")).normalize()
        sign = "减" if points < 0 else "加"
        first = (
            f"一、利率改为浮动利率：以{REFERENCES[wish.reference]}贷款市场报价利率（LPR）为基准，"
            f"{sign}{abs(points):f}个基点，{now}。{RESETS[wish.reset]}按前一日最近公布的报价重新"
            "确定，不高于放款日适用的利率上限，不低于0.01%；自重新确定之日起适用新利率，"
            "分段计息。"
        )
    return (
        first,
        (
            f"二、罚息年利率按原比例随之为{percent(made.penalty_rate_annual)}，其他约定不变；"
            "变更日之前的利息按原利率计算，已还款项和已产生的利息不变，利息不计复利。"
        ),
    )


def percent(rate: Decimal) -> str:
    """Return a rate in percent with two places, and more where it has more."""
    exact = (rate * 100).normalize()
    stated = (rate * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{stated if stated == exact else exact:f}%"


def day_in_words(on: date) -> str:
    """Return a day as papers write it."""
    return f"{on.year}年{on.month}月{on.day}日"
