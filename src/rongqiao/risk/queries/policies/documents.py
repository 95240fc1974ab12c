"""A policy's document as people read and change it: its numbers, its test cases, what differs."""

from __future__ import annotations

import json
from typing import Any

from rongqiao.risk.judging.changing.cutoffs import Cutoff, NoSuchCutoff, cutoffs_of, with_cutoffs
from rongqiao.risk.judging.changing.differences import ORDER, Difference, differences
from rongqiao.risk.judging.deciding import ModelNotGiven
from rongqiao.risk.judging.document import UNITS, from_bytes, read_policy, sha256
from rongqiao.risk.judging.evaluation import Kind
from rongqiao.risk.judging.policy import REASON_CODES, RECKONED, Policy
from rongqiao.risk.judging.schema import BadPolicy
from rongqiao.risk.judging.trials import EXPECTABLE, TrialRun, run_trials
from rongqiao.risk.queries.policies.scoring import scorer_for

# What pages hold in their hands of a document.
__all__ = [
    "EXPECTABLE",
    "FEATURE_KINDS",
    "ORDER",
    "REASON_CODES",
    "RECKONED",
    "UNITS",
    "BadPolicy",
    "Cutoff",
    "Difference",
    "NoSuchCutoff",
    "Policy",
    "TrialRun",
    "cutoffs_of",
    "differences",
    "file_of",
    "from_text",
    "read_document",
    "sha256",
    "tried",
    "with_cutoffs",
]

FEATURE_KINDS = tuple(kind.value for kind in Kind)


def read_document(document: dict[str, Any]) -> Policy:
    """Return the policy of a document; raises BadPolicy at the first fault."""
    return read_policy(document)


def from_text(text: str) -> dict[str, Any]:
    """Return the document of a text; raises BadPolicy where it is no JSON object."""
    return from_bytes(text.encode("utf-8", "replace"))


def file_of(document: dict[str, Any]) -> bytes:
    """Return a document as a file that people can read and give back."""
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def tried(policy: Policy) -> tuple[TrialRun, ...]:
    """Return how the policy's test cases come out; none where its model is not here."""
    try:
        return run_trials(policy, scorer_for(policy))
    except ModelNotGiven:
        return ()
