"""Loan products and their terms: a version never changes, it is followed by another."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from rongqiao.policies.lpr import REFERENCES, RESETS

RIGHTS_OF_A_VERSION = (
    "rights: select, insert, update(published_by, published_at, published_on, withdrawn_by,"
    " withdrawn_at, withdrawn_on); terms never change"
)


class Product(models.Model):
    """What is lent under one name; its code is part of the names of its ledger accounts."""

    code = models.CharField(max_length=32, primary_key=True)
    category = models.CharField(max_length=32)
    created_at = models.DateTimeField()

    class Meta:
        db_table_comment = "rights: select, insert"
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[a-z][a-z0-9-]{1,30}$"), name="product_code_is_a_slug"
            ),
        ]


class ProductVersion(models.Model):
    """One set of terms. Drafted by one person, published by another, in force from a date."""

    id = models.UUIDField(primary_key=True)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=120)
    summary_zh = models.CharField(max_length=400)
    summary_en = models.CharField(max_length=400)
    amount_min_minor = models.BigIntegerField()
    amount_max_minor = models.BigIntegerField()
    term_min = models.PositiveSmallIntegerField()
    term_max = models.PositiveSmallIntegerField()
    # The rate of each risk grade, safest first; of one that floats as of the day it was drafted.
    grades = models.JSONField()
    # What the rate follows and when it is reset, and above it so many basis points by grade.
    float_reference = models.CharField(max_length=8, default="", db_default="", blank=True)
    float_reset = models.CharField(max_length=12, default="", db_default="", blank=True)
    float_points = models.JSONField(default=list, db_default=[])
    # In how many sums it may be drawn, the later ones within so many days of the first, each of so
    # much at least; once and whole where no more is said.
    draws_most = models.PositiveSmallIntegerField(default=1, db_default=1)
    draws_days = models.PositiveSmallIntegerField(default=0, db_default=0)
    draws_least_minor = models.BigIntegerField(default=0, db_default=0)
    # Kinds of collateral that must stand before anything is lent, and how much they cover of it.
    security_kinds = models.JSONField(default=list, db_default=[])
    security_coverage_min = models.DecimalField(
        max_digits=6, decimal_places=4, default=0, db_default=0
    )
    rate_annual_min = models.DecimalField(max_digits=12, decimal_places=8)
    rate_annual_max = models.DecimalField(max_digits=12, decimal_places=8)
    interest_period = models.CharField(max_length=8)
    method = models.CharField(max_length=24)
    day_count = models.CharField(max_length=16)
    every_unit = models.CharField(max_length=8)
    every_count = models.PositiveSmallIntegerField()
    is_revolving = models.BooleanField()
    limit_months = models.PositiveSmallIntegerField(default=0)
    # Each fee: code, names, when it falls, an amount or a rate of principal, who collects it.
    fees = models.JSONField()
    grace_days = models.PositiveSmallIntegerField()
    penalty_multiple = models.DecimalField(max_digits=6, decimal_places=4)
    is_penalty_on_interest = models.BooleanField()
    prepayment = models.CharField(max_length=16)
    prepayment_fee_rate = models.DecimalField(max_digits=12, decimal_places=8)
    prepayment_fee_free_after = models.PositiveSmallIntegerField()
    allocation_order = models.CharField(max_length=16)
    # Who may apply: each kind of party with its credit policy and the documents asked of it.
    borrowers = models.JSONField()
    purposes = models.JSONField()
    reading_seconds = models.PositiveSmallIntegerField()
    offer_days = models.PositiveSmallIntegerField()
    four_eyes_above_minor = models.BigIntegerField()
    drafted_by = models.CharField(max_length=100)
    drafted_at = models.DateTimeField()
    published_by = models.CharField(max_length=100, default="", blank=True)
    published_at = models.DateTimeField(null=True)
    published_on = models.DateField(null=True)
    withdrawn_by = models.CharField(max_length=100, default="", blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_on = models.DateField(null=True)

    class Meta:
        db_table_comment = RIGHTS_OF_A_VERSION
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="product_version_number"),
            models.CheckConstraint(
                condition=Q(amount_min_minor__gt=0)
                & Q(amount_max_minor__gte=F("amount_min_minor"))
                & Q(term_min__gt=0)
                & Q(term_max__gte=F("term_min")),
                name="product_ranges",
            ),
            models.CheckConstraint(
                condition=Q(rate_annual_min__gt=0)
                & Q(rate_annual_max__gte=F("rate_annual_min"))
                & Q(rate_annual_max__lt=1)
                & Q(penalty_multiple__gte=1),
                name="product_rates",
            ),
            models.CheckConstraint(
                condition=Q(float_reference="", float_reset="")
                | Q(float_reference__in=REFERENCES, float_reset__in=RESETS, is_revolving=False),
                name="product_floats_wholly",
            ),
            models.CheckConstraint(
                condition=Q(draws_most=1, draws_days=0, draws_least_minor=0)
                | Q(
                    draws_most__gt=1,
                    draws_days__gt=0,
                    draws_least_minor__gt=0,
                    draws_least_minor__lte=F("amount_min_minor"),
                    is_revolving=False,
                ),
                name="product_draws_wholly",
            ),
            models.CheckConstraint(
                condition=Q(security_kinds=[], security_coverage_min=0)
                | (~Q(security_kinds=[]) & Q(security_coverage_min__gt=0)),
                name="product_demands_security_wholly",
            ),
            models.CheckConstraint(
                condition=Q(published_on=None) | ~Q(published_by=F("drafted_by")),
                name="product_published_by_another",
            ),
        ]
        indexes = [
            models.Index(fields=["product", "-published_on", "-number"], name="product_in_force"),
        ]
