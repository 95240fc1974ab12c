"""Sentences for refusals of risk's room of policies."""

from django.utils.functional import Promise

POLICIES: dict[str, Promise] = {}
