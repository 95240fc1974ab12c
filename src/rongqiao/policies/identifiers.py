"""Identifiers of people and firms in China: one normal form each, and why a wrong one is wrong.

Resident id: GB 11643-1999, check character ISO 7064 MOD 11-2. Unified social credit code:
GB 32100-2015, MOD 31, with the organisation code of GB 11714 inside. Bank card: ISO/IEC 7812-1.
Vehicle identification number: ISO 3779 with the check digit of GB 16735. Plates: GA 36.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rongqiao.policies.masking import mask_number

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_ID = re.compile(r"\d{17}[\dX]|\d{15}", re.ASCII)
# GB/T 2260: the 34 provinces; 83 stands on residence permits of people from Taiwan.
PROVINCES = frozenset(
    (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55))
) | frozenset((*range(61, 66), 71, 81, 82, 83))
# Sequence numbers 996 to 999 of the 15-digit form marked people over a hundred, born in 18YY.
_CENTENARIANS = frozenset({"996", "997", "998", "999"})
EARLIEST_BIRTH = date(1850, 1, 1)

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
# Letters are allowed in the first two places (A1, N1, Y1 ...); the region is digits.
_USCC = re.compile(rf"[{_USCC_ALPHABET}]{{2}}\d{{6}}[{_USCC_ALPHABET}]{{10}}", re.ASCII)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

# Eleven digits from 13 to 19; of 14x only the data cards 145, 147, 149 have eleven (the rest are
# thirteen-digit numbers of things). Carriers are not told apart: numbers are portable since 2019.
_PHONE = re.compile(r"1(?:[35-9]\d|4[579])\d{8}", re.ASCII)
_COUNTRY = re.compile(r"^(?:\+86|0086|86(?=1\d{10}$))")
_CARD = re.compile(r"\d{13,19}", re.ASCII)
_CORPORATE_ACCOUNT = re.compile(r"\d{8,32}", re.ASCII)
# I, O and Q are not used; the check digit stands in the ninth place and weighs nothing.
_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{8}[0-9X][A-HJ-NPR-Z0-9]{8}", re.ASCII)
_VIN_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True))
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
# Six places after the province for most vehicles, seven for new-energy ones; I and O are not used.
_PLATE = re.compile(
    "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
    "[A-HJ-NP-Z][A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学港澳]"
)
_DOTS = re.compile(r"[•・‧∙⋅．.･]")
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ ·'-]){0,48}[^\W\d_]")


class Sex(StrEnum):
    """As the resident id tells it."""

    FEMALE = "F"
    MALE = "M"


class BadIdentifier(ValueError):
    """The text is no such identifier: which field, a masked value and the reason's code."""

    def __init__(self, field: str, text: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field, self.reason = field, reason
        self.shown = mask_number(text)


@dataclass(frozen=True)
class ResidentId:
    """A valid resident id in its 18-character form."""

    number: str
    birth_on: date
    sex: Sex

    def age_on(self, on: date) -> int:
        """Return completed years of life; who is born on 29 February ages on 1 March."""
        return on.year - self.birth_on.year - ((on.month, on.day) < self._birthday)

    @property
    def _birthday(self) -> tuple[int, int]:
        return self.birth_on.month, self.birth_on.day


@dataclass(frozen=True)
class CreditCode:
    """A valid unified social credit code."""

    number: str
    # Older registrations exist whose inner GB 11714 digit is off: a warning, never a refusal.
    is_organisation_code_consistent: bool


@dataclass(frozen=True)
class BankNumber:
    """A bank card or corporate account number; a failed Luhn check is a warning only."""

    number: str
    is_luhn_valid: bool


def resident_id(text: str, on: date) -> ResidentId:
    """Return the resident id that `text` names, as of the date `on`; raises BadIdentifier.

    Reasons: `length`, `characters`, `region`, `birth-date`, `check-digit`.
    """
    number = _folded(text).upper()
    if len(number) not in (15, 18):
        raise BadIdentifier("resident_id", number, "length")
    if not _ID.fullmatch(number):
        raise BadIdentifier("resident_id", number, "characters")
    if len(number) == 15:
        century = "18" if number[12:] in _CENTENARIANS else "19"
        number = f"{number[:6]}{century}{number[6:]}"
        number += _id_check(number)
    if int(number[:2]) not in PROVINCES:
        raise BadIdentifier("resident_id", number, "region")
    born = _date(number[6:14])
    if born is None or not EARLIEST_BIRTH <= born <= on:
        raise BadIdentifier("resident_id", number, "birth-date")
    if number[17] != _id_check(number):
        raise BadIdentifier("resident_id", number, "check-digit")
    return ResidentId(number, born, Sex.MALE if int(number[16]) % 2 else Sex.FEMALE)


def credit_code(text: str) -> CreditCode:
    """Return the unified social credit code that `text` names; raises BadIdentifier.

    Reasons: `length`, `characters` (I, O, S, V and Z are not used), `check-digit`.
    """
    number = _folded(text).upper()
    if len(number) != 18:
        raise BadIdentifier("uscc", number, "length")
    if not _USCC.fullmatch(number):
        raise BadIdentifier("uscc", number, "characters")
    total = sum(_USCC_ALPHABET.index(c) * w for c, w in zip(number, _USCC_WEIGHTS, strict=False))
    if number[17] != _USCC_ALPHABET[(31 - total % 31) % 31]:
        raise BadIdentifier("uscc", number, "check-digit")
    return CreditCode(number, _organisation_check(number[8:16]) == number[16])


def mobile_phone(text: str) -> str:
    """Return the eleven digits of a mainland mobile number; raises BadIdentifier.

    `+86`, `0086`, spaces, hyphens and full-width digits are all one number. Reason: `form`.
    """
    number = _COUNTRY.sub("", re.sub(r"[-()]", "", _folded(text)))
    if not _PHONE.fullmatch(number):
        raise BadIdentifier("phone", number, "form")
    return number


def bank_card(text: str) -> BankNumber:
    """Return a person's bank card number, 13 to 19 digits; raises BadIdentifier (`form`)."""
    number = _folded(text).replace("-", "")
    if not _CARD.fullmatch(number):
        raise BadIdentifier("bank_card", number, "form")
    return BankNumber(number, _luhn(number))


def corporate_account(text: str) -> BankNumber:
    """Return a firm's account number, 8 to 32 digits; raises BadIdentifier (`form`)."""
    number = _folded(text).replace("-", "")
    if not _CORPORATE_ACCOUNT.fullmatch(number):
        raise BadIdentifier("bank_account", number, "form")
    return BankNumber(number, is_luhn_valid=True)


def vehicle_number(text: str) -> str:
    """Return the 17 characters of a vehicle identification number; raises BadIdentifier.

    Reasons: `length`, `characters` (I, O and Q are not used), `check-digit`.
    """
    number = _folded(text).upper()
    if len(number) != 17:
        raise BadIdentifier("vin", number, "length")
    if not _VIN.fullmatch(number):
        raise BadIdentifier("vin", number, "characters")
    if number[8] != _vin_check(number):
        raise BadIdentifier("vin", number, "check-digit")
    return number


def plate(text: str) -> str:
    """Return a vehicle's number plate in one form, without dots; raises BadIdentifier (`form`)."""
    number = re.sub(r"[·•.-]", "", _folded(text).upper())
    if not _PLATE.fullmatch(number):
        raise BadIdentifier("plate", number, "form")
    return number


def person_name(text: str) -> str:
    """Return a person's name in one form: single spaces, one middle dot; raises BadIdentifier."""
    name = _DOTS.sub("·", unicodedata.normalize("NFKC", " ".join(text.split())))
    if not _NAME.fullmatch(name):
        raise BadIdentifier("name", name, "form")
    return name


def organization_name(text: str) -> str:
    """Return a firm's name in one form, 4 to 120 characters; raises BadIdentifier (`form`)."""
    name = unicodedata.normalize("NFKC", " ".join(text.split()))
    if not 4 <= len(name) <= 120 or not all(c.isalnum() or c in " ()·&.,'-/" for c in name):
        raise BadIdentifier("organization_name", name, "form")
    return name


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _id_check(number: str) -> str:
    total = sum(int(c) * w for c, w in zip(number, _ID_WEIGHTS, strict=False))
    return _ID_CHECKS[total % 11]


def _organisation_check(first_eight: str) -> str:
    total = sum(int(c, 36) * w for c, w in zip(first_eight, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def _vin_check(number: str) -> str:
    values = (int(_VIN_VALUES.get(mark, mark)) for mark in number)
    total = sum(value * weight for value, weight in zip(values, _VIN_WEIGHTS, strict=True))
    return "0123456789X"[total % 11]


def _luhn(number: str) -> bool:
    doubled = (sum(divmod(int(c) * 2, 10)) for c in number[-2::-2])
    return (sum(int(c) for c in number[-1::-2]) + sum(doubled)) % 10 == 0


def _date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
