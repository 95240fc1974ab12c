"""The closed lists of this context: kinds of party, standings, states."""

from django.db import models


class PartyKind(models.TextChoices):
    """What sort of legal subject."""

    PERSON = "person"
    ORGANIZATION = "organization"


class Standing(models.TextChoices):
    """On what ground a user acts for a party."""

    SELF = "self"
    LEGAL_REPRESENTATIVE = "legal_representative"
    AGENT = "agent"


class GrantState(models.TextChoices):
    """A role is proposed by one administrator and confirmed by another."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    REVOKED = "revoked"


class ConsentAction(models.TextChoices):
    """A consent is given or withdrawn; both stay on record."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"


class SmsState(models.TextChoices):
    """How far a text message came."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"


class StepUpMethod(models.TextChoices):
    """How a user proves once more to be who they are."""

    SMS = "sms"
    PASSWORD = "password"  # noqa: S105 - the name of a method


class Control(models.TextChoices):
    """Why somebody is a firm's beneficial owner (受益所有人信息管理办法 art. 6 and 7)."""

    # 25 % or more of the shares; of what they yield or of the votes; control by other means.
    SHARES = "shares"
    VOTES = "votes"
    CONTROL = "control"
    # Where nobody is any of these, who runs the business day by day.
    MANAGER = "manager"
    # Of a firm of the state, its legal representative.
    STATE_OWNED = "state-owned"


class Declared(models.TextChoices):
    """How a firm stands with the declaration of its beneficial owners."""

    CURRENT = "declared"
    STALE = "stale"
    MISSING = "missing"
