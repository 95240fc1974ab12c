"""The people behind the counter, the products and the capital a platform begins with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth import get_user_model

from rongqiao.cli.simulate.custodian import Custodian
from rongqiao.cli.simulate.desk import Desk
from rongqiao.cli.simulate.people.identities import user_id_of
from rongqiao.finance.money import Money
from rongqiao.lending.products.operations.definitions import first_products
from rongqiao.lending.products.operations.draft_version import draft_version
from rongqiao.lending.products.operations.publish_version import (
    PublishVersion,
    publish_version,
)
from rongqiao.money.payments.operations.capital.confirm_capital import (
    ConfirmCapital,
    confirm_capital,
)
from rongqiao.money.payments.operations.capital.inject_capital import InjectCapital, inject_capital
from rongqiao.parties.operations.staff.appoint_administrators import (
    AppointAdministrators,
    appoint_administrators,
)
from rongqiao.parties.operations.staff.confirm_role import ConfirmRole, confirm_role
from rongqiao.parties.operations.staff.propose_role import ProposeRole, propose_role
from rongqiao.policies.roles import Role

CAPITAL, SHAREHOLDERS = Money.yuan("500000000.00"), "融桥小额贷款有限公司股东"
# Staff take the highest numbers, so that borrowers may be counted from one.
FIRST_NUMBER = 900_000
ROLES = (
    ("operator", Role.OPERATOR),
    ("operator-2", Role.OPERATOR),
    ("reviewer", Role.REVIEWER),
    ("reviewer-2", Role.REVIEWER),
    ("approver", Role.APPROVER),
    ("finance", Role.FINANCE),
    ("finance-2", Role.FINANCE),
    ("auditor", Role.AUDITOR),
    ("collector", Role.COLLECTOR),
    ("collector-2", Role.COLLECTOR),
    ("risk", Role.RISK_ANALYST),
    ("risk-2", Role.RISK_ANALYST),
    ("compliance", Role.COMPLIANCE_OFFICER),
    ("compliance-2", Role.COMPLIANCE_OFFICER),
)


@dataclass(frozen=True)
class Staff:
    """User ids by post: `administrator`, `administrator-2`, and the posts of ROLES."""

    posts: dict[str, UUID]

    def __getitem__(self, post: str) -> UUID:
        """Return who holds a post."""
        return self.posts[post]


def make_user(user_id: UUID, at: datetime) -> None:
    """Register a user without a password: credentials are no operation (the house, principle 2)."""
    users = get_user_model().objects
    if not users.filter(pk=user_id).exists():
        user = users.model(id=user_id, joined_at=at)
        user.set_unusable_password()
        user.save(force_insert=True)


def found(desk: Desk, custodian: Custodian, seed: int) -> Staff:
    """Appoint everybody, publish the first products, pay the operator's capital in."""
    names = ["administrator", "administrator-2", *(post for post, _ in ROLES)]
    staff = Staff({name: user_id_of(seed, FIRST_NUMBER + n) for n, name in enumerate(names)})
    for user_id in staff.posts.values():
        make_user(user_id, desk.clock.instant)
    first, second = staff["administrator"], staff["administrator-2"]
    appoint_administrators(
        AppointAdministrators(first_user_id=first, second_user_id=second), desk.system("founding")
    )
    for post, role in ROLES:
        proposed = propose_role(
            ProposeRole(user_id=staff[post], role=role.value), desk.user(first, f"role:{post}")
        )
        confirm_role(ConfirmRole(grant_id=proposed.grant_id), desk.user(second, f"role:{post}"))
    for draft in first_products():
        drafted = draft_version(draft, desk.user(staff["operator"], f"draft:{draft.code}"))
        publish_version(
            PublishVersion(version_id=drafted.version_id),
            desk.user(staff["operator-2"], f"publish:{draft.code}"),
        )
    custodian.credit(SHAREHOLDERS, CAPITAL, "CAPITAL-0001", desk)
    paid_in = inject_capital(
        InjectCapital(amount=CAPITAL, source="股东实缴出资", bank_serial="CAPITAL-0001"),
        desk.user(staff["finance"], "capital"),
    )
    confirm_capital(
        ConfirmCapital(injection_id=paid_in.injection_id),
        desk.user(staff["finance-2"], "capital"),
    )
    return staff
