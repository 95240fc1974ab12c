"""Concentration limits: held in the transaction that signs, by two people, given back in full."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from rongqiao.cli.eod import catch_up
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.cases import RoleNeeded
from rongqiao.lending.origination.conduct.concentration import ConcentrationReached
from rongqiao.lending.origination.models.concentration import Commitment, Exposure
from rongqiao.lending.origination.operations.applying.withdraw_application import (
    WithdrawApplication,
    withdraw_application,
)
from rongqiao.lending.origination.operations.concentrating.decide_concentration import (
    ConcentrationDecided,
    ConcentrationSecondPersonNeeded,
    DecideConcentration,
    decide_concentration,
)
from rongqiao.lending.origination.operations.concentrating.propose_concentration import (
    ConcentrationRefused,
    ConcentrationWaits,
    ProposeConcentration,
    propose_concentration,
)
from rongqiao.lending.origination.operations.drawing.cancel_drawing import (
    CancelDrawing,
    cancel_drawing,
)
from rongqiao.lending.origination.operations.drawing.draw import Draw, draw
from rongqiao.lending.origination.operations.drawing.propose_drawing import (
    ProposeDrawing,
    propose_drawing,
)
from rongqiao.lending.origination.operations.signing.expire_offers import (
    ExpireOffers,
    expire_offers,
)
from rongqiao.lending.origination.queries.concentration import list_exposures
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay
from rongqiao.lending.servicing.queries.exposures import check_settled
from rongqiao.platform import relay
from tests.makers.concentration import analysts_of, limited, proposal
from tests.makers.journeys import make_borrower, read_sheet, signed_loan
from tests.parties.people import actor, make_firm

TODAY = date(2026, 1, 5)


@pytest.fixture
def analysts(call, staff):
    return analysts_of(call, staff)


def used(kind, key=None):
    """What is out in a place, in yuan; of the only one, where no key is given."""
    rows = Exposure.objects.filter(kind=kind)
    return (rows.get(key=key) if key else rows.get()).used_minor // 100


def use(call, clock, borrower, limit_id, amount):
    command = ProposeDrawing(limit_id=limit_id, amount=Money.yuan(amount), term_count=3)
    drawing_id = propose_drawing(command, call(actor=borrower.actor)).drawing_id
    sheet_id = read_sheet(call, clock, borrower, drawing_id=drawing_id)
    wish = Draw(drawing_id=drawing_id, sheet_id=sheet_id, days_past_due=0, session="s", ip="::1")
    return draw(wish, call(actor=borrower.actor))


def test_two_products_of_one_borrower_share_the_limit(call, clock, analysts, borrower):
    limited(call, analysts, "borrower", "", "25000")
    signed_loan(call, clock, borrower, "consumer-monthly")
    _case, line = signed_loan(call, clock, borrower, "daily-revolving")
    with pytest.raises(ConcentrationReached) as refused:
        use(call, clock, borrower, line.limit_id, "5001")
    assert refused.value.facts == {"limit": "borrower"}
    assert used("borrower") == 20000
    use(call, clock, borrower, line.limit_id, "5000")
    assert used("borrower") == used("group") == used("whole") == 25000
    assert used("product", "daily-revolving") == 5000
    assert check_settled().broken == 0


def test_a_person_and_their_firm_are_one_group(call, clock, analysts, borrower):
    firm = type(borrower)(borrower.user_id, make_firm(call, borrower.user_id, 7))
    limited(call, analysts, "group", "", "119999.99")
    signed_loan(call, clock, firm, "working-capital")
    with pytest.raises(ConcentrationReached):
        signed_loan(call, clock, borrower)
    signed_loan(call, clock, make_borrower(call, 9))
    assert sorted(Commitment.objects.values_list("party_kind", flat=True)) == [
        "organization",
        "person",
    ]


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("industry", "personal"),
        ("industry", ""),
        ("region", "11"),
        ("product", "consumer-monthly"),
        ("whole", ""),
        ("borrower", "person"),
    ],
)
def test_what_is_over_the_limit_is_not_signed(call, clock, analysts, borrower, kind, key):
    limited(call, analysts, kind, key, "19999.99")
    with pytest.raises(ConcentrationReached):
        signed_loan(call, clock, borrower)
    assert not Commitment.objects.exists()
    limited(call, analysts, kind, key, "20000")
    signed_loan(call, clock, borrower)
    assert used(kind) == 20000


def test_the_closest_limit_counts_and_a_later_one_from_its_day(call, clock, analysts, borrower):
    limited(call, analysts, "borrower", "", "1")
    limited(call, analysts, "borrower", "organization", "2")
    limited(call, analysts, "borrower", "person", "3")
    limited(call, analysts, "borrower", str(borrower.party_id), "30000")
    later = TODAY + timedelta(days=1)
    limited(call, analysts, "borrower", str(borrower.party_id), "4", from_on=later)
    signed_loan(call, clock, borrower)
    seen = list_exposures(TODAY, kind="borrower", limit=9)
    assert [(one.limit, one.permille) for one in seen] == [(Money.yuan("30000"), 666)]
    assert list_exposures(later, kind="borrower", limit=9)[0].limit == Money.yuan("4")


def test_a_limit_that_was_ended_holds_nobody(call, clock, analysts, borrower):
    limited(call, analysts, "whole", "", "1")
    limited(call, analysts, "whole", "", None)
    signed_loan(call, clock, borrower)
    assert list_exposures(TODAY, kind="whole", limit=9)[0].limit is None


def test_what_is_cancelled_or_expires_is_given_back(call, clock, analysts, borrower):
    _case, line = signed_loan(call, clock, borrower, "daily-revolving")
    assert not Exposure.objects.exists()
    drawn = use(call, clock, borrower, line.limit_id, "20000")
    assert used("borrower") == 20000
    cancel_drawing(CancelDrawing(drawing_id=drawn.drawing_id), call(actor=borrower.actor))
    assert used("borrower") == 0
    case, _signed = signed_loan(call, clock, borrower)
    assert used("borrower") == 20000
    withdraw_application(WithdrawApplication(application_id=case), call(actor=borrower.actor))
    assert used("borrower") == 0
    signed_loan(call, clock, borrower)
    over = replace(call(actor="system:x"), on=TODAY + timedelta(days=400))
    assert expire_offers(ExpireOffers(), over).count == 1
    assert set(Exposure.objects.values_list("used_minor", flat=True)) == {0}
    assert check_settled().broken == 0


def test_what_was_paid_back_counts_until_the_day_is_closed(call, clock, borrower):
    signed_loan(call, clock, borrower)
    relay.drain(SUBSCRIBERS)
    assert (used("borrower"), used("whole")) == (20000, 20000)
    clock.move(timedelta(days=35))
    catch_up(date(2026, 2, 9))
    loan = Loan.objects.get()
    pay = Repay(loan_id=loan.pk, party_id=borrower.party_id, amount=Money.yuan("500"))
    principal = repay(pay, call(actor=borrower.actor)).principal
    assert principal.minor > 0
    assert used("borrower") == 20000
    assert check_settled().broken == 0
    clock.move(timedelta(days=1))
    catch_up(date(2026, 2, 10))
    loan.refresh_from_db()
    exposures = set(Exposure.objects.values_list("used_minor", flat=True))
    assert exposures == {loan.principal_outstanding_minor} == {2_000_000 - principal.minor}
    assert check_settled().broken == 0


def test_a_loan_from_before_there_were_limits_is_counted_at_the_next_close(call, clock, borrower):
    signed_loan(call, clock, borrower)
    relay.drain(SUBSCRIBERS)
    Commitment.objects.all().delete()
    Exposure.objects.all().delete()
    catch_up(TODAY)
    catch_up(TODAY + timedelta(days=1))
    assert used("region", "11") == used("borrower") == 20000
    assert check_settled().broken == 0


def test_the_check_names_what_does_not_add_up(call, clock, borrower):
    signed_loan(call, clock, borrower)
    Exposure.objects.filter(kind="region").update(used_minor=1)
    found = check_settled()
    assert (found.broken, found.examples) == (1, ("region 11: 1, commitments 2000000",))


def test_one_proposes_and_another_releases(call, staff, analysts):
    first, second = analysts
    with pytest.raises(RoleNeeded):
        propose_concentration(proposal("whole", "", "1"), call(actor=actor(staff.operator)))
    made = propose_concentration(proposal("whole", "", "1"), call(actor=actor(first)))
    with pytest.raises(ConcentrationWaits):
        propose_concentration(proposal("whole", "", "2"), call(actor=actor(second)))
    release = DecideConcentration(limit_id=made.limit_id, word="release")
    with pytest.raises(ConcentrationSecondPersonNeeded):
        decide_concentration(release, call(actor=actor(first)))
    withdraw = DecideConcentration(limit_id=made.limit_id, word="withdraw")
    with pytest.raises(ConcentrationSecondPersonNeeded):
        decide_concentration(withdraw, call(actor=actor(second)))
    mute = DecideConcentration(limit_id=made.limit_id, word="decline", reason=" ")
    with pytest.raises(ConcentrationRefused):
        decide_concentration(mute, call(actor=actor(second)))
    assert decide_concentration(release, call(actor=actor(second))).state == "released"
    with pytest.raises(ConcentrationDecided):
        decide_concentration(release, call(actor=actor(second)))


def test_a_share_of_net_assets_is_rounded_down(call, analysts):
    wish = proposal("borrower", "", None, percent="10", net_assets="100.09")
    made = propose_concentration(wish, call(actor=actor(analysts[0])))
    assert made.amount == Money.yuan("10.00")


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit_kind": "planet"},
        {"limit_key": "'; drop"},
        {"reason": " "},
        {"from_on": date(2026, 1, 4)},
        {"amount": Money(-1)},
        {"percent": Decimal(10)},
        {"net_assets": Money.yuan("5")},
        {"percent": Decimal(10), "net_assets": Money.yuan("5")},
        {"amount": None, "percent": Decimal("100.01"), "net_assets": Money.yuan("5")},
        {"amount": None, "percent": Decimal(0), "net_assets": Money.yuan("5")},
        {"amount": None, "percent": Decimal("0.001"), "net_assets": Money.yuan("5")},
        {"amount": None, "percent": Decimal(10), "net_assets": Money(0)},
    ],
)
def test_what_cannot_be_a_limit_is_refused(call, analysts, wrong):
    asked = {
        "limit_kind": "whole",
        "limit_key": "",
        "amount": Money.yuan("1"),
        "percent": None,
        "net_assets": None,
        "from_on": TODAY,
        "reason": "风险偏好",
        **wrong,
    }
    with pytest.raises(ConcentrationRefused):
        propose_concentration(ProposeConcentration(**asked), call(actor=actor(analysts[0])))


def test_what_was_proposed_is_not_changed_even_by_the_platform(live_db, call):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_column_privilege('origination_concentrationlimit', 'amount_minor',"
            " 'UPDATE')"
        )
        assert cursor.fetchone() == (False,)
