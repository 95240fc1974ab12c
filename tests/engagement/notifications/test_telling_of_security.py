"""Who owes and who gave the security are told when a pledge is made and when it is released."""

import pytest

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.engagement.notifications.models import Notice
from rongqiao.engagement.notifications.queries import list_notices
from rongqiao.lending.origination.models import Application
from rongqiao.parties.models import SmsMessage
from rongqiao.parties.operations.phones.set_phone import SetPhone, set_phone
from rongqiao.platform import relay
from tests.makers import journeys
from tests.makers.securing import (
    decide,
    decide_on_release,
    desk_of,
    pledged,
    propose,
    register,
    value,
    valued,
    wish_release,
)
from tests.parties.people import actor, credit_code


@pytest.fixture
def desk(call, settings):
    settings.OPERATOR_ROLE = "microloan_company"
    staff = journeys.make_staff(call)
    journeys.publish_first_products(call, staff)
    return desk_of(staff)


@pytest.fixture
def borrower(call, desk):
    return journeys.make_borrower(call)


@pytest.fixture
def case(call, borrower):
    """An application of 20,000 yuan that was approved."""
    return journeys.apply(call, borrower)[0]


def kinds_told(user_id):
    relay.drain(SUBSCRIBERS)
    return [notice.kind for notice in list_notices(user_id)][::-1]


def test_who_pledges_their_own_is_told_once_of_each_step(call, desk, borrower, case):
    item = valued(call, desk, borrower.party_id)
    pledge = propose(call, desk, item, "20000", application_id=case)
    assert kinds_told(borrower.user_id) == []
    decide(call, desk, pledge)
    assert kinds_told(borrower.user_id) == ["pledge-made"]
    other = valued(call, desk, borrower.party_id, number=2)
    pledged(call, desk, other, "60000", application_id=case)
    decide_on_release(call, desk, wish_release(call, desk, pledge, "surplus"))
    assert kinds_told(borrower.user_id) == ["pledge-made", "pledge-made", "pledge-released"]
    assert Application.objects.get(pk=case).number in list_notices(borrower.user_id)[0].text
    assert SmsMessage.objects.count() == 0


def test_who_answers_for_another_is_texted_and_reads_nothing_of_the_debt(
    call, desk, borrower, case
):
    giver = journeys.make_borrower(call, 2)
    phone = SetPhone(user_id=giver.user_id, phone="13800138007", is_proved=True)
    set_phone(phone, call(actor=actor(giver.user_id)))
    pledge = pledged(call, desk, valued(call, desk, giver.party_id), "20000", application_id=case)
    assert kinds_told(giver.user_id) == ["pledge-given"]
    assert kinds_told(borrower.user_id) == ["pledge-made"]
    own = valued(call, desk, borrower.party_id, number=2)
    pledged(call, desk, own, "60000", application_id=case, replaces=pledge)
    assert kinds_told(giver.user_id) == ["pledge-given", "pledge-given-released"]
    assert kinds_told(borrower.user_id) == ["pledge-made", "pledge-made", "pledge-released"]
    assert SmsMessage.objects.count() == 2
    number = Application.objects.get(pk=case).number
    mine = Notice.objects.filter(user_id=giver.user_id)
    assert all("case" not in one.facts and number not in str(one.facts) for one in mine)


def test_a_guarantor_who_is_a_customer_is_told_and_another_stays_unknown(
    call, desk, borrower, case
):
    guarantor = journeys.make_firm_borrower(call, 400)
    for number, code in ((1, credit_code(400)), (2, credit_code(401))):
        item = register(call, desk, borrower.party_id, "guarantee", number, guarantor_number=code)
        value(call, desk, item, "100000", basis="face")
        pledged(call, desk, item, "20000", application_id=case)
    assert kinds_told(guarantor.user_id) == ["guarantee-given"]
    assert kinds_told(borrower.user_id) == ["pledge-made", "pledge-made"]
