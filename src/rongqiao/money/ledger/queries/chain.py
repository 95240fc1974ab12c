"""The chain of journals: its head, and whether every byte of the books is what was sealed."""

from __future__ import annotations

from django.db import connection

from rongqiao.money.ledger.chart import NAMED, PREFIXED, Book
from rongqiao.money.ledger.closing import Link
from rongqiao.money.ledger.queries.books import NAMED_AT_MOST, Checked

GENESIS = bytes(32)
# A head tells eight bytes of each part of a journal: its own words first, then leg by leg.
_PART = 8


def chain_head() -> tuple[int, str]:
    """Return the chain's length and the hex hash of its last link."""
    last = Link.objects.order_by("-position").first()
    return (last.position, bytes(last.hash).hex()) if last else (0, GENESIS.hex())


def hash_at(position: int) -> str | None:
    """Return the hex hash of a link, or None where the chain has no such link."""
    if position == 0:
        return GENESIS.hex()
    link = Link.objects.filter(pk=position).first()
    return bytes(link.hash).hex() if link else None


def check_chain() -> Checked:
    """Check law 9 on the books: each sealed journal, byte by byte, none gone, none slipped in.

    Names the journal, and the leg where one was changed, removed or added.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_link")
        count = int(cursor.fetchone()[0])
        cursor.execute(
            """SELECT l.position, coalesce(l.journal_id, d.journal_id), d.parts, l.parts,
                      l.position = l.place AND l.earlier < l.journal_id
               FROM (SELECT position, journal_id, hash, parts,
                            row_number() OVER chain AS place,
                            coalesce(lag(journal_id) OVER chain, 0) AS earlier,
                            coalesce(lag(hash) OVER chain, %s) AS previous
                     FROM ledger_link WINDOW chain AS (ORDER BY position)) l
               FULL JOIN ledger_digests(
                 0, (SELECT max(journal_id) FROM ledger_link), 9223372036854775807) d
                 ON d.journal_id = l.journal_id
               WHERE d.journal_id IS NOT NULL AND l.position IS NULL
                  OR l.position <> l.place OR l.earlier >= l.journal_id
                  OR (l.hash = sha256(l.previous || d.digest)) IS NOT TRUE
               ORDER BY l.position, d.journal_id""",
            [GENESIS],
        )
        broken = [_why(*row) for row in cursor.fetchall()]
    return Checked(
        law="9 the journals form an unbroken hash chain",
        checked=count,
        broken=len(broken),
        examples=tuple(broken[:NAMED_AT_MOST]),
    )


def check_custody_book() -> Checked:
    """Check law 8 within the ledger: client money and what is held for it cancel out, to the fen.

    Where they do not, names the journals that moved one without the other.
    """
    custody = [name for name, line in {**NAMED, **PREFIXED}.items() if line.book is Book.CUSTODY]
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT p.currency, sum(p.amount_minor), count(*)
               FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id
               WHERE split_part(a.code, ':', 1) = ANY (%s) GROUP BY p.currency""",
            [custody],
        )
        sums = cursor.fetchall()
        broken = [f"{currency}: custody sums to {total}" for currency, total, _ in sums if total]
        if broken:
            cursor.execute(
                """SELECT 'journal ' || p.journal_id || ': custody legs sum to '
                          || sum(p.amount_minor)
                   FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id
                   WHERE split_part(a.code, ':', 1) = ANY (%s)
                   GROUP BY p.journal_id HAVING sum(p.amount_minor) <> 0
                   ORDER BY p.journal_id LIMIT %s""",
                [custody, NAMED_AT_MOST],
            )
            broken += [str(row[0]) for row in cursor.fetchall()]
    return Checked(
        law="8a the custody book balances by itself",
        checked=sum(int(count) for _, _, count in sums),
        broken=len(broken),
        examples=tuple(broken[:NAMED_AT_MOST]),
    )


def _why(
    position: int | None,
    journal: int,
    now: bytes | None,
    sealed: bytes | None,
    is_in_order: bool,  # noqa: FBT001 - a column of a row
) -> str:
    """Say what is wrong with a journal or with its link."""
    if position is None:
        return f"journal {journal}: no link holds it: it was slipped in behind the chain"
    if now is None:
        return f"journal {journal}: removed (link {position} holds it)"
    if not is_in_order:
        return f"journal {journal}: link {position} is out of place: links were removed or added"
    changed = _changed(bytes(now), bytes(sealed or b""))
    if not changed:
        return f"journal {journal}: link {position} or the one before it was changed"
    return f"journal {journal}: {', '.join(changed)}"


def _changed(now: bytes, sealed: bytes) -> list[str]:
    """Name the parts of a journal that are not what was sealed; the first part is its own words."""
    found, kept = _parts(now), _parts(sealed)
    names = []
    for place in range(max(len(found), len(kept))):
        name = f"leg {place}" if place else "its date, kind, document, actor or reversal"
        if place >= len(found):
            names.append(f"{name} removed")
        elif place >= len(kept):
            names.append(f"{name} added")
        elif found[place] != kept[place]:
            names.append(f"{name} changed")
    return names


def _parts(digests: bytes) -> list[bytes]:
    return [digests[at : at + _PART] for at in range(0, len(digests), _PART)]
