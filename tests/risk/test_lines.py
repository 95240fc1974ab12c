"""The line of a score comes from what another score changes, whatever a policy decides by."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from rongqiao.finance.money import Money
from rongqiao.risk.judging.changing.lines import line_of
from rongqiao.risk.judging.changing.rereading import reread
from rongqiao.risk.judging.deciding import answer_bytes, decide
from rongqiao.risk.judging.document import read_policy
from rongqiao.risk.judging.points import ScorePart
from tests.makers.policies import document, with_table
from tests.risk.test_deciding import CASE, GOOD, INQUIRIES, TEXT, rule


def without_score_rules():
    made = document()
    made["tables"] = [one for one in made["tables"] if one["code"] not in ("score", "for-a-person")]
    return made


def of(made, features=GOOD, case=CASE, **options):
    return line_of(read_policy(made), features, case, **options)


def with_rules(*rules, hit="collect", **options):
    """The shipped policy, its own rules on the score taken out, and a table of these."""
    made = with_table(list(rules), features=[INQUIRIES], reasons=[TEXT], hit=hit, **options)
    made["tables"] = [one for one in made["tables"] if one["code"] not in ("score", "for-a-person")]
    return made


def test_the_shipped_policies_line_is_the_score_below_which_a_person_looks():
    assert of(document()) == 640
    large = replace(CASE, amount=Money.yuan("60000"))
    assert of(document(), case=replace(large, term_months=24)) == 640
    # Within a year the instalments are heavy, and at a dearer grade's rate too heavy.
    assert of(document(), case=large) == 680


def test_a_line_needs_no_fact_of_any_name():
    assert of(with_rules(rule("low", "score < 555", "refer"))) == 555
    assert of(with_rules(rule("low", "not (score > 600)", "refer"))) == 601


def test_a_grade_draws_a_line_and_so_does_what_its_rate_leaves():
    assert of(with_rules(rule("grade", 'grade in ("D", "E")', "refer"))) == 680
    assert of(with_rules(rule("dear", "rate > 0.10", "refer"))) == 740


def test_a_sum_draws_one_too():
    assert of(with_rules(rule("sum", "score * 2 + 7 < 1300", "refer"))) == 647


def test_a_rule_that_approves_draws_none_and_ends_its_table():
    rules = rule("safe", "score >= 710", "approve"), rule("rest", "age > 1", "refer")
    assert of(with_rules(*rules, hit="first")) == 710
    assert of(with_rules(rules[0])) is None


def test_who_decides_by_other_things_has_no_line():
    assert of(without_score_rules()) is None
    assert of(with_rules(rule("old", "age > 30", "refer"))) is None
    assert of(with_rules(rule("unknown", "score < bureau.inquiries", "refer"))) is None


@given(st.integers(-400, 1400), st.integers(300, 900))
def test_from_the_line_on_the_score_asks_for_nobody_and_below_it_does(points, bound):
    class Given:
        sha256, names = "a" * 64, ()

        def score(self, values):
            return points, (ScorePart("age", 1, 2),)

    made = with_rules(rule("low", f"score < {bound}", "refer"))
    made["score"] = {"model": Given.sha256}
    policy = read_policy(made)
    line = line_of(policy, GOOD, CASE, Given())
    assert line == bound
    assert (decide(policy, GOOD, CASE, Given()).outcome.value == "approve") is (points >= line)


def test_a_decision_is_read_again_rule_by_rule():
    rules = [
        rule("met", "score > 1", "refer"),
        rule("not-met", "age > 99"),
        rule("unknown", "bureau.inquiries > 3"),
    ]
    policy = read_policy(with_table(rules, features=[INQUIRIES], reasons=[TEXT]))
    read = reread(policy, GOOD, CASE)
    own = next(one for one in read.tables if {rule.code for rule in one.rules} >= {"met"})
    assert [one.told for one in own.rules] == ["met", "not-met", "unknown"]
    assert own.rules[0].saw == (("score", "810"),)
    assert own.rules[2].saw == (("bureau.inquiries", None),)
    assert own.rules[1].condition == "age > 99"
    assert [one.code for one in own.speaking] == ["met", "unknown"]
    assert sum(len(one.rules) for one in read.tables) == sum(
        len(one.rules) for one in policy.tables
    )
    assert answer_bytes(read.verdict) == answer_bytes(decide(policy, GOOD, CASE))
    assert Decimal(read.values["amount-offered"]) == 20000


def test_what_a_table_no_longer_looks_at_is_said_so():
    rules = [rule("first", "score > 1", "refer"), rule("second", "age > 1", "refer")]
    policy = read_policy(with_table(rules, features=[INQUIRIES], reasons=[TEXT], hit="first"))
    own = next(one for one in reread(policy, GOOD, CASE).tables if one.rules[0].code == "first")
    assert [one.told for one in own.rules] == ["met", "not-reached"]
