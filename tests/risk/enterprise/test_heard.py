"""What outside sources told of a firm becomes measures and conduct; silence becomes nothing."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.policies.credit.sources import BY_CODE
from rongqiao.risk.enterprise.heard import conduct_heard, counts_heard
from rongqiao.risk.enterprise.rating import _rules
from rongqiao.risk.enterprise.watching.warnings import level_of, signals, warning_rules

BAD = {
    "judicial.judgments": Decimal(3),
    "judicial.enforcements": Decimal(1),
    "judicial.is-dishonest-debtor": True,
    "tax.arrears": Decimal(60_000),
    "tax.invoiced-12m": Decimal(400),
    "tax.invoiced-prior-12m": Decimal(1000),
    "tax.months-without-invoice": Decimal(3),
    "tax.grade": "D",
    "tax.largest-customer-share": Decimal("0.7"),
}


def test_bad_news_is_grave_and_every_measure_is_one_that_a_rule_looks_at():
    found = counts_heard(BAD)
    assert set(found) <= {rule.measure for rule in warning_rules()}
    assert found["invoices-fall-yoy"] == Decimal("0.6")
    assert found["days-since-invoice"] == 90
    assert level_of(signals(found)) == "grave"


def test_conduct_is_by_codes_that_the_rating_knows():
    found = conduct_heard(BAD)
    assert set(found) <= {rule["code"] for rule in _rules()["conduct"]}
    assert found["tax-grade-d"] is True
    assert found["judicial-defendant"] == 3


@pytest.mark.parametrize("name", sorted(BAD))
def test_every_name_is_one_that_a_source_tells(name):
    source, _dot, fact = name.partition(".")
    assert fact in {one.name for one in BY_CODE[source].facts}


@given(
    st.dictionaries(st.sampled_from(sorted(BAD)), st.one_of(st.none(), st.text(), st.booleans()))
)
def test_what_is_not_known_says_nothing(known):
    plain = {name: None if isinstance(value, bool) else value for name, value in known.items()}
    assert counts_heard(plain) == {}
    assert set(conduct_heard(plain)) <= {"tax-grade-a", "tax-grade-d"}
