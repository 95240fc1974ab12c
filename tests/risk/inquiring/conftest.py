"""A person and a firm who agreed to everything, and how their sources are asked."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from rongqiao.parties.operations.consents.give_consent import GiveConsent, give_consent
from rongqiao.parties.operations.phones.set_phone import SetPhone, set_phone
from rongqiao.policies.consents import TEXTS
from rongqiao.risk.models.inquiries import Inquiry
from rongqiao.risk.operations.inquiring.open_inquiry import OpenInquiry, open_inquiry
from tests.parties.people import actor, make_firm, make_person


@dataclass(frozen=True)
class Subject:
    """Who is asked about."""

    user_id: UUID
    party_id: UUID


def agree(call, user_id, *kinds):
    for text in TEXTS:
        if not kinds or text.kind in kinds:
            given = GiveConsent(user_id=user_id, kind=text.kind, version=text.version)
            give_consent(given, call(actor=actor(user_id)))


@pytest.fixture
def person(call):
    """A person with a proved phone, who agreed to everything."""
    user_id, party_id = make_person(call, 1)
    phone = SetPhone(user_id=user_id, phone="13800138000", is_proved=True)
    set_phone(phone, call(actor=actor(user_id)))
    agree(call, user_id)
    return Subject(user_id, party_id)


@pytest.fixture
def firm(call, person):
    """The person's firm."""
    return Subject(person.user_id, make_firm(call, person.user_id, 1))


@pytest.fixture
def ask(call, sources):
    """Return `ask(subject, source, …)`: open an inquiry, do its jobs, return its row."""

    def go(subject, source, *, by=None, is_asked=True, purpose="application", **more):
        command = OpenInquiry(
            source=source,
            party_id=subject.party_id,
            user_id=subject.user_id,
            purpose=purpose,
            **more,
        )
        opened = open_inquiry(command, call(actor=by or actor(subject.user_id)))
        if is_asked:
            sources.work()
        return Inquiry.objects.get(pk=opened.inquiry_id)

    go.jobs, go.waiting = sources.work, sources.waiting
    return go
