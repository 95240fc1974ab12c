"""Collateral: what secures a loan."""

from django.apps import AppConfig


class CollateralConfig(AppConfig):
    """The Django app of collateral and guarantees."""

    name = "rongqiao.lending.collateral"
    label = "collateral"
