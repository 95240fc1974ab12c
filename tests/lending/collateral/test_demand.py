"""A product demands collateral: nothing is signed or drawn before it stands, nor let go after."""

from datetime import date
from decimal import Decimal

import pytest

from rongqiao.finance.money import Money
from rongqiao.lending.collateral.kinds import KINDS
from rongqiao.lending.collateral.operations.releasing.letting_go import PledgeStillNeeded
from rongqiao.lending.collateral.queries.security import security_of_application
from rongqiao.lending.origination.conduct.securing import SecurityLacking
from rongqiao.lending.origination.operations.drawing.draw import Draw, draw
from rongqiao.lending.origination.operations.drawing.propose_drawing import (
    ProposeDrawing,
    propose_drawing,
)
from rongqiao.lending.origination.operations.signing.sign_agreement import (
    SignAgreement,
    sign_agreement,
)
from rongqiao.lending.origination.queries.papers import get_agreement_text
from rongqiao.lending.products.operations.draft_version import BadTerms
from rongqiao.lending.products.queries import Cover, SecurityTerms, get_version
from rongqiao.lending.products.soundness import COLLATERAL_KINDS
from rongqiao.lending.servicing.operations.starting.disburse import Disburse, disburse
from tests.makers.demanding import CAR, demanding
from tests.makers.journeys import accept, apply, read_sheet
from tests.makers.securing import decide, pledged, propose, valued, wish_release

TODAY = date(2026, 1, 5)


@pytest.fixture
def asked(call, staff, products, borrower):
    """An application of 20,000 yuan that was accepted: 24,000 of vehicles must stand for it."""
    version_id = demanding(call, staff)
    assert get_version(version_id).terms.security == CAR
    application_id, state = apply(call, borrower)
    assert state == "approved"
    accept(call, borrower, application_id)
    return application_id


def sign(call, clock, borrower, application_id):
    sheet_id = read_sheet(call, clock, borrower, application_id=application_id)
    command = SignAgreement(
        application_id=application_id,
        sheet_id=sheet_id,
        session="s",
        ip="::1",
        cover=security_of_application(application_id, TODAY).lendable,
    )
    return sign_agreement(command, call(actor=borrower.actor))


def test_nothing_is_signed_before_enough_of_the_demanded_kind_stands(
    call, clock, desk, borrower, asked
):
    with pytest.raises(SecurityLacking) as refused:
        sign(call, clock, borrower, asked)
    assert refused.value.facts == {"needed": "24000.00", "standing": "0.00"}
    deposit = valued(call, desk, borrower.party_id, "deposit", yuan="50000", basis="face")
    pledged(call, desk, deposit, "40000", application_id=asked)
    car = valued(call, desk, borrower.party_id)
    pledged(call, desk, car, "23999.99", application_id=asked)
    with pytest.raises(SecurityLacking) as refused:
        sign(call, clock, borrower, asked)
    assert refused.value.facts["standing"] == "23999.99"
    more = valued(call, desk, borrower.party_id, number=2)
    pledged(call, desk, more, "0.01", application_id=asked)
    signed = sign(call, clock, borrower, asked)
    text = get_agreement_text(signed.agreement_id)
    assert "第十一条　担保：" in text
    assert "担保种类为车辆" in text
    assert "不低于债务的 120%" in text


def test_a_stale_value_covers_nothing_new(call, desk, borrower, asked):
    car = valued(call, desk, borrower.party_id)
    pledged(call, desk, car, "24000", application_id=asked)
    assert security_of_application(asked, TODAY).lendable == (
        Cover(collateral_kind="vehicle", amount=Money.yuan("24000")),
    )
    assert security_of_application(asked, date(2026, 12, 1)).lendable == ()


def test_what_the_product_demands_is_not_let_go_while_anything_is_owed(
    call, clock, desk, borrower, asked
):
    first = valued(call, desk, borrower.party_id)
    needed = pledged(call, desk, first, "24000", application_id=asked)
    signed = sign(call, clock, borrower, asked)
    disburse(Disburse(agreement_id=signed.agreement_id), call(actor="system:test"))
    deposit = valued(call, desk, borrower.party_id, "deposit", yuan="50000", basis="face")
    spare = pledged(call, desk, deposit, "40000", application_id=asked)
    with pytest.raises(PledgeStillNeeded):
        wish_release(call, desk, needed, "surplus")
    wish_release(call, desk, spare, "surplus")
    other = valued(call, desk, borrower.party_id, "deposit", 2, yuan="50000", basis="face")
    swap = propose(call, desk, other, "40000", application_id=asked, replaces=needed)
    with pytest.raises(PledgeStillNeeded):
        decide(call, desk, swap)
    second = valued(call, desk, borrower.party_id, number=3)
    better = propose(call, desk, second, "24000", application_id=asked, replaces=needed)
    assert decide(call, desk, better).state == "agreed"


def test_a_drawing_asks_for_the_cover_of_the_whole_limit(call, clock, staff, products, borrower):
    demanding(call, staff, "daily-revolving")
    application_id, _state = apply(call, borrower, "daily-revolving", term_count="6")
    accept(call, borrower, application_id)
    sheet_id = read_sheet(call, clock, borrower, application_id=application_id)
    enough = (Cover(collateral_kind="vehicle", amount=Money.yuan("24000")),)
    words = {"session": "s", "ip": "::1"}
    granted = sign_agreement(
        SignAgreement(application_id=application_id, sheet_id=sheet_id, cover=enough, **words),
        call(actor=borrower.actor),
    )
    wish = ProposeDrawing(limit_id=granted.limit_id, amount=Money.yuan("5000"), term_count=3)
    drawing_id = propose_drawing(wish, call(actor=borrower.actor)).drawing_id
    sheet_id = read_sheet(call, clock, borrower, drawing_id=drawing_id)
    about = {"drawing_id": drawing_id, "sheet_id": sheet_id, "days_past_due": 0, **words}
    with pytest.raises(SecurityLacking) as refused:
        draw(Draw(**about), call(actor=borrower.actor))
    assert refused.value.facts["needed"] == "24000.00"
    assert draw(Draw(**about, cover=enough), call(actor=borrower.actor)).drawing_id == drawing_id


@pytest.mark.parametrize(
    ("kinds", "least", "field"),
    [
        ((), "1", "security_kinds"),
        (("boat",), "1", "security_kinds"),
        (("vehicle", "vehicle"), "1", "security_kinds"),
        (("vehicle",), "0", "security_coverage_min"),
        (("vehicle",), "10.0001", "security_coverage_min"),
        (("vehicle",), "1.00001", "security_coverage_min"),
        (("vehicle",), "NaN", "security_coverage_min"),
    ],
)
def test_a_demand_that_cannot_be_is_not_drafted(call, staff, kinds, least, field):
    with pytest.raises(BadTerms) as refused:
        demanding(call, staff, security=SecurityTerms(kinds=kinds, coverage_min=Decimal(least)))
    assert refused.value.facts["field"] == field


def test_products_know_every_kind_of_collateral():
    assert tuple(KINDS) == COLLATERAL_KINDS
