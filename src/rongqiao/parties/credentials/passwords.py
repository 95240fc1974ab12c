"""Passwords: what may be one, and the hasher, Argon2id with the parameters OWASP ASVS 5.0 (11.4.2) asks for at least."""

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

HOUSE_NAMES = ("rongqiao", "融桥", "融桥小额贷款")


class Argon2id(Argon2PasswordHasher):
    """m = 19 MiB, t = 2, p = 1: about 0.2 s; Django's own default takes a second and 100 MiB."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1


class NotTheHouse:
    """Refuses passwords made of the platform's own names (ASVS 5.0, 6.2.11)."""

    def validate(self, password: str, user: object = None) -> None:  # noqa: ARG002 - Django's shape
        """Raise ValidationError where little but a name of ours is in the password."""
        bare = "".join(letter for letter in password.casefold() if letter.isalpha())
        if any(name in bare and len(bare) - len(name) < 4 for name in HOUSE_NAMES):
            raise ValidationError(_("密码不能由平台名称组成，请换一个。"), code="password_house")

    def get_help_text(self) -> str:
        """Return the rule as people read it."""
        return _("密码不能由平台名称组成。")
