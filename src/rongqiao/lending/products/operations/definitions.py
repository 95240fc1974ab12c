"""The products a new platform begins with, as commands for seed and simulation to give."""

from __future__ import annotations

import json
from decimal import Decimal
from importlib.resources import files
from typing import Any

from rongqiao.finance.money import Money
from rongqiao.lending.products.operations.draft_version import DraftVersion
from rongqiao.lending.products.queries import (
    BorrowerTerms,
    DrawTerms,
    FeeTerms,
    FloatTerms,
    ProductTerms,
    SecurityTerms,
)
from rongqiao.policies.credit.facts import GradeRate


def first_products() -> tuple[DraftVersion, ...]:
    """Return the drafts of `definitions.json`, in its order."""
    text = files("rongqiao.lending.products").joinpath("definitions.json").read_text("utf-8")
    return tuple(
        DraftVersion(code=one["code"], category=one["category"], terms=_terms(one["terms"]))
        for one in json.loads(text)["products"]
    )


def _terms(row: dict[str, Any]) -> ProductTerms:
    return ProductTerms(
        **{
            **row,
            **{
                name: Money.yuan(row[name])
                for name in ("amount_min", "amount_max", "four_eyes_above")
            },
            "grades": tuple(
                GradeRate(grade, Decimal(rate)) for grade, rate in row.get("grades", ())
            ),
            "floating": _floating(row["floating"]) if "floating" in row else None,
            "draws": _draws(row["draws"]) if "draws" in row else None,
            "security": _security(row["security"]) if "security" in row else None,
            "penalty_multiple": Decimal(row["penalty_multiple"]),
            "prepayment_fee_rate": Decimal(row["prepayment_fee_rate"]),
            "fees": tuple(_fee(fee) for fee in row["fees"]),
            "borrowers": tuple(
                BorrowerTerms(
                    party_kind=one["party_kind"],
                    policy=one["policy"],
                    documents=tuple(one["documents"]),
                )
                for one in row["borrowers"]
            ),
            "purposes": tuple(row["purposes"]),
        }
    )


def _floating(row: dict[str, Any]) -> FloatTerms:
    points = tuple((grade, points) for grade, points in row["points"])
    return FloatTerms(reference=row["reference"], reset=row["reset"], points=points)


def _draws(row: dict[str, Any]) -> DrawTerms:
    return DrawTerms(most=row["most"], days=row["days"], least=Money.yuan(row["least"]))


def _security(row: dict[str, Any]) -> SecurityTerms:
    return SecurityTerms(kinds=tuple(row["kinds"]), coverage_min=Decimal(row["coverage_min"]))


def _fee(row: dict[str, str]) -> FeeTerms:
    return FeeTerms(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        at=row["at"],
        amount=Money.yuan(row["amount"]) if "amount" in row else None,
        rate=Decimal(row["rate"]) if "rate" in row else None,
        collector=row["collector"],
    )
