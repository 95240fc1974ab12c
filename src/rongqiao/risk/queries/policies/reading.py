"""What the credit policies in force read, so that nothing else is asked for."""

from __future__ import annotations

from datetime import date

from rongqiao.risk.judging.policy import ModelNamed, Policy
from rongqiao.risk.queries.documents import kept_documents, model_document, scorer_of
from rongqiao.risk.queries.judging import read_text
from rongqiao.risk.queries.policies.versions import policy_on


def features_read(code: str, on: date) -> frozenset[str]:
    """Return the features that the policy `code` of a day reads, its model and challenger too.

    The challenger is judged on every application, deciding or in the shadow. Raises NoPolicy.
    """
    policy = policy_on(code, on)
    read = _read(policy)
    if policy.challenge is not None:
        digest = policy.challenge.policy
        read |= _read(read_text(kept_documents([digest])[digest].body))
    return read


def _read(policy: Policy) -> frozenset[str]:
    if not isinstance(policy.score, ModelNamed):
        return policy.names_read
    return policy.names_read | frozenset(scorer_of(model_document(policy.score.sha256)).names)
