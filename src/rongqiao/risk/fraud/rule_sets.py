"""The versions of the fraud rules. A version is never changed: findings name the one they met.

Bounds and points are the house's own, set on the simulated town of docs/fraud.md: no real cases.
Sharing one thing, be it with ever so many, comes to less than what declines: a person looks first.
"""

from __future__ import annotations

from decimal import Decimal

from rongqiao.risk.fraud.rules import Rule, RuleSet

_N = Decimal

FIRST = RuleSet(
    version="2026-01",
    refer_from=40,
    decline_from=100,
    rules=(
        Rule("on-black-list", "fraud.list", "black", 100),
        Rule("on-grey-list", "fraud.list", "grey", 50),
        Rule("confirmed-before", "fraud.case", "confirmed", 100),
        Rule("in-a-ring", "fraud.ring-size", _N(8), 40),
        Rule("in-a-large-ring", "fraud.ring-size", _N(20), 10),
        Rule("device-shared", "fraud.device-accounts", _N(6), 20),
        Rule("device-shared-by-many", "fraud.device-accounts", _N(12), 20),
        Rule("card-of-others", "fraud.card-holders", _N(2), 50),
        Rule("phone-of-others", "fraud.phone-accounts", _N(3), 25),
        Rule("mailbox-of-others", "fraud.email-accounts", _N(3), 25),
        Rule("address-crowded", "fraud.address-people", _N(8), 50),
        Rule("contact-of-many", "fraud.contact-homes", _N(4), 50),
        Rule("browser-shared", "fraud.setting-accounts", _N(8), 25),
        Rule("phones-in-a-row", "fraud.phone-neighbours-7d", _N(3), 50),
        Rule("network-burst", "fraud.network-registrations-1h", _N(15), 50),
        Rule("applies-again-and-again", "fraud.velocity-applications-24h", _N(4), 50),
        Rule("stacks-loans", "fraud.velocity-applications-7d", _N(5), 50),
        Rule("many-cards", "fraud.velocity-cards-30d", _N(4), 50),
        Rule("log-ins-in-a-burst", "fraud.velocity-log-ins-1h", _N(30), 25),
        Rule("new-device-before-card", "fraud.new-device-before-card", bound=True, points=60),
    ),
)
VERSIONS = {FIRST.version: FIRST}
CURRENT = FIRST
