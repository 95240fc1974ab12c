"""From an outside source to what the applicant reads: asked, judged, kept, told, made again."""

import json

import pytest

from rongqiao.lending.origination.models import Decision
from rongqiao.lending.origination.operations.applying.submit import Submit, submit
from rongqiao.lending.origination.queries.applications import get_application
from rongqiao.lending.origination.queries.looking_back.replays import check_decisions
from rongqiao.lending.origination.sealing import unseal, unseal_text
from rongqiao.parties.operations.consents.withdraw_consent import WithdrawConsent, withdraw_consent
from rongqiao.parties.operations.phones.set_phone import SetPhone, set_phone
from rongqiao.policies.credit.facts import NO_HISTORY
from rongqiao.risk.jobs import inquiring
from rongqiao.risk.models.inquiries import Inquiry
from rongqiao.risk.operations.inquiring.open_inquiry import OpenInquiry, open_inquiry
from rongqiao.risk.queries.features import features_of
from rongqiao.web.account.checks.asking import needed_by
from rongqiao.web.frame.reasons import explain
from tests.makers.journeys import fill_in
from tests.makers.outside import put_in_force
from tests.parties.people import credit_code, resident
from tests.risk.inquiring.conftest import agree


@pytest.fixture
def known(call, borrower):
    """The borrower with a proved phone, who agreed to everything."""
    phone = SetPhone(user_id=borrower.user_id, phone="13800138000", is_proved=True)
    set_phone(phone, call(actor=borrower.actor))
    agree(call, borrower.user_id)
    return borrower


def hand_in(call, sources, someone, product="consumer-monthly"):
    """Fill in, have asked what is needed, hand in; return what the borrower then sees."""
    application_id = fill_in(call, someone, product)
    view = get_application(application_id, someone.user_id)
    for source in needed_by([view.row], view.party.kind, call().on):
        wanted = OpenInquiry(
            source=source,
            party_id=someone.party_id,
            user_id=someone.user_id,
            purpose="application",
            purpose_id=application_id,
        )
        open_inquiry(wanted, call(actor=someone.actor))
    sources.work()
    # The tax source answers by a ticket.
    inquiring.chase_inquiries()
    features = features_of(someone.party_id, call().at)
    command = Submit(application_id=application_id, history=NO_HISTORY, features=features)
    submit(command, call(actor=someone.actor))
    return get_application(application_id, someone.user_id)


def told(view):
    return [explain(one.code, one.facts).why for one in view.reasons]


def trace(table):
    row = Decision.objects.get()
    answer = json.loads(unseal_text(row.answer_sealed, Decision, "answer_sealed", row.pk))
    return [one for one in answer["trace"] if one["table"] == table]


def test_a_court_record_declines_is_on_record_and_is_told(call, clock, known, sources):
    put_in_force(call, clock)
    sources.say("judicial", resident(1), judgments=1, enforcements=1, is_dishonest_debtor=True)
    view = hand_in(call, sources, known)
    assert view.row.state == "declined"
    assert told(view) == ["法院公开信息显示，您目前在失信被执行人名单上。"]
    assert view.row.apply_again_on is not None
    assert set(Inquiry.objects.values_list("source", flat=True)) == {
        *("identity", "judicial", "score")
    }
    (fired, *_more) = trace("outside")
    assert fired["rule"] == "dishonest-debtor"
    assert fired["saw"] == {"judicial.is-dishonest-debtor": "true"}
    row = Decision.objects.get()
    inputs = unseal(row.inputs_sealed, Decision, "inputs_sealed", row.pk)
    asked = Inquiry.objects.get(source="judicial")
    assert ["judicial.is-dishonest-debtor", "flag", "true", asked.answered_at.isoformat()] in [
        one[:4] for one in inputs["features"]
    ]
    # Taken back afterwards, it feeds nothing new, and the record gives the same answer again.
    taken_back = WithdrawConsent(user_id=known.user_id, kind="public_records")
    withdraw_consent(taken_back, call(actor=known.actor))
    left = {one.source for one in features_of(known.party_id, call().at)}
    assert left == {"identity", "score"}
    assert check_decisions().broken == 0


def test_a_low_score_outside_brings_a_person(call, clock, known, sources):
    put_in_force(call, clock)
    calm = {"judgments": 0, "enforcements": 0, "is_dishonest_debtor": False, "owed": 0}
    sources.say("judicial", resident(1), **calm)
    sources.say("score", resident(1), score=499)
    view = hand_in(call, sources, known)
    assert view.row.state == "referred"
    assert told(view) == ["外部评分 499 分，低于自动审批所需的 500 分，需要人工审核。"]


def test_a_source_that_is_silent_makes_no_rule_fire(call, clock, known, sources):
    put_in_force(call, clock)
    sources.faults(fail=-1)
    view = hand_in(call, sources, known)
    assert Inquiry.objects.filter(outcome="failed").count() >= 3
    assert view.row.state == "approved"
    assert trace("outside") == []


@pytest.mark.parametrize("silent", ["", "identity"])
def test_another_name_is_never_approved_by_the_system(call, known, sources, silent):
    sources.bind("name", resident(1), "王晓明")
    if silent:
        sources.faults(fail=2, only=silent)
    view = hand_in(call, sources, known)
    assert view.row.state == "referred"
    assert told(view) == ["登记的姓名或名称与证件号码没有核对一致，需要人工审核。"]
    assert [one["rule"] for one in trace("identity")] == ["identity-differs"]
    assert check_decisions().broken == 0


def test_whoever_takes_consent_back_after_a_no_still_goes_to_a_person(call, known, sources):
    sources.bind("name", resident(1), "王晓明")
    wanted = OpenInquiry(
        source="identity", party_id=known.party_id, user_id=known.user_id, purpose="identity-check"
    )
    open_inquiry(wanted, call(actor=known.actor))
    sources.work()
    taken_back = WithdrawConsent(user_id=known.user_id, kind="identity_check")
    withdraw_consent(taken_back, call(actor=known.actor))
    application_id = fill_in(call, known, "consumer-monthly")
    features = features_of(known.party_id, call().at)
    command = Submit(application_id=application_id, history=NO_HISTORY, features=features)
    submit(command, call(actor=known.actor))
    view = get_application(application_id, known.user_id)
    assert view.row.state == "referred"
    assert told(view) == ["登记的姓名或名称与证件号码没有核对一致，需要人工审核。"]
    assert check_decisions().broken == 0


def test_ones_own_name_is_no_matter_for_a_person(call, known, sources):
    assert hand_in(call, sources, known).row.state == "approved"


@pytest.mark.parametrize("kind", ["name", "representative"])
def test_a_firm_of_another_name_or_representative_goes_to_a_person(call, firm, sources, kind):
    agree(call, firm.user_id)
    sources.bind(kind, credit_code(2), "另一家公司" if kind == "name" else "李四")
    view = hand_in(call, sources, firm, "working-capital")
    assert view.row.state == "referred"
    assert "identity-differs" in [one.code for one in view.reasons]


CALM = {
    "registry": {
        "verdict": "same",
        "representative": "same",
        "status": "active",
        "founded_on": "2018-05-14",
        "capital": 500_000_000,
        "is_listed_abnormal": False,
    },
    "judicial": {"judgments": 0, "enforcements": 0, "is_dishonest_debtor": False, "owed": 0},
    "tax": {
        "invoiced_12m": 550_000_000,
        "invoiced_prior_12m": 520_000_000,
        "months_without_invoice": 0,
        "largest_customer_share": "0.31",
        "tax_paid_12m": 20_000_000,
        "grade": "B",
        "arrears": 0,
    },
}


def firm_hands_in(call, clock, firm, sources, **changes):
    """A firm of which the sources tell nothing bad but `changes`, by source, applies."""
    put_in_force(call, clock, code="business")
    agree(call, firm.user_id)
    for source, calm in CALM.items():
        sources.say(source, credit_code(2), **{**calm, **changes.get(source, {})})
    return hand_in(call, sources, firm, "working-capital")


def test_a_firm_is_asked_about_at_the_register_the_courts_and_the_tax_office(
    call, clock, firm, sources
):
    view = firm_hands_in(call, clock, firm, sources)
    assert view.row.state == "approved"
    assert set(Inquiry.objects.values_list("source", flat=True)) == {
        *("registry", "judicial", "tax")
    }
    assert trace("outside") == []
    row = Decision.objects.get()
    inputs = unseal(row.inputs_sealed, Decision, "inputs_sealed", row.pk)
    known = {name: (value, as_of) for name, _kind, value, as_of, _source in inputs["features"]}
    asked = Inquiry.objects.get(source="tax")
    assert known["tax.invoiced-12m"] == ("5500000", asked.answered_at.isoformat())
    assert asked.answered_at <= row.decided_at


@pytest.mark.parametrize(
    ("changes", "state", "rules", "sentence"),
    [
        (
            {"registry": {"status": "revoked"}},
            "declined",
            ["registration-ended"],
            "企业登记信息显示，贵企业已被吊销或注销。",
        ),
        (
            {"judicial": {"judgments": 1, "enforcements": 1, "owed": 8_000_000}},
            "referred",
            ["enforcement-open"],
            "法院公开信息显示贵企业有 1 件执行案件，未履行 80000.00 元，需要人工审核。",
        ),
        (
            {"registry": {"founded_on": "2021-03-01"}},
            "referred",
            ["younger-than-stated"],
            "填写的经营时间为 72 个月，按登记的成立日期只满 4 年，需要人工审核。",
        ),
        (
            {"tax": {"arrears": 1_234_500, "grade": "D", "largest_customer_share": "0.725"}},
            "referred",
            ["tax-arrears", "tax-grade-low", "one-customer"],
            "税务信息显示欠税 12345.00 元，需要人工审核。",
        ),
        (
            {"tax": {"invoiced_12m": 300_000_000, "months_without_invoice": 4}},
            "referred",
            ["invoices-stopped", "invoices-fallen", "revenue-above-invoices"],
            "填写的年营业收入为 6000000.00 元，近 12 个月开票为 3000000.00 元，需要人工审核。",
        ),
    ],
    ids=["revoked", "enforced", "younger", "tax", "invoices"],
)
def test_what_is_told_of_a_firm_stands_in_its_way_and_is_told(
    call, clock, firm, sources, changes, state, rules, sentence
):
    view = firm_hands_in(call, clock, firm, sources, **changes)
    assert view.row.state == state
    assert [one["rule"] for one in trace("outside")] == rules
    assert sentence in told(view)
    assert not any("{" in one for one in told(view))
    assert check_decisions().broken == 0


@pytest.mark.parametrize("silent", ["all", "tax"])
def test_a_firm_of_which_a_source_says_nothing_goes_to_a_person(call, clock, firm, sources, silent):
    put_in_force(call, clock, code="business")
    agree(call, firm.user_id)
    for source, calm in CALM.items():
        sources.say(source, credit_code(2), **calm)
    if silent == "all":
        sources.faults(fail=-1)
    else:
        # Its ticket is still open when the application is handed in.
        sources.faults(ticket_ms=60_000)
    view = hand_in(call, sources, firm, "working-capital")
    assert view.row.state == "referred"
    assert trace("outside") == []
    missing = next(one for one in view.reasons if one.code == "fact-missing")
    names = missing.facts["facts_missing"].split(",")
    everything = ["judicial.is-dishonest-debtor", "registry.status", "tax.invoiced-12m"]
    assert names == (everything if silent == "all" else everything[2:])
    (sentence,) = told(view)
    assert "近 12 个月开票" in sentence
    assert "tax." not in sentence
