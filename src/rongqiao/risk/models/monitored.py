"""What a model did month by month, counted as a month ended; a later count stands beside it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class MonitoredMonth(models.Model):
    """The decisions of one month by one model, counted at a month's end.

    `model` names what scored them. `counted` has whole numbers by score and by bin, `figures` what
    follows from them as decimal texts, with the alarms, the populations they were held against and
    which figure against which. The ends of cases become known later, so that a month is counted
    again: the latest `as_of` says most.
    """

    id = models.UUIDField(primary_key=True)
    model = models.CharField(max_length=100)
    month = models.DateField()
    as_of = models.DateField()
    rows = models.PositiveIntegerField()
    counted = models.JSONField()
    figures = models.JSONField()
    reckoned_at = models.DateTimeField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.UniqueConstraint(
                fields=["model", "month", "as_of"], name="monitored_month_counted_once"
            ),
            models.CheckConstraint(
                condition=Q(month__day=1) & Q(as_of__gte=F("month")), name="monitored_month_is_over"
            ),
            models.CheckConstraint(condition=~Q(model=""), name="monitored_month_names_its_model"),
        ]
        indexes = [models.Index(fields=["-month"], name="monitored_month_newest")]
