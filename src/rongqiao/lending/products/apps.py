"""Loan products as a Django app."""

from django.apps import AppConfig


class ProductsConfig(AppConfig):
    """Products and their versioned terms."""

    name = "rongqiao.lending.products"
    label = "products"
