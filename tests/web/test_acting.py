"""For whom a page is opened and a form is sent: a link switches nobody, no form goes astray."""

import html
import re
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import get_resolver, reverse

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.lending.origination.models import CostSheet, Document
from rongqiao.lending.origination.operations.drawing.propose_drawing import (
    ProposeDrawing,
    propose_drawing,
)
from rongqiao.lending.origination.queries.limits import list_limits
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.money.payments.models.orders import DebitMandate, PaymentOrder
from rongqiao.money.payments.queries.cards import CARD_HOLD
from rongqiao.money.payments.queries.wallets import wallet_of
from rongqiao.parties.models import Membership
from rongqiao.parties.operations.phones.set_phone import SetPhone, set_phone
from rongqiao.platform import relay
from rongqiao.platform.clock import business_date
from rongqiao.platform.models import OperationRecord
from rongqiao.web.frame.access import OWNED
from tests.makers import banking, journeys
from tests.makers.loans import PayIn, pay_in

pytestmark = pytest.mark.usefixtures("static_files")
WEB = Path(__file__).parents[2] / "src" / "rongqiao" / "web"
FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL)
STAGES = {"amount": "50000.00", "monthly_income": "30000.00", "purpose": "home-improvement"}
# Forms of the user alone, whomever they act for.
OF_THE_USER = {"notices", "notices-read", "notice-channels", "choose-party"}
ELSEWHERE, NOWHERE = "web.shown-for-another-party", "web.shown-for-no-party"


def client_of(user_id):
    client = Client()
    user = get_user_model().objects.get(pk=user_id)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def text_of(answer):
    return html.unescape(answer.content.decode())


def inputs_of(form):
    """Return what a form would send untouched."""
    tags = (tag for tag in re.findall(r"<input[^>]*>", form) if 'type="radio"' not in tag)
    pairs = ((re.search(rf'{key}="([^"]*)"', tag) for key in ("name", "value")) for tag in tags)
    return {name[1]: value[1] if value else "" for name, value in pairs if name}


def form_in(answer, marks):
    """Return action and fields of the one form in the page's middle that holds `marks`."""
    middle = text_of(answer).partition('<main id="main"')[2]
    (found,) = (form for form in FORM.findall(middle) if marks in form)
    action = re.search(r'action="([^"]*)"', found.partition(">")[0])
    return (action[1] if action else answer.request["PATH_INFO"]), inputs_of(found)


def switch(client, party_id):
    answer = client.post(reverse("choose-party"), {"party": party_id})
    assert answer.status_code == 302
    client.get(answer["Location"])


@pytest.fixture
def staff(call):
    made = journeys.make_staff(call)
    journeys.publish_first_products(call, made)
    return made


@pytest.fixture
def bank(monkeypatch, clock):
    return banking.put_in_place(monkeypatch, clock)


@pytest.fixture
def person(call, staff):
    """Somebody with a proved phone, who has 1,000.00 yuan and represents a firm."""
    made = journeys.make_borrower(call)
    relay.drain(SUBSCRIBERS)
    phone = SetPhone(user_id=made.user_id, phone="13800138000", is_proved=True)
    set_phone(phone, call(actor="system:test"))
    pay_in(PayIn(party=made.party_id, amount=Money.yuan("1000.00")), call())
    return made


@pytest.fixture
def firm(call, person):
    """Return the id of the firm, which has 500.00 yuan."""
    party_id = journeys.make_firm(call, person.user_id, 3)
    relay.drain(SUBSCRIBERS)
    pay_in(PayIn(party=party_id, amount=Money.yuan("500.00")), call())
    return party_id


@pytest.fixture
def client(person, firm):
    return client_of(person.user_id)


def acting_routes():
    """Return (name, names in the address) of every page opened for an acting party."""
    found = set()

    def walk(patterns):
        for one in patterns:
            if hasattr(one, "url_patterns"):
                walk(one.url_patterns)
            elif getattr(one.callback, "is_acting", False):
                found.add((one.name, tuple(one.pattern.converters)))

    walk(get_resolver().url_patterns)
    return sorted(found)


def address_of(name, names, **known):
    made = {key: "loan" if key == "name" else uuid4() for key in names}
    return reverse(name, kwargs=made | known)


# Whose page it is.


@pytest.fixture
def linked(call, clock, staff):
    """A firm with a loan: who represents it, and the addresses that notices link to."""
    firm = journeys.make_firm_borrower(call, 4)
    case, _signed = journeys.signed_loan(call, clock, firm, "prime-linked")
    relay.drain(SUBSCRIBERS)
    loan = Loan.objects.get()
    addresses = {
        reverse("loan", args=[loan.pk]): "的借款",
        reverse("loan-statement", args=[loan.pk]): "的借款",
        f"{reverse('loan', args=[loan.pk])}?format=csv": "的借款",
        reverse("application", args=[case]): "的贷款申请",
        f"{reverse('pledges')}?party={firm.party_id}": "的抵押与担保",
    }
    return firm, loan, addresses


def test_a_link_to_what_another_of_ones_parties_owns_asks_first(call, linked):
    firm, loan, addresses = linked
    for address, whose in addresses.items():
        client = client_of(firm.user_id)
        begun = client.get(reverse("dashboard"))
        person, (other,) = begun.context["party"], begun.context["others"]
        assert other.id == firm.party_id
        assert "您还可以代表" in text_of(begun)
        for _ in range(2):
            asked = client.get(address)
            page = text_of(asked)
            assert asked.status_code == 409, address
            assert asked["Content-Type"].startswith("text/html")
            assert f"这是 {other.name} {whose}。您现在代表 {person.name}。" in page
            assert "acting_party" not in client.session
            for fact in (loan.number, "100,000", "LPR", "prime-linked", "审核", "待还"):
                assert fact not in page, (address, fact)
        action, fields = form_in(asked, f"代表 {other.name} 查看")
        assert "csrfmiddlewaretoken" in fields
        assert f'href="{reverse("dashboard")}"' in page
        switched = client.post(action, fields)
        assert (switched.status_code, switched["Location"]) == (302, address)
        assert client.session["acting_party"] == str(firm.party_id)
        opened = client.get(address)
        assert opened.status_code == 200
        if "csv" not in address:
            assert f"现在代表 {other.name} 办理" in text_of(opened)
            assert "现在代表" not in text_of(client.get(address))


def test_a_limit_of_a_firm_is_asked_about_like_its_loan(call, clock, person, firm, client):
    journeys.signed_loan(call, clock, person, "daily-revolving")
    (limit,) = list_limits([person.party_id])
    switch(client, firm)
    asked = client.get(reverse("limit", args=[limit.id]))
    assert asked.status_code == 409
    assert "的额度。您现在代表" in text_of(asked)
    assert "20,000" not in text_of(asked)


def test_only_a_page_that_is_opened_asks(call, linked):
    firm, _loan, addresses = linked
    client, stranger = client_of(firm.user_id), client_of(journeys.make_borrower(call, 2).user_id)
    for address in addresses:
        for one in (
            client.get(address, headers={"X-Part": "1"}),
            client.get(address, headers={"HX-Request": "true"}),
            client.head(address),
            stranger.get(address),
        ):
            assert one.status_code == 404, address
    assert "acting_party" not in client.session
    switch(client, firm.party_id)
    Membership.objects.filter(user_id=firm.user_id, party_id=firm.party_id).delete()
    assert {client.get(address).status_code for address in addresses} == {404}


# Whose form it is.


def test_every_page_of_ones_own_is_opened_for_a_party(person):
    urls = [one for one in get_resolver().reverse_dict if isinstance(one, str)]
    mine = {
        name
        for name in urls
        if name not in OF_THE_USER and get_resolver().reverse_dict[name][0][0][0].startswith("my/")
    }
    acting = {name for name, _names in acting_routes()}
    assert mine - acting == set()
    # Whoever reads the acting party in another way would take forms that nobody looked at.
    readers = {path.stem for path in WEB.glob("**/*.py") if "acting_party(" in path.read_text()}
    assert readers == {"access", "shell", "profile", "identity"}
    assert {"bank_account", "close_account", "my-inquiries-begin", "my-inquiries-face"} < acting


def test_every_form_of_a_party_says_for_whom_it_is_shown():
    without = []
    for path in sorted((WEB / "templates").glob("borrower/**/*.html")):
        for form in FORM.findall(path.read_text()):
            goes_to = re.search(r"""action="{% url ["']([\w-]+)""", form)
            is_the_users = goes_to is not None and goes_to[1] in OF_THE_USER
            is_posted = 'method="post"' in form.partition(">")[0]
            if is_posted and not is_the_users and "{% party_token %}" not in form:
                without.append((path.name, form[:80]))
    assert without == []


def test_no_address_without_an_object_takes_a_form_shown_for_another(client, person, firm, bank):
    switch(client, firm)
    routes = [(name, names) for name, names in acting_routes() if not OWNED & set(names)]
    assert {"application-new", "top-up", "withdraw", "withdraw-prove", "auto-debit"} < {
        name for name, _names in routes
    }
    before = OperationRecord.objects.count()
    for name, names in routes:
        address = address_of(name, names)
        for headers in ({}, {"HX-Request": "true"}):
            fields = {"key": uuid4(), "shown_for": person.party_id}
            refused = client.post(address, fields, headers=headers)
            if refused.status_code == 405:
                continue
            page = text_of(refused)
            assert refused.status_code == 409, name
            assert "这张表单是为 王** 打开的，您现在代表 融桥示范科技有限公司。没有办理" in page
            assert ELSEWHERE in page, name
            assert refused.headers.get("HX-Retarget") == ("body" if headers else None)
        for shown_for in (uuid4(), "x", "", None):
            fields = {"key": uuid4()} | ({} if shown_for is None else {"shown_for": shown_for})
            refused = client.post(address, fields)
            assert refused.status_code == 409, name
            assert NOWHERE in text_of(refused), name
            assert "王**" not in text_of(refused).partition('<main id="main"')[2], name
    assert OperationRecord.objects.count() == before
    assert client.session["acting_party"] == str(firm)


def test_what_another_of_ones_parties_owns_takes_no_form(
    client, person, firm, bank, call, clock, settings
):
    settings.OPERATOR_ROLE = "microloan_company"
    owned = everything_of(client, person, bank, call, clock)
    switch(client, firm)
    before = OperationRecord.objects.count()
    routes = [(name, names) for name, names in acting_routes() if OWNED & set(names)]
    assert {key for _name, names in routes for key in OWNED & set(names)} == OWNED
    for name, names in routes:
        ids = {key: owned.get((name, key), owned.get(key)) for key in names if key != "name"}
        assert None not in ids.values(), (name, ids)
        address = address_of(name, names, **ids)
        for shown_for in (firm, person.party_id):
            fields = {"key": uuid4(), "shown_for": shown_for}
            assert client.post(address, fields).status_code == 404, (name, shown_for)
    assert OperationRecord.objects.count() == before
    # The same forms are taken for the party that owns what they are about.
    switch(client, person.party_id)
    fields = {"key": uuid4(), "shown_for": person.party_id}
    assert client.post(reverse("loan-debit", args=[owned["loan_id"]]), fields).status_code == 302
    crossed = {"key": uuid4(), "shown_for": firm}
    assert client.post(reverse("loan-debit", args=[owned["loan_id"]]), crossed).status_code == 404


def everything_of(client, person, bank, call, clock):
    """Let a person own one of each; return the ids by what addresses call them."""
    card = banking.add_card(call, (person.user_id, person.party_id))
    clock.move(CARD_HOLD)
    mine = {"key": uuid4(), "shown_for": person.party_id}
    paid = {"amount": "100.00", "account": card}
    client.post(reverse("top-up"), mine | paid)
    caps = {"account": card, "per_debit": "10", "per_day": "10", "is_agreed": "on"}
    client.post(reverse("auto-debit"), {**mine, "key": uuid4(), **caps})
    case, _signed = journeys.signed_loan(
        call, clock, person, "renovation-stages", Money.yuan("20000.00"), **STAGES
    )
    relay.drain(SUBSCRIBERS)
    loan = Loan.objects.get()
    sheet = CostSheet.objects.get()
    journeys.signed_loan(call, clock, person, "daily-revolving")
    (limit,) = list_limits([person.party_id])
    command = ProposeDrawing(limit_id=limit.id, amount=Money.yuan("5000.00"), term_count=3)
    drawing = propose_drawing(command, call(actor=person.actor))

    def quoted(name, **asked):
        answer = client.post(reverse(name, args=[loan.pk]), {**mine, "key": uuid4(), **asked})
        assert answer.status_code == 302, text_of(answer)
        return answer["Location"].split("/")[-2]

    return {
        "application_id": case,
        "document_id": Document.objects.filter(application_id=case).first().pk,
        "loan_id": loan.pk,
        "sheet_id": sheet.pk,
        "limit_id": limit.id,
        "drawing_id": drawing.drawing_id,
        "card_id": card,
        "bank_account_id": card,
        "order_id": PaymentOrder.objects.get().pk,
        "mandate_id": DebitMandate.objects.get().pk,
        "change_id": uuid4(),
        ("draw-quote", "quote_id"): quoted("draw-further", amount="5000"),
        ("payoff-quote", "quote_id"): quoted("payoff", valid_on=str(business_date())),
        ("prepayment-quote", "quote_id"): quoted("prepay", principal="1000"),
    }


def test_a_withdrawal_shown_for_a_person_is_not_made_from_the_firms_wallet(
    client, person, firm, bank, call, clock
):
    card = banking.add_card(call, (person.user_id, person.party_id))
    clock.move(CARD_HOLD)
    asked = f"{reverse('withdraw')}?amount=400.00&account={card}"
    action, fields = form_in(client.get(asked), 'name="key"')
    assert fields["shown_for"] == str(person.party_id)
    switch(client, firm)
    before = OperationRecord.objects.count()
    refused = client.post(action, fields, headers={"Referer": f"http://testserver{asked}"})
    assert refused.status_code == 409
    assert OperationRecord.objects.count() == before
    again, offered = form_in(refused, "代表 王** 重新打开")
    assert offered["party"] == str(person.party_id)
    back = client.post(again, offered)
    assert back["Location"] == asked
    confirmed = client.get(back["Location"])
    assert confirmed.status_code == 200
    action, fields = form_in(confirmed, 'name="key"')
    assert client.post(action, fields).status_code == 302
    assert wallet_of(firm).available == Money.yuan("500.00")


def test_a_refused_form_leads_back_to_nothing_but_our_own_pages(client, person, firm):
    switch(client, firm)
    home = reverse("dashboard")
    for referer in ("https://elsewhere.example/my/wallet/", "//elsewhere.example", "nonsense", ""):
        headers = {"Referer": referer} if referer else {}
        fields = {"key": uuid4(), "shown_for": person.party_id}
        refused = client.post(reverse("top-up"), fields, headers=headers)
        _action, offered = form_in(refused, "重新打开")
        assert offered["next"] == home, referer
