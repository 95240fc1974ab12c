"""Sentences for refusals of risk's room of laundering."""

from django.utils.functional import Promise

LAUNDERING: dict[str, Promise] = {}
