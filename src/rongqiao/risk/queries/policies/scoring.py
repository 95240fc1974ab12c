"""The model that a policy names, ready to score."""

from __future__ import annotations

from rongqiao.risk.judging.deciding import ModelNotGiven
from rongqiao.risk.judging.points import Scorer
from rongqiao.risk.judging.policy import ModelNamed, Policy
from rongqiao.risk.queries.documents import (
    DocumentChanged,
    DocumentNotKept,
    model_document,
    scorer_of,
)


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
