"""The twins' own page: what was asked (masked), what goes wrong on purpose, what is planted."""

from __future__ import annotations

import html
import time
from collections.abc import Iterable, Mapping
from typing import Any

from rongqiao_sandboxes.messaging import document

TITLES = {
    "identity": "公安身份核验 · Name and id",
    "phone": "运营商三要素 · Phone",
    "card": "银行卡四要素 · Bank card",
    "registry": "工商登记 · Business registry",
    "face": "人脸活体 · Face liveness",
    "judicial": "司法记录 · Judicial records",
    "tax": "税务与发票 · Tax and invoices",
    "bureau": "征信报告 · Credit bureau",
    "score": "外部评分 · External score",
}
FAULTS = {
    "fail": "503",
    "silent": "不应答 · no answer",
    "malformed": "残缺 · malformed",
    "wrong_signature": "错签名 · wrong signature",
    "lose_callback": "丢回调 · lost callback",
    "latency_ms": "延时毫秒 · latency, ms",
    "ticket_ms": "税务出结果毫秒 · tax ready after, ms",
}
KINDS = {
    "name": "姓名属于证号 · name of a number",
    "phone": "手机号属于证号 · number behind a phone",
    "representative": "法定代表人属于信用代码 · representative of a firm",
}


def page(
    log: Iterable[Any],
    counted: Mapping[str, int],
    faults: Mapping[str, Any],
    sources: tuple[str, ...],
) -> str:
    """Return the page; everything from outside escaped."""
    rows = "".join(_row(one) for one in log) or "<li>还没有查询。No inquiries yet.</li>"
    counts = "".join(
        f"<li><h2>{TITLES[source]}</h2><p>{counted.get(source, 0)}</p></li>" for source in sources
    )
    fields = "".join(
        f'<div><label for="{name}">{label}</label>'
        f'<input id="{name}" name="{name}" inputmode="numeric" value="{faults[name]}"></div>'
        for name, label in FAULTS.items()
    )
    only = html.escape(str(faults["only"]))
    return document(
        "查询来源 · Registries",
        '<p class="quiet">开发环境的九个外部查询来源。姓名与号码只以密钥摘要保存；第一次问到的姓名'
        "即被认作该证号的姓名。顺序码 990 至 999 的身份证号、第 9、10 位为 99 的信用代码查无记录。"
        "Names and numbers are kept as keyed digests only.</p>"
        f"<h2>故障 · Faults</h2><p class='quiet'>-1：每一次。-1: every call.</p>"
        f'<form method="post" action="/faults">{fields}'
        f'<div><label for="only">只在 · only at</label><input id="only" name="only" value="{only}">'
        "</div><button>设置 · Set</button></form>"
        f"<h2>设定记录 · Plant</h2>{_plant_form(sources)}"
        f"<h2>次数 · Counted</h2><ol>{counts}</ol><h2>最近 · Newest</h2><ol>{rows}</ol>",
    )


def _plant_form(sources: tuple[str, ...]) -> str:
    kinds = {**KINDS, **{source: f"{TITLES[source]} (JSON)" for source in sources}}
    options = "".join(f'<option value="{kind}">{label}</option>' for kind, label in kinds.items())
    return (
        '<form method="post" action="/sandbox/plant">'
        f'<div><label for="kind">种类 · kind</label><select id="kind" name="kind">{options}'
        '</select></div><div><label for="about">号码 · number</label>'
        '<input id="about" name="about" autocomplete="off"></div>'
        '<div><label for="bound">属于 · belongs to</label>'
        '<input id="bound" name="bound" autocomplete="off"></div>'
        '<div><label for="facts">事实 · facts (JSON)</label>'
        '<input id="facts" name="facts" autocomplete="off"></div>'
        "<button>设定 · Plant</button></form>"
    )


def _row(one: Any) -> str:
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(one["at"]))
    return (
        f"<li><h2>{TITLES[one['source']]}</h2><p>{html.escape(one['shown'])} · "
        f"{html.escape(one['outcome'])} · {one['times']}</p><time>{at}</time></li>"
    )
