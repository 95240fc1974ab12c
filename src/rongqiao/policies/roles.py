"""Staff roles (domain.md, 5) and which of them may not be held together."""

from enum import StrEnum


class Role(StrEnum):
    """What a member of staff may be trusted with."""

    INSTITUTION_OFFICER = "institution_officer"
    REVIEWER = "reviewer"
    APPROVER = "approver"
    COLLECTOR = "collector"
    FINANCE = "finance"
    RISK_ANALYST = "risk_analyst"
    COMPLIANCE_OFFICER = "compliance_officer"
    SUPPORT = "support"
    CONTENT_EDITOR = "content_editor"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    REGULATOR = "regulator"


# Separation of the three administrations (GB/T 22239-2019, 8.1.5): who hands out roles and who
# reads the trail take no part in the business.
STAND_ALONE = frozenset({Role.ADMINISTRATOR, Role.AUDITOR, Role.REGULATOR})


def may_be_held_together(one: Role, other: Role) -> bool:
    """Tell whether one person may hold both roles."""
    return one == other or not {one, other} & STAND_ALONE
