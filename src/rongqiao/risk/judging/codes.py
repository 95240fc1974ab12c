"""Every code of a reason whose sentences the platform has; a policy brings texts for its own."""

from __future__ import annotations

REASON_CODES = (
    "too-young",
    "too-old-at-end",
    "sector-excluded",
    "currently-overdue",
    "past-due-too-long",
    "too-many-loans",
    "no-regular-income",
    "too-short-in-work",
    "too-short-in-business",
    "burden-too-high",
    "amount-above-income",
    "amount-above-revenue",
    "score-too-low",
    "margin-too-thin",
    "amount-above-means",
    "amount-needs-a-person",
    "was-past-due",
    "sector-needs-a-person",
    "score-needs-a-person",
    "burden-needs-a-person",
    "fact-missing",
    "within-policy",
)
