"""Signing: after reading, within the cap, once; the text, its copy, and what becomes of it."""

import hashlib
import stat
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.db import DatabaseError, transaction

from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.cases import StepNotDrawn
from rongqiao.lending.origination.conduct.contracting import SheetNotConfirmed, SheetOutdated
from rongqiao.lending.origination.conduct.pricing import AboveCap
from rongqiao.lending.origination.models import Agreement, Application, CostSheet, SignedCopy
from rongqiao.lending.origination.operations.applying.withdraw_application import (
    AlreadyLent,
    WithdrawApplication,
    withdraw_application,
)
from rongqiao.lending.origination.operations.drawing.record_disbursement import (
    RecordDisbursement,
    record_disbursement,
)
from rongqiao.lending.origination.operations.signing.confirm_cost_sheet import (
    ConfirmCostSheet,
    ReadFirst,
    confirm_cost_sheet,
)
from rongqiao.lending.origination.operations.signing.expire_offers import (
    ExpireOffers,
    expire_offers,
)
from rongqiao.lending.origination.operations.signing.keep_copy import KeepCopy, NotOurs, keep_copy
from rongqiao.lending.origination.operations.signing.open_cost_sheet import (
    OpenCostSheet,
    open_cost_sheet,
)
from rongqiao.lending.origination.operations.signing.sign_agreement import (
    SignAgreement,
    sign_agreement,
)
from rongqiao.lending.origination.operations.signing.take_up import NotToBeLent, take_up
from rongqiao.lending.origination.queries.applications import get_application
from rongqiao.lending.origination.queries.papers import (
    get_agreement,
    get_agreement_text,
    get_confirmation,
    get_copy,
    get_cost_sheet,
    list_agreements,
    render_copy,
    verify_copy,
    without_copy,
)
from rongqiao.platform.files import read
from rongqiao.platform.models import BusinessDate, OutboxEvent
from rongqiao.platform.operations import operation
from rongqiao.platform.refusals import NotFound
from tests.makers.journeys import (
    accept,
    apply,
    encoded,
    make_borrower,
    read_sheet,
    sign,
    signed_loan,
)


@pytest.fixture
def accepted(call, borrower):
    application_id, state = apply(call, borrower)
    assert state == "approved"
    accept(call, borrower, application_id)
    return application_id


def opened(call, borrower, application_id):
    return open_cost_sheet(OpenCostSheet(application_id=application_id), call(actor=borrower.actor))


def confirm(call, borrower, sheet_id):
    return confirm_cost_sheet(ConfirmCostSheet(sheet_id=sheet_id), call(actor=borrower.actor))


def days_pass(clock, days):
    clock.move(timedelta(days=days))
    on = BusinessDate.objects.get(pk=1).on + timedelta(days=days)
    BusinessDate.objects.update(on=on)


def test_the_sheet_says_everything_it_must(call, borrower, accepted):
    sheet_id = opened(call, borrower, accepted).sheet_id
    view = get_cost_sheet(sheet_id, borrower.user_id)
    sheet = view.sheet
    assert sheet.principal == Money.yuan("20000")
    assert sum(row.principal.minor for row in sheet.rows) == 20_000_00
    assert sheet.payment_total == sheet.principal + sheet.interest_total + sheet.fee_total
    assert abs(sheet.all_in_simple - Decimal("0.072")) < Decimal("0.0001")
    assert sheet.all_in_compound > sheet.all_in_simple
    assert sheet.is_nothing_else_charged
    assert [one.code for one in sheet.contingent] == ["penalty-interest"]
    assert sheet.contingent[0].rate == Decimal("0.108")
    assert sheet.cap_rate == Decimal("0.24")
    assert view.confirm_from - view.shown_at == timedelta(seconds=10)


def test_a_firms_sheet_shows_each_fee_with_standard_and_collector(call, clock, firm):
    application_id, signed = signed_loan(call, clock, firm, "working-capital")
    sheet_id = Agreement.objects.get(pk=signed.agreement_id).sheet_id
    sheet = get_cost_sheet(sheet_id, firm.user_id).sheet
    (fee,) = sheet.fees
    assert (fee.rate, fee.amount_total, fee.collector) == (
        Decimal("0.0020"),
        Money.yuan("200"),
        "operator",
    )
    assert sheet.fee_total == Money.yuan("200")
    assert [one.code for one in sheet.contingent] == ["penalty-interest", "prepayment-fee"]
    text = get_agreement_text(signed.agreement_id)
    assert "账户服务费，收取标准为借款本金的 0.2%" in text
    assert "统一社会信用代码" in text
    assert get_application(application_id, firm.user_id).row.state == "signed"


def test_it_cannot_be_confirmed_before_the_reading_time_is_over(call, clock, borrower, accepted):
    sheet = opened(call, borrower, accepted)
    with pytest.raises(ReadFirst) as refused:
        confirm(call, borrower, sheet.sheet_id)
    assert refused.value.facts == {"seconds": "10", "allowed": "10"}
    clock.move(timedelta(seconds=9, milliseconds=999))
    with pytest.raises(ReadFirst) as refused:
        confirm(call, borrower, sheet.sheet_id)
    assert refused.value.facts["seconds"] == "1"
    clock.move(timedelta(milliseconds=1))
    first = confirm(call, borrower, sheet.sheet_id)
    clock.move(timedelta(seconds=5))
    assert confirm(call, borrower, sheet.sheet_id) == first


def test_opening_it_again_does_not_start_the_time_anew(call, clock, borrower, accepted):
    first = opened(call, borrower, accepted)
    clock.move(timedelta(seconds=6))
    assert opened(call, borrower, accepted) == first
    assert CostSheet.objects.count() == 1


def test_nobody_signs_without_having_confirmed(call, clock, borrower, accepted):
    sheet_id = opened(call, borrower, accepted).sheet_id
    with pytest.raises(SheetNotConfirmed):
        sign(call, borrower, accepted, sheet_id)
    clock.move(timedelta(seconds=60))
    with pytest.raises(SheetNotConfirmed):
        sign(call, borrower, accepted, sheet_id)
    with pytest.raises(NotFound):
        sign(call, borrower, accepted, uuid4())
    assert not Agreement.objects.exists()


def test_nobody_signs_before_accepting(call, clock, borrower):
    application_id, _ = apply(call, borrower)
    with pytest.raises(StepNotDrawn):
        opened(call, borrower, application_id)
    with pytest.raises(StepNotDrawn):
        sign(call, borrower, application_id, uuid4())


def test_yesterdays_sheet_does_not_do(call, clock, borrower, accepted):
    sheet_id = read_sheet(call, clock, borrower, application_id=accepted)
    days_pass(clock, 1)
    with pytest.raises(SheetOutdated):
        sign(call, borrower, accepted, sheet_id)
    sign(call, borrower, accepted, read_sheet(call, clock, borrower, application_id=accepted))


def test_anothers_sheet_does_not_do(call, clock, borrower, accepted):
    other = make_borrower(call, 21)
    application_id, _ = apply(call, other)
    accept(call, other, application_id)
    sheet_id = read_sheet(call, clock, other, application_id=application_id)
    with pytest.raises(NotFound):
        sign(call, borrower, accepted, sheet_id)
    with pytest.raises(NotFound):
        get_cost_sheet(sheet_id, borrower.user_id)
    with pytest.raises(NotFound):
        confirm(call, borrower, sheet_id)


def test_an_agreement_is_signed_once(call, clock, borrower, accepted):
    sheet_id = read_sheet(call, clock, borrower, application_id=accepted)
    sign(call, borrower, accepted, sheet_id)
    with pytest.raises(StepNotDrawn):
        sign(call, borrower, accepted, sheet_id)
    assert Agreement.objects.count() == 1
    assert OutboxEvent.objects.filter(name="origination.agreement-signed").count() == 1


def test_a_repeated_request_gets_the_first_answer(call, clock, borrower, accepted):
    sheet_id = read_sheet(call, clock, borrower, application_id=accepted)
    command = SignAgreement(application_id=accepted, sheet_id=sheet_id, session="s", ip="::1")
    again = call(actor=borrower.actor, key="one")
    assert sign_agreement(command, again) == sign_agreement(command, again)


def test_the_text_names_the_parties_and_writes_the_amount_in_capitals(
    call, clock, borrower, accepted
):
    sheet_id = read_sheet(call, clock, borrower, application_id=accepted)
    signed = sign(call, borrower, accepted, sheet_id)
    text = get_agreement_text(signed.agreement_id)
    assert text.startswith("借款合同\n合同编号：" + signed.number)
    assert "借款人（乙方）：王小明" in text
    assert "公民身份号码：110101199003070" in text
    assert "人民币贰万元整" in text
    assert "20000.00" in text
    assert "年利率 7.2%" in text
    assert "罚息" in text
    assert "10.8%" in text
    assert "除本合同及综合融资成本明示表列明的项目外" in text
    assert "第十条　提前到期：借款逾期超过 30 日" in text
    assert "不少于 7 日、不超过 90 日的宽限期" in text
    rows = [line for line in text.splitlines() if line.count(" | ") == 6]
    assert len(rows) == 1 + 12 + 1
    assert signed.text_sha256 == hashlib.sha256(text.encode()).hexdigest()
    sealed = bytes(Agreement.objects.get().text_sealed)
    assert "王小明".encode() not in sealed
    record = get_confirmation(signed.agreement_id)
    assert record["ip"] == "192.0.2.7"
    assert record["text_sha256"] == signed.text_sha256
    assert record["user"] == str(borrower.user_id)


def test_evidence_does_not_change(call, clock, borrower):
    signed_loan(call, clock, borrower)
    for change in ({"text_sha256": "0" * 64}, {"amount_minor": 1}, {"signed_on": date(2020, 1, 1)}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Agreement.objects.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        CostSheet.objects.update(content={})
    with pytest.raises(DatabaseError), transaction.atomic():
        Agreement.objects.all().delete()


@pytest.mark.parametrize(
    ("rate", "is_signed"),
    [(Decimal("0.0720"), True), (Decimal("0.2400"), True), (Decimal("0.2401"), False)],
)
def test_the_cap_of_the_contract_date_is_held_at_signing(
    call, clock, borrower, accepted, rate, is_signed
):
    Application.objects.filter(pk=accepted).update(offered_rate_annual=rate)
    if not is_signed:
        with pytest.raises(AboveCap) as refused:
            opened(call, borrower, accepted)
        assert refused.value.facts["rule"] == "rate.all_in_cap.microloan_now"
        return
    sign(call, borrower, accepted, read_sheet(call, clock, borrower, application_id=accepted))


def test_an_offer_approved_before_a_lower_cap_is_not_signed_after_it(
    call, clock, borrower, accepted
):
    Application.objects.filter(pk=accepted).update(
        offered_rate_annual=Decimal("0.18"), offer_ends_on=date(2028, 1, 31)
    )
    opened(call, borrower, accepted)
    days_pass(clock, (date(2027, 12, 31) - date(2026, 1, 5)).days)
    with pytest.raises(AboveCap) as refused:
        opened(call, borrower, accepted)
    assert refused.value.facts["rule"] == "rate.all_in_cap.microloan_2027"
    assert refused.value.facts["allowed"].rstrip("0") == "0.12"


@pytest.fixture
def kept(call, clock, borrower):
    """A signed agreement with its copy on file: (agreement id, bytes)."""
    _, signed = signed_loan(call, clock, borrower)
    content = render_copy(signed.agreement_id)
    keep_copy(
        KeepCopy(agreement_id=signed.agreement_id, content=encoded(content)),
        call(actor=borrower.actor),
    )
    return signed, content


def test_the_copy_on_file_is_intact_and_names_its_agreement_masked(kept, borrower):
    signed, content = kept
    found = verify_copy(content)
    assert found.is_intact
    assert (found.number, found.amount) == (signed.number, Money.yuan("20000"))
    assert found.borrower.startswith("王")
    assert "小明" not in found.borrower
    assert read(get_copy(signed.agreement_id)) == content
    assert get_agreement(signed.agreement_id, borrower.user_id).copy_file_id
    assert without_copy() == ()


def test_one_flipped_byte_is_found_wherever_it_is(kept):
    _, content = kept
    for place in (9, len(content) // 3, len(content) // 2, len(content) - 700, len(content) - 3):
        changed = bytearray(content)
        changed[place] ^= 1
        found = verify_copy(bytes(changed))
        assert (found.is_intact, found.is_signed_by_us) == (False, False)


def test_what_is_appended_or_cut_off_is_found(kept):
    _, content = kept
    for changed in (content + b" ", content[:-1], content + content, b"", b"%PDF-1.7"):
        assert not verify_copy(changed).is_intact


def test_a_second_rendering_is_not_the_copy_on_file(call, kept, borrower):
    signed, content = kept
    other = render_copy(signed.agreement_id)
    found = verify_copy(other)
    assert (found.is_intact, found.is_signed_by_us, found.number) == (False, True, "")
    again = keep_copy(
        KeepCopy(agreement_id=signed.agreement_id, content=encoded(other)),
        call(actor=borrower.actor),
    )
    assert read(again.file_id) == content
    assert SignedCopy.objects.count() == 1


def test_a_file_the_platform_did_not_sign_is_not_kept(call, clock, borrower):
    _, signed = signed_loan(call, clock, borrower)
    with pytest.raises(NotOurs):
        keep_copy(
            KeepCopy(agreement_id=signed.agreement_id, content=encoded(b"%PDF-1.7 mine")),
            call(actor=borrower.actor),
        )


def test_keys_of_the_seal_are_the_owners_alone(kept):
    for file in (django_settings.PLACES.var / "seal").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_others_see_no_agreement(call, kept):
    signed, _ = kept
    stranger = make_borrower(call, 22)
    with pytest.raises(NotFound):
        get_agreement(signed.agreement_id, stranger.user_id)
    assert list_agreements([stranger.party_id]) == ()


@operation("tests.take_up", restore=RecordDisbursement)
def lend(command: RecordDisbursement, call):
    order = take_up(command.agreement_id, call)
    assert order.terms(call.on).principal == order.amount.minor
    return command


def test_servicing_takes_an_agreement_up_once(call, clock, borrower):
    application_id, signed = signed_loan(call, clock, borrower)
    command = RecordDisbursement(agreement_id=signed.agreement_id)
    lend(command, call())
    with pytest.raises(NotToBeLent):
        lend(command, call())
    with pytest.raises(AlreadyLent):
        withdraw_application(
            WithdrawApplication(application_id=application_id), call(actor=borrower.actor)
        )
    assert record_disbursement(command, call()).state == "funded"
    assert get_application(application_id, borrower.user_id).row.state == "funded"


def test_what_was_withdrawn_is_not_lent(call, clock, borrower):
    application_id, signed = signed_loan(call, clock, borrower)
    withdraw_application(
        WithdrawApplication(application_id=application_id), call(actor=borrower.actor)
    )
    with pytest.raises(NotToBeLent):
        lend(RecordDisbursement(agreement_id=signed.agreement_id), call())
    assert get_agreement(signed.agreement_id, borrower.user_id).is_cancelled


def test_offers_expire_after_their_last_day(call, clock, borrower, accepted):
    other = make_borrower(call, 23)
    signed_id, signed = signed_loan(call, clock, other)
    lent_to = make_borrower(call, 24)
    lent_id, lent = signed_loan(call, clock, lent_to)
    lend(RecordDisbursement(agreement_id=lent.agreement_id), call())
    days_pass(clock, 30)
    assert expire_offers(ExpireOffers(), call(actor="system:eod")).count == 0
    days_pass(clock, 1)
    assert expire_offers(ExpireOffers(), call(actor="system:eod")).count == 2
    assert expire_offers(ExpireOffers(), call(actor="system:eod")).count == 0
    assert get_application(accepted, borrower.user_id).row.state == "expired"
    view = get_application(signed_id, other.user_id)
    assert view.row.state == "expired"
    assert view.milestones[-1].state == "expired"
    with pytest.raises(NotToBeLent):
        lend(RecordDisbursement(agreement_id=signed.agreement_id), call())
    assert get_application(lent_id, lent_to.user_id).row.state == "signed"


def test_only_one_cause_has_a_sheet(call, borrower, accepted):
    for command in (
        OpenCostSheet(),
        OpenCostSheet(drawing_id=uuid4()),
        OpenCostSheet(application_id=accepted, drawing_id=uuid4()),
        OpenCostSheet(application_id=uuid4()),
    ):
        with pytest.raises(NotFound):
            open_cost_sheet(command, call(actor=borrower.actor))
    stranger = replace(borrower, user_id=uuid4())
    with pytest.raises(NotFound):
        opened(call, stranger, accepted)
