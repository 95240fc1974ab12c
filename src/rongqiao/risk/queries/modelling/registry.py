"""Scoring models on record, their seals checked whenever one is opened."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.risk.models.registry import ModelDecision, ScoringModel
from rongqiao.risk.scorecards.training.opening import Opened, open_model

log = logging.getLogger("rongqiao.risk.registry")
MOST_SHOWN = 200


class ModelTampered(Refusal):
    """The stored model is not byte for byte what was put forward; facts: `code`, `number`."""

    kind, code = Kind.CONFLICT, "risk.model-tampered"


@dataclass(frozen=True, kw_only=True)
class ModelHead:
    """A model without its body. `state`: proposed, released, in-force, replaced or retired."""

    id: UUID
    code: str
    number: int
    kind: str
    sha256: str
    trained_on: date | None
    auc: Decimal | None
    rows: int
    reason: str
    proposed_by: str
    proposed_at: datetime
    state: str
    effective_on: date | None
    released_by: str
    released_at: datetime | None
    retired_on: date | None
    retired_by: str
    retired_because: str


@dataclass(frozen=True, kw_only=True)
class RegistryCheck:
    """How many stored models were opened, and which are not what was sealed."""

    checked: int
    broken: int
    examples: tuple[str, ...]


def list_models(on: date, code: str = "") -> tuple[ModelHead, ...]:
    """Return the models of one code or all, newest first, with their states on a day."""
    rows = _rows().filter(code=code) if code else _rows()
    return _heads(rows.order_by("-proposed_at", "-number")[:MOST_SHOWN], on)


def get_head(model_id: UUID, on: date) -> ModelHead:
    """Return one model's head. Raises NotFound."""
    row = _rows().filter(pk=model_id).first()
    if row is None:
        raise NotFound(what="scoring-model")
    return next(one for one in list_models(on, row.code) if one.id == model_id)


def open_by_id(model_id: UUID) -> Opened:
    """Return the model, its seal checked. Raises NotFound, ModelTampered."""
    row = ScoringModel.objects.filter(pk=model_id).first()
    if row is None:
        raise NotFound(what="scoring-model")
    return _opened(row)


def open_by_hash(sha256: str) -> Opened:
    """Return the model of a hash, as a decision record names it. Raises NotFound, ModelTampered."""
    row = ScoringModel.objects.filter(sha256=sha256).first()
    if row is None:
        raise NotFound(what="scoring-model")
    return _opened(row)


def body_of(model_id: UUID) -> str:
    """Return the file as it was put forward, its seal checked. Raises NotFound, ModelTampered."""
    row = ScoringModel.objects.filter(pk=model_id).first()
    if row is None:
        raise NotFound(what="scoring-model")
    _opened(row)
    return row.body


def model_in_force(code: str, on: date) -> Opened | None:
    """Return the model of a code that counts on a day, or None. Raises ModelTampered."""
    head = next((one for one in list_models(on, code) if one.state == "in-force"), None)
    return None if head is None else open_by_id(head.id)


def codes_known() -> tuple[str, ...]:
    """Return every code that has a model, in order."""
    return tuple(ScoringModel.objects.order_by("code").values_list("code", flat=True).distinct())


def check_models() -> RegistryCheck:
    """Open every stored model and hold its seal to its row."""
    broken, checked = [], 0
    for row in ScoringModel.objects.order_by("code", "number").iterator(chunk_size=20):
        checked += 1
        try:
            _opened(row)
        except ModelTampered:
            broken.append(f"{row.code} {row.number}")
    return RegistryCheck(checked=checked, broken=len(broken), examples=tuple(broken[:5]))


def _opened(row: ScoringModel) -> Opened:
    try:
        found = open_model(row.body)
    except ValueError:
        found = None
    if found is None or found.sha256 != row.sha256 or found.kind != row.kind:
        # An alarm and not a refusal alone: somebody wrote past the application's rights.
        log.critical("scoring model %s %s is not what was sealed", row.code, row.number)
        raise ModelTampered(code=row.code, number=str(row.number))
    return found


def _rows() -> QuerySet[ScoringModel]:
    decisions = Prefetch("decisions", ModelDecision.objects.order_by("decided_at"))
    return ScoringModel.objects.defer("body").prefetch_related(decisions)


def _heads(rows: QuerySet[ScoringModel], on: date) -> tuple[ModelHead, ...]:
    told = [(row, {one.word: one for one in row.decisions.all()}) for row in rows]
    newest: dict[str, tuple[date, int]] = {}
    for row, words in told:
        if _counts(words, on):
            mark = (words["released"].effective_on, row.number)
            newest[row.code] = max(mark, newest.get(row.code, mark))
    return tuple(_head(row, words, _state(row, words, on, newest)) for row, words in told)


def _counts(words: dict[str, ModelDecision], on: date) -> bool:
    """Tell whether a model is released and not retired on a day."""
    if "released" not in words or words["released"].effective_on > on:
        return False
    return "retired" not in words or words["retired"].effective_on > on


def _state(
    row: ScoringModel,
    words: dict[str, ModelDecision],
    on: date,
    newest: dict[str, tuple[date, int]],
) -> str:
    if "retired" in words and ("released" not in words or words["retired"].effective_on <= on):
        return "retired"
    if "released" not in words:
        return "proposed"
    if words["released"].effective_on > on:
        return "released"
    is_newest = newest.get(row.code) == (words["released"].effective_on, row.number)
    return "in-force" if is_newest else "replaced"


def _head(row: ScoringModel, words: dict[str, ModelDecision], state: str) -> ModelHead:
    released, retired = words.get("released"), words.get("retired")
    return ModelHead(
        id=row.pk,
        code=row.code,
        number=row.number,
        kind=row.kind,
        sha256=row.sha256,
        trained_on=row.trained_on,
        auc=row.auc,
        rows=row.rows,
        reason=row.reason,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        state=state,
        effective_on=released.effective_on if released else None,
        released_by=released.decided_by if released else "",
        released_at=released.decided_at if released else None,
        retired_on=retired.effective_on if retired else None,
        retired_by=retired.decided_by if retired else "",
        retired_because=retired.reason if retired else "",
    )
