import pytest

from tests.makers.journeys import (
    make_borrower,
    make_firm_borrower,
    make_staff,
    publish_first_products,
)


@pytest.fixture
def staff(call):
    return make_staff(call)


@pytest.fixture
def products(call, staff):
    return publish_first_products(call, staff)


@pytest.fixture
def borrower(call, products):
    return make_borrower(call, 1)


@pytest.fixture
def firm(call, products):
    return make_firm_borrower(call, 2)
