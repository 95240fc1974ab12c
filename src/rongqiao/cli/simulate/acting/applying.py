"""From the door to the signature, by the operations that the pages call."""

from __future__ import annotations

import base64
import io
from functools import cache

from PIL import Image

from rongqiao.cli.simulate.acting.borrowing import take_loan, use_limit
from rongqiao.cli.simulate.people.profiles import Course
from rongqiao.cli.simulate.staff import make_user
from rongqiao.cli.simulate.town import Resident, Town
from rongqiao.finance.money import Money
from rongqiao.lending.origination.operations.applying.add_document import (
    AddDocument,
    add_document,
)
from rongqiao.lending.origination.operations.applying.save_step import SaveStep, save_step
from rongqiao.lending.origination.operations.applying.start_application import (
    StartApplication,
    start_application,
)
from rongqiao.lending.origination.operations.applying.submit import Submit, submit
from rongqiao.lending.origination.operations.applying.withdraw_application import (
    WithdrawApplication,
    withdraw_application,
)
from rongqiao.lending.origination.operations.deciding.approve import Approve, approve
from rongqiao.lending.origination.operations.deciding.counter import Counter, counter
from rongqiao.lending.origination.operations.deciding.recommend import Recommend, recommend
from rongqiao.lending.origination.operations.deciding.return_to_borrower import (
    ReturnToBorrower,
    return_to_borrower,
)
from rongqiao.lending.origination.operations.deciding.take_review import TakeReview, take_review
from rongqiao.lending.origination.operations.signing.accept_offer import (
    AcceptOffer,
    accept_offer,
)
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
from rongqiao.lending.origination.queries.desk import get_case
from rongqiao.lending.servicing.queries.loans import history_of
from rongqiao.parties.operations.add_bank_account import (
    SAME,
    AccountProof,
    AddBankAccount,
    account_claim,
    add_bank_account,
)
from rongqiao.parties.operations.consents.give_consent import GiveConsent, give_consent
from rongqiao.parties.operations.phones.set_phone import SetPhone, set_phone
from rongqiao.parties.operations.register_organization import (
    RegisterOrganization,
    register_organization,
)
from rongqiao.parties.operations.register_person import RegisterPerson, register_person
from rongqiao.platform import clock
from rongqiao.platform.operations import Call
from rongqiao.policies.consents import TEXTS
from rongqiao.risk.queries.features import statement_features

# A cost sheet must lie open this long at the most (products' reading time).
READING_SECONDS = 61
# What a reviewer may offer without a second person (the products' lowest line).
MOST_ALONE = Money.yuan("50000.00")
DOCUMENTS = {
    "consumer-monthly": ("id-front", "id-back", "income-proof"),
    "working-capital": ("business-licence", "bank-statement", "financial-statement"),
    "monthly-interest": ("id-front", "id-back", "income-proof"),
    "quarterly-interest": ("business-licence", "bank-statement", "financial-statement"),
    "prime-linked": ("business-licence", "bank-statement", "financial-statement"),
}
REVOLVING_DOCUMENTS = {
    False: ("id-front", "id-back", "income-proof"),
    True: ("business-licence", "bank-statement"),
}


def arrive(town: Town, resident: Resident) -> None:
    """Register, say who one is, and fill in the application up to where its course goes."""
    _register(town, resident)
    _fill_in(town, resident)
    if resident.profile.course is Course.DRAFT:
        return
    decided = town.do(
        submit,
        Submit(
            application_id=resident.application_id,
            history=history_of(resident.party_id),
            features=()
            if town.is_remembering
            else statement_features(resident.party_id, clock.now()),
        ),
        _own(town, resident, "submit"),
    )
    if decided.state == "referred":
        if resident.profile.course is not Course.WAITS_FOR_REVIEW:
            town.after(1, lambda: _review(town, resident))
    elif decided.state == "approved":
        town.after(1, lambda: _sign(town, resident))


def _register(town: Town, resident: Resident) -> None:
    person, firm = resident.profile.person, resident.profile.firm
    if not town.is_remembering:
        make_user(person.user_id, town.desk.clock.instant)
    phone = SetPhone(user_id=person.user_id, phone=person.phone, is_proved=True)
    town.do(set_phone, phone, _own(town, resident, "phone"))
    # Simulated lives begin before the first text was published: each kind's first one stands in.
    for text in {one.kind: one for one in reversed(TEXTS)}.values():
        consent = GiveConsent(user_id=person.user_id, kind=text.kind, version=text.version)
        town.do(give_consent, consent, _own(town, resident, f"consent:{text.kind}"))
    register = RegisterPerson(
        user_id=person.user_id, name=person.name, resident_id=person.resident_id
    )
    registered = town.do(register_person, register, _own(town, resident, "person"))
    resident.party_id, bank, holder = registered.party_id, person.card, person.name
    if firm is not None:
        brought = town.do(
            register_organization,
            RegisterOrganization(user_id=person.user_id, name=firm.name, uscc=firm.uscc),
            _own(town, resident, "firm"),
        )
        resident.party_id, bank, holder = brought.party_id, firm.account, firm.name
    # No source of facts lives along: whose account it is follows from the drawn town itself.
    proof = AccountProof(
        reference="simulated",
        verdict=SAME,
        claim=account_claim(resident.party_id, holder, bank),
        checked_at=town.desk.clock.instant,
    )
    account = AddBankAccount(
        party_id=resident.party_id, bank_name="示范银行", holder=holder, number=bank, proof=proof
    )
    added = town.do(add_bank_account, account, _own(town, resident, "bank"))
    resident.bank_account_id = added.bank_account_id


def _fill_in(town: Town, resident: Resident) -> None:
    profile = resident.profile
    started = town.do(
        start_application,
        StartApplication(party_id=resident.party_id, product_code=profile.product),
        _own(town, resident, "start"),
    )
    resident.application_id = started.application_id
    for step, values in profile.answers:
        if profile.course is Course.DRAFT and step != "loan":
            return
        save = SaveStep(application_id=resident.application_id, step=step, values=values)
        town.do(save_step, save, _own(town, resident, f"step:{step}"))
    is_firm = profile.firm is not None
    for kind in DOCUMENTS.get(profile.product, REVOLVING_DOCUMENTS[is_firm]):
        document = AddDocument(
            application_id=resident.application_id,
            document_kind=kind,
            name=f"{kind}.png",
            content=_blank_page(),
        )
        town.do(add_document, document, _own(town, resident, f"document:{kind}"))


def _review(town: Town, resident: Resident) -> None:
    """A reviewer takes the case and recommends it; above the product's line a second approves."""
    case, staff = resident.application_id, town.staff
    reviewer = staff["reviewer" if resident.profile.number % 2 else "reviewer-2"]

    def call(post: str, what: str) -> Call:
        user = reviewer if post == "reviewer" else staff[post]
        return town.desk.user(user, f"{resident.name}:{what}")

    town.do(take_review, TakeReview(application_id=case), call("reviewer", "take"))
    if resident.profile.course is Course.RETURNED:
        back = ReturnToBorrower(
            application_id=case, codes=("document-unclear",), reason="收入证明模糊，请重新上传。"
        )
        town.do(return_to_borrower, back, call("reviewer", "return"))
        return
    found = get_case(case, reviewer, town.desk.clock.instant).decisions
    offer = next(one for one in found if one.stage == "screening")
    assert offer.amount is not None
    assert offer.term_count is not None
    if resident.profile.course is Course.COUNTERED:
        less = Counter(
            application_id=case,
            amount=min(Money(offer.amount.minor // 200_000 * 100_000), MOST_ALONE),
            term_count=offer.term_count,
            grade=offer.grade,
            reason="金额偏高，建议按半额借款。",
        )
        town.do(counter, less, call("reviewer", "counter"))
        return
    recommended = town.do(
        recommend,
        Recommend(
            application_id=case,
            amount=offer.amount,
            term_count=offer.term_count,
            grade=offer.grade,
            reason="资料齐全，收入与负债相符，建议通过。",
        ),
        call("reviewer", "recommend"),
    )
    if recommended.state == "recommended":
        if resident.profile.course is Course.WAITS_FOR_APPROVAL:
            return
        consent = Approve(application_id=case, reason="同意初审意见。")
        town.do(approve, consent, call("approver", "approve"))
    town.after(1, lambda: _sign(town, resident))


def _sign(town: Town, resident: Resident) -> None:
    """Accept, read the cost sheet, confirm it, sign; the relay then brings the money."""
    case, course = resident.application_id, resident.profile.course
    if course is Course.APPROVED_ONLY:
        return
    if course is Course.WITHDRAWN:
        command = WithdrawApplication(application_id=case)
        town.do(withdraw_application, command, _own(town, resident, "withdraw"))
        return
    town.do(accept_offer, AcceptOffer(application_id=case), _own(town, resident, "accept"))
    if course is Course.ACCEPTED_ONLY:
        return
    opened = town.do(
        open_cost_sheet, OpenCostSheet(application_id=case), _own(town, resident, "sheet")
    )
    town.desk.wait(READING_SECONDS)
    sheet_id = opened.sheet_id
    town.do(confirm_cost_sheet, ConfirmCostSheet(sheet_id=sheet_id), _own(town, resident, "read"))
    signed = town.do(
        sign_agreement,
        SignAgreement(application_id=case, sheet_id=sheet_id, session="simulated", ip="192.0.2.1"),
        _own(town, resident, "sign"),
    )
    if signed.limit_id is not None:
        use_limit(town, resident, signed.limit_id)
    else:
        take_loan(town, resident, signed.agreement_id, resident.profile.conduct, "loan")


def _own(town: Town, resident: Resident, what: str) -> Call:
    return town.desk.user(resident.user_id, f"{resident.name}:{what}")


@cache
def _blank_page() -> str:
    """Return a small blank picture in base64: a document of somebody who does not exist."""
    out = io.BytesIO()
    Image.new("RGB", (64, 40), (240, 240, 240)).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()
