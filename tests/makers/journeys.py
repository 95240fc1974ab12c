"""From nothing to a signed agreement by the real operations: staff, products, applications."""

import base64
import io
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from PIL import Image

from rongqiao.finance.money import Money
from rongqiao.lending.origination.operations.applying.add_document import AddDocument, add_document
from rongqiao.lending.origination.operations.applying.save_step import SaveStep, save_step
from rongqiao.lending.origination.operations.applying.start_application import (
    StartApplication,
    start_application,
)
from rongqiao.lending.origination.operations.applying.submit import Submit, submit
from rongqiao.lending.origination.operations.signing.accept_offer import AcceptOffer, accept_offer
from rongqiao.lending.origination.operations.signing.confirm_cost_sheet import (
    ConfirmCostSheet,
    confirm_cost_sheet,
)
from rongqiao.lending.origination.operations.signing.open_cost_sheet import (
    OpenCostSheet,
    open_cost_sheet,
)
from rongqiao.lending.origination.operations.signing.sign_agreement import (
    SignAgreement,
    sign_agreement,
)
from rongqiao.lending.products.operations.definitions import first_products
from rongqiao.lending.products.operations.draft_version import draft_version
from rongqiao.lending.products.operations.publish_version import PublishVersion, publish_version
from rongqiao.parties.operations.staff.appoint_administrators import (
    AppointAdministrators,
    appoint_administrators,
)
from rongqiao.parties.operations.staff.confirm_role import ConfirmRole, confirm_role
from rongqiao.parties.operations.staff.propose_role import ProposeRole, propose_role
from rongqiao.policies.credit.facts import NO_HISTORY
from tests.makers.loans import Fund, fund_operator
from tests.parties.people import actor, make_firm, make_person, make_user

PERSON_ANSWERS = {
    "loan": {"amount": "20000.00", "term_count": "12", "purpose": "education"},
    "work": {"employment": "salaried", "months_established": "60", "monthly_income": "12000.00"},
    "household": {"housing": "mortgage", "monthly_debt_service": "1000.00"},
}
FIRM_ANSWERS = {
    "loan": {"amount": "100000.00", "term_count": "12", "purpose": "inventory"},
    "business": {
        "sector": "manufacturing",
        "months_established": "72",
        "revenue_annual": "6000000.00",
        "monthly_income": "60000.00",
    },
    "debts": {"monthly_debt_service": "2000.00"},
}


@dataclass(frozen=True)
class Staff:
    """Users by what they may do; `both` reviews and approves."""

    administrators: tuple[UUID, UUID]
    operator: UUID
    publisher: UUID
    reviewer: UUID
    approver: UUID
    both: UUID


@dataclass(frozen=True)
class Borrower:
    user_id: UUID
    party_id: UUID

    @property
    def actor(self):
        return actor(self.user_id)


def make_staff(call):
    first, second = make_user(), make_user()
    appoint_administrators(
        AppointAdministrators(first_user_id=first, second_user_id=second),
        call(actor="system:setup"),
    )
    wanted = [("operator",), ("operator",), ("reviewer",), ("approver",), ("reviewer", "approver")]
    users = []
    for roles in wanted:
        user_id = make_user()
        for role in roles:
            give_role(call, first, second, user_id, role)
        users.append(user_id)
    fund_operator(Fund(amount=Money.yuan("100000000.00")), call(actor="system:setup"))
    return Staff((first, second), *users)


def give_role(call, proposer, confirmer, user_id, role):
    proposed = propose_role(ProposeRole(user_id=user_id, role=role), call(actor=actor(proposer)))
    confirm_role(ConfirmRole(grant_id=proposed.grant_id), call(actor=actor(confirmer)))


def publish_first_products(call, staff):
    """Publish the first products; return their version ids by code."""
    versions = {}
    for command in first_products():
        drafted = draft_version(command, call(actor=actor(staff.operator)))
        publish_version(
            PublishVersion(version_id=drafted.version_id), call(actor=actor(staff.publisher))
        )
        versions[command.code] = drafted.version_id
    return versions


def make_borrower(call, number=1):
    return Borrower(*make_person(call, number))


def make_firm_borrower(call, number=1):
    user_id, _ = make_person(call, number + 500)
    return Borrower(user_id, make_firm(call, user_id, number))


def picture(form="JPEG", size=(64, 48), **options):
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 60)).save(out, form, **options)
    return out.getvalue()


def encoded(content):
    return base64.b64encode(content).decode()


def start(call, borrower, product):
    command = StartApplication(party_id=borrower.party_id, product_code=product)
    return start_application(command, call(actor=borrower.actor)).application_id


def save(call, borrower, application_id, step, **values):
    return save_step(
        SaveStep(application_id=application_id, step=step, values=tuple(values.items())),
        call(actor=borrower.actor),
    )


def upload(call, borrower, application_id, kind, content=None, name="scan.jpg"):
    return add_document(
        AddDocument(
            application_id=application_id,
            document_kind=kind,
            name=name,
            content=encoded(picture() if content is None else content),
        ),
        call(actor=borrower.actor),
    )


DOCUMENTS = {
    "consumer-monthly": ("id-front", "id-back", "income-proof"),
    "working-capital": ("business-licence", "bank-statement", "financial-statement"),
    "daily-revolving": ("id-front", "id-back", "income-proof"),
    "monthly-interest": ("id-front", "id-back", "income-proof"),
    "quarterly-interest": ("business-licence", "bank-statement", "financial-statement"),
    "prime-linked": ("business-licence", "bank-statement", "financial-statement"),
    "renovation-stages": ("id-front", "id-back", "income-proof"),
}
FIRM_PRODUCTS = ("working-capital", "quarterly-interest", "prime-linked")


def fill_in(call, borrower, product, answers=None, **changes):
    """Start an application and fill everything in; `changes` replace answers by field."""
    answers = answers or (FIRM_ANSWERS if product in FIRM_PRODUCTS else PERSON_ANSWERS)
    application_id = start(call, borrower, product)
    for step, values in answers.items():
        changed = {name: changes.get(name, value) for name, value in values.items()}
        save(call, borrower, application_id, step, **changed)
    for kind in DOCUMENTS[product]:
        upload(call, borrower, application_id, kind)
    return application_id


def hand_in(call, borrower, application_id, history=NO_HISTORY):
    return submit(
        Submit(application_id=application_id, history=history), call(actor=borrower.actor)
    )


def apply(call, borrower, product="consumer-monthly", history=NO_HISTORY, **changes):
    """Fill in and hand in; return the application's id and the state it came to."""
    application_id = fill_in(call, borrower, product, **changes)
    return application_id, hand_in(call, borrower, application_id, history).state


def accept(call, borrower, application_id):
    return accept_offer(AcceptOffer(application_id=application_id), call(actor=borrower.actor))


def read_sheet(call, clock, borrower, **cause):
    """Open the cost sheet, read it as long as one must, confirm it; return its id."""
    opened = open_cost_sheet(OpenCostSheet(**cause), call(actor=borrower.actor))
    clock.move(timedelta(seconds=opened.reading_seconds))
    confirm_cost_sheet(ConfirmCostSheet(sheet_id=opened.sheet_id), call(actor=borrower.actor))
    return opened.sheet_id


def sign(call, borrower, application_id, sheet_id, first=None):
    return sign_agreement(
        SignAgreement(
            application_id=application_id,
            sheet_id=sheet_id,
            first=first,
            session="s" * 16,
            ip="192.0.2.7",
        ),
        call(actor=borrower.actor),
    )


def signed_loan(call, clock, borrower, product="consumer-monthly", first=None, **changes):
    """Apply, be approved, accept, read and sign; return application id and what was signed.

    `first` is what is wanted at once of a loan that may be drawn in several sums.
    """
    application_id, state = apply(call, borrower, product, **changes)
    assert state == "approved", state
    accept(call, borrower, application_id)
    sheet_id = read_sheet(call, clock, borrower, application_id=application_id)
    return application_id, sign(call, borrower, application_id, sheet_id, first)
