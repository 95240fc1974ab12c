"""Every form of borrowers and staff against bad input, generated from the kind of each field.

Each wrong value alone, all others in order: the answer is 422 with one sentence that names the
field, shows the value and says what is allowed; nothing is written; what else was filled in is
still in the form.
"""

import html
import re
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from rongqiao.cli.eod import catch_up
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.lending.origination.models import CostSheet
from rongqiao.lending.origination.queries.limits import list_limits
from rongqiao.lending.products.operations.definitions import first_products
from rongqiao.lending.products.operations.draft_version import draft_version
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.money.payments.operations.capital.inject_capital import InjectCapital, inject_capital
from rongqiao.parties.operations.phones.set_phone import SetPhone, set_phone
from rongqiao.platform import clock as platform_clock
from rongqiao.platform import relay
from rongqiao.platform.models import OperationRecord
from rongqiao.web.backoffice.reviewing.reading import DECLINES
from tests.makers import banking, journeys
from tests.makers.acting import shown_for
from tests.parties.people import actor, card, credit_code, make_user, resident

pytestmark = pytest.mark.usefixtures("static_files")

HUGE = "9" * 30
NUMBERS = [
    *("abc", "-1", "NaN", "Infinity", "-0.01", "1e5", "１２３", "٣", "²", "0x10", "1,000"),
    *("+5", "1_000", "--5", "12\x00", "<script>", HUGE),
]
BAD = {
    "money": [*NUMBERS, "0", "0.00", "12.345", "0.001", ".", "１２.５"],
    # Nothing a month is an answer.
    "money or none": [*NUMBERS, "12.345", "0.001", "."],
    "whole": [*NUMBERS, "1.5", "1.0"],
    "day": [
        *("2026-02-30", "2026-13-01", "0000-00-00", "2025-02-29", "20260105", "2026-1-5"),
        *("２０２６-01-05", "tomorrow", "05/01/2026", "2026-01-05T00:00", "NaN", "-1", HUGE),
        *("0001-01-01", "1899-12-31", "3000-01-01", "9999-12-31"),
    ],
    "choice": ["nonsense", "-1", "NaN", "<script>", HUGE],
    "text": ["\x00", "x" * 2000],
    "name": ["\x00", "x" * 2000, "<script>", "123", "王", "王１"],
    "resident id": [
        *("abc", "-1", "NaN", HUGE, "110105194912310021", "110105194902310026", "1" * 18),
        *("11010119900307A021", "x" * 2000, "\x00"),
    ],
    "credit code": ["abc", "-1", HUGE, "91350100M000100Y44", "I" * 18, "x" * 2000, "\x00"],
    "card": ["abc", "-1", "1.5", "123", "x" * 2000, "\x00"],
}
ALLOWED = re.compile(
    r"请填|请从|请按|请删去|请刷新|请勾选|请核对|应为|逐位核对|只能|最多|允许|须|不能晚于|选项|才到期"
)
ALERT = re.compile(r'<(p|div)[^>]*role="alert"[^>]*>(.*?)</\1>', re.DOTALL)


@dataclass
class Form:
    """A form as it is rightly filled in: where it goes, its fields, their kinds and labels."""

    client: Client
    address: str
    right: dict
    kinds: dict
    labels: dict = field(default_factory=dict)
    # Fields that may be left empty.
    may_be_empty: tuple = ()
    # What is carried unseen: its faults are told without the value.
    hidden: tuple = ()
    # What is told with the middle left out.
    masked: tuple = ()

    def send(self, **changes):
        given = {"key": str(uuid4()), **shown_for(self.client), **self.right, **changes}
        given = {name: value for name, value in given.items() if value is not None}
        return self.client.post(self.address, given)


class Question(Form):
    """A form that only asks: by GET, without a key."""

    def send(self, **changes):
        changes.pop("key", None)
        return self.client.get(self.address, {**self.right, **changes})


def client_of(user_id):
    client = Client()
    user = get_user_model().objects.get(pk=user_id)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.user_id = user_id
    return client


@pytest.fixture
def staff(call):
    made = journeys.make_staff(call)
    journeys.publish_first_products(call, made)
    return made


@pytest.fixture
def borrower(call, staff):
    return journeys.make_borrower(call)


@pytest.fixture
def client(borrower):
    return client_of(borrower.user_id)


@pytest.fixture
def officer(call, staff):
    """Return `officer(role)`: a client of somebody new who holds it."""

    def hire(role):
        user_id = make_user()
        journeys.give_role(call, *staff.administrators, user_id, role)
        return client_of(user_id)

    return hire


STEPS = {
    "loan": {"amount": "money", "term_count": "whole", "purpose": "choice"},
    "work": {
        "employment": "choice",
        "months_established": "whole",
        "monthly_income": "money or none",
    },
    "household": {"housing": "choice", "monthly_debt_service": "money or none"},
}


@pytest.fixture
def step_forms(call, borrower, client):
    case = journeys.start(call, borrower, "consumer-monthly")

    def make(step):
        address = reverse("application-step", args=[case, step])
        return Form(client, address, journeys.PERSON_ANSWERS[step], STEPS[step])

    return make


@pytest.fixture
def lent(call, clock, borrower):
    """A loan whose first instalment is due today."""
    journeys.signed_loan(call, clock, borrower)
    relay.drain(SUBSCRIBERS)
    clock.move(timedelta(days=31))
    catch_up(platform_clock.calendar_date())
    return Loan.objects.get()


@pytest.fixture
def repay_form(lent, client):
    row = lent.instalments.get(no=1)
    due = f"{(row.principal_minor + row.interest_minor + row.fee_minor) / 100:.2f}"
    return Form(
        client,
        reverse("repay", args=[lent.pk]),
        {"amount": due, "instalment": "1", "expected": due},
        {"amount": "money", "instalment": "whole", "expected": "money"},
        may_be_empty=("instalment",),
        hidden=("instalment", "expected"),
    )


@pytest.fixture
def payoff_form(lent, client):
    on = platform_clock.business_date().isoformat()
    address = reverse("payoff", args=[lent.pk])
    return Form(client, address, {"valid_on": on}, {"valid_on": "day"})


@pytest.fixture
def withdraw_form(request, client, call, clock, borrower, monkeypatch):
    banking.put_in_place(monkeypatch, clock)
    account = banking.add_card(call, (borrower.user_id, borrower.party_id), 7)
    # The loan's first month makes the card old enough.
    request.getfixturevalue("lent")
    return Form(
        client,
        reverse("withdraw"),
        {"amount": "12.34", "account": str(account)},
        {"amount": "money", "account": "choice"},
    )


@pytest.fixture
def top_up_form(withdraw_form):
    return Form(withdraw_form.client, reverse("top-up"), withdraw_form.right, withdraw_form.kinds)


@pytest.fixture
def mandate_form(withdraw_form):
    caps = {"per_debit": "2000.00", "per_day": "5000.00"}
    account = {"account": withdraw_form.right["account"]}
    return Form(
        withdraw_form.client,
        reverse("auto-debit"),
        {**account, **caps, "is_agreed": "on"},
        {"account": "choice", **dict.fromkeys(caps, "money")},
    )


@pytest.fixture
def draw_form(call, clock, borrower, client):
    journeys.signed_loan(call, clock, borrower, "daily-revolving")
    (limit,) = list_limits([borrower.party_id])
    return Form(
        client,
        reverse("limit", args=[limit.id]),
        {"amount": "5000.00", "term_count": "3"},
        {"amount": "money", "term_count": "whole"},
    )


@pytest.fixture
def terms_form(call, staff, borrower):
    case, state = journeys.apply(call, borrower, amount="60000.00")
    assert state == "referred"
    reviewer = client_of(staff.reviewer)
    taken = reviewer.post(reverse("case-act", args=[case, "take"]), {"key": str(uuid4())})
    assert taken.status_code == 302
    return Form(
        reviewer,
        reverse("case-act", args=[case, "counter"]),
        {"amount": "50000.00", "term_count": "12", "grade": "B", "reason": "流水与申请一致。"},
        {"amount": "money", "term_count": "whole", "grade": "text", "reason": "text"},
    )


@pytest.fixture
def codes_form(terms_form):
    terms_form.address = terms_form.address.replace("/counter/", "/decline/")
    terms_form.right = {"codes": DECLINES()[0][0], "reason": "收入证明与流水不符。"}
    terms_form.kinds = {"codes": "choice", "reason": "text"}
    return terms_form


@pytest.fixture
def receipt_form(lent, officer):
    return Form(
        officer("finance"),
        reverse("new-receipt"),
        {
            "customer": lent.number,
            "amount": "1234.50",
            "payer": "王小明",
            "bank_serial": "BANK-1",
            "received_on": "2026-01-05",
        },
        {
            "customer": "text",
            "amount": "money",
            "payer": "text",
            "bank_serial": "text",
            "received_on": "day",
        },
    )


@pytest.fixture
def capital_form(staff, officer):
    return Form(
        officer("finance"),
        reverse("new-capital"),
        {"amount": "1000000.00", "source": "实缴资本", "bank_serial": "CAP-1"},
        {"amount": "money", "source": "text", "bank_serial": "text"},
    )


@pytest.fixture
def role_form(call, staff):
    new = make_user()
    command = SetPhone(user_id=new, phone="13800000077", is_proved=True)
    set_phone(command, call(actor=actor(new)))
    return Form(
        client_of(staff.administrators[0]),
        reverse("roles-desk"),
        {"phone": "13800000077", "role": "support"},
        {"phone": "text", "role": "choice"},
    )


def question(form):
    return Question(
        form.client, form.address, form.right, form.kinds, may_be_empty=form.may_be_empty
    )


@pytest.fixture
def repay_question(repay_form):
    form = question(repay_form)
    form.right = {"amount": form.right["amount"]}
    form.kinds = {"amount": "money", "instalment": "whole"}
    form.hidden = ("instalment",)
    return form


@pytest.fixture
def withdraw_question(withdraw_form):
    return question(withdraw_form)


@pytest.fixture
def top_up_question(top_up_form):
    return question(top_up_form)


@pytest.fixture
def draw_question(draw_form):
    return question(draw_form)


@pytest.fixture
def person_form(clock):
    return Form(
        client_of(make_user()),
        reverse("identity"),
        {"name": "王小明", "resident_id": resident(1)},
        {"name": "name", "resident_id": "resident id"},
        masked=("name", "resident_id"),
    )


@pytest.fixture
def firm_form(client):
    return Form(
        client,
        reverse("organization"),
        {"name": "融桥示范科技有限公司", "uscc": credit_code(5)},
        {"name": "text", "uscc": "credit code"},
        masked=("uscc",),
    )


@pytest.fixture
def bank_form(client, sources):
    agree = reverse("change_consent", args=["identity_check", "give"])
    client.post(agree, {"key": str(uuid4())})
    return Form(
        client,
        reverse("bank_account"),
        {"bank_name": "中国银行", "holder": "王小明", "number": card(7)},
        {"bank_name": "text", "holder": "name", "number": "card"},
        masked=("holder", "number"),
    )


def sentences(page):
    found = [re.sub(r"<[^>]+>", "", text).strip() for _tag, text in ALERT.findall(page)]
    return [html.unescape(text) for text in found if text]


def is_kept(page, name, value):
    """Tell whether the form of a page still holds `value` in the field `name`."""
    text = re.escape(html.escape(value))
    controls = re.findall(rf'<(?:input|textarea)[^>]*name="{name}"[^>]*>[^<]*', page)
    chosen = re.findall(rf'<select[^>]*name="{name}".*?</select>', page, re.DOTALL)
    typed = [one for one in controls if re.search(rf'value="{text}"|>\s*{text}', one)]
    typed = [one for one in typed if 'type="checkbox"' not in one or " checked" in one]
    return bool(typed) or any(re.search(rf'value="{text}" selected', one) for one in chosen)


def is_shown(form, name, value):
    """Tell whether the sentence must show the value: no secret, not endless, something at all."""
    is_plain = bool(value.strip()) and len(value) < 40 and value.isprintable()
    return is_plain and name not in (*form.hidden, *form.masked)


def faults(form, changes, wrong, value):
    """Send the form with one thing wrong; return what is not as it must be."""
    before = OperationRecord.objects.count()
    answer = form.send(**changes)
    page = answer.content.decode()
    said = sentences(page)
    found = []
    if answer.status_code != 422:
        return [f"answered {answer.status_code}"]
    if len(said) != 1 or not ALLOWED.search(said[0]):
        found.append(f"said {said}")
    elif is_shown(form, wrong, value) and f"「{value}" not in said[0]:
        found.append(f"does not show the value: {said}")
    if "「<script>" in page:
        found.append("the value stands in the page unescaped")
    if OperationRecord.objects.count() != before:
        found.append("something was written")
    lost = [
        name
        for name, right in form.right.items()
        if name != wrong and name not in form.hidden and not is_kept(page, name, right)
    ]
    if lost:
        found.append(f"lost {lost}")
    return found


def all_faults(form):
    """Try every bad value of every field, an unknown field, and a missing or bad key."""
    found = {}
    for name, kind in form.kinds.items():
        values = BAD[kind] if name in form.may_be_empty else ["", "   ", *BAD[kind]]
        for value in values:
            wrong = faults(form, {name: value}, name, value)
            if wrong:
                found[name, value[:40]] = wrong
    carried = [] if isinstance(form, Question) else [("key", "x"), ("key", None)]
    for name, value in [("extra", "1"), *carried]:
        wrong = faults(form, {name: value}, name, "")
        if wrong:
            found[name, value] = wrong
    return found


FORMS = ["repay", "payoff", "withdraw", "draw", "terms", "codes", "receipt", "capital", "role"]
FORMS += ["person", "firm", "bank", "top_up", "mandate"]


@pytest.mark.parametrize("name", FORMS)
def test_a_bad_value_is_one_sentence_and_nothing_is_stored_or_lost(request, name):
    assert all_faults(request.getfixturevalue(f"{name}_form")) == {}


@pytest.mark.parametrize("name", ["repay", "withdraw", "top_up", "draw"])
def test_a_bad_question_is_one_sentence(request, name):
    assert all_faults(request.getfixturevalue(f"{name}_question")) == {}


@pytest.mark.parametrize("step", sorted(STEPS))
def test_a_bad_answer_of_an_application_is_one_sentence(step_forms, step):
    form = step_forms(step)
    # What is left empty is asked for, but kept as a draft: another test's matter.
    form.may_be_empty = tuple(form.kinds)
    assert all_faults(form) == {}


@pytest.mark.parametrize("name", FORMS)
def test_the_forms_that_were_refused_are_taken_when_right(request, name):
    form = request.getfixturevalue(f"{name}_form")
    assert form.send().status_code == 302


def buttons(call, clock, staff, borrower, officer):
    """Yield client, address and fields of every form that is a button, each done when the next."""
    client = client_of(borrower.user_id)
    draft = journeys.start(call, borrower, "consumer-monthly")
    yield client, reverse("application-withdraw", args=[draft]), {}
    case = journeys.fill_in(call, borrower, "consumer-monthly")
    yield client, reverse("application-review", args=[case]), {"agree": "on"}
    yield client, reverse("application-accept", args=[case]), {}
    yield client, reverse("application-sheet", args=[case]), {}
    clock.move(timedelta(seconds=60))
    sheet = CostSheet.objects.latest("shown_at")
    yield client, reverse("cost-sheet", args=[sheet.pk]), {}
    yield client, reverse("sign", args=[sheet.pk]), {"agree": "on"}
    relay.drain(SUBSCRIBERS)
    loan = Loan.objects.get()
    yield client, reverse("loan-debit", args=[loan.pk]), {"is_authorised": "True"}
    asked = {"key": str(uuid4()), "valid_on": "2026-01-05"}
    yield client, client.post(reverse("payoff", args=[loan.pk]), asked)["Location"], {}
    other = journeys.make_borrower(call, 2)
    referred, _state = journeys.apply(call, other, amount="60000.00")
    yield client_of(staff.reviewer), reverse("case-act", args=[referred, "take"]), {}
    drafted = draft_version(first_products()[0], call(actor=actor(staff.operator)))
    publish = reverse("publish-version", args=[drafted.version_id])
    yield client_of(staff.publisher), publish, {}
    capital = inject_capital(
        InjectCapital(amount=Money.yuan("100.00"), source="实缴资本", bank_serial="CAP-1"),
        call(actor=actor(officer("finance").user_id)),
    )
    address = reverse("decide-money", args=["capital", capital.injection_id, "confirm"])
    yield officer("finance"), address, {}


def test_no_button_does_anything_without_its_key_or_with_more_than_it_has(
    call, clock, staff, borrower, officer
):
    for client, address, right in buttons(call, clock, staff, borrower, officer):
        before = OperationRecord.objects.count()
        key, fields = {"key": str(uuid4())}, {"csrfmiddlewaretoken": "x", **right}
        for wrong in (fields, {**fields, "key": "x"}, {**fields, **key, "extra": "1"}):
            answer = client.post(address, wrong, follow=True)
            page = answer.content.decode()
            if answer.redirect_chain or answer.status_code == 200:
                # Back on the page, which says why.
                assert "请刷新页面后再提交" in page, address
            else:
                assert 400 <= answer.status_code < 500, address
            if answer.status_code in (409, 422):
                assert ["请刷新页面后再提交" in one for one in sentences(page)] == [True], address
            assert OperationRecord.objects.count() == before, address
        taken = client.post(address, {**fields, **key})
        assert taken.status_code == 302, (address, sentences(taken.content.decode()))
