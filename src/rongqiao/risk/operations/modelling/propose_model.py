"""Put a sealed model file forward as the next version of a code; another person releases it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Max

from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.risk.models.registry import ScoringModel
from rongqiao.risk.operations.modelling.deciding import acting, lock_models, plain_reason
from rongqiao.risk.scorecards.modelcard import About, ModelChanged
from rongqiao.risk.scorecards.training.opening import open_model

LARGEST_BODY = 8 * 1024 * 1024
_CODE = re.compile(r"[a-z][a-z0-9-]{1,39}", re.ASCII)


class ModelCodeForm(Refusal):
    """The code is not small letters, digits and hyphens, 2 to 40; facts: `field`, `value`."""

    kind, code = Kind.INVALID, "risk.model-code-form"


class ModelNotWhole(Refusal):
    """The file is not what was sealed: its hash differs, or it is no model; fact: `field`."""

    kind, code = Kind.INVALID, "risk.model-not-whole"


class ModelUnknownKind(Refusal):
    """The file is sealed, but of a kind or format that nobody here knows; fact: `field`."""

    kind, code = Kind.INVALID, "risk.model-unknown-kind"


class ModelTooLarge(Refusal):
    """The file is larger than a model is; facts: `field`, `allowed` in megabytes."""

    kind, code = Kind.INVALID, "risk.model-too-large"


class ModelKnown(Refusal):
    """The same file was put forward before; facts: `field`, `code`, `number`."""

    code = "risk.model-known"


@dataclass(frozen=True, kw_only=True)
class ProposeModel:
    """The file's text, the code it is to be a version of, and why."""

    code: str
    # Kept once, in its own row: the record of the operation holds a digest of it.
    body: str = sensitive()
    reason: str


@dataclass(frozen=True, kw_only=True)
class ModelProposed:
    """The version that waits."""

    model_id: UUID
    number: int
    sha256: str


@operation("risk.propose-model", restore=ModelProposed)
def propose_model(command: ProposeModel, call: Call) -> ModelProposed:
    """Keep the file, its seal checked; nothing is scored by it before another person releases it.

    Raises ModelRoleNeeded, ModelCodeForm, ModelReasonNeeded, ModelTooLarge, ModelNotWhole,
    ModelUnknownKind, ModelKnown.
    """
    acting(call)
    if not _CODE.fullmatch(command.code):
        raise ModelCodeForm(field="code", value=command.code[:40])
    reason = plain_reason(command.reason)
    if len(command.body.encode()) > LARGEST_BODY:
        raise ModelTooLarge(field="file", allowed=str(LARGEST_BODY // 1024 // 1024))
    try:
        opened = open_model(command.body)
    except ModelChanged:
        raise ModelNotWhole(field="file") from None
    except ValueError:
        raise ModelUnknownKind(field="file") from None
    lock_models()
    known = ScoringModel.objects.filter(sha256=opened.sha256).first()
    if known is not None:
        raise ModelKnown(field="file", code=known.code, number=str(known.number))
    last = ScoringModel.objects.filter(code=command.code).aggregate(last=Max("number"))["last"]
    model = ScoringModel(
        id=new_id(call.at),
        code=command.code,
        number=(last or 0) + 1,
        kind=opened.kind,
        sha256=opened.sha256,
        body=command.body,
        trained_on=_day(opened.about),
        auc=_auc(opened.about),
        rows=opened.about.rows,
        reason=reason,
        proposed_by=call.actor,
        proposed_at=call.at,
    )
    model.save(force_insert=True)
    return ModelProposed(model_id=model.pk, number=model.number, sha256=model.sha256)


def _day(about: About) -> date | None:
    try:
        return date.fromisoformat(about.trained_on)
    except ValueError:
        return None


def _auc(about: About) -> Decimal | None:
    told = about.metrics.get("all", {}).get("auc")
    return None if told is None else Decimal(repr(told)).quantize(Decimal("0.000001"))
