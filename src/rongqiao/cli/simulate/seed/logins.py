"""One log-in for every role of the demonstration. Their phones and password are no secret."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth import get_user_model

from rongqiao.cli.simulate.seed.progress import Login
from rongqiao.cli.simulate.town import Resident, Town
from rongqiao.lending.servicing.queries.loans import history_of, list_loans
from rongqiao.parties.operations.phones.set_phone import SetPhone, set_phone
from rongqiao.platform import clock

PASSWORD = "rongqiao-demo"  # noqa: S105 - told to everybody who starts a demonstration
POSTS = (
    "reviewer",
    "approver",
    "finance",
    "finance-2",
    "operator",
    "operator-2",
    "administrator",
    "administrator-2",
    "auditor",
    "collector",
    "collector-2",
    "risk",
    "risk-2",
    "compliance",
    "compliance-2",
)
LONG_PLAN = 12
FIRST_PHONE = 13_900_000_001


def give_logins(town: Town, residents: list[Resident]) -> tuple[Login, ...]:
    """Give a phone and the password to a borrower, an enterprise agent and each post of staff."""
    people = [resident for resident in residents if resident.profile.firm is None]
    firms = [resident for resident in residents if resident.profile.firm is not None]
    users: list[tuple[str, UUID]] = [
        ("borrower", _best(people).user_id),
        ("enterprise", _best(firms).user_id),
        *((post, town.staff[post]) for post in POSTS),
    ]
    return tuple(
        _login(town, role, user_id, str(FIRST_PHONE + number))
        for number, (role, user_id) in enumerate(users)
    )


def _best(residents: list[Resident]) -> Resident:
    """Return who has most to show: a plan of many instalments, loans running, nothing overdue."""
    today = clock.business_date()

    def worth(resident: Resident) -> tuple[bool, bool, int, int, int]:
        history = history_of(resident.party_id)
        live = [one for one in list_loans(resident.party_id, today) if one.closed_on is None]
        return (
            history.days_past_due == 0,
            any(one.instalments >= LONG_PLAN > 2 * one.instalments_paid for one in live),
            min(history.loans_live, 3),
            min(history.loans_closed, 1),
            -resident.profile.number,
        )

    return max((one for one in residents if one.party_id.int), key=worth)


def _login(town: Town, role: str, user_id: UUID, phone: str) -> Login:
    set_phone(
        SetPhone(user_id=user_id, phone=phone, is_proved=True), town.desk.system(f"login:{role}")
    )
    user = get_user_model().objects.get(pk=user_id)
    if not user.check_password(PASSWORD):
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    return Login(role, phone, PASSWORD)
