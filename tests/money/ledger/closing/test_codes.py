"""Accounting codes: each line of the chart has one, changed by two people from a date on."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from rongqiao.money.ledger.accounting_codes import AT_FIRST, is_code_for
from rongqiao.money.ledger.chart import NAMED, PREFIXED
from rongqiao.money.ledger.closing import CodeMapping
from rongqiao.money.ledger.operations.closing.codes.decide_mapping import (
    DecideMapping,
    decide_mapping,
)
from rongqiao.money.ledger.operations.closing.codes.propose_mapping import (
    ProposeMapping,
    propose_mapping,
)
from rongqiao.money.ledger.operations.closing.officers import AnotherPersonNeeded, NotWaiting
from rongqiao.money.ledger.queries.chart_of_accounts import (
    NO_CODE,
    codes_on,
    list_chart,
    list_mappings,
)
from rongqiao.platform.refusals import Refusal
from tests.money.ledger.closing.conftest import PRODUCT

pytestmark = pytest.mark.django_db

FEBRUARY = date(2026, 2, 1)


def propose(call, actor, **changes):
    values = {
        "line": "loan-principal", "product": PRODUCT, "code": "130301", "title": "贷款——小微",
        "effective_on": FEBRUARY, "reason": "分产品核算",
    } | changes  # fmt: skip
    return propose_mapping(ProposeMapping(**values), call(actor=actor))


def test_every_line_of_the_chart_has_a_code_of_its_own_class(db):
    lines = {**NAMED, **PREFIXED}
    assert {given.line for given in AT_FIRST} == set(lines)
    assert all(is_code_for(given.code, lines[given.line].family.value) for given in AT_FIRST)
    assert len({given.code for given in AT_FIRST}) == len(AT_FIRST)
    chart = list_chart(date(2026, 1, 5))
    assert {line.line for line in chart} == set(lines)
    assert all(line.code for line in chart)


def test_a_code_confirmed_by_a_second_officer_counts_from_its_date_on(call, officers, two_months):
    first, second = officers
    proposed = propose(call, first)
    assert codes_on(FEBRUARY).of(f"loan-principal:{PRODUCT}")[0] == "1303"
    with pytest.raises(AnotherPersonNeeded):
        decide_mapping(DecideMapping(mapping_id=proposed.mapping_id), call(actor=first))
    decide_mapping(DecideMapping(mapping_id=proposed.mapping_id), call(actor=second))
    assert codes_on(FEBRUARY).of(f"loan-principal:{PRODUCT}") == ("130301", "贷款——小微")
    assert codes_on(FEBRUARY).of("loan-principal:other")[0] == "1303"
    assert codes_on(date(2026, 1, 31)).of(f"loan-principal:{PRODUCT}")[0] == "1303"
    assert codes_on(date(1990, 1, 1)).of("wallet:x") == NO_CODE
    with pytest.raises(NotWaiting):
        decide_mapping(DecideMapping(mapping_id=proposed.mapping_id), call(actor=second))
    with pytest.raises(DatabaseError, match="it was decided"), transaction.atomic():
        CodeMapping.objects.filter(pk=proposed.mapping_id).update(code="130302")


def test_a_rejected_proposal_leaves_room_for_another(call, officers, two_months):
    first, second = officers
    proposed = propose(call, first)
    with pytest.raises(Refusal, match=r"ledger\.mapping-there"):
        propose(call, second)
    decide_mapping(
        DecideMapping(mapping_id=proposed.mapping_id, is_confirmed=False, reason="不分产品"),
        call(actor=second),
    )
    again = propose(call, second)
    states = {view.id: view.state for view in list_mappings(line="loan-principal")}
    assert states[proposed.mapping_id] == "rejected"
    assert states[again.mapping_id] == "proposed"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"line": "nothing"}, "ledger.mapping-line"),
        ({"line": "bank-charges", "code": "6603"}, "ledger.mapping-line"),
        ({"line": "wallet", "product": "x", "code": "2314"}, "ledger.mapping-line"),
        ({"product": "no-such"}, "ledger.mapping-line"),
        ({"code": "9999"}, "ledger.mapping-code"),
        ({"code": "6011"}, "ledger.mapping-code"),
        ({"code": "1303x"}, "ledger.mapping-code"),
        ({"code": "１３０３"}, "ledger.mapping-code"),
        ({"code": "13030"}, "ledger.mapping-code"),
        ({"title": ""}, "ledger.reason-needed"),
        ({"reason": ""}, "ledger.reason-needed"),
    ],
)
def test_a_code_that_fits_nothing_is_refused(call, officers, two_months, changes, code):
    with pytest.raises(Refusal) as refused:
        propose(call, officers[0], **changes)
    assert refused.value.code == code
