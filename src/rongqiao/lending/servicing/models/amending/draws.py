"""Loans lent in several sums (分次放款): what may still be drawn, and each further draw."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongqiao.lending.servicing.models.loans import Loan


class DrawRoom(models.Model):
    """What was signed for of a loan that was lent in part: `agreed_minor` in all.

    In `most` sums, the first one included, the last of them on `last_on`; each of `least_minor` or
    more, or of all that is left. What was drawn so far is the loan's `principal_minor`.
    """

    loan = models.OneToOneField(Loan, models.PROTECT, primary_key=True, related_name="draw_room")
    agreed_minor = models.BigIntegerField()
    most = models.PositiveSmallIntegerField()
    last_on = models.DateField()
    least_minor = models.BigIntegerField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.CheckConstraint(
                condition=Q(agreed_minor__gt=0, most__gt=1, least_minor__gt=0),
                name="draw_room_is_some",
            ),
        ]


class FurtherDraw(models.Model):
    """A further sum as it was quoted for one day, and drawn as quoted or not at all.

    `plan` holds the rows from that day on as a former plan keeps them, `interest_before_minor` and
    `interest_after_minor` what is still to be earned by the plan before and by this one. Once drawn
    its former plan and its lines are those of that day, and the paper is the supplement to the
    agreement.
    """

    id = models.UUIDField(primary_key=True)
    loan = models.ForeignKey(Loan, models.PROTECT, related_name="further_draws")
    amount_minor = models.BigIntegerField()
    valid_on = models.DateField()
    quoted_at = models.DateTimeField()
    interest_before_minor = models.BigIntegerField()
    interest_after_minor = models.BigIntegerField()
    plan = models.JSONField()
    drawn_by = models.CharField(max_length=100, default="", blank=True)
    drawn_at = models.DateTimeField(null=True)
    number = models.CharField(max_length=24, default="", blank=True)
    text_sealed = models.BinaryField(null=True)
    text_sha256 = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        db_table_comment = (
            "rights: select, insert, update(drawn_by, drawn_at, number, text_sealed, text_sha256)"
        )
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="further_draw_of_some"),
            models.CheckConstraint(
                condition=Q(drawn_at=None, drawn_by="", number="", text_sealed=None)
                | (
                    Q(drawn_at__isnull=False, text_sealed__isnull=False)
                    & ~Q(drawn_by="")
                    & ~Q(number="")
                ),
                name="further_draw_on_paper",
            ),
            models.UniqueConstraint(
                fields=["number"], condition=~Q(number=""), name="further_draw_number_once"
            ),
        ]
        indexes = [models.Index(fields=["loan", "-quoted_at"], name="further_draw_of_loan")]
