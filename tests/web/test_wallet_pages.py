"""The wallet by its pages: cards, money in and out, the proof, orders as they end, auto-debit."""

import html
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.money.payments import jobs
from rongqiao.money.payments.models.orders import DebitMandate, PaymentOrder
from rongqiao.money.payments.queries.cards import CARD_HOLD
from rongqiao.money.payments.queries.wallets import wallet_of
from rongqiao.parties.models import SmsMessage, StepUp
from rongqiao.parties.operations.phones.set_phone import SetPhone, set_phone
from rongqiao.parties.queries import get_outgoing_sms, list_bank_accounts
from rongqiao.platform import relay
from tests.makers import banking, journeys
from tests.makers.acting import shown_for
from tests.makers.loans import PayIn, pay_in
from tests.parties.people import card as card_number

pytestmark = pytest.mark.usefixtures("static_files")
ENTERED = ("key", "shown_for", "amount", "account", "by")


@pytest.fixture
def bank(monkeypatch, clock):
    return banking.put_in_place(monkeypatch, clock)


@pytest.fixture
def borrower(call):
    """Somebody with a proved phone and 1,000.00 yuan."""
    made = journeys.make_borrower(call)
    relay.drain(SUBSCRIBERS)
    phone = SetPhone(user_id=made.user_id, phone="13800138000", is_proved=True)
    set_phone(phone, call(actor="system:test"))
    pay_in(PayIn(party=made.party_id, amount=Money.yuan("1000.00")), call())
    return made


def client_of(user_id):
    client = Client()
    user = get_user_model().objects.get(pk=user_id)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def client(borrower):
    return client_of(borrower.user_id)


@pytest.fixture
def new_card(bank, call, borrower):
    return banking.add_card(call, (borrower.user_id, borrower.party_id))


@pytest.fixture
def card(new_card, clock):
    """A card bound a day ago."""
    clock.move(CARD_HOLD)
    return new_card


def text_of(answer):
    return html.unescape(answer.content.decode())


def fields_of(page):
    """Return what the page's form would send."""
    found = {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page) for name in ENTERED}
    return {name: one[1] for name, one in found.items() if one}


def ask(client, name, amount, account):
    return client.get(reverse(name), {"amount": amount, "account": account})


def topped_up(client, card, amount="100.00"):
    """Top up by the pages; return the order."""
    answer = client.post(reverse("top-up"), fields_of(text_of(ask(client, "top-up", amount, card))))
    return order_at(answer)


def order_at(answer):
    assert answer.status_code == 302, text_of(answer)
    return PaymentOrder.objects.get(pk=answer["Location"].rstrip("/").rpartition("/")[2])


def to_prove(client, card, amount="400.00"):
    """Go as far as the page that asks for the code; return its address and the page."""
    SmsMessage.objects.all().delete()
    page = text_of(ask(client, "withdraw", amount, card))
    where = client.post(reverse("withdraw"), fields_of(page))["Location"]
    return where, text_of(client.get(where))


def code_texted():
    return re.search(r"\d{6}", get_outgoing_sms(SmsMessage.objects.get().pk).text)[0]


def withdrawn(client, card, amount="400.00"):
    """Withdraw by the pages; return the order."""
    where, page = to_prove(client, card, amount)
    answer = client.post(where, fields_of(page) | {"answer": code_texted()})
    return order_at(answer)


def test_a_new_owner_is_told_what_comes_next(client):
    for name in ("wallet", "wallet-cards", "top-up", "withdraw", "auto-debit"):
        page = text_of(client.get(reverse(name)))
        assert "绑定银行卡" in page, name


def test_a_card_is_pending_then_bound_and_opens_after_a_day(
    client, bank, sources, call, borrower, clock
):
    form = {
        "key": uuid4(),
        "bank_name": "中国银行",
        "holder": "王小明",
        "number": card_number(3),
        "agree": "on",
        "next": reverse("wallet-cards"),
        **shown_for(client),
    }
    assert client.post(reverse("bank_account"), form)["Location"] == reverse("wallet-cards")
    waiting = client.get(reverse("wallet-cards-states"))
    assert "银行核验中" in text_of(waiting)
    assert "X-Final" not in waiting
    assert f'data-poll="{reverse("wallet-cards-states")}"' in text_of(
        client.get(reverse("wallet-cards"))
    )
    relay.drain(SUBSCRIBERS)
    (account,) = list_bank_accounts(borrower.party_id)
    jobs.bind_card(str(account.id))
    bound = client.get(reverse("wallet-cards-states"))
    assert "已绑定" in text_of(bound)
    assert "可以充值；2026-01-06 12:00 起可以提现" in text_of(bound)
    assert bound["X-Final"] == "1"
    clock.move(CARD_HOLD)
    assert "可以充值和提现" in text_of(client.get(reverse("wallet-cards-states")))


def test_a_refused_card_says_why_and_takes_part_in_nothing(client, bank, call, borrower):
    bank.refusals[card_number(4)] = "name-mismatch"
    refused = banking.add_card(call, (borrower.user_id, borrower.party_id), 4)
    page = text_of(client.get(reverse("wallet-card", args=[refused])))
    assert "卡的户名与您在平台登记的名称不一致。" in page
    assert "还没有可用的银行卡" in text_of(client.get(reverse("top-up")))
    for name in ("top-up", "withdraw"):
        answer = ask(client, name, "1", refused)
        assert answer.status_code == 422
        assert PaymentOrder.objects.count() == 0


def test_a_card_taken_off_holds_withdrawals_back_for_a_day(
    client, card, bank, call, borrower, clock
):
    other = banking.add_card(call, (borrower.user_id, borrower.party_id), 2)
    clock.move(CARD_HOLD)
    address = reverse("wallet-card", args=[card])
    key = fields_of(text_of(client.get(address)))["key"]
    for _ in range(2):
        assert client.post(address, {"key": key})["Location"] == reverse("wallet-cards")
    relay.drain(SUBSCRIBERS)
    assert client.get(address).status_code == 404
    answer = ask(client, "withdraw", "1", other)
    assert answer.status_code == 422
    assert "为防盗用，这张卡要到 2026-01-08 12:00 才能收款" in text_of(answer)


def test_a_top_up_is_followed_to_its_end(client, card, bank, borrower):
    order = topped_up(client, card)
    address, state = (
        reverse(name, args=[order.pk]) for name in ("wallet-order", "wallet-order-state")
    )
    assert "待发送银行" in text_of(client.get(address))
    waiting = text_of(client.get(state))
    assert "取消这一笔" in waiting
    assert "银行记账日" not in waiting
    assert text_of(client.get(state)) == waiting
    assert f'data-poll="{state}"' in text_of(client.get(address))
    assert "转入途中 ¥100.00" in text_of(client.get(reverse("wallet")))
    banking.send(order.pk)
    assert "银行处理中" in text_of(client.get(state))
    assert "X-Final" not in client.get(state)
    bank.tell(order.number)
    ended = client.get(state)
    assert "已到账" in text_of(ended)
    assert "银行记账日" in text_of(ended)
    assert "取消这一笔" not in text_of(ended)
    assert ended["X-Final"] == "1"
    assert wallet_of(borrower.party_id).available == Money.yuan("1100.00")
    assert client.get(reverse("wallet-standing"))["X-Final"] == "1"


def test_a_failed_top_up_says_why_in_words(client, card, bank):
    order = topped_up(client, card)
    banking.send(order.pk)
    bank.end(order.number, "failed", "insufficient-card-balance")
    jobs.ask_bank(str(order.pk))
    page = text_of(client.get(reverse("wallet-order", args=[order.pk])))
    assert "没有办成：银行卡余额不足。" in page
    assert "没有资金变动" in page


def test_an_unknown_order_asks_for_patience_not_for_another_try(client, card, bank):
    order = topped_up(client, card)
    bank.loses_answers = True
    assert banking.send(order.pk).state == "unknown"
    said = "银行尚未确认，资金安全，请勿重复操作"
    for name, asked in (("wallet-order", [order.pk]), ("wallet", []), ("wallet-standing", [])):
        assert said in text_of(client.get(reverse(name, args=asked))), name


def test_an_order_is_cancelled_while_it_was_not_sent(client, card, bank, borrower):
    order = withdrawn(client, card)
    assert wallet_of(borrower.party_id).available == Money.yuan("600.00")
    page = text_of(client.get(reverse("wallet-order", args=[order.pk])))
    cancel = reverse("wallet-order-cancel", args=[order.pk])
    assert f'action="{cancel}"' in page
    client.post(cancel, {"key": fields_of(page)["key"]})
    assert wallet_of(borrower.party_id).available == Money.yuan("1000.00")
    sent = withdrawn(client, card, "5.00")
    banking.send(sent.pk)
    answer = client.post(
        reverse("wallet-order-cancel", args=[sent.pk]), {"key": uuid4()}, follow=True
    )
    assert "已经发往银行，不能再取消" in text_of(answer)


def test_a_withdrawal_is_held_proved_paid_and_on_the_statement(client, card, bank, borrower):
    order = withdrawn(client, card)
    wallet = text_of(client.get(reverse("wallet")))
    assert f"提现 {order.number}" in wallet
    assert "转出途中 ¥400.00" in wallet
    banking.send(order.pk)
    bank.tell(order.number)
    state = wallet_of(borrower.party_id)
    assert (state.balance, state.held) == (Money.yuan("600.00"), Money(0))
    page = text_of(client.get(reverse("wallet-statement"), {"q": order.number}))
    assert "-400.00" in page
    assert order.number in page


def test_the_code_is_for_this_amount_and_this_card_alone(client, card, borrower):
    where, page = to_prove(client, card)
    message = get_outgoing_sms(SmsMessage.objects.get().pk)
    assert message.phone == "13800138000"
    assert "提现 400.00 元" in message.text
    assert card_number(1)[-4:] in message.text
    answer = client.post(where, fields_of(page) | {"answer": code_texted(), "amount": "401.00"})
    assert answer.status_code == 422
    assert "需要重新验证身份" in text_of(answer)
    assert PaymentOrder.objects.count() == 0
    # Shown again under a new key, the right amount goes through.
    done = client.post(where, fields_of(page) | {"answer": code_texted(), "key": uuid4()})
    assert done.status_code == 302
    again = client.post(where, fields_of(page) | {"answer": code_texted(), "key": uuid4()})
    assert "需要重新验证身份" in text_of(again)
    assert PaymentOrder.objects.count() == 1


def test_wrong_codes_are_counted_and_then_it_is_over(client, card):
    where, page = to_prove(client, card)
    wrong = "000000" if code_texted() != "000000" else "111111"
    for left in (4, 3, 2, 1):
        answer = client.post(where, fields_of(page) | {"answer": wrong})
        page = text_of(answer)
        assert answer.status_code == 422
        assert f"验证码不对，还可以试 {left} 次" in page
    page = text_of(client.post(where, fields_of(page) | {"answer": wrong}))
    assert "验证已失效" in page
    page = text_of(client.post(where, fields_of(page) | {"answer": code_texted()}))
    assert "验证已失效" in page
    assert PaymentOrder.objects.count() == 0


def test_a_code_lives_five_minutes(client, card, clock):
    where, page = to_prove(client, card)
    clock.move(timedelta(minutes=5))
    answer = client.post(where, fields_of(page) | {"answer": code_texted()})
    assert "验证已失效" in text_of(answer)
    assert PaymentOrder.objects.count() == 0


def test_without_a_phone_the_password_is_the_proof(client, card, borrower):
    user = get_user_model().objects.get(pk=borrower.user_id)
    user.phone_verified_at = None
    user.set_password("correct-horse-9")
    user.save()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    where, page = to_prove(client, card)
    assert "登录密码" in page
    assert "correct-horse-9" not in page
    wrong = client.post(where, fields_of(page) | {"answer": "wrong"})
    assert "登录密码不对，还可以试 4 次" in text_of(wrong)
    done = client.post(where, fields_of(text_of(wrong)) | {"answer": "correct-horse-9"})
    assert done.status_code == 302


def test_a_new_card_is_offered_with_its_time_but_not_taken(client, new_card):
    page = text_of(client.get(reverse("withdraw")))
    assert re.search(rf'value="{new_card}"[^>]*disabled', page)
    assert "2026-01-06 12:00 起可以提现" in page
    answer = ask(client, "withdraw", "1", new_card)
    assert answer.status_code == 422
    assert "这张卡要到 2026-01-06 12:00 才能收款" in text_of(answer)
    fields = {"key": uuid4(), "amount": "1", "account": new_card}
    posted = client.post(reverse("withdraw"), fields | shown_for(client))
    assert posted.status_code == 422
    assert StepUp.objects.count() == 0


def test_a_large_withdrawal_waits_for_an_officer_and_says_so(client, card, call, borrower):
    pay_in(PayIn(party=borrower.party_id, amount=Money.yuan("90000.00")), call())
    assert "须由财务人员审批后付款" in text_of(ask(client, "withdraw", "50000", card))
    assert "金额达到" not in text_of(ask(client, "withdraw", "49999.99", card))
    order = withdrawn(client, card, "50000.00")
    page = text_of(client.get(reverse("wallet-order", args=[order.pk])))
    assert "等待财务审批" in page
    assert 'data-every="20"' in page


AMOUNTS = ["", "-1", "0", "0.001", "1e3", "NaN", "99999999999999.99", "１００", "1,000", "0x10"]


@pytest.mark.parametrize("amount", AMOUNTS)
@pytest.mark.parametrize("name", ["top-up", "withdraw"])
def test_a_wrong_amount_is_one_sentence_and_nothing_is_ordered(client, card, name, amount):
    fields = {"key": uuid4(), "amount": amount, "account": card}
    for answer in (
        ask(client, name, amount, card),
        client.post(reverse(name), fields | shown_for(client)),
    ):
        page = text_of(answer)
        assert answer.status_code == 422
        assert page.count('role="alert"') == 1
        assert (f"金额「{amount}」不对" in page) or ("请填写金额" in page)
        assert re.search(rf'value="{card}" checked', page)
    assert (PaymentOrder.objects.count(), StepUp.objects.count()) == (0, 0)


def test_more_than_there_is_is_refused_at_the_first_step(client, card):
    answer = ask(client, "withdraw", "1000.01", card)
    assert answer.status_code == 422
    assert "提现金额「1000.01」超过可用余额：最多可提 1000.00 元。" in text_of(answer)
    everything = text_of(client.get(reverse("withdraw"), {"all": "1"}))
    assert 'value="1000.00"' in everything


def test_one_form_is_one_order_however_often_it_is_sent(client, card, borrower):
    fields = fields_of(text_of(ask(client, "top-up", "10", card)))
    places = {client.post(reverse("top-up"), fields)["Location"] for _ in range(3)}
    assert len(places) == 1
    where, page = to_prove(client, card)
    proof = fields_of(page) | {"answer": code_texted()}
    assert len({client.post(where, proof)["Location"] for _ in range(3)}) == 1
    assert PaymentOrder.objects.count() == 2
    assert wallet_of(borrower.party_id).held == Money.yuan("400.00")


@pytest.mark.parametrize(
    ("name", "make", "said"),
    [("top-up", topped_up, "再充一笔"), ("withdraw", withdrawn, "再提一笔")],
)
def test_who_asks_for_the_same_again_is_told_of_the_first(client, card, clock, name, make, said):
    assert said not in text_of(ask(client, name, "100.00", card))
    order = make(client, card, "100.00")
    clock.move(timedelta(minutes=3))
    page = text_of(ask(client, name, "100.00", card))
    assert "您 3 分钟前" in page
    assert order.number in page
    assert reverse("wallet-order", args=[order.pk]) in page
    assert said in page
    assert said not in text_of(ask(client, name, "100.01", card))
    clock.move(timedelta(minutes=8))
    assert said not in text_of(ask(client, name, "100.00", card))


def test_an_order_that_came_to_nothing_is_asked_for_again_without_a_word(client, card):
    order = topped_up(client, card)
    page = text_of(client.get(reverse("wallet-order", args=[order.pk])))
    client.post(reverse("wallet-order-cancel", args=[order.pk]), {"key": fields_of(page)["key"]})
    assert "再充一笔" not in text_of(ask(client, "top-up", "100.00", card))


def test_other_peoples_cards_orders_and_mandates_are_not_there(client, card, call, borrower):
    order = topped_up(client, card)
    mandate = given_mandate(client, card)
    stranger = client_of(journeys.make_borrower(call, 9).user_id)
    relay.drain(SUBSCRIBERS)
    money, theirs = {"amount": "1", "account": card}, shown_for(stranger)
    for name in ("top-up", "withdraw"):
        assert stranger.get(reverse(name), money).status_code == 404
        assert stranger.post(reverse(name), {"key": uuid4(), **theirs, **money}).status_code == 404
        assert stranger.get(reverse(name), money | {"account": uuid4()}).status_code == 404
    proof = reverse("withdraw-prove", args=[uuid4()])
    answered = {"key": uuid4(), **theirs, **money, "answer": "1"}
    assert stranger.post(proof, answered).status_code == 404
    assert stranger.get(reverse("wallet-card", args=[card])).status_code == 404
    for name, asked in (
        ("wallet-order", order.pk),
        ("wallet-order-state", order.pk),
    ):
        assert stranger.get(reverse(name, args=[asked])).status_code == 404, name
    for name, asked in (
        ("wallet-card", card),
        ("wallet-order-cancel", order.pk),
        ("auto-debit-end", mandate.pk),
    ):
        sent = stranger.post(reverse(name, args=[asked]), {"key": uuid4()})
        assert sent.status_code == 404, name
    give = {"account": card, "per_debit": "1", "per_day": "1", "is_agreed": "on"}
    given = {"key": uuid4(), **theirs, **give}
    assert stranger.post(reverse("auto-debit"), given).status_code == 404
    order.refresh_from_db()
    mandate.refresh_from_db()
    assert (order.state, mandate.withdrawn_at) == ("created", None)


def test_somebody_elses_proof_is_nobodys(client, card, call, borrower):
    where, page = to_prove(client, card)
    stranger = journeys.make_borrower(call, 9)
    relay.drain(SUBSCRIBERS)
    theirs = banking.add_card(call, (stranger.user_id, stranger.party_id), 8)
    fields = fields_of(page) | {"answer": code_texted(), "account": theirs}
    other = client_of(stranger.user_id)
    assert other.post(where, fields | shown_for(other)).status_code == 404


def given_mandate(client, card, **changes):
    form = {"account": card, "per_debit": "2000", "per_day": "5000", "is_agreed": "on"} | changes
    key = fields_of(text_of(client.get(reverse("auto-debit"))))["key"]
    answer = client.post(reverse("auto-debit"), {"key": key, **shown_for(client), **form})
    assert answer.status_code == 302, text_of(answer)
    return DebitMandate.objects.latest("given_at")


def test_a_mandate_is_given_shown_and_taken_back(client, card):
    mandate = given_mandate(client, card)
    page = text_of(client.get(reverse("auto-debit")))
    assert "单笔最多 2,000.00，单日最多 5,000.00" in page
    assert "到期后第 1、3、5 天再各试一次" in page
    assert "单笔 2,000.00，单日 5,000.00" in text_of(
        client.get(reverse("wallet-card", args=[card]))
    )
    end = reverse("auto-debit-end", args=[mandate.pk])
    assert client.post(end, {"key": uuid4()}).status_code == 302
    mandate.refresh_from_db()
    assert mandate.withdrawn_at is not None
    assert "没有生效的授权" in text_of(client.get(reverse("auto-debit")))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"per_debit": "0"}, "单笔上限「0」不对"),
        ({"per_day": "１"}, "单日上限「１」不对"),
        ({"per_debit": "6000"}, "单笔上限 6000.00 元高于单日上限 5000.00 元"),
        ({"is_agreed": ""}, "请先勾选同意委托扣款"),
        ({"account": "x"}, "银行卡「x」不对"),
        ({"extra": "1"}, "表单里没有「extra」这一项"),
    ],
)
def test_a_bad_mandate_is_one_sentence(client, card, changes, said):
    form = {"account": card, "per_debit": "2000", "per_day": "5000", "is_agreed": "on"} | changes
    answer = client.post(reverse("auto-debit"), {"key": uuid4(), **shown_for(client), **form})
    page = text_of(answer)
    assert answer.status_code == 422
    assert said in page
    assert page.count('role="alert"') == 1
    assert DebitMandate.objects.count() == 0


def test_loans_stand_beside_the_mandate_with_their_own_switch(call, clock, borrower, client, bank):
    journeys.publish_first_products(call, journeys.make_staff(call))
    journeys.signed_loan(call, clock, borrower)
    relay.drain(SUBSCRIBERS)
    loan = Loan.objects.get()
    page = text_of(client.get(reverse("auto-debit")))
    assert loan.number in page
    form = {"key": uuid4(), "is_authorised": "True", "next": reverse("auto-debit")}
    answer = client.post(reverse("loan-debit", args=[loan.pk]), form)
    assert answer["Location"] == reverse("auto-debit")
    loan.refresh_from_db()
    assert loan.is_debit_authorised


def test_more_cards_and_orders_ask_the_database_no_more(client, card, call, borrower, clock):
    owner = (borrower.user_id, borrower.party_id)
    names = ("wallet", "wallet-standing", "wallet-cards", "top-up", "withdraw", "auto-debit")

    def asked():
        counts = {}
        for name in names:
            client.get(reverse(name))
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse(name)).status_code == 200
            counts[name] = len(queries)
        return counts

    topped_up(client, card)
    withdrawn(client, card, "1.00")
    given_mandate(client, card)
    before = asked()
    for number in (2, 3):
        other = banking.add_card(call, owner, number)
        given_mandate(client, other)
        topped_up(client, other)
        withdrawn(client, card, "1.00")
    assert asked() == before
    assert max(before.values()) <= 21
