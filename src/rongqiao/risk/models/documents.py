"""Policies and models as they were used, each under the sha256 of its text: never changed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

KINDS = ("policy", "model")


class RuleDocument(models.Model):
    """The text of a policy or a model; `sha256` is of its UTF-8, checked whenever it is read."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=8)
    body = models.TextField()
    kept_at = models.DateTimeField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=KINDS) & Q(sha256__regex=r"^[0-9a-f]{64}$"),
                name="rule_document_named",
            ),
        ]
