"""Every form of the console of finance against bad input, as tests.web.test_bad_input does."""

from datetime import timedelta

import pytest
from django.urls import reverse

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.money.ledger.queries.manual import list_manual_journals
from rongqiao.money.payments.models.reconciling import Break
from rongqiao.platform import relay
from tests.makers import journeys
from tests.makers.statements import DAY, BankBook, compare, make_order
from tests.web.finance_desk import LEGS, officer, send
from tests.web.test_bad_input import Form, all_faults

pytestmark = pytest.mark.usefixtures("static_files")

REASON = {"reason": "客户来电确认"}


@pytest.fixture
def staff(call):
    made = journeys.make_staff(call)
    journeys.publish_first_products(call, made)
    return made


@pytest.fixture
def finance(call, staff):
    return officer(call, staff)


@pytest.fixture
def second(call, staff):
    return officer(call, staff)


@pytest.fixture
def manual_form(finance):
    kinds = {
        **dict.fromkeys(("account_1", "account_2"), "choice"),
        **dict.fromkeys(("debit_1", "credit_2"), "money"),
        **dict.fromkeys(("reason", "reference"), "text"),
        "value_on": "day",
    }
    return Form(
        finance,
        reverse("new-manual-journal"),
        LEGS,
        kinds,
        may_be_empty=("account_1", "account_2", "debit_1", "credit_2"),
    )


@pytest.fixture
def send_back_form(finance, second):
    send(finance, "new-manual-journal", **LEGS)
    (found,) = list_manual_journals()
    address = reverse("manual-act", args=[found.id, "send-back"])
    return Form(second, address, REASON, {"reason": "text"})


@pytest.fixture
def mapping_form(finance):
    return Form(
        finance,
        reverse("propose-mapping"),
        {
            "line": "fee-income",
            "code": "602101",
            "title": "手续费收入——放款",
            "effective_on": "2026-01-05",
            **REASON,
        },
        {
            "line": "choice",
            "code": "text",
            "title": "text",
            "effective_on": "day",
            "reason": "text",
        },
    )


@pytest.fixture
def mend_form(call, finance):
    borrower = journeys.make_borrower(call)
    relay.drain(SUBSCRIBERS)
    book = BankBook()
    book.move(100_000_000_00, day=DAY - timedelta(days=1))
    book.move(88_00, name="李四")
    compare(call, book)
    found = Break.objects.get(kind="unknown-credit")
    return Form(
        finance,
        reverse("break-act", args=[found.pk, "propose"]),
        {
            "mend": "assign-to-party",
            "party": f"RQ{str(borrower.party_id)[-8:].upper()}",
            **REASON,
        },
        {"mend": "choice", "party": "text", "reason": "text", "journal": "whole"},
        may_be_empty=("party", "journal"),
    )


@pytest.fixture
def repair_form(call, clock, finance):
    order = make_order(call, BankBook(), "transfer_in", "100.00", state="unknown")
    clock.move(timedelta(hours=1))
    address = f"{reverse('repair-act', args=['ask-bank-now'])}?about={order.pk}"
    return Form(finance, address, REASON, {"reason": "text"})


FORMS = ("manual_form", "send_back_form", "mapping_form", "mend_form", "repair_form")


@pytest.mark.parametrize("name", FORMS)
def test_a_bad_value_is_refused_alone_and_nothing_is_lost(request, name):
    assert all_faults(request.getfixturevalue(name)) == {}
