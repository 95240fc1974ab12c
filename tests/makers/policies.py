"""Credit policies for tests: the shipped one with parts changed, put in force by a patch."""

import copy
from datetime import date

from rongqiao.lending.origination.operations.applying import submit
from rongqiao.policies.credit.policy import document_on
from rongqiao.risk.judging.document import canonical, from_bytes

SHIPPED = from_bytes(document_on("consumer", date(2026, 1, 5)))
SALT = "a salt of the tests"


def document(**changes):
    """Return the shipped consumer policy with parts replaced."""
    return copy.deepcopy({**SHIPPED, **changes})


def with_table(rules, *, features=(), reasons=(), hit="collect", unknown="skip", **changes):
    """Return the shipped policy with one table more."""
    made = document(**{"label": "consumer-tried", **changes})
    made["features"] += copy.deepcopy(list(features))
    made["reasons"] += copy.deepcopy(list(reasons))
    title = {"zh": "试验", "en": "Trial"}
    made["tables"].append(
        {
            "code": "trial",
            "title": title,
            "hit": hit,
            "unknown": unknown,
            "rules": copy.deepcopy(list(rules)),
        }
    )
    return made


def put_in_force(monkeypatch, made):
    """Let `made` be what every application is judged by."""
    body = canonical(made)
    monkeypatch.setattr(submit, "policy_text", lambda code, on: body)
    return body
