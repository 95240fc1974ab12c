"""Lending is tried as a microloan company, the role that lends its own money."""

import pytest


@pytest.fixture(autouse=True)
def microloan_company(settings):
    settings.OPERATOR_ROLE = "microloan_company"
