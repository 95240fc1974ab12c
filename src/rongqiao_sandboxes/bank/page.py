"""The bank's page: balance, orders, cards, callbacks, and forms for what may go wrong."""

from __future__ import annotations

import html
import json
import sqlite3
from dataclasses import dataclass, fields
from typing import Any

from rongqiao_sandboxes.bank.faults import Faults, faults_of
from rongqiao_sandboxes.bank.reading import amount_text
from rongqiao_sandboxes.bank.state import State, china_day, instant_text, pool_balance
from rongqiao_sandboxes.bank.statements import KINDS

ROWS = 30
STYLE = """
:root { color-scheme: light dark; --ink: #14201b; --paper: #f6f8f7; --card: #fff; --quiet: #4b5a53;
 --line: #d5ddd9; --go: #0b6b4f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8efec; --paper: #101613; --card: #18211d;
 --quiet: #a9b8b1; --line: #2c3833; --go: #6fd3ae; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); line-height: 1.6;
 font-family: system-ui, "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem; }
h1 { font-size: 1.35rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p.quiet, small { color: var(--quiet); font-size: .9rem; }
p.sum { font-size: 2rem; margin: 0; font-variant-numeric: tabular-nums; }
p.said { border: 1px solid var(--go); border-radius: .5rem; padding: .5rem 1rem; color: var(--go); }
form, details { background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
 padding: 1rem; margin: .75rem 0; } details form { border: 0; padding: 0; margin: 1rem 0 0; }
summary { cursor: pointer; min-height: 1.6rem; }
.fields { display: grid; gap: .75rem;
 grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); }
label { display: block; font-size: .9rem; }
input, select { font: inherit; width: 100%; padding: .5rem .75rem; min-height: 2.75rem;
 border: 1px solid var(--quiet); border-radius: .5rem; background: var(--paper); color: inherit; }
button { font: inherit; padding: .5rem 1.25rem; border: 1px solid var(--go); border-radius: .5rem;
 background: var(--card); color: var(--go); min-height: 2.75rem; margin-top: .75rem; }
.wide { overflow-x: auto; border: 1px solid var(--line); border-radius: .75rem;
 background: var(--card); }
table { border-collapse: collapse; width: 100%; white-space: nowrap; font-size: .9rem; }
th, td { text-align: start; padding: .5rem .75rem; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--quiet); font-weight: 500; }
td.figure, th.figure { text-align: end; font-variant-numeric: tabular-nums; }
:focus-visible { outline: 3px solid var(--go); outline-offset: 2px; }
"""
SWITCHES = {
    "fail_rate": "失败率 · failures",
    "duplicate_rate": "重复回调 · duplicate callbacks",
    "lose_rate": "丢失回调 · lost callbacks",
    "late_rate": "迟到回调 · late callbacks",
    "reorder_rate": "乱序回调 · out of order",
    "wrong_signature_rate": "错误签名 · wrong signatures",
    "lose_answer_rate": "应答丢失 · lost answers",
    "return_rate": "退汇率 · returned withdrawals",
    "latency_ms": "应答延迟 毫秒 · latency, ms",
    "settle_after_ms": "结算延迟 毫秒 · settles after, ms",
    "late_by_ms": "迟到时长 毫秒 · late by, ms",
    "return_after_ms": "退汇延迟 毫秒 · returned after, ms",
    "seed": "随机种子 · seed",
}
MISTAKES = {
    "none": "无（恢复正确文件） · none",
    "cut": "文件截断 · cut in the middle",
    "duplicate": "重复行 · a line twice",
    "yesterday": "昨日日期 · a line of yesterday",
    "wrong_amount": "金额错误 · a wrong amount",
    "missing": "缺行 · a missing line",
    "extra": "多出一行 · an unknown order",
    "fee": "银行扣费 5.00 · a real fee",
}
STATES = {
    "processing": "处理中 · processing",
    "succeeded": "成功 · succeeded",
    "failed": "失败 · failed",
    "returned": "退汇 · returned",
    "closed": "已关闭 · closed",
    "refused": "已拒绝 · refused",
}
ORDER_KINDS = {
    "top_up": "充值 · top-up",
    "withdrawal": "提现 · withdrawal",
    "direct_debit": "代扣 · direct debit",
    "transfer_in": "转入 · transfer in",
    "transfer_out": "转出 · transfer out",
    "refund": "退款 · refund",
}
OUTCOMES = {"taken": "已取走 · taken", "lost": "丢失 · lost", "": "等待 · waiting"}


@dataclass(frozen=True)
class Shown:
    """What the page shows, read in one transaction."""

    now: str
    today: str
    is_manual: bool
    balance: str
    faults: Faults
    said: str
    orders: list[sqlite3.Row]
    cards: list[sqlite3.Row]
    callbacks: list[sqlite3.Row]

    @classmethod
    def of(cls, state: State, said: str) -> Shown:
        """Return what is to be seen now; `said` is the code of what the last form led to."""
        now = state.now()
        with state.transaction() as db:
            return cls(
                now=instant_text(now),
                today=china_day(now).isoformat(),
                is_manual=state.is_manual,
                balance=amount_text(pool_balance(db)),
                faults=faults_of(state),
                said=said[:40],
                orders=_newest(db, "payment_order"),
                cards=_newest(db, "card"),
                callbacks=_newest(db, "callback"),
            )


def page(shown: Shown) -> str:
    """Return the page as HTML, everything from outside escaped."""
    said = ""
    if shown.said:
        words = (
            "完成。 · Done." if shown.said == "done" else f"未执行 · Not done: {_word(shown.said)}"
        )
        said = f'<p class="said" role="status">{words}</p>'
    mode = "手动模式 · manual mode" if shown.is_manual else "自动结算 · settles by itself"
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,">'
        f"<title>存管银行 · Custodian bank</title><style>{STYLE}</style></head><body><main>"
        "<h1>存管银行 · Custodian bank</h1>"
        '<p class="quiet">开发环境的银行：这里的钱不是真的。'
        "The bank of this development installation; its money is not real.</p>"
        f"{said}<h2>存管总余额 · Pooled balance</h2>"
        f'<p class="sum">{_word(shown.balance)} <small>CNY</small></p>'
        f'<p class="quiet">{_word(shown.now)} · {mode}</p>'
        f"{_orders(shown.orders)}{_callbacks(shown.callbacks)}{_cards(shown.cards)}"
        f"<h2>开关 · Switches</h2>{_forms(shown)}</main></body></html>"
    )


def _orders(rows: list[sqlite3.Row]) -> str:
    heads = (
        "订单号 · order",
        "类型 · kind",
        "金额 · amount",
        "状态 · state",
        "原因 · reason",
        "日期 · on",
    )
    return _table(
        "订单 · Orders",
        heads,
        [
            (
                row["order_no"],
                ORDER_KINDS.get(row["kind"], row["kind"]),
                amount_text(row["amount_minor"]),
                STATES[row["state"]],
                row["reason"],
                row["returned_on"] or row["settled_on"],
            )
            for row in rows
        ],
    )


def _callbacks(rows: list[sqlite3.Row]) -> str:
    heads = (
        "订单号 · order",
        "所述状态 · told",
        "次数 · tries",
        "结果 · outcome",
        "异常 · fault",
        "时间 · due",
    )
    return _table(
        "回调 · Callbacks",
        heads,
        [
            (
                row["order_no"],
                STATES[json.loads(row["body"])["state"]],
                str(row["tries"]),
                OUTCOMES.get(row["outcome"], row["outcome"]),
                row["fault"],
                instant_text(row["due_at"]),
            )
            for row in rows
        ],
    )


def _cards(rows: list[sqlite3.Row]) -> str:
    return _table(
        "银行卡 · Cards",
        ("卡号 · card", "户名 · holder", "余额 · balance", "状态 · state"),
        [
            (
                f"···· {row['no'][-4:]}",
                row["holder"],
                amount_text(row["balance_minor"]),
                "已销卡 · closed" if row["is_closed"] else "正常 · open",
            )
            for row in rows
        ],
    )


def _table(title: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    if not rows:
        return f'<h2>{title}</h2><p class="quiet">还没有。None yet.</p>'
    figures = {place for place, head in enumerate(heads) if "amount" in head or "balance" in head}

    def cells(tag: str, texts: tuple[str, ...]) -> str:
        return "".join(
            f"<{tag}{' class=figure' if place in figures else ''}>{_word(text)}</{tag}>"
            for place, text in enumerate(texts)
        )

    lines = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    # A wide table scrolls in its own box, by keyboard too.
    return (
        f'<h2>{title}</h2><div class="wide" tabindex="0" role="region" aria-label="{title}">'
        f"<table><thead><tr>{cells('th', heads)}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def _forms(shown: Shown) -> str:
    switches = "".join(
        _field(one.name, SWITCHES[one.name], f"{getattr(shown.faults, one.name)}")
        for one in fields(Faults)
    )
    credit = _field("from_name", "付款人 · from") + _field("amount", "金额 · amount", "100.00")
    credit += _field("memo", "附言 · memo")
    kinds = "".join(
        f'<option value="{kind}">{MISTAKES[kind]}</option>' for kind in (*KINDS, "none")
    )
    mistake = _field("date", "账单日期 · statement of", shown.today)
    mistake += '<div><label for="kind">差错 · mistake</label>'
    mistake += f'<select id="kind" name="kind">{kinds}</select></div>'
    card = _field("card_no", "卡号 · card") + _field("holder_name", "户名 · holder")
    card += _field("balance", "余额 · balance", "1000000.00")
    card += (
        '<div><label for="is_closed">状态 · state</label><select id="is_closed" name="is_closed">'
        '<option value="0">正常 · open</option><option value="1">已销卡 · closed</option>'
        "</select></div>"
    )
    settle = _form("/sandbox/settle", "", "立即结算 · Settle now") if shown.is_manual else ""
    return (
        settle
        + _box("异常开关 · What goes wrong", _form("/faults", switches, "保存 · Save"))
        + _box("他人来款 · A foreign credit", _form("/sandbox/credits", credit, "入账 · Credit"))
        + _box(
            "账单差错 · A mistake in a statement",
            _form("/sandbox/statement-faults", mistake, "植入 · Plant"),
        )
        + _box("登记银行卡 · Register a card", _form("/sandbox/cards", card, "登记 · Register"))
    )


def _box(title: str, form: str) -> str:
    return f"<details><summary>{title}</summary>{form}</details>"


def _form(action: str, inside: str, button: str) -> str:
    return (
        f'<form method="post" action="{action}"><div class="fields">{inside}</div>'
        f"<button>{button}</button></form>"
    )


def _field(name: str, label: str, value: str = "") -> str:
    return (
        f'<div><label for="{name}">{label}</label>'
        f'<input id="{name}" name="{name}" value="{_word(value)}" autocomplete="off"></div>'
    )


def _newest(db: sqlite3.Connection, table: str) -> list[sqlite3.Row]:
    query = f"SELECT * FROM {table} ORDER BY rowid DESC LIMIT ?"  # noqa: S608 - our own names
    return db.execute(query, [ROWS]).fetchall()


def _word(text: Any) -> str:
    return html.escape(str(text))
