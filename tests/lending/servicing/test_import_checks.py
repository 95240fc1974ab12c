"""The files of a portfolio are checked as a whole: every fault by file, line, field and value."""

import random
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from rongqiao.finance.allocation import Order
from rongqiao.finance.months import add_months
from rongqiao.finance.schedule.terms import Method
from rongqiao.lending.origination.intake.steps import SECTORS
from rongqiao.lending.servicing.engine import Life, PlanRule, Row, Terms
from rongqiao.lending.servicing.queries.amending.imports import check_portfolio, template
from rongqiao.lending.servicing.replay import Opened, Paid, replay
from rongqiao.lending.servicing.taking_over.columns import INDUSTRIES
from rongqiao.lending.servicing.taking_over.report import MOST_TOLD
from rongqiao.lending.servicing.taking_over.standing import standing_of
from rongqiao.web.backoffice.portfolio.importing.words import FAULTS
from tests.makers import journeys
from tests.makers.brought import Brought
from tests.parties.people import make_person

ON = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def products(call):
    journeys.publish_first_products(call, journeys.make_staff(call))


def two_loans():
    made = Brought()
    made.add("JK1", made.person(1))
    made.add("JK2", made.firm(2), unpaid=2, penalty=500, product="working-capital")
    return made


def faults(made):
    """What is told as (file, line, field, code), and every code has its sentence."""
    found = check_portfolio(made if isinstance(made, dict) else made.files(), ON)
    assert found.totals is None
    assert all(one.code in FAULTS for one in found.faults)
    return [
        (one.file.value, one.line, one.field, one.code.removeprefix("import."))
        for one in found.faults
    ]


def test_a_good_portfolio_has_no_fault_and_the_totals_by_class():
    made = Brought()
    made.add("JK1", made.person(1))
    made.add("JK2", made.person(2), unpaid=2, penalty=500)
    found = check_portfolio(made.files(), ON)
    assert found.faults == ()
    totals = found.totals
    assert (totals.loans, totals.borrowers, totals.instalments) == (2, 2, 24)
    # Four of twelve are due (20 September to 20 December); the second paid two of them.
    assert totals.principal.text() == "18000.00"
    # Sixteen of thirty-one days of the running month, for each loan; two months are unpaid.
    assert totals.interest.minor == 2 * 516 + 2_000
    assert totals.penalty.text() == "10.00"
    assert [(one.risk_class, one.loans) for one in totals.classes] == [
        ("pass", 1),
        ("special-mention", 1),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_usual_encodings_are_read(encoding):
    made = two_loans()
    assert check_portfolio(made.files(encoding), ON).faults == ()


def test_industries_are_those_of_an_application():
    assert set(INDUSTRIES.values()) == set(SECTORS)
    assert ("borrowers", 3, "industry", "cell-word") in faults(
        two_loans().set("borrowers", 3, "industry", "gambling")
    )


def test_the_templates_are_good_files_in_both_languages():
    for in_chinese in (True, False):
        names = ("borrowers", "loans", "instalments", "payments")
        files = {one: template(one, in_chinese=in_chinese).encode() for one in names}
        assert check_portfolio(files, ON).faults == ()


SPOILT = [
    ("borrowers", 2, "name", "=1+1", "identity-name-form"),
    ("borrowers", 2, "id_number", "110101199003070010", "identity-resident-id-check-digit"),
    ("borrowers", 3, "id_number", "911101080000000200", "identity-uscc-check-digit"),
    ("borrowers", 2, "phone", "12345", "identity-phone-form"),
    ("borrowers", 2, "kind", "robot", "cell-word"),
    ("borrowers", 2, "representative_name", "张三", "persons-have-none"),
    ("borrowers", 3, "representative_id", "", "cell-empty"),
    ("borrowers", 2, "reference", "", "cell-empty"),
    ("loans", 2, "number", "J" * 25, "cell-text"),
    ("loans", 2, "borrower", "K9", "borrower-unknown"),
    ("loans", 2, "product", "no-such", "product-unknown"),
    ("loans", 2, "principal", "12,000.00", "cell-amount"),
    ("loans", 2, "principal", "12000.001", "cell-amount"),
    ("loans", 2, "principal", "-12000", "cell-amount"),
    ("loans", 2, "principal", "12001.00", "principal-sum"),
    ("loans", 2, "annual_rate", "1e1", "cell-rate"),
    ("loans", 2, "method", "monthly", "cell-word"),
    ("loans", 2, "day_count", "30", "cell-word"),
    ("loans", 2, "lent_on", "2025-02-30", "cell-day"),
    ("loans", 2, "lent_on", "2026-01-06", "in-the-future"),
    ("instalments", 2, "no", "x", "cell-number"),
    ("instalments", 2, "no", "2", "number-out-of-order"),
    ("instalments", 3, "from_on", "2025-09-25", "dates-gap"),
    ("instalments", 3, "from_on", "2025-09-15", "dates-overlap"),
    ("instalments", 3, "due_on", "2025-09-20", "due-before-start"),
    ("instalments", 2, "principal_paid", "1000.01", "paid-too-much"),
    ("instalments", 7, "principal_paid", "1.00", "paid-ahead"),
    ("instalments", 7, "penalty", "1.00", "penalty-ahead"),
    ("instalments", 2, "settled_on", "", "settled-day-missing"),
    ("instalments", 2, "settled_on", "2026-01-06", "in-the-future"),
    ("instalments", 2, "settled_on", "2025-09-21", "settled-without-payment"),
    ("instalments", 2, "interest_paid", "0.00", "settled-not-paid"),
    ("payments", 2, "loan", "JK9", "loan-unknown"),
    ("payments", 2, "paid_on", "2026-01-06", "in-the-future"),
    ("payments", 2, "paid_on", "2025-08-19", "paid-before-lent"),
    ("payments", 2, "principal", "999.99", "paid-sum"),
]


@pytest.mark.parametrize(("file", "line", "field", "value", "code"), SPOILT)
def test_a_spoilt_cell_is_told_where_it_stands(file, line, field, value, code):
    told = faults(two_loans().set(file, line, field, value))
    places = [(one[0], one[3]) for one in told]
    wanted = "loans" if code in ("principal-sum", "paid-sum") else file
    assert (wanted, code) in places, told
    if wanted == file:
        assert any(one[1] == line and one[3] == code for one in told), told


def test_what_is_there_twice_is_told_with_the_first_line():
    made = two_loans()
    made.rows["borrowers"].append(list(made.rows["borrowers"][1]))
    made.rows["borrowers"].append(["K7", *made.rows["borrowers"][1][1:]])
    made.rows["loans"].append(list(made.rows["loans"][1]))
    told = faults(made)
    assert ("borrowers", 4, "reference", "twice") in told
    assert ("borrowers", 5, "id_number", "twice") in told
    assert ("loans", 4, "number", "twice") in told


def test_a_name_that_differs_from_the_registered_one_is_told(call):
    make_person(call, 1, name="张三")
    assert ("borrowers", 2, "name", "name-differs") in faults(two_loans())


def whole(**changed):
    return {**two_loans().files(), **changed}


@pytest.mark.parametrize(
    ("file", "spoil", "code"),
    [
        ("loans", lambda one: one[:-8], "file-cut"),
        ("loans", lambda one: one.replace(b"JK1", b'"JK1', 1), "quote"),
        ("loans", lambda one: b"", "file-empty"),
        ("loans", lambda one: b"\xff\xfe\xff" + one, "encoding"),
        ("loans", lambda one: one.replace(b"lent_on", b"lent_on,more", 1), "column-unknown"),
        ("loans", lambda one: one.replace(b"lent_on", b"number", 1), "column-twice"),
        ("loans", lambda one: one.replace(b"lent_on", b"penalty_rate", 1), "column-missing"),
        ("loans", lambda one: one.replace(b"JK1,", b"JK1,,", 1), "row-length"),
    ],
)
def test_a_damaged_file_is_told_as_one(file, spoil, code):
    spoilt = spoil(two_loans().files()[file])
    assert code in [one[3] for one in faults(whole(**{file: spoilt}))]


def test_damaged_utf8_is_not_taken_for_other_peoples_names():
    whole_file = two_loans().files()["borrowers"]
    at = whole_file.index("企业".encode())
    cut = whole_file[: whole_file.index("李大力".encode()) + 4]
    bent = whole_file[:at] + b"\xff" + whole_file[at + 1 :]
    assert faults(whole(borrowers=cut))[0] == ("borrowers", 3, "", "file-cut")
    assert faults(whole(borrowers=bent))[0] == ("borrowers", 3, "", "encoding")


def test_no_penalty_rate_at_all_may_be_agreed():
    made = two_loans().set("loans", 2, "penalty_rate", "0")
    assert check_portfolio(made.files(), ON).portfolio.loans[0].penalty_rate == 0
    made.set("loans", 2, "annual_rate", "0")
    assert ("loans", 2, "annual_rate", "cell-rate") in faults(made)


def test_a_file_that_is_not_there_is_told():
    files = two_loans().files()
    del files["payments"]
    assert ("payments", 0, "", "file-missing") in faults(files)


def test_all_faults_come_at_once_and_no_more_than_a_thousand_in_words():
    made = Brought()
    for number in range(1, 400):
        made.add(f"JK{number}", made.person(number, phone="1"), terms=3, product="none")
    for row in made.rows["instalments"][1:]:
        row[4] = "x"
    found = check_portfolio(made.files(), ON)
    assert len(found.faults) == MOST_TOLD
    assert found.fault_count > 1_500


def test_a_cell_like_a_formula_is_text():
    made = two_loans()
    made.set("borrowers", 2, "reference", '=HYPERLINK("x")').set(
        "loans", 2, "borrower", '=HYPERLINK("x")'
    )
    found = check_portfolio(made.files(), ON)
    assert found.faults == ()
    assert found.portfolio.loans[0].borrower == '=HYPERLINK("x")'


def test_the_class_is_the_one_that_every_day_of_the_life_would_have_given():
    """The sparse walk over settlements equals the replay day by day."""
    draw = random.Random(20260105)
    terms = Terms(penalty_rate=0, grace_days=0, is_penalty_on_interest=False)
    rule = PlanRule(Method.EQUAL_PRINCIPAL, Fraction(12, 100), "30/360")
    seen = set()
    for _ in range(150):
        lent_on = date(2023, 9, 20) + timedelta(days=draw.randrange(200))
        count = draw.choice((3, 12, 24))
        dates = [add_months(lent_on, at) for at in range(count + 1)]
        plan = [Row(no, dates[no - 1], dates[no], 1_000, 10, 0) for no in range(1, count + 1)]
        late, on, settled = draw.choice((0, 20, 130, 400)), ON, {}
        for row in plan:
            day = row.due_on + timedelta(days=draw.choice((0, 0, 0, late)))
            day = max([day, *settled.values()])
            if day > on or draw.random() < 0.03:
                break
            settled[row.no] = day
        paid = [Paid(on=day, ref=no, amount=1_010) for no, day in settled.items()]
        opened = Opened(
            on=lent_on,
            life=Life(terms=terms, rows=tuple(plan)),
            order=Order.BY_INSTALMENT,
            rule=rule,
        )
        lived = replay(opened, paid, on)
        rows = [
            replace(
                row,
                is_due=row.due_on <= on,
                principal_paid=1_000 if row.no in settled else 0,
                interest_paid=10 if row.no in settled else 0,
            )
            for row in plan
        ]
        stands = standing_of(rows, settled, on)
        seen.add(stands.risk_class)
        assert stands.risk_class == lived.risk_class, (lent_on, settled)
        assert stands.days_past_due == lived.life.days_past_due
        assert stands.worst == lived.worst
        assert stands.accrued == lived.life.accrued
        assert stands.state == lived.life.state
        assert stands.closed_on == lived.closed_on
    assert len(seen) >= 4
