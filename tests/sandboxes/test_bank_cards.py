"""The same-name check: exact, whoever asks."""

import pytest

from rongqiao.money.payments.gateways.bank import Rejected, Unreachable
from tests.sandboxes.customers import CARD


@pytest.fixture
def account_no(gateway):
    return gateway.open_account("C-1", "张伟", "person").account_no


def test_an_account_is_opened_once_for_a_customer(gateway, account_no):
    assert gateway.open_account("C-1", "张伟", "person").account_no == account_no
    assert gateway.open_account("C-2", "张伟", "person").account_no != account_no
    with pytest.raises(Unreachable, match="409"):
        gateway.open_account("C-1", "张玮", "person")


def test_a_card_never_heard_of_belongs_to_the_accounts_name(gateway, account_no):
    bound = gateway.bind_card(account_no, CARD, "张伟")
    assert (bound.last4, gateway.bind_card(account_no, CARD, "张伟")) == ("0123", bound)
    assert CARD not in bound.card_token


@pytest.mark.parametrize("name", ["张玮", "张偉", "章伟", "张伟伟", "张", "Zhang Wei", "张 伟", ""])
def test_another_name_is_another_person(gateway, account_no, name):
    with pytest.raises(Rejected, match="name-mismatch"):
        gateway.bind_card(account_no, CARD, name)


def test_a_card_of_somebody_else_is_refused_whatever_name_is_given(bank, gateway, account_no):
    bank.card(CARD, "李四")
    for name in ("张伟", "李四"):
        with pytest.raises(Rejected, match="name-mismatch"):
            gateway.bind_card(account_no, CARD, name)


def test_full_width_and_spaces_around_make_no_other_name(bank, gateway):
    account = gateway.open_account("C-3", "ＡＢＣ科技（北京）有限公司", "organization")
    bound = gateway.bind_card(account.account_no, CARD, "  ABC科技(北京)有限公司\u3000")
    assert bound.last4 == "0123"


def test_a_closed_card_is_not_bound(bank, gateway, account_no):
    bank.card(CARD, "张伟", is_closed=True)
    with pytest.raises(Rejected, match="card-closed"):
        gateway.bind_card(account_no, CARD, "张伟")


@pytest.mark.parametrize(
    "number", ["1234567", "6222 0212 3456", "６２２２０２１２３４", "x" * 16, ""]
)
def test_a_number_that_is_no_cards_is_refused(gateway, account_no, number):
    with pytest.raises(Rejected, match="field"):
        gateway.bind_card(account_no, number, "张伟")


def test_an_account_nobody_opened_has_no_cards(gateway):
    with pytest.raises(Rejected, match="unknown-account"):
        gateway.bind_card("6001000000000000", CARD, "张伟")
