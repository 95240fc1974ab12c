import pytest

from rongqiao.lending.servicing.operations.starting.disburse import Disburse, disburse
from tests.makers.journeys import (
    make_borrower,
    make_firm_borrower,
    make_staff,
    publish_first_products,
    signed_loan,
)
from tests.makers.securing import desk_of


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


@pytest.fixture
def desk(staff):
    return desk_of(staff)


@pytest.fixture
def signed(call, clock, borrower):
    """A signed loan of 20,000 yuan: its application and agreement."""
    application_id, done = signed_loan(call, clock, borrower)
    return application_id, done.agreement_id


@pytest.fixture
def lent(call, signed):
    """The same, lent."""
    disburse(Disburse(agreement_id=signed[1]), call(actor="system:test"))
    return signed
