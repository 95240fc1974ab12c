"""A loan lent in several sums: each further one by quote, within what was agreed, to the fen."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connection

from rongqiao.cli.eod import catch_up
from rongqiao.cli.verify import check_all
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.engagement.notifications.models import Notice
from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.concentration import ConcentrationReached
from rongqiao.lending.origination.models.concentration import Commitment
from rongqiao.lending.origination.operations.signing.sign_agreement import FirstDrawOutOfRange
from rongqiao.lending.origination.queries.papers import get_agreement_text
from rongqiao.lending.servicing.models.amending.draws import DrawRoom, FurtherDraw
from rongqiao.lending.servicing.models.loans import FormerPlan, Loan
from rongqiao.lending.servicing.operations.prepaying.pay_off import QuoteNotForToday
from rongqiao.lending.servicing.operations.prepaying.prepay import QuoteUsed
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay
from rongqiao.lending.servicing.operations.starting.draw_further import (
    DrawFurther,
    DrawQuoteChanged,
    draw_further,
)
from rongqiao.lending.servicing.operations.starting.quote_draw import QuoteDraw, quote_draw
from rongqiao.lending.servicing.queries.amending import draws
from rongqiao.lending.servicing.queries.amending.changes import list_supplements, render_supplement
from rongqiao.lending.servicing.queries.amending.draws import draw_room_of, get_draw_quote, why_not
from rongqiao.lending.servicing.queries.amending.lived import told_of
from rongqiao.lending.servicing.queries.loans import get_loan, get_statement, list_loans
from rongqiao.money.ledger.queries.books import balance
from rongqiao.platform import audit, relay
from rongqiao.platform import clock as platform_clock
from rongqiao.platform.refusals import NotFound
from tests.lending.servicing.test_correct import decide, take_back
from tests.makers.concentration import analysts_of, limited
from tests.makers.journeys import (
    give_role,
    make_borrower,
    make_staff,
    publish_first_products,
    signed_loan,
)
from tests.makers.loans import PayIn, assert_books_hold, pay_in
from tests.parties.people import actor, make_user

START = date(2026, 1, 5)
YUAN = Money.yuan


@pytest.fixture
def staff(call):
    return make_staff(call)


@pytest.fixture
def products(call, staff):
    return publish_first_products(call, staff)


def lent(call, clock, borrower, first="20000.00", **changes):
    """Sign for 50,000 yuan over 12 months and let the first sum be lent."""
    asked = {
        "amount": "50000.00",
        "monthly_income": "30000.00",
        "purpose": "home-improvement",
    } | changes
    first = YUAN(first) if first else None
    signed_loan(call, clock, borrower, "renovation-stages", first, **asked)
    relay.drain(SUBSCRIBERS)
    (card,) = list_loans(borrower.party_id, START)
    return card


def live_to(clock, day):
    clock.move(timedelta(days=(day - platform_clock.business_date()).days))
    catch_up(day)


def quote(call, borrower, card, yuan):
    command = QuoteDraw(loan_id=card.id, party_id=borrower.party_id, amount=YUAN(yuan))
    return quote_draw(command, call(actor=borrower.actor))


def draw(call, borrower, card, yuan, **facts):
    quoted = quote(call, borrower, card, yuan)
    command = DrawFurther(quote_id=quoted.quote_id, party_id=borrower.party_id)
    return draw_further(command, call(actor=borrower.actor, **facts))


def pay(call, borrower, card, yuan):
    pay_in(PayIn(party=borrower.party_id, amount=YUAN(yuan)), call())
    command = Repay(loan_id=card.id, party_id=borrower.party_id, amount=YUAN(yuan))
    repay(command, call(actor=borrower.actor))


def assert_all_holds(card, on):
    assert_books_hold()
    # Living the loan again from its records gives the stored figures to the fen.
    told_of(Loan.objects.get(pk=card.id), on)
    audit.seal()
    assert [law for law in check_all() if law.broken] == []


def test_the_second_sum_is_lent_from_its_day_on_and_the_plan_is_made_anew(clock, call, products):
    borrower = make_borrower(call)
    card = lent(call, clock, borrower)
    assert card.principal.text() == "20000.00"
    assert balance(f"wallet:{borrower.party_id}").text() == "20000.00"
    room = draw_room_of(card.id)
    assert (room.left.text(), room.made, room.most) == ("30000.00", 1, 4)
    assert room.last_on == START + timedelta(days=120)
    live_to(clock, date(2026, 1, 20))
    quoted = quote(call, borrower, card, "20000.00")
    shown = get_draw_quote(quoted.quote_id, borrower.party_id)
    assert get_loan(card.id, START).card.principal.text() == "20000.00"
    done = draw(call, borrower, card, "20000.00")
    assert (done.left.text(), done.next_due, done.next_due_on) == (
        "10000.00",
        shown.next_due,
        date(2026, 2, 5),
    )
    detail = get_loan(card.id, date(2026, 1, 20))
    held, running, *after = detail.rows
    # 20,000 x 6.6 % / 12 = 110.00 for 31 days, 15 of them used; then 40,000 for 16 days.
    assert (held.scheduled.interest.text(), held.scheduled.principal.text()) == ("53.23", "0.00")
    assert running.scheduled.interest.text() == "113.55"
    assert [row.due_on for row in (running, *after)] == [
        date(2026 + month // 12, month % 12 + 1, 5) for month in range(1, 13)
    ]
    due = {
        row.due_on: row.payment + (held.payment if row is running else Money(0))
        for row in (running, *after)
    }
    assert max(due.values()).minor - min(due.values()).minor < 12
    assert detail.card.outstanding.principal.text() == "40000.00"
    assert detail.card.outstanding.interest.text() == "53.23"
    assert balance(f"wallet:{borrower.party_id}").text() == "40000.00"
    assert [line.kind for line in get_statement(card.id)] == [
        "disbursement",
        "draw",
        "disbursement",
    ]
    assert FormerPlan.objects.get(loan_id=card.id).cause == "draw"
    live_to(clock, date(2026, 2, 5))
    owed = get_loan(card.id, date(2026, 2, 5)).card.owed_now
    assert (owed.interest.text(), owed.total) == ("166.78", done.next_due)
    assert_all_holds(card, date(2026, 2, 5))


def test_a_draw_has_its_paper_and_its_notice(clock, call, products):
    borrower = make_borrower(call)
    card = lent(call, clock, borrower)
    text = get_agreement_text(card.agreement_id)
    assert "最多 4 次" in text
    assert "120 日内申请提取" in text
    live_to(clock, date(2026, 1, 20))
    draw(call, borrower, card, "30000.00")
    relay.drain(SUBSCRIBERS)
    (paper,) = list_supplements(card.id, borrower.party_id)
    assert "提取人民币叁万元整" in paper.text
    assert "合同项下借款已全部提取" in paper.text
    assert card.number in paper.text
    assert render_supplement(paper.id, borrower.party_id).startswith(b"%PDF")
    with pytest.raises(NotFound):
        render_supplement(paper.id, card.id)
    notice = Notice.objects.get(kind="drawn")
    assert notice.user_id == borrower.user_id


def test_paid_instalments_stay_and_draws_in_one_period_add_up(clock, call, products):
    borrower = make_borrower(call)
    card = lent(call, clock, borrower)
    live_to(clock, date(2026, 2, 5))
    pay(call, borrower, card, get_loan(card.id, date(2026, 2, 5)).card.owed_now.total.text())
    before = get_loan(card.id, date(2026, 2, 5)).rows[0]
    draw(call, borrower, card, "5000.00")
    live_to(clock, date(2026, 2, 10))
    draw(call, borrower, card, "5000.00")
    live_to(clock, date(2026, 2, 20))
    draw(call, borrower, card, "10000.00")
    detail = get_loan(card.id, date(2026, 2, 20))
    assert detail.rows[0] == before
    drawn = YUAN("40000.00")
    assert detail.card.principal == drawn
    assert detail.card.outstanding.principal == drawn - before.scheduled.principal
    live_to(clock, date(2026, 3, 7))
    assert_all_holds(card, date(2026, 3, 7))
    # A fourth further sum would be the fifth of four.
    pay(call, borrower, card, get_loan(card.id, date(2026, 3, 7)).card.owed_now.total.text())
    with pytest.raises(draws.DrawsUsedUp):
        quote(call, borrower, card, "5000.00")


@pytest.mark.parametrize("yuan", ["0.00", "-5000.00", "4999.99", "30000.01", "99999999.00"])
def test_less_than_the_least_or_more_than_is_left_is_not_drawn(clock, call, products, yuan):
    borrower = make_borrower(call)
    card = lent(call, clock, borrower)
    with pytest.raises(draws.DrawOutOfRange) as refused:
        quote(call, borrower, card, yuan)
    assert refused.value.facts["allowed"] == "5000.00 - 30000.00"
    assert not FurtherDraw.objects.exists()


def test_all_that_is_left_may_be_less_than_the_least(clock, call, products):
    borrower = make_borrower(call)
    card = lent(call, clock, borrower, first="47000.00")
    assert draw(call, borrower, card, "3000.00").left.text() == "0.00"
    with pytest.raises(draws.NothingToDraw):
        quote(call, borrower, card, "1.00")
    live_to(clock, date(2026, 1, 7))
    assert_all_holds(card, date(2026, 1, 7))


def test_a_loan_whose_interest_is_not_by_what_is_left_says_so(clock, call, products):
    borrower = make_borrower(call)
    card = lent(call, clock, borrower)
    Loan.objects.filter(pk=card.id).update(method="flat")
    assert isinstance(why_not(card.id, START), draws.DrawNotByMethod)
    with pytest.raises(draws.DrawNotByMethod) as refused:
        quote(call, borrower, card, "5000.00")
    assert refused.value.facts == {"method": "flat"}
    assert not FurtherDraw.objects.exists()


def test_a_loan_lent_whole_and_another_product_have_nothing_to_draw(clock, call, products):
    borrower = make_borrower(call)
    card = lent(call, clock, borrower, first=None)
    assert card.principal.text() == "50000.00"
    assert draw_room_of(card.id) is None
    assert isinstance(why_not(card.id, START), draws.NothingToDraw)
    with pytest.raises(draws.NothingToDraw):
        quote(call, borrower, card, "5000.00")
    other = make_borrower(call, 2)
    with pytest.raises(FirstDrawOutOfRange):
        signed_loan(call, clock, other, "consumer-monthly", YUAN("5000.00"))


@pytest.mark.parametrize("yuan", ["4999.99", "50000.01", "0.00"])
def test_the_first_sum_is_neither_too_small_nor_more_than_the_loan(clock, call, products, yuan):
    with pytest.raises(FirstDrawOutOfRange):
        lent(call, clock, make_borrower(call), first=yuan)
    assert not DrawRoom.objects.exists()


def test_nothing_is_drawn_after_the_last_day(clock, call, products):
    borrower = make_borrower(call)
    card = lent(call, clock, borrower, first=None)
    room = {"agreed_minor": 9_000_000, "most": 4, "least_minor": 500_000}
    DrawRoom.objects.create(loan_id=card.id, last_on=date(2026, 1, 7), **room)
    live_to(clock, date(2026, 1, 7))
    assert why_not(card.id, date(2026, 1, 7)) is None
    live_to(clock, date(2026, 1, 8))
    with pytest.raises(draws.DrawTooLate):
        quote(call, borrower, card, "5000.00")


def test_what_is_due_is_paid_before_more_is_drawn(clock, call, products):
    borrower = make_borrower(call)
    card = lent(call, clock, borrower)
    live_to(clock, date(2026, 2, 5))
    with pytest.raises(draws.DrawAfterPaying):
        quote(call, borrower, card, "5000.00")
    live_to(clock, date(2026, 2, 9))
    with pytest.raises(draws.DrawAfterPaying):
        quote(call, borrower, card, "5000.00")
    pay(call, borrower, card, get_loan(card.id, date(2026, 2, 9)).card.owed_now.total.text())
    draw(call, borrower, card, "5000.00")
    assert_all_holds(card, date(2026, 2, 9))


def test_a_quote_is_drawn_once_on_its_day_and_as_it_was_shown(clock, call, products):
    borrower, stranger = make_borrower(call), make_borrower(call, 9)
    card = lent(call, clock, borrower)
    first, second = (quote(call, borrower, card, "10000.00") for _ in range(2))
    mine = {"quote_id": first.quote_id, "party_id": borrower.party_id}
    with pytest.raises(NotFound):
        draw_further(DrawFurther(**mine), call(actor=stranger.actor))
    with pytest.raises(NotFound):
        get_draw_quote(first.quote_id, stranger.party_id)
    once = call(actor=borrower.actor, key="one-and-the-same")
    done = draw_further(DrawFurther(**mine), once)
    # The same request again is answered with what it did.
    assert draw_further(DrawFurther(**mine), once) == done
    with pytest.raises(QuoteUsed):
        draw_further(DrawFurther(**mine), call(actor=borrower.actor))
    # The other quote was made for another plan.
    other = DrawFurther(quote_id=second.quote_id, party_id=borrower.party_id)
    with pytest.raises(DrawQuoteChanged):
        draw_further(other, call(actor=borrower.actor))
    third = quote(call, borrower, card, "5000.00")
    live_to(clock, date(2026, 1, 6))
    late = DrawFurther(quote_id=third.quote_id, party_id=borrower.party_id)
    with pytest.raises(QuoteNotForToday):
        draw_further(late, call(actor=borrower.actor))
    assert Loan.objects.get(pk=card.id).principal_minor == 3_000_000
    assert_all_holds(card, date(2026, 1, 6))


def test_what_the_loan_counts_for_under_limits_grows_with_the_draw(clock, call, products):
    borrower = make_borrower(call)
    card = lent(call, clock, borrower)
    counted = Commitment.objects.filter(pk=card.agreement_id).values_list("left_minor", flat=True)
    assert counted.get() == 5_000_000
    live_to(clock, date(2026, 1, 6))
    assert counted.get() == 2_000_000
    draw(call, borrower, card, "30000.00")
    assert counted.get() == 5_000_000
    live_to(clock, date(2026, 1, 7))
    assert_all_holds(card, date(2026, 1, 7))


def test_of_two_draws_at_once_only_what_is_left_is_lent(live_db, clock, call):
    publish_first_products(call, make_staff(call))
    borrower = make_borrower(call)
    card = lent(call, clock, borrower)
    quoted = [quote(call, borrower, card, "20000.00") for _ in range(2)]

    def go(one):
        try:
            command = DrawFurther(quote_id=one.quote_id, party_id=borrower.party_id)
            return draw_further(command, call(actor=borrower.actor))
        except draws.DrawOutOfRange as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(go, quoted))
    assert sum(isinstance(one, draws.DrawOutOfRange) for one in done) == 1
    assert Loan.objects.get(pk=card.id).principal_minor == 4_000_000
    assert FurtherDraw.objects.exclude(drawn_at=None).count() == 1
    assert_books_hold()


def test_a_draw_over_a_concentration_limit_leaves_everything_as_it_was(
    clock, call, products, staff
):
    borrower = make_borrower(call)
    card = lent(call, clock, borrower)
    live_to(clock, date(2026, 1, 6))
    cap = {"from_on": date(2026, 1, 6)}
    limited(call, analysts_of(call, staff), "borrower", "", "35000", **cap)
    quoted = quote(call, borrower, card, "20000.00")
    command = DrawFurther(quote_id=quoted.quote_id, party_id=borrower.party_id)
    with pytest.raises(ConcentrationReached):
        draw_further(command, call(actor=borrower.actor))
    assert Loan.objects.get(pk=card.id).principal_minor == 2_000_000
    assert balance(f"wallet:{borrower.party_id}").text() == "20000.00"
    assert not FormerPlan.objects.exists()
    draw(call, borrower, card, "15000.00")
    live_to(clock, date(2026, 1, 7))
    assert_all_holds(card, date(2026, 1, 7))


def test_a_payment_taken_back_under_a_draw_leaves_the_draw_standing(clock, call, products, staff):
    maker, checker = (make_user() for _ in range(2))
    for user in (maker, checker):
        give_role(call, *staff.administrators, user, "finance")
    borrower = make_borrower(call)
    card = lent(call, clock, borrower)
    live_to(clock, date(2026, 2, 5))
    pay(call, borrower, card, get_loan(card.id, date(2026, 2, 5)).card.owed_now.total.text())
    draw(call, borrower, card, "10000.00")
    live_to(clock, date(2026, 2, 9))
    draw(call, borrower, card, "10000.00")
    live_to(clock, date(2026, 2, 12))
    plan = [row.scheduled for row in get_loan(card.id, date(2026, 2, 12)).rows[1:]]
    asked = take_back(card.id, call, actor(maker))
    decide(asked, "approve", call, actor(checker))
    loan = Loan.objects.get(pk=card.id)
    assert (loan.principal_minor, loan.days_past_due) == (4_000_000, 7)
    assert [row.scheduled for row in get_loan(card.id, date(2026, 2, 12)).rows[1:]] == plan
    assert_all_holds(card, date(2026, 2, 12))
