"""Sentences for refusals of risk's room of fraud."""

from django.utils.functional import Promise

FRAUD: dict[str, Promise] = {}
