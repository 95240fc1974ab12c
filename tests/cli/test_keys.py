"""After a rotation every sealed value lies under the new key and still says what it said."""

from datetime import date

import pytest
from django.apps import apps
from django.db import models

from rongqiao.cli.keys import resealing
from rongqiao.config.places import django_database
from rongqiao.parties.queries import get_identity, get_party
from rongqiao.platform import crypto
from rongqiao.platform.crypto import Keys
from rongqiao.platform.postgres.connecting import pointed_at
from tests.makers import journeys
from tests.parties.people import make_firm, make_person

TODAY = date(2026, 1, 5)


def sealed_by():
    return {
        crypto.key_of(value)
        for model, column in resealing.sealed_columns()
        for value in model._default_manager.values_list(column, flat=True)
        if value is not None
    }


@pytest.fixture
def lived(live_db, clock, call, settings):
    """People, a firm, an application with answers and documents, a signed agreement."""
    settings.OPERATOR_ROLE = "microloan_company"
    before = Keys.fresh()
    with crypto.sealing_with(before):
        _, person = make_person(call, 1)
        owner, _ = make_person(call, 2)
        firm = make_firm(call, owner, 3)
        staff = journeys.make_staff(call)
        journeys.publish_first_products(call, staff)
        borrower = journeys.make_borrower(call, 4)
        journeys.signed_loan(call, clock, borrower)
        yield before, (person, firm, borrower.party_id)


def test_a_rotation_reaches_every_sealed_value(lived, live_db):
    before, parties = lived
    said = [get_identity(party, TODAY) for party in parties]
    assert sealed_by() == {1}
    with (
        crypto.sealing_with(before.with_new_data_key()),
        pointed_at(django_database(live_db.owner_url)),
    ):
        waiting = resealing.waiting()
        assert waiting > 10
        assert resealing.reseal() == waiting
        assert sealed_by() == {2}
        assert resealing.reseal() == 0
        assert [get_identity(party, TODAY) for party in parties] == said
        assert get_party(parties[0]).name


def test_every_binary_column_that_holds_ciphertext_is_found():
    named = {
        f"{model._meta.db_table}.{column.name}"
        for model in apps.get_models()
        for column in model._meta.get_fields()
        if isinstance(column, models.BinaryField) and "sealed" in column.name
    }
    found = {f"{model._meta.db_table}.{column}" for model, column in resealing.sealed_columns()}
    assert found == named
