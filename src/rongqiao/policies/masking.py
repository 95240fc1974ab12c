"""How personal values are shown to anyone but their owner's contract (GB/T 35273, JR/T 0171)."""

from __future__ import annotations


def mask_phone(phone: str) -> str:
    """Return `138****8000` for eleven digits."""
    return f"{phone[:3]}****{phone[-4:]}"


def mask_name(name: str) -> str:
    """Return the first character and a star for each other one: `王*`, `欧**`."""
    return name[:1] + "*" * (len(name) - 1)


def mask_number(number: str) -> str:
    """Return first four and last four characters of a long number, the rest starred.

    Shorter ones keep less: a value of eight characters or fewer shows its first and last only.
    """
    if len(number) <= 2:
        return "*" * len(number)
    if len(number) <= 8:
        return number[0] + "*" * (len(number) - 2) + number[-1]
    kept = 4 if len(number) >= 14 else 3
    return number[:kept] + "*" * (len(number) - 2 * kept) + number[-kept:]


def mask_email(email: str) -> str:
    """Return `z***@example.com`."""
    local, _, domain = email.partition("@")
    return f"{local[:1]}***@{domain}"
