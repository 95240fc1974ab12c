"""Robbery 2, a stale limit, where the limit is one over several products and several borrowers.

Each signs in a transaction of its own, and none of the rows they lock are the same but those of the
limit: of what is tried at once only as much is lent as fits under it.
"""

import random
from datetime import date

import pytest

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.lending.origination.models.concentration import Exposure
from rongqiao.lending.origination.operations.drawing.draw import Draw, draw
from rongqiao.lending.origination.operations.drawing.propose_drawing import (
    ProposeDrawing,
    propose_drawing,
)
from rongqiao.lending.origination.operations.signing.sign_agreement import (
    SignAgreement,
    sign_agreement,
)
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.queries.exposures import check_settled
from rongqiao.money.ledger.queries.books import balance
from rongqiao.platform import relay
from tests.makers import journeys
from tests.makers.concentration import analysts_of, limited
from tests.parties.people import at_once, make_firm

pytestmark = pytest.mark.faults

REACHED = "origination.concentration-reached"


@pytest.fixture
def staff(live_db, settings, call):
    settings.OPERATOR_ROLE = "microloan_company"
    made = journeys.make_staff(call)
    journeys.publish_first_products(call, made)
    return made


def signature(call, clock, borrower, product):
    """An attempt to sign a loan that was approved, accepted and read."""
    case, state = journeys.apply(call, borrower, product)
    assert state == "approved"
    journeys.accept(call, borrower, case)
    sheet = journeys.read_sheet(call, clock, borrower, application_id=case)
    wish = SignAgreement(application_id=case, sheet_id=sheet, session="s", ip="::1")
    key = call(actor=borrower.actor)
    return lambda: sign_agreement(wish, key)


def drawing(call, clock, borrower, limit_id, amount):
    """An attempt to sign a drawing that was proposed and read."""
    asked = ProposeDrawing(limit_id=limit_id, amount=Money.yuan(amount), term_count=3)
    drawing_id = propose_drawing(asked, call(actor=borrower.actor)).drawing_id
    sheet = journeys.read_sheet(call, clock, borrower, drawing_id=drawing_id)
    wish = Draw(drawing_id=drawing_id, sheet_id=sheet, days_past_due=0, session="s", ip="::1")
    key = call(actor=borrower.actor)
    return lambda: draw(wish, key)


def tried(attempts, seed):
    """Run them at once, in any order; return how many were done, the rest refused by the limit."""
    random.Random(seed).shuffle(attempts)
    answers = at_once(attempts)
    refused = [one for one in answers if isinstance(one, Exception)]
    assert {getattr(one, "code", repr(one)) for one in refused} <= {REACHED}
    relay.drain(SUBSCRIBERS)
    assert relay.parked() == []
    assert check_settled().broken == 0
    return len(answers) - len(refused)


def test_two_products_share_what_one_borrower_may_owe(call, clock, staff, rounds):
    """Eight loans of 20,000 and eight drawings of 2,500 under 20,000: either one loan, or all."""
    limited(call, analysts_of(call, staff), "borrower", "", "20000")
    for number in range(1, rounds(6, 1) + 1):
        borrower = journeys.make_borrower(call, number)
        _case, line = journeys.signed_loan(call, clock, borrower, "daily-revolving")
        attempts = [signature(call, clock, borrower, "consumer-monthly") for _ in range(8)]
        attempts += [drawing(call, clock, borrower, line.limit_id, "2500") for _ in range(8)]
        done = tried(attempts, number)
        lent = sum(
            Loan.objects.filter(party_id=borrower.party_id).values_list("principal_minor"), ()
        )
        assert (done, sum(lent)) in [(1, 2_000_000), (8, 2_000_000)]
        assert len(lent) == done
        assert balance(f"wallet:{borrower.party_id}") == Money.yuan("20000")
        used = Exposure.objects.get(kind="borrower", key=str(borrower.party_id)).used_minor
        assert used == 2_000_000


def test_a_person_and_their_firm_share_what_their_group_may_owe(call, clock, staff, rounds):
    """Room for the loan of one of them, and both sign eight times at once."""
    limited(call, analysts_of(call, staff), "group", "", "100000")
    for number in range(1, rounds(6, 1) + 1):
        person = journeys.make_borrower(call, number)
        firm = journeys.Borrower(person.user_id, make_firm(call, person.user_id, number))
        attempts = [signature(call, clock, person, "consumer-monthly") for _ in range(8)]
        attempts += [signature(call, clock, firm, "working-capital") for _ in range(8)]
        done = tried(attempts, number)
        of_person, of_firm = (
            Loan.objects.filter(party_id=one.party_id).count() for one in (person, firm)
        )
        assert (of_person, of_firm) in [(0, 1), *[(count, 0) for count in range(1, 6)]]
        assert done == of_person + of_firm


@pytest.mark.parametrize("kind", ["industry", "region", "product", "whole"])
def test_sixteen_strangers_share_what_is_lent_in_one_place(call, clock, staff, kind):
    """Room for five of sixteen loans: five are signed, whoever they are."""
    limited(call, analysts_of(call, staff), kind, "", "119999.99")
    people = [journeys.make_borrower(call, number) for number in range(1, 17)]
    attempts = [signature(call, clock, one, "consumer-monthly") for one in people]
    assert tried(attempts, 1) == 5
    assert Loan.objects.count() == 5
    assert Exposure.objects.get(kind=kind).used_minor == 10_000_000


def test_a_limit_that_is_lowered_lets_nobody_through_afterwards(call, clock, staff):
    analysts = analysts_of(call, staff)
    limited(call, analysts, "whole", "", "1000000")
    people = [journeys.make_borrower(call, number) for number in range(1, 9)]
    attempts = [signature(call, clock, one, "consumer-monthly") for one in people]
    cut = [lambda: limited(call, analysts, "whole", "", "40000", from_on=date(2026, 1, 5))]
    answers = at_once([*attempts[:6], *cut])
    before = sum(not isinstance(one, Exception) for one in answers[:6])
    room = max(0, 2 - before)
    assert tried(attempts[6:], 1) == min(2, room)
