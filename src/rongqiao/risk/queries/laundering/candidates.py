"""The entries of the lists that somebody could be: by keys, in indexed look-ups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from rongqiao.parties.queries import list_party_ids
from rongqiao.risk.laundering.lists import hashed
from rongqiao.risk.laundering.names.matching import Listed, Subject, keys_of
from rongqiao.risk.models.laundering.casework import (
    ListedEntry,
    ListVersion,
    ScreenedKey,
    Screening,
)
from rongqiao.risk.models.laundering.keeping import LaunderingErasure

# So many are compared one by one; names that so many share are told apart by birth and number.
MOST_NEAR = 400
AT_ONCE = 500
_EXACT = ("c:", "m:", "f:", "n:")
# Who was born in another year is never alike enough (names.matching): not even fetched.
_SAME_YEAR = """cardinality(born) = 0
  OR EXISTS (SELECT 1 FROM unnest(born) AS one WHERE left(one, 4) = %s)"""


def candidates_of(subject: Subject) -> list[ListedEntry]:
    """Return the entries in force that share a key with the subject, in two queries.

    Those that share characters or a number come first, then those that only sound alike.
    """
    keys = keys_of(subject.kind, subject.name)
    if subject.number:
        keys |= {f"n:{subject.number}"}
    exact = [hashed(key) for key in keys if key.startswith(_EXACT)]
    sound = [hashed(key) for key in keys if not key.startswith(_EXACT)]
    # The keys found it; carried back they would cost more than the rest of the row.
    in_force = ListedEntry.objects.filter(until=None).defer("keys").order_by()
    numbers = [hashed(f"n:{subject.number}")] if subject.number else []
    found = {one.pk: one for one in in_force.filter(keys__overlap=numbers)} if numbers else {}
    for wanted in (exact, sound):
        near = in_force.filter(keys__overlap=wanted)
        if subject.born:
            year = [subject.born[:4]]
            near = near.filter(RawSQL(_SAME_YEAR, year, BooleanField()))  # noqa: S611 - a constant
        for one in near[: MOST_NEAR - len(found)] if wanted and len(found) < MOST_NEAR else ():
            found[one.pk] = one
    return list(found.values())


def listed_of(entry: ListedEntry) -> Listed:
    """Return an entry as what is compared; its reference names the list too."""
    return Listed(
        reference=f"{entry.code}/{entry.reference}",
        kind=entry.kind,
        names=tuple(entry.names),
        born=tuple(entry.born),
        numbers=tuple(entry.numbers),
        countries=tuple(entry.countries),
        programme=entry.programme,
        remark=entry.remark,
    )


def versions_to_rescreen() -> list[ListVersion]:
    """Return the versions whose news customers were not yet held against, oldest first."""
    return list(ListVersion.objects.filter(rescreened_at=None).order_by("imported_at"))


def keys_brought_by(version: ListVersion) -> set[str]:
    """Return the keys of the names and numbers that a version added or changed."""
    rows = ListedEntry.objects.filter(code=version.code, since=version.number, until=None)
    keys: set[str] = set()
    for one in rows.only("kind", "names", "numbers").iterator(chunk_size=2_000):
        for name in one.names:
            keys |= keys_of(one.kind, name)
        keys |= {f"n:{number}" for number in one.numbers}
    return keys


def parties_under(digests: Iterable[bytes]) -> list[str]:
    """Return the parties whose names share one of these keyed digests, in order, in one query."""
    rows = ScreenedKey.objects.filter(digest__in=list(digests)).values_list("party_id")
    return [str(one) for (one,) in rows.distinct().order_by("party_id")]


def not_yet_screened(after: UUID) -> Iterator[UUID]:
    """Yield the parties beyond `after` that were never screened; three queries for every 500.

    Whose records were erased in time was screened: they are when they come back to business.
    """
    while chunk := list_party_ids(after, AT_ONCE):
        known = Screening.objects.filter(party_id__in=chunk).values_list("party_id", flat=True)
        gone = LaunderingErasure.objects.filter(party_id__in=chunk)
        erased = set(gone.values_list("party_id", flat=True))
        yield from sorted(set(chunk) - set(known) - erased)
        after = chunk[-1]
