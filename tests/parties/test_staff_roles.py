"""Staff roles: two administrators for every one, none for oneself, some never together."""

import pytest
from django.db import IntegrityError, transaction

from rongqiao.parties import queries
from rongqiao.parties.models import RoleGrant
from rongqiao.parties.operations.staff.appoint_administrators import (
    AlreadyAppointed,
    AppointAdministrators,
    TwoPeopleNeeded,
    appoint_administrators,
)
from rongqiao.parties.operations.staff.confirm_role import (
    AnotherAdministratorNeeded,
    ConfirmRole,
    GrantNotOpen,
    confirm_role,
)
from rongqiao.parties.operations.staff.propose_role import (
    AdministratorNeeded,
    OwnRole,
    ProposeRole,
    RolesConflict,
    RoleThere,
    UnknownRole,
    propose_role,
)
from rongqiao.parties.operations.staff.revoke_role import RevokeRole, revoke_role
from rongqiao.policies.roles import Role
from tests.parties.people import actor, make_person, make_user


@pytest.fixture
def administrators(call):
    first, second = make_user(), make_user()
    appoint_administrators(
        AppointAdministrators(first_user_id=first, second_user_id=second),
        call(actor="system:installation"),
    )
    return first, second


def propose(call, by, user_id, role=Role.FINANCE):
    return propose_role(ProposeRole(user_id=user_id, role=role), call(actor=actor(by))).grant_id


def confirm(call, by, grant_id, **options):
    return confirm_role(ConfirmRole(grant_id=grant_id, **options), call(actor=actor(by)))


def test_a_role_counts_only_once_a_second_administrator_confirmed_it(call, administrators):
    first, second = administrators
    user_id = make_user()
    grant = propose(call, first, user_id)
    assert queries.roles_of(user_id) == frozenset()
    with pytest.raises(AnotherAdministratorNeeded):
        confirm(call, first, grant)
    confirm(call, second, grant)
    assert queries.roles_of(user_id) == {Role.FINANCE}
    with pytest.raises(GrantNotOpen):
        confirm(call, second, grant)


def test_the_database_itself_wants_two_people(call, administrators):
    first, _ = administrators
    grant = propose(call, first, make_user())
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.filter(pk=grant).update(decided_by=actor(first))


def test_a_declined_proposal_gives_nothing_and_may_be_made_again(call, administrators):
    first, second = administrators
    user_id = make_user()
    confirm(call, second, propose(call, first, user_id), is_confirmed=False)
    assert queries.roles_of(user_id) == frozenset()
    propose(call, second, user_id)


def test_nobody_gives_or_confirms_a_role_of_their_own(call, administrators):
    first, second = administrators
    with pytest.raises(OwnRole):
        propose(call, first, first, Role.ADMINISTRATOR)
    user_id = make_user()
    confirm(call, second, propose(call, first, user_id, Role.ADMINISTRATOR))
    with pytest.raises(OwnRole):
        revoke_role(RevokeRole(user_id=user_id, role="administrator"), call(actor=actor(user_id)))


def test_who_is_no_administrator_gives_nothing(call, administrators):
    stranger, _ = make_person(call, 1)
    with pytest.raises(AdministratorNeeded):
        propose(call, stranger, make_user())
    with pytest.raises(AdministratorNeeded):
        propose_role(
            ProposeRole(user_id=make_user(), role="finance"), call(actor="system:anything")
        )


@pytest.mark.parametrize("apart", [Role.ADMINISTRATOR, Role.AUDITOR, Role.REGULATOR])
def test_who_watches_or_hands_out_roles_takes_no_part_in_the_business(call, administrators, apart):
    first, second = administrators
    user_id = make_user()
    confirm(call, second, propose(call, first, user_id, Role.REVIEWER))
    with pytest.raises(RolesConflict):
        propose(call, first, user_id, apart)


def test_two_proposals_that_conflict_do_not_both_come_into_force(call, administrators):
    first, second = administrators
    user_id = make_user()
    one = propose(call, first, user_id, Role.REVIEWER)
    other = propose(call, first, user_id, Role.AUDITOR)
    confirm(call, second, one)
    with pytest.raises(RolesConflict):
        confirm(call, second, other)


def test_a_role_is_proposed_once(call, administrators):
    first, second = administrators
    user_id = make_user()
    propose(call, first, user_id)
    with pytest.raises(RoleThere):
        propose(call, second, user_id)


def test_a_role_that_does_not_exist_is_refused(call, administrators):
    with pytest.raises(UnknownRole):
        propose(call, administrators[0], make_user(), "king")


def test_a_revoked_role_is_gone_at_once(call, administrators):
    first, second = administrators
    user_id = make_user()
    confirm(call, second, propose(call, first, user_id))
    revoke_role(RevokeRole(user_id=user_id, role="finance"), call(actor=actor(first)))
    assert queries.roles_of(user_id) == frozenset()


def test_the_first_two_administrators_are_appointed_once_and_by_no_user(call, administrators):
    command = AppointAdministrators(first_user_id=make_user(), second_user_id=make_user())
    with pytest.raises(AlreadyAppointed):
        appoint_administrators(command, call(actor="system:installation"))
    with pytest.raises(TwoPeopleNeeded):
        appoint_administrators(command, call())
