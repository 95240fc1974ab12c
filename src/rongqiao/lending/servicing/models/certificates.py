"""What certifies that a loan was paid off."""

from __future__ import annotations

from django.db import models

from rongqiao.lending.servicing.models.loans import Loan


class Certificate(models.Model):
    """结清证明: that a loan was paid off; anybody holding its token may check it."""

    id = models.UUIDField(primary_key=True)
    loan = models.OneToOneField(Loan, models.PROTECT, related_name="certificate")
    number = models.CharField(max_length=24, unique=True)
    token = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField()
    issued_on = models.DateField()
    text_sealed = models.BinaryField()
    text_sha256 = models.CharField(max_length=64)

    class Meta:
        db_table_comment = "rights: select, insert"
