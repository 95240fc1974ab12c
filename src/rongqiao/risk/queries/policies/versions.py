"""Versions of credit policies: which one holds on a day, what waits, and the whole history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count

from rongqiao.platform.refusals import NotFound
from rongqiao.risk.judging.document import from_bytes
from rongqiao.risk.judging.policy import Policy
from rongqiao.risk.models.policies import PolicyDraft, PolicyVersion
from rongqiao.risk.queries.judging import policy_text as shipped_text
from rongqiao.risk.queries.judging import read_text

WAITING, REFUSED, WITHDRAWN = "waiting", "refused", "withdrawn"
IN_FORCE, SCHEDULED, SUPERSEDED = "in-force", "scheduled", "superseded"
_STANDING = {"proposed": WAITING, "refused": REFUSED, "withdrawn": WITHDRAWN}
_WITHOUT_BODY = ("body",)


@dataclass(frozen=True, kw_only=True)
class VersionView:
    """A version and where it stands on a day.

    `standing` is waiting, refused or withdrawn, or of a released one in-force, scheduled (its day
    is still to come) or superseded. `decided_by` is empty while it waits.
    """

    id: UUID
    code: str
    number: int
    label: str
    origin: str
    based_on_id: UUID | None
    sha256: str
    reason: str
    proposed_for: date
    proposed_by: str
    proposed_at: datetime
    effective_on: date | None
    decided_by: str
    decided_at: datetime | None
    decided_because: str
    standing: str


@dataclass(frozen=True, kw_only=True)
class PolicyRow:
    """One policy: what holds, what comes next, what waits, and how many drafts are open."""

    code: str
    in_force: VersionView | None
    scheduled: VersionView | None
    waiting: VersionView | None
    drafts: int
    versions: int


def policy_on(code: str, on: date) -> Policy:
    """Return the policy `code` that holds on a day; raises policies' NoPolicy."""
    return read_text(policy_text(code, on))


def policy_text(code: str, on: date) -> bytes:
    """Return the canonical text of the policy `code` that holds on a day; raises NoPolicy.

    One query, and one more for a text that was not read before. Where no version was ever laid
    down it is the one that comes with the house.
    """
    found = PolicyVersion.objects.filter(code=code, state="released", effective_on__lte=on)
    row = found.order_by("-effective_on").values_list("pk", "sha256").first()
    return shipped_text(code, on) if row is None else _text(*row)


def read_version(version_id: UUID) -> Policy:
    """Return the policy that a version says, whatever became of it. Raises NotFound."""
    row = PolicyVersion.objects.filter(pk=version_id).values_list("pk", "sha256").first()
    if row is None:
        raise NotFound(what="policy-version")
    return read_text(_text(*row))


def document_of(version_id: UUID) -> dict[str, Any]:
    """Return a version's document as JSON values. Raises NotFound."""
    body = PolicyVersion.objects.filter(pk=version_id).values_list("body", flat=True).first()
    if body is None:
        raise NotFound(what="policy-version")
    return from_bytes(body.encode())


def get_version(version_id: UUID, on: date) -> VersionView:
    """Return a version as it stands on a day. Raises NotFound."""
    row = PolicyVersion.objects.defer(*_WITHOUT_BODY).filter(pk=version_id).first()
    if row is None:
        raise NotFound(what="policy-version")
    return next(one for one in list_versions(row.code, on) if one.id == version_id)


def find_version(code: str, text: str, on: date) -> VersionView | None:
    """Return the version that a number, a label or the beginning of a digest names, else None."""
    versions = list_versions(code, on)
    named = [one for one in versions if text in (str(one.number), one.label)]
    named += [one for one in versions if len(text) >= 8 and one.sha256.startswith(text)]
    return named[0] if named else None


def list_versions(code: str, on: date) -> tuple[VersionView, ...]:
    """Return every version of a policy as it stands on a day, newest first."""
    rows = PolicyVersion.objects.filter(code=code).defer(*_WITHOUT_BODY).order_by("-number")
    return _standing(list(rows), on)


def list_policies(on: date) -> tuple[PolicyRow, ...]:
    """Return every policy as it stands on a day, in two queries."""
    rows = PolicyVersion.objects.defer(*_WITHOUT_BODY).order_by("code", "-number")
    by_code: dict[str, list[PolicyVersion]] = {}
    for row in rows:
        by_code.setdefault(row.code, []).append(row)
    counted = PolicyDraft.objects.filter(state="open").values_list("code")
    drafts = dict(counted.annotate(n=Count("pk")).order_by("code"))
    return tuple(_policy(code, _standing(own, on), drafts) for code, own in by_code.items())


def _policy(code: str, versions: tuple[VersionView, ...], drafts: dict[str, int]) -> PolicyRow:
    def first(standing: str) -> VersionView | None:
        return next((one for one in versions if one.standing == standing), None)

    return PolicyRow(
        code=code,
        in_force=first(IN_FORCE),
        scheduled=min(
            (one for one in versions if one.standing == SCHEDULED),
            key=lambda one: one.effective_on or one.proposed_for,
            default=None,
        ),
        waiting=first(WAITING),
        drafts=drafts.get(code, 0),
        versions=len(versions),
    )


def _standing(rows: list[PolicyVersion], on: date) -> tuple[VersionView, ...]:
    days = [row.effective_on for row in rows if row.effective_on and row.effective_on <= on]
    newest = max(days, default=None)
    return tuple(_view(row, on, newest) for row in rows)


def _view(row: PolicyVersion, on: date, newest: date | None) -> VersionView:
    standing = _STANDING.get(row.state)
    if standing is None:
        assert row.effective_on is not None
        later = SCHEDULED if row.effective_on > on else SUPERSEDED
        standing = IN_FORCE if row.effective_on == newest else later
    names = VersionView.__dataclass_fields__.keys() - {"standing"}
    return VersionView(**{name: getattr(row, name) for name in names}, standing=standing)


def _text(version_id: UUID, digest: str) -> bytes:
    known = _by_digest.get(digest)
    if known is None:
        body = PolicyVersion.objects.values_list("body", flat=True).get(pk=version_id)
        known = _by_digest[digest] = body.encode()
    return known


# A digest names one text for ever: nothing here ever grows stale. Versions are few.
_by_digest: dict[str, bytes] = {}
