"""What each of the nine sources answers of a person or a firm.

Amounts are whole fen, shares decimal text, days ISO dates. Each function takes what was asked and
returns the facts; None: no record.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from rongqiao_sandboxes.registries.town import Lot, Town, is_unknown

Elements = dict[str, str]
Facts = dict[str, Any]
YUAN = 100
# Days are drawn before this one, so that they stay the same whenever they are asked for.
DRAWN_BEFORE = date(2024, 1, 1)
# A recorded test of liveness stands in for a camera: `recorded:live:0.97`, `recorded:spoof:0.40`.
RECORDING = re.compile(r"recorded:(live|spoof):([01]\.\d{1,4})", re.ASCII)


class Misasked(ValueError):
    """The request lacks what this source needs, or has it in another form."""


def _verdict(is_same: bool) -> str:  # noqa: FBT001 - one plain fact
    return "same" if is_same else "differs"


def _is_named(town: Town, asked: Elements) -> bool:
    return town.fits("name", asked["number"], asked["name"])


def identity(town: Town, asked: Elements) -> Facts:
    """Is this the name of this resident id?"""
    return {"verdict": _verdict(_is_named(town, asked))}


def phone(town: Town, asked: Elements) -> Facts:
    """Does this phone belong to this person, since when, and is it in use?"""
    lot = Lot.of("phone", asked["number"])
    is_same = _is_named(town, asked) and town.fits("phone", asked["phone"], asked["number"])
    return {"verdict": _verdict(is_same), "months-in-use": lot.upto(0, 180), "state": "in-use"}


def card(town: Town, asked: Elements) -> Facts:
    """Is this account in this holder's name and number, with this phone?"""
    holder = f"{asked['name']}\x1e{asked['number']}"
    is_same = _is_named(town, asked) and town.fits("card", asked["card"], holder)
    facts: Facts = {"verdict": _verdict(is_same)}
    if asked.get("phone"):
        facts["is-phone-same"] = town.fits("card-phone", asked["card"], asked["phone"])
    return facts


def registry(town: Town, asked: Elements) -> Facts:
    """What the register of enterprises says of a firm."""
    lot = Lot.of("registry", asked["number"])
    is_led = town.fits("representative", asked["number"], asked["representative"])
    return {
        "verdict": _verdict(_is_named(town, asked)),
        "representative": _verdict(is_led),
        "status": "active",
        "founded-on": lot.day(0, DRAWN_BEFORE, 15),
        "capital": (1 + lot.upto(1, 49)) * 100_000 * YUAN,
        "is-listed-abnormal": lot.luck(2) < 0.03,
    }


def face(town: Town, asked: Elements) -> Facts:
    """Is the recorded test of a living person, and of this one?"""
    found = RECORDING.fullmatch(asked["recording"])
    if found is None:
        raise Misasked("recording")
    similarity = found[2] if _is_named(town, asked) else "0.12"
    return {"liveness": found[1], "similarity": similarity}


def judicial(_town: Town, asked: Elements) -> Facts:
    """Judgments, enforcement, and the list of dishonest debtors."""
    lot = Lot.of("judicial", asked["number"])
    judgments = lot.upto(1, 3) if lot.luck(0) < 0.12 else 0
    enforcements = judgments if lot.luck(2) < 0.25 else 0
    return {
        "judgments": judgments,
        "enforcements": enforcements,
        "is-dishonest-debtor": enforcements > 1,
        "owed": enforcements * (1 + lot.upto(3, 200)) * 1_000 * YUAN,
    }


def tax(_town: Town, asked: Elements) -> Facts:
    """A firm's invoices and taxes, in totals."""
    lot = Lot.of("tax", asked["number"])
    invoiced = (50 + lot.upto(0, 1_950)) * 10_000 * YUAN
    grade = "ABBMMMMCCD"[lot.upto(3, 9)]
    return {
        "invoiced-12m": invoiced,
        "invoiced-prior-12m": invoiced * (60 + lot.upto(1, 70)) // 100,
        "months-without-invoice": lot.upto(2, 2) if grade in "ABM" else lot.upto(2, 6),
        "largest-customer-share": f"0.{10 + lot.upto(4, 60)}",
        "tax-paid-12m": invoiced * (1 + lot.upto(5, 5)) // 100,
        "grade": grade,
        "arrears": 0 if grade != "D" else (1 + lot.upto(6, 30)) * 1_000 * YUAN,
    }


def bureau(_town: Town, asked: Elements) -> Facts:
    """A credit report, in figures."""
    lot = Lot.of("bureau", asked["number"])
    accounts = lot.upto(0, 6)
    late = lot.upto(2, 4) if accounts and lot.luck(1) < 0.2 else 0
    facts: Facts = {
        "accounts-open": accounts,
        "balance": accounts * lot.upto(3, 80) * 1_000 * YUAN,
        "overdue-count-24m": late,
        "worst-days-past-due-24m": late * (1 + lot.upto(4, 25)),
        "is-overdue-now": late > 3,
        "inquiries-6m": lot.upto(5, 6),
        "guaranteed": lot.upto(6, 5) * 10_000 * YUAN if lot.luck(8) < 0.1 else 0,
    }
    if accounts:
        facts["first-account-on"] = lot.day(7, DRAWN_BEFORE, 8)
    return facts


def score(_town: Town, asked: Elements) -> Facts:
    """A score of 350 to 950, most of them in the upper middle."""
    lot = Lot.of("score", asked["number"])
    thirds = [lot.upto(place, 200) for place in range(3)]
    return {"score": 350 + sum(thirds)}


SOURCES: dict[str, tuple[Callable[[Town, Elements], Facts], tuple[str, ...]]] = {
    "identity": (identity, ("name", "number")),
    "phone": (phone, ("name", "number", "phone")),
    "card": (card, ("name", "number", "card")),
    "registry": (registry, ("name", "number", "representative")),
    "face": (face, ("name", "number", "recording")),
    "judicial": (judicial, ("name", "number")),
    "tax": (tax, ("name", "number")),
    "bureau": (bureau, ("name", "number")),
    "score": (score, ("name", "number")),
}


def answer_of(town: Town, source: str, asked: Elements) -> Facts | None:
    """Return what a source answers; None where it has no record; raises Misasked."""
    look, needed = SOURCES[source]
    for name in needed:
        if not asked.get(name):
            raise Misasked(name)
    number = asked["number"]
    planted = town.planted(source, number)
    if planted.get("no-record") or (not planted and is_unknown(number)):
        return None
    return look(town, asked) | planted
