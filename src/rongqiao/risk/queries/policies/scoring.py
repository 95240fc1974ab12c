"""The model and the challenger that a policy names, ready to judge."""

from __future__ import annotations

from rongqiao.risk.judging.deciding import ModelNotGiven
from rongqiao.risk.judging.points import Scorer
from rongqiao.risk.judging.policy import ModelNamed, Policy
from rongqiao.risk.queries.documents import (
    DocumentChanged,
    DocumentNotKept,
    kept_documents,
    model_document,
    scorer_of,
)
from rongqiao.risk.queries.judging import read_text


class ChallengerNotKept(LookupError):
    """The policy names a challenger that is not kept here, or was changed; says its digest."""


def scorer_for(policy: Policy) -> Scorer | None:
    """Return the model a policy names, None for one with a points table.

    Raises ModelNotGiven where the model is not released here, or was changed.
    """
    if not isinstance(policy.score, ModelNamed):
        return None
    try:
        return scorer_of(model_document(policy.score.sha256))
    except (DocumentNotKept, DocumentChanged, ValueError):
        raise ModelNotGiven(policy.score.sha256) from None


def challenger_for(policy: Policy) -> Policy | None:
    """Return the policy that challenges one, None where none does. Raises ChallengerNotKept."""
    if policy.challenge is None:
        return None
    digest = policy.challenge.policy
    try:
        return read_text(kept_documents([digest])[digest].body)
    except (DocumentNotKept, DocumentChanged, ValueError):
        raise ChallengerNotKept(digest) from None
