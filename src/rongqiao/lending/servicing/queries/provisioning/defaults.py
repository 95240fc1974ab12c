"""How often loans defaulted, by who decided to lend: the policy alone, people, people against it.

A loan counts as defaulted once it was 90 days past due or was written off (Basel framework,
CRE36.68; 商业银行金融资产风险分类办法 2023, art. 10 and 11, puts it among the bad at 90 days).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from rongqiao.lending.origination.queries.reviewing.overrides import DECIDED

DEFAULT_DAYS = 90
WAYS = ("automatic", "person", "against")
_SQL = f"""
SELECT decided.decided, count(*),
       count(*) FILTER (WHERE loan.days_past_due_worst >= 30),
       count(*) FILTER (WHERE loan.days_past_due_worst >= %s
                           OR loan.state IN ('written_off', 'recovered'))
FROM servicing_loan AS loan JOIN {DECIDED} AS decided USING (agreement_id)
WHERE loan.state NOT IN ('pending', 'cancelled')
GROUP BY 1
"""  # noqa: S608 - own words


@dataclass(frozen=True, kw_only=True)
class Defaults:
    """Loans lent in one way, those that were ever 30 days late, those that defaulted."""

    way: str
    loans: int
    late: int
    defaulted: int

    @property
    def default_share(self) -> Decimal | None:
        """Return which share defaulted so far; None where nothing was lent."""
        if not self.loans:
            return None
        return (Decimal(self.defaulted) / self.loans).quantize(Decimal("0.0001"))


def defaults_by_decider() -> tuple[Defaults, ...]:
    """Return the three ways in their order, in one query; loans brought from elsewhere are none."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [DEFAULT_DAYS])
        found = {way: figures for way, *figures in cursor.fetchall()}
    return tuple(
        Defaults(
            way=way,
            **dict(zip(("loans", "late", "defaulted"), found.get(way, (0, 0, 0)), strict=True)),
        )
        for way in WAYS
    )
