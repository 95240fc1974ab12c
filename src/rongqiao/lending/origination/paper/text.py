"""The canonical text of an agreement: the words that are signed, hashed and printed.

One text follows from the same facts for ever; a change of wording is a new `TEXT_VERSION`.
`zh-2` added the articles on early recall and on security. Statutes: Civil Code 667 to 680 (loan
contracts), 560, 561, 673, 677; Electronic Signature Law 3, 13, 14.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from rongqiao.finance.capitals import capitals
from rongqiao.finance.money import Money
from rongqiao.lending.origination.paper import wording
from rongqiao.lending.origination.paper.sheet import Contingent, Sheet, SheetFee, SheetFloat
from rongqiao.lending.products.queries import ProductTerms
from rongqiao.policies.credit.recall import LEAST_GRACE, MOST_DAYS_LATE, MOST_GRACE

TEXT_VERSION = "zh-2"
TEXTS_WITH_RECALL = frozenset({"zh-2"})
TITLES = {"loan": "借款合同", "limit": "授信额度合同", "drawing": "额度项下借款借据"}


@dataclass(frozen=True, kw_only=True)
class Borrower:
    """The borrower in full, as the contract names them."""

    kind: str
    name: str
    number: str
    representative: str


@dataclass(frozen=True, kw_only=True)
class Contract:
    """Everything the text is made of. `under` is the number of the limit agreement it draws on."""

    kind: str
    number: str
    signed_on: date
    lender: str
    borrower: Borrower
    product_name: str
    purpose: str
    terms: ProductTerms
    sheet: Sheet
    under: str = ""
    valid_until: date | None = None


def agreement_text(contract: Contract) -> str:
    """Return the canonical text, lines ending in a newline."""
    parts = [
        TITLES[contract.kind],
        f"合同编号：{contract.number}",
        f"签订日期：{_day(contract.signed_on)}",
        "",
        *_sides(contract),
        "",
        *_articles(contract),
        "",
        *_plan(contract),
    ]
    return "\n".join(parts) + "\n"


def text_hash(text: str) -> str:
    """Return the SHA-256 of the canonical text."""
    return hashlib.sha256(text.encode()).hexdigest()


def percent(rate: Decimal) -> str:
    """Return a fraction as a percentage without idle zeros: `12%`, `18.25%`."""
    text = f"{rate * 100:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"


def _sides(contract: Contract) -> list[str]:
    borrower = contract.borrower
    lines = [f"贷款人（甲方）：{contract.lender}", f"借款人（乙方）：{borrower.name}"]
    if borrower.kind == "organization":
        lines.append(f"统一社会信用代码：{borrower.number}")
        lines.append(f"法定代表人：{borrower.representative}")
    else:
        lines.append(f"公民身份号码：{borrower.number}")
    return lines


def _articles(contract: Contract) -> list[str]:
    articles = [
        _amount(contract),
        *_draws(contract),
        _purpose(contract),
        _term(contract),
        _rate(contract),
        _fees(contract),
        _all_in(contract),
        _repayment(contract),
        _prepayment(contract),
        _default(contract),
        _recall(contract),
        *_security(contract),
        _allocation(contract),
        *wording.STANDING_ARTICLES,
    ]
    return [f"第{_numeral(no)}条　{text}" for no, text in enumerate(articles, start=1)]


def _amount(contract: Contract) -> str:
    amount = contract.sheet.principal
    figures = f"{capitals(amount)}（小写：{_yuan(amount)}）"
    if contract.kind == "limit":
        return f"授信额度：甲方给予乙方循环授信额度{figures}，乙方可在额度内多次借款、随借随还。"
    if contract.kind == "drawing":
        return f"借款金额：乙方依据编号 {contract.under} 的授信额度合同借款{figures}。"
    return f"借款金额：{figures}，产品为“{contract.product_name}”。甲方按实际出借金额计收利息。"


def _draws(contract: Contract) -> list[str]:
    """Return how the loan is drawn in several sums, where its product allows it."""
    draws = contract.terms.draws
    if draws is None:
        return []
    return [
        (
            f"分次放款：乙方可分次提取借款，最多 {draws.most} 次。首次放款的金额由乙方签署时选定；"
            f"其余款项由乙方自首次放款之日起 {draws.days} 日内申请提取，每次不少于"
            f"{_yuan(draws.least)}（提取全部余额的除外），逾期未提取的不再提取。乙方有到期未还的债务，或者甲方的贷款集中度"
            "已达限额的，不得提取。未提取的款项不计利息、不收费用。每次放款后，未到期各期按原还款日、"
            "原期数重新计算，新的还款计划以该次放款的补充协议为准。附表按一次提取全部借款测算。"
        )
    ]


def _purpose(contract: Contract) -> str:
    purpose = wording.PURPOSES.get(contract.purpose, contract.purpose)
    return (
        f"借款用途：{purpose}。乙方不得将借款用于购房、股票、债券、期货、金融衍生品、资产管理产品、"
        "固定资产及股本权益性投资。"
    )


def _term(contract: Contract) -> str:
    sheet = contract.sheet
    months = sheet.term_count * sheet.months_per_term
    if contract.kind == "limit":
        assert contract.valid_until is not None
        return (
            f"期限：额度自签订之日起至 {_day(contract.valid_until)}止可使用；每笔借款的期限以借据"
            f"为准，最短 {contract.terms.term_min} 个月，最长 {contract.terms.term_max} 个月。"
        )
    return (
        f"借款期限：{months} 个月，自放款之日起算；本合同按 {_day(sheet.starts_on)}放款测算，至 "
        f"{_day(sheet.ends_on)}到期，放款日顺延的，各还款日相应顺延。"
    )


def _rate(contract: Contract) -> str:
    sheet = contract.sheet
    count = wording.DAY_COUNTS.get(sheet.day_count, sheet.day_count)
    if sheet.floating is not None:
        return _floating_rate(sheet, sheet.floating, count)
    return f"利率：年利率 {percent(sheet.rate_annual)}（单利，固定利率）。计息方式：{count}。"


def _floating_rate(sheet: Sheet, floating: SheetFloat, count: str) -> str:
    reference, reset = wording.REFERENCES[floating.reference], wording.RESETS[floating.reset]
    sign = "减" if floating.points < 0 else "加"
    return (
        f"利率：浮动利率（单利），以{reference}贷款市场报价利率（LPR）为基准，{sign}"
        f" {abs(floating.points)} 个基点（1 个基点为 0.01 个百分点）。签订日适用的基准为"
        f" {_day(floating.quoted_on)}公布的 {percent(floating.quoted)}，年利率为"
        f" {percent(sheet.rate_annual)}，自放款之日起适用至首个重定价日。重定价日为{reset}，首个为"
        "放款之日以后的第一个；自重定价日起，年利率按其前一日最近公布的报价及上述基点重新确定，"
        "不高于放款日适用的利率上限，不低于 0.01%，分段计息，还款计划随之重新测算，已产生的利息"
        "不变；罚息利率按原比例随之调整。LPR 上升的，乙方的利息随之增加：年利率自始上升 1 个"
        f"百分点，利息合计约增加{_yuan(floating.dearer)}。计息方式：{count}。"
    )


def _fees(contract: Contract) -> str:
    if not contract.sheet.fees:
        return "费用：除利息外，不收取任何费用。"
    return "费用：" + "；".join(_fee(fee) for fee in contract.sheet.fees) + "。"


def _fee(fee: SheetFee) -> str:
    standard = f"借款本金的 {percent(fee.rate)}" if fee.rate is not None else "固定金额"
    collector = wording.COLLECTORS.get(fee.collector, fee.collector)
    moment = wording.FEE_MOMENTS.get(fee.at, fee.at)
    total = _yuan(fee.amount_total)
    return f"{fee.name_zh}，收取标准为{standard}，于{moment}收取，合计{total}，由{collector}收取"


def _all_in(contract: Contract) -> str:
    sheet = contract.sheet
    subject = "按全额使用额度测算，" if contract.kind == "limit" else ""
    simple, compound = _stated(sheet.all_in_simple), _stated(sheet.all_in_compound)
    return (
        f"综合融资成本：{subject}年化 {simple}（单利，内部收益率法），折合复利年化 {compound}；"
        f"签订日适用的上限为年化 {percent(sheet.cap_rate)}。"
    )


def _stated(rate: Decimal) -> str:
    """Return a cost as it is stated: in percent, half-up to two decimals."""
    return percent(rate.quantize(Decimal("0.0001"), ROUND_HALF_UP))


def _repayment(contract: Contract) -> str:
    method = wording.METHODS[contract.sheet.method]
    return f"还款方式：{method}。还款计划见附表，乙方应于还款日足额偿还。"


def _prepayment(contract: Contract) -> str:
    terms = contract.terms
    start = (
        "提前结清：乙方可随时一次还清全部剩余借款，利息按实际借款的期间计算"
        "（《中华人民共和国民法典》第六百七十七条）"
    )
    if not terms.prepayment_fee_rate:
        return f"{start}，不收取提前结清费。"
    free = terms.prepayment_fee_free_after
    after = f"；已偿还满 {free} 期后提前结清的，不收取该费用" if free else ""
    fee = percent(terms.prepayment_fee_rate)
    return f"{start}；提前偿还的本金按 {fee} 收取提前结清费{after}。"


def _default(contract: Contract) -> str:
    penalty = next(one for one in contract.sheet.contingent if one.code == "penalty-interest")
    return f"逾期：{_penalty(penalty)}除此之外不收取违约金、催收费等任何费用。"


def _penalty(penalty: Contingent) -> str:
    on = "逾期本金及逾期利息" if penalty.is_on_interest_too else "逾期本金"
    grace = (
        f"还款日后 {penalty.bound} 日为宽限期，期内还清的不计罚息；逾期超过宽限期的，自其届满之日起"
        if penalty.bound
        else "自逾期之日起"
    )
    rate = percent(penalty.rate)
    return f"{grace}对{on}按年利率 {rate} 计收罚息（日利率为年利率除以 360）。"


def _recall(contract: Contract) -> str:
    """What `servicing` does when it calls a loan back, in the agreement's words."""
    each = "额度项下任何一笔借款" if contract.kind == "limit" else "借款"
    return (
        f"提前到期：{each}逾期超过 {MOST_DAYS_LATE} 日，或者有证据表明未按约定用途使用的"
        "（《中华人民共和国民法典》第六百七十三条），甲方可以通知乙方该笔借款提前到期，通知中给予不少于"
        f" {LEAST_GRACE} 日、不超过 {MOST_GRACE} 日的宽限期。宽限期内仍按还款计划还款，"
        "乙方也可提前偿还；因逾期发出的通知，宽限期届满时已无到期未还款项的，自动失效。宽限期届满之日，剩余本金及计算至"
        "该日的利息一次到期，此后的利息及尚未到期的费用不再收取；届时未清偿的部分，按本合同的逾期约定"
        "计收罚息。"
    )


def _security(contract: Contract) -> list[str]:
    demand = contract.terms.security
    if demand is None:
        return []
    kinds = "、".join(wording.COLLATERAL.get(kind, kind) for kind in demand.kinds)
    least = percent(demand.coverage_min)
    text = (
        f"担保：本合同项下债务须由乙方或第三人提供担保，担保种类为{kinds}，按甲方的折扣系数计算的担保"
        f"价值不低于债务的 {least}；未达到的，甲方可拒绝放款。担保的范围、登记和实现以担保合同"
        "的约定为准；债务清偿后解除。"
    )
    return [text]


def _allocation(contract: Contract) -> str:
    order = wording.ALLOCATIONS[contract.terms.allocation_order]
    statute = "《中华人民共和国民法典》第五百六十条、第五百六十一条"
    return f"还款抵充：乙方的还款不足以清偿全部到期债务的，{order}（{statute}）。"


def _plan(contract: Contract) -> list[str]:
    sheet = contract.sheet
    title = "附表　还款计划" + ("（按全额使用额度测算）" if contract.kind == "limit" else "")
    rows = [
        f"{row.no} | {row.due_on.isoformat()} | {row.principal.text()} | {row.interest.text()}"
        f" | {row.fee.text()} | {row.payment.text()} | {row.balance.text()}"
        for row in sheet.rows
    ]
    totals = (
        f"合计 | — | {sheet.principal.text()} | {sheet.interest_total.text()}"
        f" | {sheet.fee_total.text()} | {sheet.payment_total.text()} | —"
    )
    return [title, "期次 | 还款日 | 本金 | 利息 | 费用 | 应还合计 | 剩余本金", *rows, totals]


def _yuan(money: Money) -> str:
    return f"人民币 {money.text()} 元"


def _day(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def _numeral(number: int) -> str:
    digits = "零一二三四五六七八九"
    tens, units = divmod(number, 10)
    ten = "" if not tens else "十" if tens == 1 else f"{digits[tens]}十"
    return ten + (digits[units] if units else "")
