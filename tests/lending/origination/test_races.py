"""Sixteen at once, each under its own key: one signature, one drawing, one decision."""

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.lending.origination.models import Agreement, Drawing, SignedCopy
from rongqiao.lending.origination.operations.applying.withdraw_application import (
    WithdrawApplication,
    withdraw_application,
)
from rongqiao.lending.origination.operations.deciding.take_review import TakeReview, take_review
from rongqiao.lending.origination.operations.drawing.draw import Draw, draw
from rongqiao.lending.origination.operations.drawing.propose_drawing import (
    ProposeDrawing,
    propose_drawing,
)
from rongqiao.lending.origination.operations.signing.keep_copy import KeepCopy, keep_copy
from rongqiao.lending.origination.operations.signing.sign_agreement import (
    SignAgreement,
    sign_agreement,
)
from rongqiao.lending.origination.queries.applications import get_application
from rongqiao.lending.origination.queries.limits import get_limit
from rongqiao.lending.origination.queries.papers import render_copy
from rongqiao.lending.servicing.operations.starting.disburse import Disburse, disburse
from rongqiao.money.ledger.queries.books import balance
from rongqiao.platform.refusals import Refusal
from rongqiao.platform.relay import drain, parked
from tests.makers.journeys import accept, apply, encoded, read_sheet, signed_loan
from tests.parties.people import actor

THREADS = 16


def at_once(attempts):
    """Run the attempts from one starting line; return results and codes of refusals."""
    line = threading.Barrier(len(attempts))

    def run(attempt):
        try:
            connection.ensure_connection()
            line.wait()
            return attempt()
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(attempts)) as pool:
        outcomes = list(pool.map(run, attempts))
    done = [one for one in outcomes if not isinstance(one, str)]
    return done, [one for one in outcomes if isinstance(one, str)]


def test_one_of_sixteen_signs(live_db, call, clock, borrower):
    application_id, _ = apply(call, borrower)
    accept(call, borrower, application_id)
    sheet_id = read_sheet(call, clock, borrower, application_id=application_id)
    command = SignAgreement(application_id=application_id, sheet_id=sheet_id, session="s", ip="::1")
    calls = [call(actor=borrower.actor) for _ in range(THREADS)]
    done, refused = at_once([lambda one=one: sign_agreement(command, one) for one in calls])
    assert len(done) == 1
    assert refused == ["origination.step-not-drawn"] * (THREADS - 1)
    assert Agreement.objects.count() == 1


def test_one_of_sixteen_draws_the_whole_limit(live_db, call, clock, borrower):
    _, signed = signed_loan(call, clock, borrower, "daily-revolving")
    ready = []
    for _ in range(THREADS):
        proposed = propose_drawing(
            ProposeDrawing(limit_id=signed.limit_id, amount=Money.yuan("20000"), term_count=3),
            call(actor=borrower.actor),
        )
        sheet_id = read_sheet(call, clock, borrower, drawing_id=proposed.drawing_id)
        command = Draw(
            drawing_id=proposed.drawing_id,
            sheet_id=sheet_id,
            days_past_due=0,
            session="s",
            ip="::1",
        )
        ready.append((command, call(actor=borrower.actor)))
    done, refused = at_once([lambda one=one: draw(*one) for one in ready])
    assert len(done) == 1
    assert refused == ["origination.more-than-available"] * (THREADS - 1)
    view = get_limit(signed.limit_id, borrower.user_id)
    assert (view.reserved, view.available) == (Money.yuan("20000"), Money(0))


def test_of_sixteen_parts_as_many_are_drawn_as_are_free(live_db, call, clock, borrower):
    _, signed = signed_loan(call, clock, borrower, "daily-revolving")
    ready = []
    for _ in range(THREADS):
        proposed = propose_drawing(
            ProposeDrawing(limit_id=signed.limit_id, amount=Money.yuan("3000"), term_count=3),
            call(actor=borrower.actor),
        )
        sheet_id = read_sheet(call, clock, borrower, drawing_id=proposed.drawing_id)
        command = Draw(
            drawing_id=proposed.drawing_id,
            sheet_id=sheet_id,
            days_past_due=0,
            session="s",
            ip="::1",
        )
        ready.append((command, call(actor=borrower.actor)))
    done, refused = at_once([lambda one=one: draw(*one) for one in ready])
    assert len(done) == 6
    assert refused == ["origination.more-than-available"] * (THREADS - 6)
    view = get_limit(signed.limit_id, borrower.user_id)
    assert (view.reserved, view.available) == (Money.yuan("18000"), Money.yuan("2000"))


def test_one_drawing_is_signed_once(live_db, call, clock, borrower):
    _, signed = signed_loan(call, clock, borrower, "daily-revolving")
    proposed = propose_drawing(
        ProposeDrawing(limit_id=signed.limit_id, amount=Money.yuan("500"), term_count=1),
        call(actor=borrower.actor),
    )
    sheet_id = read_sheet(call, clock, borrower, drawing_id=proposed.drawing_id)
    command = Draw(
        drawing_id=proposed.drawing_id, sheet_id=sheet_id, days_past_due=0, session="s", ip="::1"
    )
    calls = [call(actor=borrower.actor) for _ in range(THREADS)]
    done, refused = at_once([lambda one=one: draw(command, one) for one in calls])
    assert len(done) == 1
    assert set(refused) == {"origination.not-proposed"}
    assert Drawing.objects.filter(state="reserved").count() == 1


def test_a_loan_is_withdrawn_or_lent_never_both(live_db, call, clock, borrower):
    application_id, signed = signed_loan(call, clock, borrower)
    lend, take_back = call(actor="system:lending.servicing"), call(actor=borrower.actor)
    done, refused = at_once(
        [
            lambda: disburse(Disburse(agreement_id=signed.agreement_id), lend),
            lambda: withdraw_application(
                WithdrawApplication(application_id=application_id), take_back
            ),
        ]
    )
    assert len(done) == 1
    assert refused in (["origination.not-to-be-lent"], ["origination.already-lent"])
    agreement = Agreement.objects.get()
    is_lent = agreement.taken_up_at is not None
    assert is_lent != (agreement.cancelled_at is not None)
    state = get_application(application_id, borrower.user_id).row.state
    assert (is_lent, state) in ((True, "signed"), (False, "withdrawn"))


def test_one_officer_gets_the_case(live_db, call, staff, borrower):
    application_id, _ = apply(
        call, borrower, amount="60000", term_count="24", monthly_income="20000"
    )
    calls = [call(actor=actor(one)) for one in (staff.reviewer, staff.both)]
    command = TakeReview(application_id=application_id)
    done, refused = at_once([lambda one=one: take_review(command, one) for one in calls])
    assert len(done) == 1
    assert refused == ["origination.taken-by-another"]


def test_one_copy_is_kept_of_many_rendered(live_db, call, clock, borrower):
    _, signed = signed_loan(call, clock, borrower)
    copies = [encoded(render_copy(signed.agreement_id)) for _ in range(3)]
    calls = [call(actor=borrower.actor) for _ in copies]
    attempts = [
        lambda pair=pair: keep_copy(
            KeepCopy(agreement_id=signed.agreement_id, content=pair[0]), pair[1]
        )
        for pair in zip(copies, calls, strict=True)
    ]
    done, refused = at_once(attempts)
    assert refused == []
    assert len({one.file_id for one in done}) == SignedCopy.objects.count() == 1


def test_from_signature_to_funded_by_the_relay(live_db, call, clock, borrower):
    application_id, _ = signed_loan(call, clock, borrower)
    drain(SUBSCRIBERS)
    assert parked() == []
    assert get_application(application_id, borrower.user_id).row.state == "funded"
    assert balance(f"wallet:{borrower.party_id}") == Money.yuan("20000")


def test_from_drawing_to_drawn_by_the_relay(live_db, call, clock, borrower):
    _, signed = signed_loan(call, clock, borrower, "daily-revolving")
    proposed = propose_drawing(
        ProposeDrawing(limit_id=signed.limit_id, amount=Money.yuan("5000"), term_count=2),
        call(actor=borrower.actor),
    )
    sheet_id = read_sheet(call, clock, borrower, drawing_id=proposed.drawing_id)
    command = Draw(
        drawing_id=proposed.drawing_id, sheet_id=sheet_id, days_past_due=0, session="s", ip="::1"
    )
    draw(command, call(actor=borrower.actor))
    drain(SUBSCRIBERS)
    assert parked() == []
    view = get_limit(signed.limit_id, borrower.user_id)
    assert (view.reserved, view.drawn) == (Money(0), Money.yuan("5000"))
    assert balance(f"wallet:{borrower.party_id}") == Money.yuan("5000")
