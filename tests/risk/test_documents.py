"""A policy's document: one canonical form, strict reading, and every fault named with its place."""

import copy
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.risk.judging.document import canonical, from_bytes, read_policy, sha256
from rongqiao.risk.judging.schema import BadPolicy
from tests.makers.policies import SALT, document, with_table

RULE = {
    "code": "many-inquiries",
    "when": "bureau.inquiries > 6",
    "outcome": "decline",
    "reason": "many-inquiries",
    "facts": {"count": "bureau.inquiries"},
    "again": {"days": 30},
}
INQUIRIES = {"name": "bureau.inquiries", "type": "number", "unit": "count", "missing": "refer"}
TEXT = {
    "code": "many-inquiries",
    "zh": "近期查询 {count} 次。",
    "en": "{count} inquiries lately.",
    "help_zh": "减少申请。",
    "help_en": "Apply less often.",
}


def tried(**changes):
    return with_table([{**RULE, **changes}], features=[INQUIRIES], reasons=[TEXT])


def test_a_good_document_reads_and_has_one_text():
    made = tried()
    policy = read_policy(made)
    assert policy.tables[-1].rules[0].when.names == ("bureau.inquiries",)
    assert policy.sha256 == sha256(made)
    shuffled = dict(reversed(list(made.items())))
    assert canonical(shuffled) == canonical(made)
    assert from_bytes(canonical(made)) == made


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"format": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"format": ' + b'{"a":' * 30 + b"1" + b"}" * 31,
        b'{"share": ' + b"9" * 5_000 + b"}",
        b"\xff{}",
        b"[]",
    ],
    ids=["open", "deep", "objects", "number", "letters", "list"],
)
def test_a_text_that_is_no_document_is_refused(body):
    with pytest.raises(BadPolicy):
        from_bytes(body)


def put(path, value):
    """Return a change that puts `value` at a path of keys and numbers; ... takes the key away."""

    def change(made):
        part = made
        for key in path[:-1]:
            part = part[key]
        if value is ...:
            del part[path[-1]]
        else:
            part[path[-1]] = value

    return change


TABLE = len(document()["tables"])
FAULTS = [
    (put(["format"], "rongqiao-policy-9"), "format", "the format is"),
    (put(["code"], "Consumer!"), "code", "is no code"),
    (put(["colour"], "red"), "", "no part called 'colour'"),
    (put(["grades"], ...), "", "'grades' is missing"),
    (put(["title"], {"zh": "策略"}), "title", "'en' is missing"),
    (put(["party_kind"], "dog"), "party_kind", "person, organization"),
    (put(["features", 1, "type"], "float"), "features[1].type", "number, text"),
    (put(["features", 1, "name"], "born-on"), "features[1]", "twice"),
    (put(["features", 1, "name"], "score"), "features[1].name", "reckoned"),
    (put(["features", 1, "name"], "a - b"), "features[1].name", "cannot be the name"),
    (put(["features", 1, "missing"], "ignore"), "features[1].missing", "unknown, refer"),
    (put(["features", 1, "missing"], {"use": "old"}), "features[1].missing.use", "a number"),
    (put(["score"], {}), "score", "either points or a model"),
    (put(["score"], {"model": "abc"}), "score.model", "sha256"),
    (put(["score", "points", "lines", 0, "name"], "shoe-size"), "score.points.lines[0].name", "no"),
    (
        put(["score", "points", "lines", 0, "bounds"], [["2", 1], ["1", 2]]),
        "score.points.lines[0].bounds[1][0]",
        "bounds rise",
    ),
    (put(["score", "points", "start"], 480.5), "score.points.start", "written as text"),
    (put(["score", "points", "start"], True), "score.points.start", "whole number"),
    (put(["grades", 1, "score_min"], 900), "grades[1].score_min", "highest score down"),
    (put(["affordability", "burden_max"], "lots"), "affordability.burden_max", "from 0 to 2"),
    (put(["affordability", "revenue_share_max"], "0.3"), "affordability", "'revenue-annual'"),
    (
        put(["pricing"], {"rates": [{"grade": "A", "rate_annual": "0.05"}]}),
        "pricing.rates",
        "grade",
    ),
    (
        put(
            ["pricing", "rates"],
            [
                {"grade": g, "rate_annual": r}
                for g, r in zip("ABCDE", ["0.2"] + ["0.1"] * 4, strict=True)
            ],
        ),
        "pricing.rates[1].rate_annual",
        "never has less",
    ),
    (
        put(["challenge"], {"policy": "f" * 64, "share": "1.5", "salt": SALT}),
        "challenge.share",
        "0",
    ),
    (put(["challenge"], {"policy": "f" * 64, "share": "0.5", "salt": "x"}), "challenge.salt", "8"),
    (put(["tables", TABLE, "hit"], "last"), f"tables[{TABLE}].hit", "first, collect"),
    (
        put(["tables", TABLE, "rules", 0, "when"], "bureau.inquiries >"),
        f"tables[{TABLE}].rules[0].when",
        "column 19: it ends early",
    ),
    (
        put(["tables", TABLE, "rules", 0, "when"], "bureau.enquiries > 6"),
        f"tables[{TABLE}].rules[0].when",
        "no feature of this policy",
    ),
    (
        put(["tables", TABLE, "rules", 0, "when"], "bureau.inquiries"),
        f"tables[{TABLE}].rules[0].when",
        "a flag is needed",
    ),
    (
        put(["tables", TABLE, "rules", 0, "reason"], "just-because"),
        f"tables[{TABLE}].rules[0].reason",
        "has no text",
    ),
    (
        put(["tables", TABLE, "rules", 0, "facts"], {}),
        f"tables[{TABLE}].rules[0].reason",
        "names the fact 'count'",
    ),
    (
        put(["tables", TABLE, "rules", 0, "again"], ...),
        f"tables[{TABLE}].rules[0].again",
        "never",
    ),
    (
        put(["tables", TABLE, "rules", 0, "again"], {"on": "bureau.inquiries"}),
        f"tables[{TABLE}].rules[0].again.on",
        "a date is needed",
    ),
    (
        put(["tables", TABLE, "rules", 0, "outcome"], "refer"),
        f"tables[{TABLE}].rules[0].again",
        "only",
    ),
    (
        put(["tables", TABLE, "rules", 0, "outcome"], "approve"),
        f"tables[{TABLE}].rules[0]",
        "no reason",
    ),
    (put(["tables", TABLE, "code"], "against"), f"tables[{TABLE}]", "twice"),
    (put(["reasons", 0, "zh"], "查询 {count.real} 次"), "reasons[0].zh", "between braces"),
    (put(["reasons", 0, "zh"], "查询 {count 次"), "reasons[0].zh", "expected '}'"),
    (put(["reasons", 0, "code"], "too-young"), "reasons[0].code", "has its text already"),
    (put(["tests", 0, "features", "shoe-size"], 44), "tests[0].features", "'shoe-size'"),
    (put(["tests", 0, "expect"], {"grade": "A"}), "tests[0].expect", "'outcome' is missing"),
    (put(["tests", 0, "case", "amount"], "1.005"), "tests[0].case.amount", "two decimals"),
    (put(["label"], "a\nb"), "label", "cannot be seen"),
    (put(["label"], "\ud800"), "label", "half of a character"),
]


@pytest.mark.parametrize(
    ("change", "where", "what"), FAULTS, ids=[f"{n}" for n in range(len(FAULTS))]
)
def test_a_fault_is_named_with_its_place(change, where, what):
    made = tried()
    change(made)
    with pytest.raises(BadPolicy) as raised:
        read_policy(made)
    assert raised.value.where == where
    assert what in raised.value.what
    assert "\n" not in raised.value.what


def places(value, path=()):
    yield path
    children = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, one in children:
        yield from places(one, (*path, key))


WHOLE = tried()
PLACES = [path for path in places(WHOLE) if path]
anything = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**30), 10**30),
        st.floats(),
        st.text(max_size=6),
        st.sampled_from(["refer", "never", "age > 3", "0.5", "number", {"use": "1"}, {"days": 3}]),
    ),
    lambda parts: st.one_of(
        st.lists(parts, max_size=3), st.dictionaries(st.text(max_size=5), parts, max_size=3)
    ),
    max_leaves=5,
)


@given(st.sampled_from(PLACES), anything)
def test_whatever_stands_anywhere_it_reads_or_is_told(path, value):
    made = copy.deepcopy(WHOLE)
    put(list(path), value)(made)
    try:
        assert read_policy(made).sha256 == sha256(made)
    except BadPolicy:
        return


@given(st.sampled_from(PLACES))
def test_no_part_may_be_left_out_or_changed_without_another_digest(path):
    made = copy.deepcopy(WHOLE)
    put(list(path), ...)(made)
    assert sha256(made) != sha256(WHOLE)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'"x"'])
def test_what_is_no_object_of_json_is_told(body):
    with pytest.raises(BadPolicy):
        from_bytes(body)


def test_one_changed_byte_is_another_digest_or_no_document():
    body = canonical(WHOLE)
    found = set()
    for at in range(0, len(body), 97):
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        try:
            found.add(sha256(from_bytes(changed)) == sha256(WHOLE))
        except BadPolicy:
            continue
    assert found == {False}


def test_numbers_keep_every_digit():
    made = tried(when="bureau.inquiries > 0.1")
    policy = read_policy(json.loads(canonical(made)))
    assert policy.tables[-1].rules[0].when.of({"bureau.inquiries": Decimal("0.1")}) is False
