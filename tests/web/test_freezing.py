"""Money that is set aside because its owner is on a list, and its end by two officers."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations.hold import hold
from rongqiao.money.ledger.operations.refusals import InsufficientFunds
from rongqiao.money.ledger.queries.books import account_state
from rongqiao.platform.operations import operation
from rongqiao.platform.refusals import NotFound
from rongqiao.risk.jobs.laundering import keep_all_frozen
from rongqiao.risk.models.laundering.casework import CaseNote
from rongqiao.risk.models.laundering.freezing import Freeze, FrozenSum
from rongqiao.risk.operations.laundering.freezing.end_freeze import EndFreeze, end_freeze
from rongqiao.risk.operations.laundering.freezing.keep_frozen import KeepFrozen, keep_frozen
from tests.makers.officers import make_officer, pay_in
from tests.parties.people import actor
from tests.web.finance_desk import client_of, rows_of_csv, text_of
from tests.web.test_laundering import REASON, act, alert, hire, officers, owner_of

pytestmark = pytest.mark.usefixtures("static_files")
__all__ = ["alert", "hire", "officers"]
WHY = "与名单人员出生地不同，公安已书面排除"


@pytest.fixture
def finance(clock):
    return make_officer(clock), make_officer(clock)


@pytest.fixture
def frozen(officers, alert, call, finance):
    """A customer with 300 yuan whose money was frozen."""
    pay_in(call, finance, alert.party_id, "300.00", serial="SER-1")
    act(
        officers[0],
        "laundering-alert-act",
        alert.pk,
        "pursue-listed",
        reason=REASON,
        is_frozen="on",
    )
    return Freeze.objects.get()


def money_of(freeze):
    state = account_state(f"wallet:{freeze.party_id}")
    return state.held.minor, state.available.minor


def test_a_freeze_ends_by_two_and_gives_back_what_it_kept(officers, frozen):
    one, other = officers
    assert money_of(frozen) == (300_00, 0)
    page = text_of(one.get(reverse("laundering-freeze", args=[frozen.pk])))
    assert frozen.number in page
    assert "300.00" in page
    assert act(one, "laundering-freeze-act", frozen.pk, "propose", reason=" ").status_code == 422
    assert act(one, "laundering-freeze-act", frozen.pk, "propose", reason=WHY).status_code == 302
    own = act(one, "laundering-freeze-act", frozen.pk, "approve")
    assert own.status_code == 422
    assert "另一位合规人员" in text_of(own)
    assert money_of(frozen) == (300_00, 0)
    assert WHY in text_of(other.get(reverse("laundering-freeze", args=[frozen.pk])))
    assert act(other, "laundering-freeze-act", frozen.pk, "approve").status_code == 302
    assert money_of(frozen) == (0, 300_00)
    frozen.refresh_from_db()
    assert frozen.state == "ended"
    assert act(other, "laundering-freeze-act", frozen.pk, "approve").status_code == 422
    steps = set(CaseNote.objects.values_list("step", flat=True))
    assert {"frozen", "set-aside", "end-asked", "unfrozen"} <= steps
    case = text_of(one.get(reverse("laundering-case", args=[frozen.case_id])))
    assert frozen.number in case


def test_the_end_can_be_denied_and_asked_for_again(officers, frozen):
    one, other = officers
    act(one, "laundering-freeze-act", frozen.pk, "propose", reason=WHY)
    assert act(other, "laundering-freeze-act", frozen.pk, "keep", reason="").status_code == 422
    assert (
        act(other, "laundering-freeze-act", frozen.pk, "keep", reason="缺公函").status_code == 302
    )
    frozen.refresh_from_db()
    assert (frozen.state, frozen.proposed_by, frozen.reason_sealed) == ("in-force", "", None)
    assert money_of(frozen) == (300_00, 0)
    assert act(other, "laundering-freeze-act", frozen.pk, "propose", reason=WHY).status_code == 302


def test_what_comes_in_meanwhile_is_frozen_too_and_all_of_it_is_given_back(
    officers, frozen, call, clock, finance, django_assert_num_queries
):
    one, other = officers
    pay_in(call, finance, frozen.party_id, "40.00", serial="SER-2")
    assert money_of(frozen) == (300_00, 40_00)
    assert keep_all_frozen() == 1
    assert money_of(frozen) == (340_00, 0)
    with django_assert_num_queries(2):
        assert keep_all_frozen() == 0
    clock.move(timedelta(minutes=1))
    # A round that finds nothing any more does not stand in the way of the next.
    keep_frozen(KeepFrozen(freeze_id=frozen.pk), call(actor="system:test"))
    pay_in(call, finance, frozen.party_id, "5.00", serial="SER-3")
    assert keep_all_frozen() == 1
    rows = rows_of_csv(one.get(reverse("laundering-freezes"), {"format": "csv"}))
    assert [row["冻结金额"] for row in rows] == ["345.00"]
    act(one, "laundering-freeze-act", frozen.pk, "propose", reason=WHY)
    act(other, "laundering-freeze-act", frozen.pk, "approve")
    assert money_of(frozen) == (0, 345_00)
    pay_in(call, finance, frozen.party_id, "6.00", serial="SER-4")
    assert keep_all_frozen() == 0
    assert money_of(frozen) == (0, 351_00)


def test_an_empty_wallet_is_frozen_and_so_is_what_comes_later(officers, alert, call, finance):
    act(
        officers[0],
        "laundering-alert-act",
        alert.pk,
        "pursue-listed",
        reason=REASON,
        is_frozen="on",
    )
    freeze = Freeze.objects.get()
    assert not FrozenSum.objects.exists()
    pay_in(call, finance, alert.party_id, "10.00", serial="SER-2")
    keep_all_frozen()
    assert money_of(freeze) == (10_00, 0)


def test_frozen_money_cannot_be_spent(frozen, call):
    @operation(f"test.spend-{uuid4()}", restore=None)
    def spend(command, call):
        hold(f"wallet:{frozen.party_id}", Money.yuan("0.01"), "OUT-1", call)

    with pytest.raises(InsufficientFunds):
        spend(EndFreeze(freeze_id=frozen.pk, word="x"), call(actor="system:test"))


def test_nobody_but_compliance_ends_a_freeze_and_nobody_alone(frozen, call, clock):
    outsider = make_officer(clock, role="administrator")
    command = EndFreeze(freeze_id=frozen.pk, word="propose", reason=WHY)
    with pytest.raises(NotFound):
        end_freeze(command, call(actor=actor(outsider)))
    with pytest.raises(IntegrityError), transaction.atomic():
        Freeze.objects.filter(pk=frozen.pk).update(
            state="ended",
            proposed_by="user:a",
            proposed_at=clock.now(),
            reason_sealed=b"x",
            decided_by="user:a",
            decided_at=clock.now(),
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM risk_freeze AS t")
        assert WHY.encode().hex() not in cursor.fetchone()[0]


def test_the_owner_learns_nothing_from_the_end(officers, frozen):
    one, other = officers
    act(one, "laundering-freeze-act", frozen.pk, "propose", reason=WHY)
    act(other, "laundering-freeze-act", frozen.pk, "approve")
    owner = client_of(owner_of(frozen.party_id))
    wallet = text_of(owner.get(reverse("wallet")))
    for word in ("洗钱", "制裁", "名单", "可疑", "合规", "解除", frozen.number):
        assert word not in wallet
