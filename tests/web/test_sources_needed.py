"""An application has asked what its credit policy reads, and no more."""

from datetime import date

import pytest
from django.urls import reverse

from rongqiao.policies.credit.sources import SOURCES, WHO_IT_IS, sources_needed
from rongqiao.risk.judging.document import read_policy
from rongqiao.risk.models.inquiries import Inquiry
from rongqiao.risk.queries.policies.reading import features_read
from tests.makers.journeys import make_borrower, make_staff, publish_first_products, start
from tests.makers.outside import put_in_force, reading
from tests.makers.policies import document
from tests.parties.people import actor
from tests.web.test_my_inquiries import agree, post, signed_in

ALL = ("identity_check", "public_records", "credit_inquiry", "score_inquiry", "tax_invoice")


@pytest.fixture
def borrower(call):
    publish_first_products(call, make_staff(call))
    return make_borrower(call, 1)


@pytest.mark.parametrize("kind", ["person", "organization"])
def test_without_a_feature_of_theirs_only_who_it_is_is_asked(kind):
    assert sources_needed(kind, ["monthly-income", "score", "debt-share"]) == WHO_IT_IS[kind]


@pytest.mark.parametrize("source", SOURCES, ids=lambda one: one.code)
def test_a_source_is_asked_where_it_is_read_and_answers_about_such_a_party(source):
    for kind in ("person", "organization"):
        asked = sources_needed(kind, [f"{source.code}.{source.facts[0].name}"])
        assert set(asked) - set(WHO_IT_IS[kind]) <= {source.code}
        assert (source.code in asked) == (kind in source.about)


def test_a_feature_that_is_listed_but_read_nowhere_asks_nobody():
    listed = [{"name": "bureau.balance", "type": "number", "unit": "", "missing": "unknown"}]
    made = document()
    made["features"] += listed
    assert "bureau.balance" not in read_policy(made).names_read
    made["features"][-1] = {**listed[0], "missing": "refer"}
    assert "bureau.balance" in read_policy(made).names_read
    for key, value in (
        ("when", "bureau.balance > 1"),
        ("facts", {"days": "bureau.balance"}),
        ("again", {"on": "plus_months(decided-on, bureau.balance)"}),
    ):
        tried = document()
        tried["features"] += listed
        rule = next(
            one for one in tried["tables"][0]["rules"] if one["code"] == "currently-overdue"
        )
        rule[key] = value
        assert "bureau.balance" in read_policy(tried).names_read, key


def test_an_application_has_asked_what_its_policy_reads(
    call,
    clock,
    borrower,
    sources,
    static_files,
):
    client = signed_in(borrower.user_id)
    agree(client, *ALL)
    shipped = features_read("consumer", date(2026, 1, 5))
    assert sources_needed("person", shipped) == ("identity",)
    # Without an application there is no purpose but to know who it is.
    post(client, reverse("my-inquiries-begin"))
    sources.work()
    assert asked() == {"identity"}
    put_in_force(call, clock, reading("judicial.owed", "tax.grade"))
    post(client, reverse("my-inquiries-begin"))
    assert asked() == {"identity"}
    application_id = start(call, borrower, "consumer-monthly")
    shown = client.get(reverse("application-review", args=[application_id])).content.decode()
    assert "2 个来源中，1 个已有结果" in shown
    post(client, reverse("my-inquiries-begin"))
    sources.work()
    # The register of taxes answers nothing about a person.
    assert asked() == {"identity", "judicial"}
    assert sources.counted() == {"identity": 1, "judicial": 1}
    assert set(Inquiry.objects.values_list("asked_by", flat=True)) == {actor(borrower.user_id)}


def asked():
    return set(Inquiry.objects.values_list("source", flat=True))
