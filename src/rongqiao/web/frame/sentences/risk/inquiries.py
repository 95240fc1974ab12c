"""Sentences for refusals of risk's room of inquiries."""

from django.utils.functional import Promise

INQUIRIES: dict[str, Promise] = {}
