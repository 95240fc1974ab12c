"""What a lived platform comes to: counts, the trial balance, the chain's head, the laws."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any

from rongqiao.cli.verify import check_all
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.queries.portfolio import get_portfolio
from rongqiao.money.ledger.queries import books as books
from rongqiao.platform import audit
from rongqiao.platform.models import OperationRecord


def figures(refused: Counter[str]) -> dict[str, Any]:
    """Return plain figures without any real time, path or duration."""
    while audit.seal():
        pass
    position, head = audit.head()
    trial = [
        {"account": line.code, "debit": line.debit.text(), "credit": line.credit.text()}
        for line in books.trial_balance()
    ]
    portfolio = get_portfolio()
    text = json.dumps(trial, sort_keys=True, separators=(",", ":"))
    return {
        "chain": {"head": head, "length": position},
        "classes": {one.risk_class: one.loans for one in portfolio.classes},
        "laws": [
            {"law": check.law, "checked": check.checked, "broken": check.broken}
            for check in check_all()
        ],
        "lent": portfolio.lent_in_all.text(),
        "loans": portfolio.states,
        "operations": OperationRecord.objects.count(),
        "outstanding": portfolio.principal.text(),
        "refused": dict(sorted(refused.items())),
        "trial_balance": _by_family(),
        "trial_balance_sha256": hashlib.sha256(text.encode()).hexdigest(),
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
