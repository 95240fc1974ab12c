"""Take in a file of a list: a version, what it adds, changes and takes away."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Max

from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.risk.laundering.lists import BadList, delta, digest_of, index_keys, read_list
from rongqiao.risk.laundering.names.matching import Listed
from rongqiao.risk.models.laundering.casework import ListedEntry, ListKind, ListVersion
from rongqiao.risk.operations.laundering.officers import acting

LONGEST_CODE, LONGEST_SOURCE = 40, 200
BATCH = 2_000


class ListRefused(Refusal):
    """The file is no list that can be taken in; facts: `field`, `why`, `row`, `value`."""

    kind, code = Kind.INVALID, "laundering.list-refused"


class ListShrinks(Refusal):
    """More than half of the list would go: it is said again that this is meant.

    Facts: `field`, `removed`, `entries`.
    """

    kind, code = Kind.INVALID, "laundering.list-shrinks"


class ListUnchanged(Refusal):
    """The file says what the version in force says; fact: `field`."""

    kind, code = Kind.INVALID, "laundering.list-unchanged"


@dataclass(frozen=True, kw_only=True)
class ImportList:
    """The list's code and kind, where the file is from, and its text."""

    code: str
    kind: str
    source: str
    content: str = sensitive()
    is_shrinking_meant: bool = False


@dataclass(frozen=True, kw_only=True)
class ListImported:
    """The new version and what it changed."""

    version_id: UUID
    added: int
    changed: int
    removed: int


@operation("risk.laundering.import_list", restore=ListImported)
def import_list(command: ImportList, call: Call) -> ListImported:
    """Take the file in as the list's next version; customers are screened against what is new.

    Raises NotFound, ListRefused, ListShrinks, ListUnchanged.
    """
    acting(call)
    code, kind = command.code.strip(), command.kind
    if not code or len(code) > LONGEST_CODE or kind not in ListKind.values:
        raise ListRefused(field="code", why="code", row="0", value=code[:40])
    try:
        entries = read_list(command.content)
    except BadList as error:
        raise ListRefused(
            field="content", why=error.code, row=str(error.row), value=error.value
        ) from error
    in_force = ListedEntry.objects.select_for_update().filter(code=code, until=None)
    before = {ref: bytes(digest) for ref, digest in in_force.values_list("reference", "digest")}
    change = delta(before, entries)
    if not (change.added or change.changed or change.removed):
        raise ListUnchanged(field="content")
    if len(change.removed) * 2 > len(before) and before and not command.is_shrinking_meant:
        raise ListShrinks(
            field="content", removed=str(len(change.removed)), entries=str(len(before))
        )
    last = ListVersion.objects.filter(code=code).aggregate(last=Max("number"))["last"] or 0
    version = ListVersion.objects.create(
        id=new_id(call.at),
        code=code,
        kind=kind,
        number=last + 1,
        source=command.source.strip()[:LONGEST_SOURCE],
        sha256=hashlib.sha256(command.content.encode()).hexdigest(),
        entries=len(entries),
        added=len(change.added),
        changed=len(change.changed),
        removed=len(change.removed),
        imported_by=call.actor,
        imported_at=call.at,
        imported_on=call.on,
    )
    gone = {*change.changed, *change.removed}
    in_force.filter(reference__in=list(gone)).update(until=version.number)
    fresh = {*change.added, *change.changed}
    ListedEntry.objects.bulk_create(
        (_row(one, code, version.number) for one in entries if one.reference in fresh),
        batch_size=BATCH,
    )
    return ListImported(
        version_id=version.pk,
        added=version.added,
        changed=version.changed,
        removed=version.removed,
    )


def _row(one: Listed, code: str, number: int) -> ListedEntry:
    return ListedEntry(
        code=code,
        reference=one.reference,
        kind=one.kind,
        names=list(one.names),
        born=list(one.born),
        numbers=list(one.numbers),
        countries=list(one.countries),
        programme=one.programme,
        remark=one.remark,
        digest=digest_of(one),
        keys=index_keys(one),
        since=number,
    )
