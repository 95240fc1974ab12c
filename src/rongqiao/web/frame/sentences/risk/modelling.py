"""Sentences for refusals of risk's room of modelling."""

from django.utils.functional import Promise

MODELLING: dict[str, Promise] = {}
