"""Movements: one noted by hand, for staff who come from its number; those of wallets over days.

Of wallets' movements counterparties are told as keyed digests: enough to tell equal ones apart,
never an account number or a name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from rongqiao.finance.money import Money
from rongqiao.money.payments.models.movements import CapitalInjection, Receipt
from rongqiao.money.payments.models.orders import PaymentOrder
from rongqiao.parties.queries import names_of
from rongqiao.platform.crypto import decrypt, keyed_digest
from rongqiao.policies.identifiers import person_name
from rongqiao.policies.masking import mask_name

# Journals of a loan of ours; the others crossed to the outside.
LOAN = "loan-"
# Money put right within the books never crossed to anybody.
_BY_OURSELVES = ("reversal", "manual", "credit-corrected", "credit-offset")


@dataclass(frozen=True, kw_only=True)
class Movement:
    """A receipt or capital (`kind`); `source` is the payer, masked, or where the capital is from.

    `registered_by` and `decided_by` are actors; `party_id` and `received_on` are of receipts alone.
    """

    kind: str
    id: UUID
    number: str
    amount: Money
    state: str
    source: str
    bank_serial: str
    registered_by: str
    registered_at: datetime
    decided_by: str
    decided_at: datetime | None
    reject_reason: str
    party_id: UUID | None
    received_on: date | None


@dataclass(frozen=True, kw_only=True)
class WalletMovement:
    """One posting to a wallet: `minor` above zero in fen; `kind` and `document` of its journal."""

    party_id: UUID
    on: date
    minor: int
    is_in: bool
    kind: str
    document: str
    counterparty: str
    is_third_party: bool

    @property
    def is_of_a_loan(self) -> bool:
        """Whether a loan of ours was paid out or repaid."""
        return self.kind.startswith(LOAN)


def get_movement(kind: str, movement_id: UUID) -> Movement | None:
    """Return the receipt or capital of an id, or None."""
    if kind == "receipt":
        receipt = Receipt.objects.filter(pk=movement_id).first()
        return _receipt(receipt) if receipt else None
    capital = CapitalInjection.objects.filter(pk=movement_id).first() if kind == "capital" else None
    return _capital(capital) if capital else None


def find_movement(number: str) -> Movement | None:
    """Return the receipt or capital of a number, or None."""
    receipt = Receipt.objects.filter(number=number).first()
    if receipt is not None:
        return _receipt(receipt)
    capital = CapitalInjection.objects.filter(number=number).first()
    return _capital(capital) if capital else None


def parties_moving_on(on: date) -> tuple[UUID, ...]:
    """Return the parties whose wallet moved on a value date, in order, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT a.code FROM ledger_posting p
               JOIN ledger_account a ON a.id = p.account_id
               WHERE p.value_on = %s AND a.code LIKE 'wallet:%%' ORDER BY a.code""",
            [on],
        )
        return tuple(UUID(code.partition(":")[2]) for (code,) in cursor.fetchall())


def list_wallet_movements(
    party_ids: Collection[UUID], since: date, until: date
) -> tuple[WalletMovement, ...]:
    """Return what moved in these wallets on the value dates, oldest first, in five queries."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT a.code, p.value_on, p.amount_minor, j.kind, j.document
               FROM ledger_account a JOIN ledger_posting p ON p.account_id = a.id
               JOIN ledger_journal j ON j.id = p.journal_id AND j.value_on = p.value_on
               WHERE a.code = ANY(%s) AND p.value_on BETWEEN %s AND %s
                 AND NOT (j.kind = ANY(%s))
               ORDER BY p.value_on, p.journal_id""",
            [[f"wallet:{one}" for one in party_ids], since, until, list(_BY_OURSELVES)],
        )
        rows = [
            (UUID(code.partition(":")[2]), on, minor, kind, document)
            for code, on, minor, kind, document in cursor.fetchall()
        ]
    known = _counterparties({row[4] for row in rows if not row[3].startswith(LOAN)})
    found = []
    for party_id, on, minor, kind, document in rows:
        counterparty, is_third = known.get(document, ("", False))
        found.append(
            WalletMovement(
                party_id=party_id,
                on=on,
                minor=abs(minor),
                is_in=minor > 0,
                kind=kind,
                document=document,
                counterparty=counterparty,
                is_third_party=is_third,
            )
        )
    return tuple(found)


def payer_keys(party_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return how each party would be told as the payer of a receipt, in two queries.

    A name is all that a receipt tells of its payer: namesakes have the same key.
    """
    return {party_id: _payer_key(name) for party_id, name in names_of(party_ids).items()}


def _receipt(row: Receipt) -> Movement:
    payer = decrypt(row.payer_sealed, table="payments_receipt", column="payer_sealed", row=row.pk)
    return _movement(
        row, "receipt", mask_name(payer), party_id=row.party_id, received_on=row.received_on
    )


def _capital(row: CapitalInjection) -> Movement:
    return _movement(row, "capital", row.source)


def _movement(
    row: Receipt | CapitalInjection,
    kind: str,
    source: str,
    *,
    party_id: UUID | None = None,
    received_on: date | None = None,
) -> Movement:
    return Movement(
        kind=kind,
        id=row.pk,
        number=row.number,
        amount=Money(row.amount_minor),
        state=row.state,
        source=source,
        bank_serial=row.bank_serial,
        registered_by=row.registered_by,
        registered_at=row.registered_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reject_reason=row.reject_reason,
        party_id=party_id,
        received_on=received_on,
    )


def _counterparties(documents: Iterable[str]) -> dict[str, tuple[str, bool]]:
    """Return by document who stood on the other side, and whether that is somebody else."""
    wanted = list(documents)
    orders = PaymentOrder.objects.filter(number__in=wanted, bank_account__isnull=False)
    # An order goes to the party's own bank account alone: the bank checked the name.
    found = {
        number: (bytes(index).hex(), False)
        for number, index in orders.values_list("number", "bank_account__number_index")
    }
    receipts = list(Receipt.objects.filter(number__in=wanted))
    names = names_of({row.party_id for row in receipts})
    for row in receipts:
        sealed = row.payer_sealed
        payer = decrypt(sealed, table="payments_receipt", column="payer_sealed", row=row.pk)
        digest = _payer_key(payer)
        is_third = _one_form(payer) != _one_form(names.get(row.party_id, payer))
        found[row.number] = (digest, is_third)
    return found


def _payer_key(name: str) -> str:
    return keyed_digest("payments.payer", _one_form(name)).hex()


def _one_form(name: str) -> str:
    try:
        return person_name(name)
    except ValueError:
        return " ".join(name.split())
