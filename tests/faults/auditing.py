"""The audit that ends every fault test: the laws of the books, and every acknowledged key once."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection

from rongqiao.config.places import django_database
from rongqiao.money.ledger.operations.closing.seal_books import seal_what_stands
from rongqiao.money.ledger.queries import books
from rongqiao.money.ledger.queries.chain import chain_head, check_chain, check_custody_book
from rongqiao.platform.postgres.connecting import pointed_at

# Sum per currency 0, unbalanced 0, balance<>postings 0, below floor 0, held<>open holds 0, client
# money all there, chain unbroken.
LAWS = (
    books.check_journals,
    books.check_balances,
    books.check_floors,
    check_custody_book,
    check_chain,
)
NAMED_AT_MOST = 5


@dataclass(frozen=True)
class Audit:
    """What was looked at: journals in the books, keys taken by them, keys acknowledged."""

    journals: int
    keys: int
    acknowledged: int

    @property
    def unacknowledged(self):
        """Journals whose answer never reached anybody."""
        return self.journals - self.acknowledged


def audit(database_url: str, acknowledged: Mapping[str, int]) -> Audit:
    """Prove the books of a database; `acknowledged` maps a ledger key to the number it answered.

    The key audit is the one that matters: writes lost in a failover leave every sum at zero.
    """
    with pointed_at(django_database(database_url)):
        try:
            seal_what_stands()
            for law in LAWS:
                found = law()
                assert found.broken == 0, (found.law, found.broken, found.examples)
            answers = _answers()
            counts = _counts()
            chained, _hash = chain_head()
        finally:
            connection.close()
    assert chained == counts[0], ("journals outside the chain", counts[0] - chained)
    missing = [key for key in acknowledged if key not in answers]
    assert not missing, ("acknowledged and lost", len(missing), missing[:NAMED_AT_MOST])
    other = [key for key, number in acknowledged.items() if answers[key] != number]
    assert not other, ("acknowledged with another answer", len(other), other[:NAMED_AT_MOST])
    assert counts == (len(set(answers.values())), len(answers)), ("journals, keys", counts)
    return Audit(counts[0], len(answers), len(acknowledged))


def _answers():
    """Return the journal that each key stands for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, answer FROM ledger_key WHERE about = 'journal'")
        return dict(cursor.fetchall())


def _counts():
    """Return how many journals there are, and how many of them have exactly one key."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*), count(*) FILTER (WHERE keys = 1)
               FROM (SELECT j.id, count(k.key) AS keys FROM ledger_journal j
                     LEFT JOIN ledger_key k ON k.about = 'journal' AND k.answer = j.id
                     GROUP BY j.id) each"""
        )
        return cursor.fetchone()
