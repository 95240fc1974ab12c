"""Sentences for refusals of risk's room of enterprise."""

from django.utils.functional import Promise

ENTERPRISE: dict[str, Promise] = {}
