"""The borrowers' file: who they are, checked as a registration would be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TypeVar

from rongqiao.lending.servicing.taking_over.columns import File
from rongqiao.lending.servicing.taking_over.portfolio import Borrower, Known
from rongqiao.lending.servicing.taking_over.reading import Line
from rongqiao.lending.servicing.taking_over.report import Faults
from rongqiao.policies.identifiers import (
    BadIdentifier,
    credit_code,
    mobile_phone,
    organization_name,
    person_name,
    resident_id,
)
from rongqiao.policies.masking import mask_number

T = TypeVar("T")
_HERE = File.BORROWERS


def read_borrowers(lines: Iterable[Line], on: date, faults: Faults) -> dict[str, Borrower | None]:
    """Return the borrowers by reference, None for those with a fault of their own."""
    found: dict[str, Borrower | None] = {}
    begun: dict[str, int] = {}
    numbers: dict[str, int] = {}
    for line in lines:
        reference = line.text("reference")
        if reference and reference in begun:
            faults.add(_HERE, line.line, "reference", reference, "twice", begun[reference])
            continue
        begun[reference] = line.line
        borrower = _borrower(line, on, faults) if line.is_sound else None
        if borrower is not None and borrower.number in numbers:
            first = numbers[borrower.number]
            faults.add(_HERE, line.line, "id_number", mask_number(borrower.number), "twice", first)
        elif borrower is not None:
            numbers[borrower.number] = line.line
        found[reference] = borrower
    return found


def check_names(
    lines: Iterable[Line], found: Mapping[str, Borrower | None], known: Known, faults: Faults
) -> None:
    """Note whoever is registered under another name."""
    for line in lines:
        borrower = found.get(line.text("reference"))
        if borrower is None:
            continue
        name = known.names.get(borrower.number)
        if name is not None and name != borrower.name:
            faults.add(_HERE, line.line, "name", borrower.name, "name-differs")


def _borrower(line: Line, on: date, faults: Faults) -> Borrower | None:
    before = faults.count
    is_person = line.text("kind") == "person"

    def read(name: str, shape: Callable[[str], T]) -> T | None:
        return _read(line, name, shape, faults)

    number: str | None
    if is_person:
        name = read("name", person_name)
        number = read("id_number", lambda text: resident_id(text, on).number)
        representative, his = "", ""
        for field in ("representative_name", "representative_id"):
            if line.text(field):
                faults.add(_HERE, line.line, field, "", "persons-have-none")
    else:
        name = read("name", organization_name)
        number = read("id_number", lambda text: credit_code(text).number)
        representative = read("representative_name", person_name) or ""
        his = read("representative_id", lambda text: resident_id(text, on).number) or ""
    phone = read("phone", mobile_phone)
    if faults.count > before:
        return None
    return Borrower(
        reference=line.text("reference"),
        kind=line.text("kind"),
        name=name or "",
        number=number or "",
        phone=phone or "",
        representative_name=representative,
        representative_id=his,
        industry=line.text("industry"),
    )


def _read(line: Line, name: str, shape: Callable[[str], T], faults: Faults) -> T | None:
    text = line.text(name)
    if not text:
        faults.add(_HERE, line.line, name, "", "cell-empty")
        return None
    try:
        return shape(text)
    except BadIdentifier as error:
        code = f"identity-{error.field.replace('_', '-')}-{error.reason}"
        shown = error.shown if error.field != "name" else text
        faults.add(_HERE, line.line, name, shown, code)
        return None
