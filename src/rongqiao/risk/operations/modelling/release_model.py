"""A second risk analyst releases a proposed model from a day on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.risk.models.registry import ModelDecision
from rongqiao.risk.operations.modelling.deciding import (
    ModelDayPast,
    ModelDecided,
    acting,
    lock_models,
    model_and_words,
    refuse_same_person,
)
from rongqiao.risk.operations.modelling.propose_model import ModelNotWhole
from rongqiao.risk.scorecards.training.opening import open_model


@dataclass(frozen=True, kw_only=True)
class ReleaseModel:
    """The model, by the hash that the second person read, and its first day."""

    model_id: UUID
    sha256: str
    effective_on: date


@dataclass(frozen=True, kw_only=True)
class ModelReleased:
    """The model and its first day."""

    model_id: UUID
    effective_on: date


@operation("risk.release-model", restore=ModelReleased)
def release_model(command: ReleaseModel, call: Call) -> ModelReleased:
    """Let the model be used from its first day on; its seal is checked once more.

    Raises NotFound, ModelRoleNeeded, ModelSecondPersonNeeded, ModelDecided, ModelDayPast,
    ModelNotWhole.
    """
    user_id = acting(call)
    lock_models()
    model, words = model_and_words(command.model_id)
    refuse_same_person(model.proposed_by, user_id)
    if words:
        raise ModelDecided(state=max(words))
    if command.effective_on < call.on:
        raise ModelDayPast(
            field="effective_on",
            value=command.effective_on.isoformat(),
            allowed=call.on.isoformat(),
        )
    try:
        told = open_model(model.body).sha256
    except ValueError:
        raise ModelNotWhole(field="sha256") from None
    if not told == model.sha256 == command.sha256:
        raise ModelNotWhole(field="sha256")
    ModelDecision.objects.create(
        id=new_id(call.at),
        model=model,
        word="released",
        effective_on=command.effective_on,
        proposed_by=model.proposed_by,
        decided_by=call.actor,
        decided_at=call.at,
    )
    return ModelReleased(model_id=model.pk, effective_on=command.effective_on)
