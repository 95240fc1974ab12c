"""When a lender may call a loan in breach back whole, and with which notice: the house's bounds.

Agreements say them (since text `zh-2`), and recalls keep to them: whoever changes one writes a new
text and lets loans under the old one keep theirs. Misuse has its statute: Civil Code 673.
"""

from __future__ import annotations

# A loan more than so many days late may be called back, after a notice that leaves so many days.
MOST_DAYS_LATE = 30
LEAST_GRACE, MOST_GRACE = 7, 90
