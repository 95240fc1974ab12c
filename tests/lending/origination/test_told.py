"""Home, employer and contact: read in one form, sealed, optional, and seen by fraud's rules."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.lending.origination.intake.steps import BadAnswer, Field
from rongqiao.lending.origination.models import Application
from rongqiao.lending.origination.operations.applying.save_step import AnswerRefused
from rongqiao.platform import relay
from rongqiao.platform.models import OutboxEvent
from rongqiao.risk.models.fraud import FraudCase, Trace
from rongqiao.risk.queries.watching.marks import mark
from tests.makers.journeys import (
    PERSON_ANSWERS,
    fill_in,
    hand_in,
    make_borrower,
    make_firm_borrower,
    save,
    start,
)

HOME = "杭州市西湖区文三路 {0} 号 3 幢 501 室"
CONTACT = "138 0013 9999"
LINE = Field(name="employer_phone", kind="line", is_optional=True)
TEXT = Field(name="home_address", kind="text", low=6, high=120, is_optional=True)


def household(**told):
    return {**PERSON_ANSWERS, "household": {**PERSON_ANSWERS["household"], **told}}


def handed_in(call, number, **told):
    borrower = make_borrower(call, number)
    case = fill_in(call, borrower, "consumer-monthly", household(**told))
    hand_in(call, borrower, case)
    relay.drain(SUBSCRIBERS)
    return borrower


def codes(borrower):
    case = FraudCase.objects.filter(subject_id=borrower.party_id).first()
    return set(case.findings.values_list("code", flat=True)) if case else set()


def test_one_home_of_many_applicants_is_met_by_its_rule(call, products):
    people = [handed_in(call, number, home_address=HOME.format(12)) for number in range(1, 9)]
    assert "address-crowded" not in codes(people[6])
    assert "address-crowded" in codes(people[7])


def test_one_contact_of_many_homes_is_met_by_its_rule(call, products):
    told = {"contact_name": "王小明", "contact_relation": "friend", "contact_phone": CONTACT}
    people = [
        handed_in(call, number, home_address=HOME.format(number), **told) for number in range(1, 5)
    ]
    assert "contact-of-many" not in codes(people[2])
    assert "contact-of-many" in codes(people[3])


def test_what_is_told_is_kept_as_digests_and_sealed_alone(call, products):
    borrower = handed_in(call, 1, home_address=HOME.format(12), contact_phone=CONTACT)
    seen = set(Trace.objects.filter(subject_id=borrower.party_id).values_list("kind", flat=True))
    assert {"address", "contact"} <= seen
    assert Trace.objects.filter(index=mark("contact", "13800139999").raw).count() == 1
    told = str(list(OutboxEvent.objects.values_list("payload", flat=True)))
    row = bytes(Application.objects.get().answers_sealed)
    for clear in ("文三路", "13800139999"):
        assert clear not in told
        assert clear.encode() not in row


def test_nothing_of_it_must_be_told_and_a_firm_tells_where_it_works(call, products):
    assert codes(handed_in(call, 1)) == set()
    firm = make_firm_borrower(call, 1)
    case = start(call, firm, "working-capital")
    saved = save(call, firm, case, "business", operating_address=HOME.format(9))
    assert not [one for one in saved.missing if one.endswith("_address")]


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("contact_phone", "1380013"), ("home_address", "杭州"), ("contact_relation", "ghost")],
)
def test_what_cannot_be_is_refused_without_saying_it_again(call, products, field, wrong):
    borrower = make_borrower(call, 1)
    case = start(call, borrower, "consumer-monthly")
    with pytest.raises(AnswerRefused) as refused:
        save(call, borrower, case, "household", **{field: wrong})
    assert refused.value.facts["field"] == field
    if field != "contact_relation":
        assert wrong not in str(refused.value.facts)


@given(st.text(max_size=130))
def test_whatever_is_typed_is_read_once_and_for_all_or_refused(text):
    for field in (LINE, TEXT):
        with suppress(BadAnswer):
            read = field.read(text)
            assert field.read(read) == read


def test_a_line_of_a_firm_and_a_mobile_phone_are_both_numbers():
    assert LINE.read(" 0571-88886666 ") == "0571-88886666"
    assert LINE.read("（010）12345678-12") == "01012345678-12"
    assert LINE.read("+86 138-0013-8000") == "13800138000"
