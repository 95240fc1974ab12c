"""The words analysts read: where in a policy something stands, what differs, what is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from rongqiao.risk.queries.policies.documents import ORDER, Difference
from rongqiao.web.account.checks.words import fact_words
from rongqiao.web.backoffice.finance.words import Words, say
from rongqiao.web.frame.reasons import REASONS, shown_name

STANDINGS: Words = {
    "waiting": gettext_lazy("待放行"),
    "in-force": gettext_lazy("生效中"),
    "scheduled": gettext_lazy("已放行，未到生效日"),
    "superseded": gettext_lazy("已被取代"),
    "refused": gettext_lazy("已驳回"),
    "withdrawn": gettext_lazy("已撤回"),
}
TONES = {"waiting": "info", "in-force": "success", "scheduled": "info", "refused": "error"}
ORIGINS: Words = {
    "draft": gettext_lazy("由草稿提出"),
    "rollback": gettext_lazy("回退"),
    "shipped": gettext_lazy("随平台提供"),
}
CODES: Words = {
    "consumer": gettext_lazy("个人消费贷款"),
    "business": gettext_lazy("企业经营贷款"),
}
OUTCOMES: Words = {
    "approve": gettext_lazy("通过"),
    "refer": gettext_lazy("转人工"),
    "decline": gettext_lazy("拒绝"),
}
OUTCOME_TONES = {"approve": "success", "refer": "warning", "decline": "error"}
ENDINGS: Words = {
    "good": gettext_lazy("正常"),
    "bad": gettext_lazy("违约"),
    "unknown": gettext_lazy("未知"),
}
PARTIES: Words = {"person": gettext_lazy("个人"), "organization": gettext_lazy("企业")}
SOURCES: Words = {
    "platform": gettext_lazy("本平台的历史申请"),
    "german-1994": gettext_lazy("公开样本：德国信贷数据（1994 年）"),
}
HITS: Words = {
    "collect": gettext_lazy("逐条检查，全部列出"),
    "first": gettext_lazy("命中一条即止"),
}
UNKNOWNS: Words = {
    "skip": gettext_lazy("无法判断时跳过"),
    "refer": gettext_lazy("无法判断时转人工"),
}
MISSING: Words = {
    "unknown": gettext_lazy("按未知处理"),
    "refer": gettext_lazy("转人工"),
    "use": gettext_lazy("用固定值代替"),
}
FEATURE_TYPES: Words = {
    "number": gettext_lazy("数字"),
    "text": gettext_lazy("文字（代码）"),
    "flag": gettext_lazy("是或否"),
    "date": gettext_lazy("日期"),
}
FEATURE_UNITS: Words = {
    "yuan": gettext_lazy("元"),
    "share": gettext_lazy("份额"),
    "years": gettext_lazy("年"),
    "months": gettext_lazy("月"),
    "days": gettext_lazy("天"),
    "count": gettext_lazy("个"),
    "points": gettext_lazy("分"),
    "": gettext_lazy("无"),
}
SIGNS: Words = {"from": gettext_lazy("不低于"), "to": gettext_lazy("不高于")} | {
    "<": gettext_lazy("低于"),
    "<=": gettext_lazy("不高于"),
    ">": gettext_lazy("高于"),
    ">=": gettext_lazy("不低于"),
    "==": gettext_lazy("等于"),
    "!=": gettext_lazy("不等于"),
}
# What the engine reckons, and the words of the language that are no feature.
_RECKONED: Words = {
    "score": gettext_lazy("评分"),
    "grade": gettext_lazy("等级"),
    "burden": gettext_lazy("还款负担占收入（按可贷金额）"),
    "burden-asked": gettext_lazy("还款负担占收入（按申请金额）"),
    "amount-most": gettext_lazy("可承受的最大金额"),
    "amount-offered": gettext_lazy("可贷金额"),
    "product.amount-min": gettext_lazy("产品起点金额"),
    "product.amount-max": gettext_lazy("产品最高金额"),
    "term-months": gettext_lazy("期限（月）"),
    "rate": gettext_lazy("年利率"),
    "margin": gettext_lazy("年化利润率"),
    "bound": gettext_lazy("限制可借金额的条件"),
    "decided-on": gettext_lazy("审批日期"),
    "weakest": gettext_lazy("失分最多的项目"),
}
# What a part of the document is called.
_PARTS: Words = {
    "label": gettext_lazy("版本标签"),
    "title": gettext_lazy("名称"),
    "party_kind": gettext_lazy("适用对象"),
    "features": gettext_lazy("特征"),
    "score": gettext_lazy("评分"),
    "points": gettext_lazy("评分表"),
    "start": gettext_lazy("起始分"),
    "lines": gettext_lazy("评分项"),
    "bounds": gettext_lazy("分段"),
    "words": gettext_lazy("取值"),
    "missing": gettext_lazy("缺失时"),
    "model": gettext_lazy("模型"),
    "version": gettext_lazy("版本"),
    "origin": gettext_lazy("来源"),
    "grades": gettext_lazy("等级"),
    "score_min": gettext_lazy("最低分"),
    "affordability": gettext_lazy("还款能力"),
    "burden_max": gettext_lazy("还款负担上限"),
    "income_months_max": gettext_lazy("最多为几个月收入"),
    "revenue_share_max": gettext_lazy("最多占年收入的份额"),
    "pricing": gettext_lazy("定价"),
    "rates": gettext_lazy("利率"),
    "rate_annual": gettext_lazy("年利率"),
    "profit": gettext_lazy("利润下限"),
    "funds": gettext_lazy("资金成本"),
    "cost": gettext_lazy("运营成本"),
    "loss_given_default": gettext_lazy("违约损失率"),
    "default_rates": gettext_lazy("违约率"),
    "floor": gettext_lazy("下限"),
    "below": gettext_lazy("低于下限时"),
    "challenge": gettext_lazy("冠军与挑战者"),
    "policy": gettext_lazy("挑战者策略"),
    "share": gettext_lazy("分流比例"),
    "salt": gettext_lazy("分流盐"),
    "tables": gettext_lazy("规则表"),
    "rules": gettext_lazy("规则"),
    "when": gettext_lazy("条件"),
    "outcome": gettext_lazy("结论"),
    "reason": gettext_lazy("原因"),
    "facts": gettext_lazy("说明中的数字"),
    "again": gettext_lazy("再次申请"),
    "hit": gettext_lazy("检查方式"),
    "unknown": gettext_lazy("无法判断时"),
    "reasons": gettext_lazy("自有原因的文字"),
    "tests": gettext_lazy("测试案例"),
    "case": gettext_lazy("申请"),
    "expect": gettext_lazy("预期"),
    ORDER: gettext_lazy("次序"),
}
# A longer value of the document is folded where it stands.
LONGEST_SHOWN = 160
KINDS: Words = {
    "added": gettext_lazy("新增"),
    "removed": gettext_lazy("删除"),
    "changed": gettext_lazy("修改"),
    "moved": gettext_lazy("调整次序"),
}

# English texts of the documents that come with the platform. A document is kept under the digest
# of its bytes, so that its own texts stay as they are.
_TEXTS: Words = {
    "comes with the platform": gettext_lazy("随平台提供"),
    "hand-made table; not trained on Chinese data": gettext_lazy(
        "人工制定的评分表，没有用中国数据训练"
    ),
    "an ordinary case": gettext_lazy("普通申请"),
    "not yet of age": gettext_lazy("未满年龄"),
    "late here now": gettext_lazy("在本平台正逾期"),
    "late once": gettext_lazy("曾经逾期"),
    "income not known": gettext_lazy("收入不详"),
    "debts too high": gettext_lazy("负债过高"),
    "an ordinary firm": gettext_lazy("普通企业"),
    "a sector not lent to": gettext_lazy("不放款的行业"),
    "a sector to look at": gettext_lazy("须人工审看的行业"),
    "a year too young": gettext_lazy("成立不足一年"),
    "on the list of dishonest debtors": gettext_lazy("列为失信被执行人"),
    "an enforcement is open": gettext_lazy("有未结的强制执行"),
    "a low score outside": gettext_lazy("外部评分低"),
    "nothing known from outside": gettext_lazy("外部信息不详"),
    "a firm without blemish outside": gettext_lazy("外部信息无异常的企业"),
    "nothing known of the firm outside": gettext_lazy("企业外部信息不详"),
    "the tax office has not answered yet": gettext_lazy("税务尚未答复"),
    "a firm on the list of dishonest debtors": gettext_lazy("企业列为失信被执行人"),
    "a registration that was revoked": gettext_lazy("登记已吊销"),
    "a registration that moved away": gettext_lazy("登记已迁出"),
    "listed for abnormal operation": gettext_lazy("列入经营异常名录的企业"),
    "founded a month later than stated": gettext_lazy("登记成立晚一个月"),
    "founded more than a month later than stated": gettext_lazy("登记成立晚一个月以上"),
    "an enforcement against the firm": gettext_lazy("企业有执行案件"),
    "tax unpaid and the lowest grade": gettext_lazy("欠税且纳税信用为 D"),
    "three months without an invoice": gettext_lazy("三个月没有开票"),
    "invoices fallen by half": gettext_lazy("开票下降一半"),
    "revenue far above the invoices": gettext_lazy("填写的收入远高于开票"),
    "one customer for most of it": gettext_lazy("大部分开票来自一个客户"),
    "a sound firm": gettext_lazy("报表稳健的企业"),
    "a firm about to fail": gettext_lazy("报表恶化的企业"),
    "no statement": gettext_lazy("没有报表"),
}


def subject_name(subject: str) -> str:
    """Return a feature or reckoned value in words; an expression says itself."""
    known = _RECKONED.get(subject)
    return str(known) if known is not None else fact_words(subject) or shown_name(subject)


def policy_name(code: str) -> str:
    """Return a policy in words."""
    return say(CODES, code)


def tongue(told: dict[str, str]) -> str:
    """Return a text of the document in the reader's language."""
    is_chinese = (get_language() or "zh").startswith("zh")
    return told["zh" if is_chinese else "en"]


def text_words(text: str) -> str:
    """Return a text of a document in the reader's language; one that is not ours says itself."""
    return str(_TEXTS.get(text, text))


def reason_words(code: str) -> str:
    """Return what a reason says, its figures left open; an own reason says its code."""
    known = REASONS.get(code)
    return re.sub(r"%\(\w+\)s", "…", str(known[0])) if known else code


def path_words(path: Sequence[str]) -> str:
    """Return where in the document something stands: parts in words, names as they are."""
    told = [str(_PARTS[part]) if part in _PARTS else _named(part) for part in path]
    # "Tables › against › rules › too-young": the list's own word says little beside its entry.
    shown = [
        word
        for n, word in enumerate(told)
        if path[n] not in ("tables", "rules", "lines", "points") or n == len(told) - 1
    ]
    return " › ".join(shown)


def _named(part: str) -> str:
    return text_words(part) if part in _TEXTS else subject_name(part)


def value_words(value: Any) -> str:
    """Return a value of the document on one line; nothing for nothing."""
    if value is None:
        return "—"
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, (dict, list)):
        return json.dumps(value)
    if isinstance(value, dict) and "when" in value:
        return f"{value['when']} → {say(OUTCOMES, value['outcome'])}"
    return json.dumps(value, ensure_ascii=False)


def difference_rows(found: Sequence[Difference]) -> list[dict[str, Any]]:
    """Return differences as rows: where, how, from what, to what; long values are folded."""
    tones = {"added": "success", "removed": "error"}
    rows = []
    for one in found:
        was, now = value_words(one.was), value_words(one.now)
        rows.append(
            {
                "where": path_words(one.path),
                "code": ".".join(one.path),
                "kind": say(KINDS, one.kind),
                "tone": tones.get(one.kind, ""),
                "was": was,
                "now": now,
                "is_was_long": len(was) > LONGEST_SHOWN,
                "is_now_long": len(now) > LONGEST_SHOWN,
            }
        )
    return rows


# What is wrong with a document, as risk says it in English: the sentence, and its words here.
_FAULTS: tuple[tuple[str, Promise], ...] = (
    (r"column (?P<at>\d+): (?P<rest>.*)", gettext_lazy("第 %(at)s 个字符处：%(rest)s")),
    (r"(?P<name>'.*') is no feature of this policy.*", gettext_lazy("%(name)s 不是本策略的特征。")),
    (r"(?P<name>'.*') begins nothing that is known", gettext_lazy("无法识别 %(name)s。")),
    (r"(?P<name>'.*') is not expected here", gettext_lazy("%(name)s 不应出现在这里。")),
    (r"(?P<name>'.*') is missing", gettext_lazy("缺少 %(name)s。")),
    (r"it ends early", gettext_lazy("表达式没有写完。")),
    (r"a value is missing before (?P<name>.*)", gettext_lazy("%(name)s 前缺少一个值。")),
    (r"it gives a (?P<is>\w+), a (?P<need>\w+) is needed", gettext_lazy("条件的结果须为真或假。")),
    (r"a (?P<one>\w+) is never a (?P<other>\w+)", gettext_lazy("两边的类型不同，无法比较。")),
    (r"numbers, or dates, have an order.*", gettext_lazy("只有数字或日期可以比较大小。")),
    (r"every item of the list must be .*", gettext_lazy("列表中每一项的类型须与左边相同。")),
    (r"no function (?P<name>'.*'); .*", gettext_lazy("没有函数 %(name)s。")),
    (
        r"a whole number from (?P<a>\S+) to (?P<b>\S+) .*",
        gettext_lazy("须为 %(a)s 到 %(b)s 的整数。"),
    ),
    (r"a number from (?P<a>\S+) to (?P<b>\S+) .*", gettext_lazy("须为 %(a)s 到 %(b)s 的数字。")),
    (r"a number .*is needed here", gettext_lazy("须为数字，如 0.55。")),
    (r"no released model has this digest", gettext_lazy("没有已放行的模型是这个摘要。")),
    (r"no policy is kept under this digest", gettext_lazy("没有这个摘要的策略。")),
    (r"grades go from the highest score down", gettext_lazy("等级须按最低分从高到低排列。")),
    (r"a riskier grade never has less", gettext_lazy("风险较高的等级不能更低。")),
    (r"bounds rise", gettext_lazy("分段的下限须从小到大。")),
    (r"(?P<what>.*) stands here twice", gettext_lazy("重复：%(what)s。")),
    (r"(?P<name>'.*') has no text.*", gettext_lazy("原因 %(name)s 没有文字。")),
    (r"(?P<name>'.*') is no code.*", gettext_lazy("%(name)s 只能用小写字母、数字和连字符。")),
    (r"a text of (?P<a>\d+) to (?P<b>\d+) .*", gettext_lazy("须为 %(a)s 到 %(b)s 个字。")),
    (r"one of (?P<list>.*) is needed here", gettext_lazy("只能是以下之一：%(list)s。")),
    (r"a date such as .*", gettext_lazy("须为日期，如 2026-01-05。")),
    (r"only what declines says when .*", gettext_lazy("只有拒绝的规则才写再次申请的时间。")),
    (r"what approves gives no reason", gettext_lazy("通过的规则不写原因。")),
    (r'"never", .*', gettext_lazy("须写 never、天数或日期表达式。")),
    (r"it is no JSON.*", gettext_lazy("不是有效的 JSON。")),
    (r"there is no part called (?P<name>'.*')", gettext_lazy("没有名为 %(name)s 的部分。")),
)


def fault_words(what: str) -> str:
    """Return what is wrong in the reader's language; a fault without words says itself."""
    for pattern, words in _FAULTS:
        found = re.fullmatch(pattern, what, re.DOTALL)
        if found:
            told = {
                key: fault_words(value) if key == "rest" else value
                for key, value in found.groupdict().items()
            }
            return str(words) % told
    return what


def kept_text(asked: str) -> str:
    """Return the sentence under the public set: whose data it is, and what it does not say."""
    if asked == "platform":
        return ""
    return _(
        "这是 1994 年公开的德国信贷数据（1,000 笔，按研究需要多取了违约案例），没有中国借款人。"
        "它只用来说明回测怎么读，不能据以判断这里的借款人；利率和期限按一款普通消费贷款设定。"
    )
