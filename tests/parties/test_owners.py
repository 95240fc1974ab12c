"""Beneficial owners: what a firm may declare, what is kept of it, who sees which part of it."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from rongqiao.parties.models import BeneficialOwner, OwnerDeclaration
from rongqiao.parties.operations import declare_owners as declaring
from rongqiao.parties.operations.declare_owners import (
    DeclaredOwner,
    DeclareOwners,
    declare_owners,
)
from rongqiao.parties.operations.refusals import NameForm, NotYours, ResidentIdCheckDigit
from rongqiao.parties.queries import is_own_affair
from rongqiao.parties.queries.owners import (
    declarations_of,
    owner_under,
    owners_in_force,
    standing_of,
)
from rongqiao.parties.queries.relations import own_affairs, with_same_person
from rongqiao.platform.models import OperationRecord, OutboxEvent
from rongqiao.platform.refusals import NotFound
from tests.parties.people import actor, at_once, make_firm, make_person, make_user, resident

TODAY = date(2026, 1, 5)


@pytest.fixture
def firm(call):
    """The user who stands for a firm, and the firm."""
    user_id, _own = make_person(call, 1)
    return user_id, make_firm(call, user_id, 1)


def owner(number, control="shares", share_bp=3000, **more):
    fields = {
        "row": 1,
        "name": "李国庆",
        "resident_id": resident(number),
        "since_on": date(2020, 5, 1),
    }
    return DeclaredOwner(control=control, share_bp=share_bp, **(fields | more))


def declared(call, firm, *owners, after=0):
    user_id, party_id = firm
    command = DeclareOwners(party_id=party_id, after=after, owners=owners)
    return declare_owners(command, call(actor=actor(user_id)))


def test_every_version_stays_and_lists_show_them_masked(firm, call, clock):
    declared(call, firm, owner(2), owner(3, name="欧阳建国", share_bp=2500, row=2))
    (first,) = declarations_of(firm[1])
    kept = first.owners[0]
    clock.move(timedelta(days=30))
    again = owner(0, "control", None, name="", resident_id="", same_as=kept.id)
    assert declared(call, firm, again, after=1).number == 2
    second, first = declarations_of(firm[1])
    shown = [(one.name, one.number, one.control, one.share_bp) for one in first.owners]
    assert shown == [
        ("李**", resident(2)[:4] + "*" * 10 + resident(2)[-4:], "shares", 3000),
        ("欧***", resident(3)[:4] + "*" * 10 + resident(3)[-4:], "shares", 2500),
    ]
    assert [(one.name, one.control) for one in second.owners] == [("李**", "control")]
    assert second.owners[0].mark == kept.mark
    assert (second.declared_by, second.declared_on) == (actor(firm[0]), TODAY)
    assert OwnerDeclaration.objects.get(number=1).shares_bp == 5500
    (full,) = owners_in_force(firm[1], TODAY)
    assert (full.name, full.resident.number) == ("李国庆", resident(2))
    gone = owner_under(firm[1], first.owners[1].mark, TODAY)
    assert gone.name == "欧阳建国"
    assert owner_under(firm[1], "0" * 12, TODAY) is None


WRONG = [
    (declaring.OwnersNeeded, []),
    (declaring.TooManyOwners, [owner(n, "control", None) for n in range(2, 13)]),
    (declaring.ShareOutOfBounds, [owner(2, "control", 0)]),
    (declaring.ShareOutOfBounds, [owner(2, "control", 10_001)]),
    (declaring.ShareTooSmall, [owner(2, "shares", 2_499)]),
    (declaring.ShareTooSmall, [owner(2, "votes", None)]),
    (declaring.MoreThanTheWhole, [owner(2, share_bp=5_000), owner(3, share_bp=5_001)]),
    (declaring.MoreThanTheWhole, [owner(2, share_bp=9_900), owner(3, "control", 101)]),
    (declaring.MoreThanTheWhole, [owner(2, "votes", 6_000), owner(3, "votes", 4_001)]),
    (declaring.OwnerTwice, [owner(2), owner(2, "control", None, row=2)]),
    (declaring.SinceOutOfBounds, [owner(2, since_on=date(2026, 1, 6))]),
    (declaring.SinceOutOfBounds, [owner(2, since_on=date(1990, 3, 6))]),
    (declaring.UnknownControl, [owner(2, "heart")]),
    (declaring.StandsAlone, [owner(2), owner(3, "manager", None)]),
    (declaring.StandsAlone, [owner(1, "state-owned", None), owner(3, "manager", None)]),
    (declaring.RepresentativeNeeded, [owner(2, "state-owned", None)]),
    (NameForm, [owner(2, name="1")]),
    (ResidentIdCheckDigit, [owner(2, resident_id=resident(2)[:17] + "0")]),
]


@pytest.mark.parametrize(("refusal", "owners"), WRONG)
def test_what_cannot_be_is_refused_and_nothing_is_kept(firm, call, refusal, owners):
    with pytest.raises(refusal):
        declared(call, firm, *owners)
    assert not OwnerDeclaration.objects.exists()
    assert not OutboxEvent.objects.filter(name="parties.owners-declared").exists()


@pytest.mark.parametrize(
    "owners",
    [
        [owner(n, share_bp=2_500) for n in range(2, 6)],
        [owner(2, share_bp=10_000), owner(3, "votes", 10_000)],
        [owner(2, "control", 1), owner(3, "control", None)],
        [owner(2, "manager", None)],
        [owner(1, "state-owned", None)],
        [owner(2, since_on=TODAY)],
    ],
)
def test_what_can_be_is_kept(firm, call, owners):
    assert declared(call, firm, *owners).number == 1
    assert BeneficialOwner.objects.count() == len(owners)


def test_a_line_that_is_wrong_is_named(firm, call):
    with pytest.raises(declaring.ShareTooSmall) as refused:
        declared(call, firm, owner(2), owner(3, share_bp=10, row=7))
    assert refused.value.facts["field"] == "share-7"


def test_only_who_acts_for_the_firm_declares_and_only_for_a_firm(firm, call):
    stranger, person = make_person(call, 9, name="赵敏")
    with pytest.raises(NotYours):
        declared(call, (stranger, firm[1]), owner(2))
    with pytest.raises(NotFound):
        declared(call, (stranger, person), owner(2))


def test_a_form_of_an_older_version_is_not_taken(firm, call):
    declared(call, firm, owner(2))
    old = declarations_of(firm[1])[0].owners[0].id
    with pytest.raises(declaring.DeclaredMeanwhile):
        declared(call, firm, owner(3))
    declared(call, firm, owner(3), after=1)
    with pytest.raises(declaring.DeclaredMeanwhile):
        declared(call, firm, owner(0, same_as=old, name="", resident_id=""), after=2)


def test_of_four_at_once_one_is_the_first_version(live_db, call):
    user_id, _own = make_person(call, 1)
    firm = user_id, make_firm(call, user_id, 1)

    def declaring_in(made):
        command = DeclareOwners(party_id=firm[1], after=0, owners=(owner(2),))
        return lambda: declare_owners(command, made)

    answers = at_once([declaring_in(call(actor=actor(user_id))) for _ in range(4)])
    assert sum(isinstance(one, declaring.DeclaredMeanwhile) for one in answers) == 3
    assert OwnerDeclaration.objects.count() == 1


def test_the_database_keeps_its_own_account(firm, call):
    declared(call, firm, owner(2))
    for statement in (
        "UPDATE parties_ownerdeclaration SET number = 9",
        "DELETE FROM parties_beneficialowner",
    ):
        with (
            pytest.raises(ProgrammingError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    row = OwnerDeclaration.objects.get()
    for total in ({"shares_bp": 10_001, "votes_bp": 0}, {"shares_bp": 0, "votes_bp": 10_001}):
        with pytest.raises(IntegrityError), transaction.atomic():
            OwnerDeclaration.objects.create(
                id=make_user(),
                organization_id=row.organization_id,
                number=2,
                declared_by="x",
                declared_at=row.declared_at,
                declared_on=TODAY,
                **total,
            )


def test_nothing_personal_stands_on_record_or_in_the_outbox(firm, call):
    declared(call, firm, owner(2, name="慕容雪"))
    told = str(list(OperationRecord.objects.values_list("request", "result")))
    told += str(list(OutboxEvent.objects.values_list("payload", flat=True)))
    assert "慕容雪" not in told
    assert resident(2) not in told
    assert "parties.owners-declared" in set(OutboxEvent.objects.values_list("name", flat=True))


def test_a_declaration_is_stale_after_a_year(firm, call, django_assert_num_queries):
    other = make_firm(call, firm[0], 2)
    _user, person = make_person(call, 8)
    declared(call, firm, owner(2))
    with django_assert_num_queries(1):
        standing = standing_of([firm[1], other, person], TODAY)
    assert standing == {firm[1]: "declared", other: "missing"}
    assert standing_of([firm[1]], date(2027, 1, 4)) == {firm[1]: "declared"}
    assert standing_of([firm[1]], date(2027, 1, 5)) == {firm[1]: "stale"}
    assert declarations_of(firm[1])[0].renew_on == date(2027, 1, 5)


def test_an_owner_stands_behind_the_firm_as_its_representative_does(firm, call):
    owning, person = make_person(call, 2, name="李国庆")
    assert not is_own_affair(owning, firm[1])
    assert person not in with_same_person([firm[1]]).get(firm[1], ())
    declared(call, firm, owner(2))
    assert is_own_affair(owning, firm[1])
    assert own_affairs(owning) == {person, firm[1]}
    assert person in with_same_person([firm[1]])[firm[1]]
    assert firm[1] in with_same_person([person])[person]
    declared(call, firm, owner(3), after=1)
    assert not is_own_affair(owning, firm[1])
    assert own_affairs(owning) == {person}
    assert person not in with_same_person([firm[1]])[firm[1]]


def test_two_firms_of_one_owner_are_linked(firm, call):
    other_user, _own = make_person(call, 5, name="赵敏")
    other = other_user, make_firm(call, other_user, 2)
    declared(call, firm, owner(2))
    declared(call, other, owner(2, "control", None))
    assert other[1] in with_same_person([firm[1]])[firm[1]]
