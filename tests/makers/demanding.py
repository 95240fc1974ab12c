"""A first product published anew, with a demand for collateral."""

from dataclasses import replace
from decimal import Decimal

from rongqiao.lending.products.operations.definitions import first_products
from rongqiao.lending.products.operations.draft_version import draft_version
from rongqiao.lending.products.operations.publish_version import PublishVersion, publish_version
from rongqiao.lending.products.queries import SecurityTerms
from tests.parties.people import actor

CAR = SecurityTerms(kinds=("vehicle",), coverage_min=Decimal("1.2"))


def demanding(call, staff, code="consumer-monthly", security=CAR):
    """Publish the next version of a first product, that asks for collateral; return its id."""
    found = next(one for one in first_products() if one.code == code)
    wanted = replace(found, terms=replace(found.terms, security=security))
    drafted = draft_version(wanted, call(actor=actor(staff.operator)))
    publish_version(
        PublishVersion(version_id=drafted.version_id), call(actor=actor(staff.publisher))
    )
    return drafted.version_id
