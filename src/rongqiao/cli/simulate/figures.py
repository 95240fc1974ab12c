"""What a lived platform comes to: counts, the trial balance, the chain's head, the laws."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from datetime import date
from typing import Any

from django.db.models import Count

from rongqiao.cli.verify import check_all
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.queries.portfolio import get_portfolio
from rongqiao.money.ledger.operations.closing.seal_books import seal_what_stands
from rongqiao.money.ledger.queries import books
from rongqiao.money.payments.queries.custody import cash_position
from rongqiao.money.payments.queries.orders import orders_by_state
from rongqiao.money.payments.queries.reconciling import breaks_by_kind
from rongqiao.platform import audit
from rongqiao.platform.models import OperationRecord


def figures(refused: Counter[str]) -> dict[str, Any]:
    """Return plain figures without any real time, path or duration."""
    while audit.seal():
        pass
    seal_what_stands()
    position, head = audit.head()
    trial = [
        {"account": line.code, "debit": line.debit.text(), "credit": line.credit.text()}
        for line in books.trial_balance()
    ]
    portfolio = get_portfolio()
    text = json.dumps(trial, sort_keys=True, separators=(",", ":"))
    return {
        "breaks": _breaks(),
        "chain": {"head": head, "length": position},
        "classes": {one.risk_class: one.loans for one in portfolio.classes},
        "laws": [
            {"law": check.law, "checked": check.checked, "broken": check.broken}
            for check in check_all()
        ],
        "lent": portfolio.lent_in_all.text(),
        "loans": portfolio.states,
        "custody": _custody(),
        "done": _done(),
        "orders": orders_by_state(),
        "operations": OperationRecord.objects.count(),
        "outstanding": portfolio.principal.text(),
        "refused": dict(sorted(refused.items())),
        "trial_balance": _by_family(),
        "trial_balance_sha256": hashlib.sha256(text.encode()).hexdigest(),
    }


def as_of(on: date) -> dict[str, Any]:
    """Return how far the audit chain came by the end of a business date: links, and its head.

    Two lives whose heads differ on one date and not on an earlier one parted in between.
    """
    position, head = audit.head()
    return {"on": on.isoformat(), "operations": position, "head": head}


def _breaks() -> dict[str, Any]:
    """Return the breaks nobody has resolved, in all and by kind."""
    kinds = breaks_by_kind()
    return {
        "kinds": {one.kind: one.count for one in kinds},
        "open": sum(one.count for one in kinds),
    }


def _done() -> dict[str, int]:
    """Return how often each operation on loans was done by people or at their word."""
    rows = OperationRecord.objects.filter(name__startswith="servicing.")
    counted = rows.exclude(actor__startswith="system:end-of-day").values("name")
    return dict(counted.annotate(count=Count("id")).order_by("name").values_list("name", "count"))


def _custody() -> dict[str, str]:
    position = cash_position()
    client = position.wallets + position.suspense + position.reserve + position.operator
    return {
        "cash": position.cash.text(),
        "client_money": client.text(),
        "closing_at_the_bank": position.closing.text() if position.closing else "",
        "unexplained": position.unexplained.text(),
    }


def _by_family() -> dict[str, dict[str, str]]:
    """Return the trial balance with all wallets in one line."""
    sums: dict[str, list[int]] = {}
    for line in books.trial_balance():
        name = line.code if not line.code.startswith("wallet:") else "wallet"
        of_name = sums.setdefault(name, [0, 0])
        of_name[0] += line.debit.minor
        of_name[1] += line.credit.minor
    return {
        name: {"debit": Money(debit).text(), "credit": Money(credit).text()}
        for name, (debit, credit) in sorted(sums.items())
    }
