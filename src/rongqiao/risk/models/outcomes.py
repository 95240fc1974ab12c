"""The closed lists of inquiries: how far one came, and why a source gave no answer."""

from django.db import models


class Outcome(models.TextChoices):
    """What became of an inquiry."""

    OPEN = "open"
    ANSWERED = "answered"
    NO_RECORD = "no-record"
    FAILED = "failed"
    TIMED_OUT = "timed-out"
    # The source was not asked: it is being left alone, or the day's budget is spent.
    REFUSED = "refused"


KNOWN = (Outcome.ANSWERED, Outcome.NO_RECORD)
UNKNOWN = (Outcome.FAILED, Outcome.TIMED_OUT, Outcome.REFUSED)
