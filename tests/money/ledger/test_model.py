"""The books against a model in a few lines of Python: any order of any steps agrees."""

import pytest
from hypothesis import HealthCheck, settings

from tests.money.ledger.machine import Books


@pytest.mark.django_db
def test_the_books_agree_with_a_small_model_after_any_steps(call):
    machine = type("BooksHere", (Books,), {"call": staticmethod(call)}).TestCase
    machine.settings = settings(
        max_examples=25,
        stateful_step_count=30,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    machine().runTest()
