"""What the public addresses answer: bad input in one sentence, nothing lost, few queries."""

import re
from decimal import Decimal

import pytest
from django.conf import settings
from django.test import Client

from tests.makers import journeys
from tests.parties.people import make_person
from tests.web.test_public import PAGES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


@pytest.fixture
def shop(clock, call):
    """A client of a platform with its first products."""
    staff = journeys.make_staff(call)
    journeys.publish_first_products(call, staff)
    return Client()


BAD_AMOUNTS = [
    "-1",
    "0",
    "999.99",
    "200000.01",
    "1e3",
    "NaN",
    "Infinity",
    "１０００",
    "1,000",
    "5000.001",
    "9" * 40,
    "five",
    "<b>5</b>",
    "5000\x00",
]


@pytest.mark.parametrize("amount", BAD_AMOUNTS)
def test_a_wrong_amount_is_answered_in_one_sentence_and_kept(shop, amount):
    answer = shop.get(
        "/calculator/",
        {"product": "consumer-monthly", "amount": amount, "term": "12", "grade": "C"},
    )
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert list(errors) == ["amount"]
    (sentence,) = errors["amount"]
    assert "\x00" in amount or "借款金额" in sentence
    assert "\x00" in amount or "1000.00 到 200000.00" in sentence
    assert answer.context["form"]["amount"].value() == amount
    assert answer.context["form"]["term"].value() == "12"


@pytest.mark.parametrize("term", ["0", "-3", "37", "2", "1.5", "１２", "十二", "", "9" * 12])
def test_a_wrong_term_is_answered_in_one_sentence(shop, term):
    answer = shop.get("/calculator/", {"amount": "5000", "term": term, "grade": "C"})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["term"]


def test_an_unknown_grade_field_or_product_is_refused(shop):
    wrong = {"amount": "5000", "term": "12", "grade": "Z"}
    assert list(shop.get("/calculator/", wrong).context["form"].errors) == ["grade"]
    more = {"amount": "5000", "term": "12", "grade": "C", "is_staff": "1"}
    assert "is_staff" in str(shop.get("/calculator/", more).context["form"].errors)
    assert shop.get("/calculator/", {"product": "free-money"}).status_code == 404
    assert shop.get("/products/free-money/").status_code == 404
    assert shop.get("/estimate/", {"who": "ghost"}).status_code == 404


@pytest.mark.parametrize("name", ["monthly_income", "monthly_debt_service"])
@pytest.mark.parametrize("value", ["-1", "NaN", "1.234", "９９", "", "9" * 30])
def test_a_wrong_answer_of_the_estimate_names_its_field(shop, name, value):
    given = {
        "monthly_income": "8000",
        "monthly_debt_service": "0",
        "months_established": "24",
        "term": "12",
        name: value,
    }
    answer = shop.get("/estimate/", given)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [name]
    assert answer.context["found"] is None


def test_who_cannot_borrow_now_reads_why(shop):
    given = {
        "monthly_income": "0",
        "monthly_debt_service": "0",
        "months_established": "1",
        "term": "12",
    }
    answer = shop.get("/estimate/", given)
    assert not answer.context["found"].amount_high
    assert all(reason.why for reason in answer.context["reasons"])
    assert "现在还借不到这款产品" in answer.content.decode()


def test_a_product_that_counts_by_the_quarter_says_so(shop):
    asked = {"product": "quarterly-interest", "amount": "100000", "term": "4", "grade": "A"}
    answer = shop.get("/calculator/", asked)
    page = answer.content.decode()
    assert next(row.interest for row in answer.context["plan"].cost.rows) > 100_000
    assert len(answer.context["plan"].cost.rows) == 4
    assert "4 个季度" in page
    assert '<span class="muted">个季度</span>' in page
    product = shop.get("/products/quarterly-interest/").content.decode()
    assert "1 个季度 – 8 个季度" in product
    assert "按季计息" in product
    english = shop.get("/calculator/", asked, headers={"accept-language": "en"}).content.decode()
    assert "4 quarters" in english
    estimate = shop.get("/estimate/", {"who": "organization", "product": "quarterly-interest"})
    assert estimate.context["form"].fields["term"].initial == 4


def test_a_rate_that_floats_says_that_it_may_change_and_what_that_costs(shop):
    asked = {"product": "prime-linked", "amount": "100000", "term": "12", "grade": "A"}
    answer = shop.get("/calculator/", asked)
    plan = answer.context["plan"]
    assert plan.rate_annual == Decimal("0.058")
    assert plan.floating["points"] == "+280"
    assert plan.floating["more"].minor > 50_000
    said = "利率会变：以 1年期LPR（2025-12-22 公布，3.00%）+280 个基点确定，每年1月1日"
    more = f"若年利率自始高 1 个百分点，利息合计多 ¥{plan.floating['more'].text()}"
    assert said in answer.content.decode()
    assert more in answer.content.decode()
    assert said.replace("280", "640") in shop.get("/products/prime-linked/").content.decode()
    given = {
        "who": "organization",
        "product": "prime-linked",
        "monthly_income": "60000",
        "monthly_debt_service": "2000",
        "months_established": "72",
        "revenue_annual": "6000000",
        "term": "12",
    }
    estimate = shop.get("/estimate/", given)
    assert estimate.context["floating"]["more"].minor > 0
    assert "利率会变" in estimate.content.decode()
    fixed = shop.get("/calculator/", {**asked, "product": "working-capital"}).content.decode()
    assert "利率会变" not in fixed


def test_a_plan_that_makes_no_sense_is_left_out_of_the_comparison_and_named(shop):
    codes = ["consumer-monthly:100000:12:C", "consumer-monthly:1:1:Z", "nonsense"]
    answer = shop.get("/compare/", {"plan": codes})
    assert len(answer.context["columns"]) == 1
    assert len(answer.context["wrong"]) == 2
    five = {"plan": [f"consumer-monthly:{n}0000:12:C" for n in range(1, 6)]}
    assert len(shop.get("/compare/", five).context["columns"]) == 4
    four = [f"consumer-monthly:{n}0000:12:C" for n in range(1, 5)]
    more = {"product": "consumer-monthly", "amount": "90000", "term": "12", "grade": "C"}
    refused = shop.get("/compare/", {"plan": four, **more})
    assert refused.status_code == 422
    assert "最多同时对比 4 个方案" in refused.content.decode()


def test_pages_ask_the_database_no_more_for_more_products(shop, django_assert_max_num_queries):
    for path in ("/", "/products/", "/compare/", "/calculator/", "/estimate/"):
        shop.get(path)
        with django_assert_max_num_queries(3):
            assert shop.get(path).status_code == 200


def test_before_any_product_is_published_the_pages_say_so(clock):
    for path in ("/", "/products/", "/compare/", "/calculator/", "/estimate/"):
        answer = Client().get(path)
        assert answer.status_code == 200
        assert "目前没有在售的产品" in answer.content.decode()


def test_robots_are_shown_the_map_and_kept_from_what_is_private(shop):
    robots = shop.get("/robots.txt").content.decode()
    assert "Disallow: /my/" in robots
    assert "http://testserver/sitemap.xml" in robots
    listed = shop.get("/sitemap.xml").content.decode()
    assert "http://testserver/products/consumer-monthly/" in listed


def test_after_logging_in_everybody_lands_on_their_own_page(clock, call, django_user_model):
    staff = journeys.make_staff(call)
    client = Client()
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    client.force_login(django_user_model.objects.get(pk=staff.reviewer), backend=backend)
    assert client.get("/home/").headers["Location"] == "/desk/"
    user_id, _ = make_person(call, 1)
    client.force_login(django_user_model.objects.get(pk=user_id), backend=backend)
    assert client.get("/home/").headers["Location"].startswith("/my/")
    assert Client().get("/home/").headers["Location"].startswith("/account/login/")


def test_an_address_that_is_not_there_carries_its_request_id(shop):
    answer = shop.get("/nowhere/")
    assert answer.status_code == 404
    assert answer.headers["X-Request-Id"] in answer.content.decode()


def test_the_part_and_the_page_are_never_mistaken_for_each_other(shop):
    whole = shop.get("/calculator/")
    part = shop.get("/calculator/", headers={"HX-Request": "true"})
    assert "<html" in whole.content.decode()
    assert "<html" not in part.content.decode()
    assert "HX-Request" in whole.headers["Vary"]


def test_in_english_nothing_is_left_in_chinese(shop):
    shop.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    for path in PAGES:
        text = shop.get(path).content.decode().replace(settings.OPERATOR_NAME, "")
        assert '<html lang="en">' in text
        left = set(re.findall("[\u4e00-\u9fff，。；：（）「」]+", text)) - {"中文"}
        assert left == set(), path


def test_the_language_that_was_chosen_stays_and_comes_back_to_the_page(shop):
    answer = shop.post("/language/", {"language": "en", "next": "/cost/"})
    assert answer.headers["Location"] == "/cost/"
    assert "How cost is counted" in shop.get("/cost/").content.decode()
    away = shop.post("/language/", {"language": "en", "next": "https://elsewhere.example/"})
    assert away.headers["Location"] == "/"
