"""Items come into the register once, are valued line by line, and leave it when they are free."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError, IntegrityError

from rongqiao.finance.money import Money
from rongqiao.lending.collateral.kinds import KINDS, BadParticular, checked, identity_of
from rongqiao.lending.collateral.models import Collateral, Valuation
from rongqiao.lending.collateral.operations.acting import (
    CollateralOwnAffair,
    CollateralRetired,
    CollateralRoleNeeded,
    CollateralWordsNeeded,
)
from rongqiao.lending.collateral.operations.registering.register_collateral import (
    BadCollateral,
    BadGuarantorNumber,
    BadPlate,
    BadVehicleNumber,
    CollateralKnown,
)
from rongqiao.lending.collateral.operations.registering.retire_collateral import (
    CollateralInUse,
    RetireCollateral,
    retire_collateral,
)
from rongqiao.lending.collateral.operations.valuing.record_valuation import (
    ValuationOutOfOrder,
    ValuedAboveFace,
)
from rongqiao.lending.collateral.queries.register import (
    Wanted,
    count_items,
    find_item,
    get_item,
    list_items,
    list_valuations,
)
from rongqiao.platform.models import OperationRecord
from tests.makers.journeys import give_role
from tests.makers.securing import (
    Desk,
    particulars,
    pledged,
    register,
    value,
    valued,
    vin,
)
from tests.parties.people import actor

TODAY = date(2026, 1, 5)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_registered_and_read_back(call, borrower, desk, kind):
    item = get_item(register(call, desk, borrower.party_id, kind), TODAY)
    assert dict(item.particulars) == dict(particulars(kind)) | (
        {"share": "100.00"} if kind == "real_estate" else {}
    )
    assert (item.kind, item.is_stale, item.free) == (kind, True, Money.zero())


@pytest.mark.parametrize("kind", KINDS)
def test_every_particular_is_needed(kind):
    for one in KINDS[kind]:
        said = dict(particulars(kind)) | {one.name: " "}
        with pytest.raises(BadParticular) as refused:
            checked(kind, said, TODAY)
        assert (refused.value.field, refused.value.reason) == (one.name, "missing")


@pytest.mark.parametrize(
    ("kind", "field", "text", "refusal"),
    [
        ("vehicle", "vin", "1M8GDM9A1KP042788", BadVehicleNumber),
        ("vehicle", "vin", "1M8GDM9AXKP04278O", BadVehicleNumber),
        ("vehicle", "plate", "A12345", BadPlate),
        ("vehicle", "year", "1949", BadCollateral),
        ("vehicle", "mileage", "-1", BadCollateral),
        ("real_estate", "share", "100.01", BadCollateral),
        ("real_estate", "area", "0", BadCollateral),
        ("receivable", "amount", "0", BadCollateral),
        ("receivable", "ends_on", "2026-01-05", BadCollateral),
        ("deposit", "account", "12", BadCollateral),
        ("guarantee", "guarantor_number", "123", BadGuarantorNumber),
        ("guarantee", "guarantee", "some", BadCollateral),
    ],
)
def test_a_particular_out_of_form_is_refused(call, borrower, desk, kind, field, text, refusal):
    with pytest.raises(refusal) as refused:
        register(call, desk, borrower.party_id, kind, **{field: text})
    assert refused.value.facts["field"] == field


def test_the_same_vehicle_is_known_however_it_is_typed(call, borrower, desk):
    item = get_item(register(call, desk, borrower.party_id), TODAY)
    with pytest.raises(CollateralKnown) as refused:
        register(call, desk, borrower.party_id, vin=f" {vin(1).lower()} ", plate="沪B54321")
    assert refused.value.facts == {"number": item.number}
    for text in (vin(1).lower(), item.number):
        assert find_item(text, TODAY) == item.id
    assert find_item(vin(2), TODAY) is None


def test_two_certificates_of_one_text_are_one_identity():
    one = checked("real_estate", dict(particulars("real_estate")), TODAY)
    typed = one["certificate"].replace("(", "（").replace(")", " ） ")
    other = checked("real_estate", dict(particulars("real_estate", certificate=typed)), TODAY)
    assert identity_of("real_estate", one) == identity_of("real_estate", other)


def test_what_an_item_is_lies_sealed_and_is_not_on_record(call, borrower, desk):
    item = register(call, desk, borrower.party_id)
    row = Collateral.objects.get(pk=item)
    assert vin(1).encode() not in bytes(row.particulars_sealed)
    kept = OperationRecord.objects.get(name="collateral.register")
    assert vin(1) not in str(kept.request)


def test_only_keepers_register_and_nobody_their_own(call, staff, borrower, desk):
    with pytest.raises(CollateralRoleNeeded):
        register(call, Desk(borrower.user_id, desk.decider), borrower.party_id)
    give_role(call, *staff.administrators, borrower.user_id, "reviewer")
    own = Desk(borrower.user_id, desk.decider)
    with pytest.raises(CollateralOwnAffair):
        register(call, own, borrower.party_id)
    item = register(call, desk, borrower.party_id)
    with pytest.raises(CollateralOwnAffair):
        value(call, own, item)


def test_a_valuation_adds_a_line_and_changes_none(call, borrower, desk):
    item = register(call, desk, borrower.party_id)
    value(call, desk, item, "100000", on=date(2025, 12, 1))
    value(call, desk, item, "90000", prior="1000")
    lines = list_valuations(item)
    assert [(one.number, one.value.text()) for one in lines] == [(2, "90000.00"), (1, "100000.00")]
    seen = get_item(item, TODAY)
    assert (seen.value.text(), seen.prior.text(), seen.valued_on) == ("90000.00", "1000.00", TODAY)
    # 90,000 x 70 % less the charge of others.
    assert seen.free.text() == "62000.00"


def test_a_valuation_is_never_edited_nor_deleted(call, borrower, desk):
    valued(call, desk, borrower.party_id)
    line = Valuation.objects.get()
    for change in (
        "UPDATE collateral_valuation SET value_minor = 1",
        "DELETE FROM collateral_valuation",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)
    line.refresh_from_db()
    assert line.value_minor == 10_000_000


def test_a_valuation_is_neither_of_tomorrow_nor_before_the_latest(call, borrower, desk):
    item = register(call, desk, borrower.party_id)
    value(call, desk, item, on=date(2025, 12, 1))
    for day in (date(2025, 11, 30), TODAY + timedelta(days=1)):
        with pytest.raises(ValuationOutOfOrder):
            value(call, desk, item, on=day)
    with pytest.raises(CollateralWordsNeeded):
        value(call, desk, item, basis="guess")


def test_a_deposit_is_worth_its_amount_at_most(call, borrower, desk):
    item = register(call, desk, borrower.party_id, "deposit")
    with pytest.raises(ValuedAboveFace) as refused:
        value(call, desk, item, "50000.01", basis="face")
    assert refused.value.facts == {"allowed": "50000.00"}
    value(call, desk, item, "50000", basis="face")


def test_a_retired_item_makes_way_for_the_same_thing(call, borrower, desk, signed):
    item = valued(call, desk, borrower.party_id)
    pledged(call, desk, item, "1000", application_id=signed[0])
    command = RetireCollateral(collateral_id=item, reason="登记有误")
    with pytest.raises(CollateralInUse):
        retire_collateral(command, call(actor=actor(desk.keeper)))
    other = valued(call, desk, borrower.party_id, number=2)
    command = RetireCollateral(collateral_id=other, reason="已出售")
    retire_collateral(command, call(actor=actor(desk.keeper)))
    with pytest.raises(CollateralRetired):
        value(call, desk, other)
    assert register(call, desk, borrower.party_id, number=2) != other


def test_the_database_registers_a_thing_once(call, borrower, desk):
    register(call, desk, borrower.party_id)
    row = Collateral.objects.get()
    row.pk, row.number = UUID(int=1), "DY-2"
    with pytest.raises(IntegrityError):
        row.save(force_insert=True)


def test_the_register_is_narrowed_by_kind_use_and_number(call, borrower, desk, signed):
    car = valued(call, desk, borrower.party_id)
    pledged(call, desk, car, "1000", application_id=signed[0])
    house = register(call, desk, borrower.party_id, "real_estate")
    for wanted, expected in (
        (Wanted(), {car, house}),
        (Wanted(kind="vehicle"), {car}),
        (Wanted(use="secured"), {car}),
        (Wanted(use="free"), {house}),
        (Wanted(use="stale"), {house}),
        (Wanted(use="ended"), set()),
        (Wanted(text=get_item(car, TODAY).number[:6]), {car, house}),
    ):
        found = list_items(wanted, TODAY)
        assert {one.id for one in found} == expected
        assert count_items(wanted, TODAY) == len(expected)
    stale = list_items(Wanted(use="stale"), TODAY + timedelta(days=181))
    assert [one.id for one in stale] == [house, car]


def test_the_register_takes_two_queries_however_long(
    call, borrower, desk, django_assert_num_queries
):
    for number in range(1, 6):
        register(call, desk, borrower.party_id, number=number)
    with django_assert_num_queries(2):
        assert len(list_items(Wanted(), TODAY)) == 5
