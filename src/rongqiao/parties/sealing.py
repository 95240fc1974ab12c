"""Which key seals what: the places of this context's ciphertexts and the columns of its indexes."""

from __future__ import annotations

from uuid import UUID

from rongqiao.platform.crypto import blind_index, decrypt, encrypt, keyed_digest


def seal(text: str, table: str, column: str, row: UUID) -> bytes:
    """Return `text` sealed for the column and row of a table of parties."""
    return encrypt(text, table=f"parties_{table}", column=f"{column}_sealed", row=row)


def unseal(sealed: bytes | memoryview, table: str, column: str, row: UUID) -> str:
    """Return what was sealed for the column and row of a table of parties; raises Unreadable."""
    return decrypt(sealed, table=f"parties_{table}", column=f"{column}_sealed", row=row)


def phone_index(phone: str) -> bytes:
    """Return the look-up digest of a normalised phone number."""
    return blind_index("parties.phone", phone)


def resident_index(resident_id: str) -> bytes:
    """Return the look-up digest of an 18-character resident id, whoever's row it stands in."""
    return blind_index("parties.resident-id", resident_id)


def bank_number_index(number: str) -> bytes:
    """Return the look-up digest of a bank account number."""
    return blind_index("parties.bank-number", number)


def step_up_purpose(purpose: str) -> bytes:
    """Return the digest of what a step-up is good for."""
    return keyed_digest("parties.step-up-purpose", purpose)


def step_up_code(step_up_id: UUID, code: str) -> bytes:
    """Return the digest of a texted code, bound to its question."""
    return keyed_digest("parties.step-up-code", str(step_up_id), code)


def email_code(claim_id: UUID, code: str) -> bytes:
    """Return the digest of a mailed code, bound to its claim."""
    return keyed_digest("parties.email-code", str(claim_id), code)
