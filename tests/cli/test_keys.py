"""After a rotation every sealed value lies under the new key and still says what it said."""

import os
import subprocess
import sys
from datetime import date

import pytest
from django.apps import apps
from django.db import models

from rongqiao.cli.keys import resealing
from rongqiao.config.places import Places, django_database
from rongqiao.parties.queries import get_identity, get_party
from rongqiao.platform import clock, crypto
from rongqiao.platform.crypto import Keys
from rongqiao.platform.ids import new_id
from rongqiao.platform.postgres.connecting import pointed_at
from rongqiao.risk.models.enterprise import FinancialStatement
from rongqiao.risk.models.sealing import seal, unseal
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


def test_a_rotation_that_was_killed_goes_on_where_it_stood(live_db, call, tmp_path):
    before = Keys.fresh()
    places = Places(tmp_path)
    before.save(places.keys)
    environment = os.environ | {
        "RONGQIAO_VAR": str(tmp_path),
        "DATABASE_URL": live_db.app_url,
        "DATABASE_OWNER_URL": live_db.owner_url,
    }
    with crypto.sealing_with(before):
        user_id, _person = make_person(call, 1)
        party_id = make_firm(call, user_id, 1)
        texts = state_years(party_id, 4_000)
    first = subprocess.Popen(
        [sys.executable, "-m", "rongqiao.cli.main", "keys", "rotate"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    while int(first.stderr.readline().split()[0]) < resealing.BATCH:
        pass
    first.kill()
    first.wait()
    first.stderr.close()
    after = Keys.load_or_make(places.keys)
    assert after.current == 2
    with crypto.sealing_with(after), pointed_at(django_database(live_db.owner_url)):
        left = resealing.waiting()
        assert 0 < left < len(texts)
        assert opened() == texts
    done = subprocess.run(
        [sys.executable, "-m", "rongqiao.cli.main", "keys", "resume"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"{left} values sealed anew, 0 left under older keys" in done.stdout
    with crypto.sealing_with(after), pointed_at(django_database(live_db.owner_url)):
        assert resealing.waiting() == 0
        assert opened() == texts
        row = FinancialStatement.objects.order_by("number").first()
        other = FinancialStatement.objects.order_by("number").last()
        with pytest.raises(crypto.Unreadable):
            unseal(row.figures_sealed, FinancialStatement, "figures_sealed", other.pk)


def state_years(party_id, count):
    """Put so many sealed rows in place; return what they say, by number."""
    rows, texts = [], {}
    for number in range(1, count + 1):
        row_id, texts[number] = new_id(clock.now()), {"revenue": f"{number}.00"}
        rows.append(
            FinancialStatement(
                id=row_id,
                party_id=party_id,
                number=number,
                ends_on=date(2025, 12, 31),
                months=12,
                source="firm",
                figures_sealed=seal(texts[number], FinancialStatement, "figures_sealed", row_id),
                contradictions=[],
                recorded_by="user:x",
                recorded_at=clock.now(),
                recorded_on=TODAY,
            )
        )
    FinancialStatement.objects.bulk_create(rows)
    return texts


def opened():
    return {
        row.number: unseal(row.figures_sealed, FinancialStatement, "figures_sealed", row.pk)
        for row in FinancialStatement.objects.all()
    }
