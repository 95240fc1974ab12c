"""Retire a model: one that was released ends on a day, one that waits is never used."""

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
    plain_reason,
)


@dataclass(frozen=True, kw_only=True)
class RetireModel:
    """The model, the first day it is no longer used on, and why."""

    model_id: UUID
    effective_on: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class ModelRetired:
    """The model and the first day without it."""

    model_id: UUID
    effective_on: date


@operation("risk.retire-model", restore=ModelRetired)
def retire_model(command: RetireModel, call: Call) -> ModelRetired:
    """End the model. Taking a model away needs no second person: it can only be too careful.

    Raises NotFound, ModelRoleNeeded, ModelReasonNeeded, ModelDecided, ModelDayPast.
    """
    acting(call)
    reason = plain_reason(command.reason)
    lock_models()
    model, words = model_and_words(command.model_id)
    if "retired" in words:
        raise ModelDecided(state="retired")
    if command.effective_on < call.on:
        raise ModelDayPast(
            field="effective_on",
            value=command.effective_on.isoformat(),
            allowed=call.on.isoformat(),
        )
    ModelDecision.objects.create(
        id=new_id(call.at),
        model=model,
        word="retired",
        effective_on=command.effective_on,
        reason=reason,
        proposed_by=model.proposed_by,
        decided_by=call.actor,
        decided_at=call.at,
    )
    return ModelRetired(model_id=model.pk, effective_on=command.effective_on)
