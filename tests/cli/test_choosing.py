"""Which product people of a simulation take: few of them another one, and the same at every run."""

from datetime import date

from rongqiao.cli.simulate.people import choosing
from rongqiao.cli.simulate.people.invented import invent
from rongqiao.cli.simulate.seed.public_sets import drawn

FIRST = date(2025, 1, 6)


def test_some_take_interest_first_and_at_every_run_the_same():
    for town in (invent, drawn):
        people = town(1, 400, 540, FIRST)
        assert people == town(1, 400, 540, FIRST)
        taken = {one.product for one in people}
        assert {"monthly-interest", "quarterly-interest", "prime-linked"} < taken
        share = sum(one.product.endswith("-interest") for one in people) / len(people)
        assert 0.01 < share < 0.12


def test_who_asks_for_too_little_or_too_long_takes_the_usual_product():
    numbers = range(200)
    small = {choosing.of_person(1, one, 4_999, 12, is_line=False) for one in numbers}
    long = {choosing.of_person(1, one, 50_000, 13, is_line=False) for one in numbers}
    assert small == long == {"consumer-monthly"}
    assert {choosing.of_firm(1, one, 49_999, 12, is_line=False) for one in numbers} == {
        ("working-capital", 12)
    }
    assert {choosing.of_firm(1, one, 60_000, 12, is_line=True) for one in numbers} == {
        ("daily-revolving", 12)
    }


def test_a_firm_that_pays_by_the_quarter_counts_its_terms_in_quarters():
    found = {choosing.of_firm(1, one, 100_000, 12, is_line=False) for one in range(200)}
    assert found == {("working-capital", 12), ("quarterly-interest", 4), ("prime-linked", 12)}
    short = {choosing.of_firm(1, one, 100_000, 3, is_line=False) for one in range(200)}
    assert short == {("working-capital", 3), ("quarterly-interest", 1)}
