"""Who may open a page: a member of staff with a role, a user who acts for a party."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.parties.queries import PartyView, list_parties_of, roles_of
from rongqiao.platform.refusals import NotFound, Refusal
from rongqiao.policies.roles import Role
from rongqiao.web.frame.refusals import STATUS, message_for
from rongqiao.web.templatetags.acting import SHOWN_FOR

V = TypeVar("V", bound=Callable[..., HttpResponse])
ACTING = "acting_party"
# What addresses call a thing that one party owns: its own page holds the form to that owner. An
# address that names nothing of these takes no form without `SHOWN_FOR`.
OWNED = frozenset(
    {
        "application_id",
        "bank_account_id",
        "card_id",
        "drawing_id",
        "limit_id",
        "loan_id",
        "mandate_id",
        "order_id",
        "quote_id",
        "sheet_id",
    }
)
WHOSE = {
    "loan": gettext_lazy("这是 %(owner)s 的借款。您现在代表 %(acting)s。"),
    "application": gettext_lazy("这是 %(owner)s 的贷款申请。您现在代表 %(acting)s。"),
    "limit": gettext_lazy("这是 %(owner)s 的额度。您现在代表 %(acting)s。"),
    "pledges": gettext_lazy("这是 %(owner)s 的抵押与担保。您现在代表 %(acting)s。"),
}
LONGEST_MARK = 18
FURTHEST = 10**6


class ShownForAnother(Refusal):
    """The form was shown while the user acted for another of their parties."""

    code = "web.shown-for-another-party"


class ShownForNobody(Refusal):
    """The form does not say for whom it was shown, or for somebody the user does not act for."""

    code = "web.shown-for-no-party"


class OwnedByAnother(Exception):
    """A page was opened of what another of the user's parties owns; `acting` asks about it."""

    def __init__(self, owner: PartyView, what: str) -> None:
        super().__init__(what)
        self.owner, self.what = owner, what


def staff(*roles: Role) -> Callable[[V], V]:
    """Open the page to users with any of `roles`; to others it is not there.

    Roles are read anew at every request, so that a role taken away ends at once.
    """

    def decorate(view: V) -> V:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
            if not roles_held(request) & set(roles):
                raise NotFound
            return view(request, *args, **options)

        return guarded  # type: ignore[return-value]

    return decorate


def acting(view: V) -> V:
    """Open the page to a user who acts for a party; one who has none yet is led to register one.

    A form is taken only for the party it was shown for (`party_token`); for another, or for none,
    the answer is 409 and nothing is written. A page of what another of the user's parties owns
    (`hold_to_owner`) asks first: a link switches nobody.
    """

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        party = acting_party(request)
        if party is None:
            return redirect("identity")
        if request.method == "POST" and not _is_shown_for(request, party, options):
            return _refused_form(request, party)
        request.party = party  # type: ignore[attr-defined]
        try:
            return view(request, *args, **options)
        except OwnedByAnother as found:
            return _asked_first(request, party, found)

    guarded.is_acting = True  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def party_of(request: HttpRequest) -> PartyView:
    """Return the party of a page that `acting` opened."""
    party: PartyView | None = getattr(request, "party", None)
    assert party is not None, "a page without `acting`"
    return party


def roles_held(request: HttpRequest) -> frozenset[Role]:
    """Return the signed-in user's staff roles, read once a request."""
    if not request.user.is_authenticated:
        return frozenset()
    held: frozenset[Role] | None = getattr(request, "_roles", None)
    if held is None:
        held = roles_of(UUID(str(request.user.pk)))
        request._roles = held  # type: ignore[attr-defined]  # noqa: SLF001
    return held


def parties_of(request: HttpRequest) -> tuple[PartyView, ...]:
    """Return the parties the signed-in user acts for, read once a request."""
    if not request.user.is_authenticated:
        return ()
    parties: tuple[PartyView, ...] | None = getattr(request, "_parties", None)
    if parties is None:
        parties = list_parties_of(UUID(str(request.user.pk)))
        request._parties = parties  # type: ignore[attr-defined]  # noqa: SLF001
    return parties


def acting_party(request: HttpRequest) -> PartyView | None:
    """Return the party the user acts for now: the chosen one, else the first."""
    parties = parties_of(request)
    chosen = request.session.get(ACTING)
    return next((party for party in parties if str(party.id) == chosen), next(iter(parties), None))


def choose_party(request: HttpRequest, party_id: UUID) -> None:
    """Act for `party_id` from now on; raises NotFound for a party that is not the user's."""
    if all(party.id != party_id for party in parties_of(request)):
        raise NotFound
    request.session[ACTING] = str(party_id)


def hold_to_owner(request: HttpRequest, party_id: UUID, what: str) -> None:
    """Let a page of what `party_id` owns go on while the user acts for that party.

    `what` it is, a key of `WHOSE`, is told to who opens the page for another of their parties.
    Raises NotFound for an owner whom the user may not act for, and for whatever is not the opening
    of a page: a form is for one party, and a part that a window left open asks by itself.
    """
    if party_of(request).id == party_id:
        return
    owner = next((one for one in parties_of(request) if one.id == party_id), None)
    is_part = "HX-Request" in request.headers or "X-Part" in request.headers
    if owner is None or request.method != "GET" or is_part:
        raise NotFound
    raise OwnedByAnother(owner, what)


def _is_shown_for(request: HttpRequest, party: PartyView, named: Mapping[str, Any]) -> bool:
    """Tell whether a form may be taken for `party`; `named` is what its address names.

    What a party owns is not there for another: such a form raises NotFound, here or on its page.
    """
    shown_for = request.POST.get(SHOWN_FOR, "")
    if not OWNED & named.keys():
        return shown_for == str(party.id)
    if shown_for not in ("", str(party.id)):
        raise NotFound
    return True


def _refused_form(request: HttpRequest, party: PartyView) -> HttpResponse:
    """Say for whom the form was shown, and offer its page anew for that party."""
    shown_for = request.POST.get(SHOWN_FOR, "")
    other = next((one for one in parties_of(request) if str(one.id) == shown_for), None)
    refusal: Refusal = ShownForNobody(acting=party.name)
    if other is not None:
        refusal = ShownForAnother(shown_for=other.name, acting=party.name)
    content = {
        "heading": _("没有办理"),
        "said": message_for(refusal),
        "code": refusal.code,
        "other": other,
        "then": _came_from(request),
        "label": _("代表 %(name)s 重新打开") % {"name": other.name} if other else "",
    }
    return _for_whom(request, content)


def _asked_first(request: HttpRequest, party: PartyView, found: OwnedByAnother) -> HttpResponse:
    """Ask whether to act for the owner of what was opened; of itself nothing is told."""
    names = {"owner": found.owner.name, "acting": party.name}
    content = {
        "heading": _("要切换身份吗？"),
        "said": WHOSE[found.what] % names,
        "other": found.owner,
        "then": request.get_full_path(),
        "label": _("代表 %(name)s 查看") % {"name": found.owner.name},
    }
    return _for_whom(request, content)


def _for_whom(request: HttpRequest, content: dict[str, Any]) -> HttpResponse:
    """Show the choice. 409: what was asked for is at odds with whom one acts for, until chosen."""
    status = STATUS[Refusal.kind]
    response = render(request, "borrower/home/for_whom.html", content, status=status)
    if "HX-Request" in request.headers:
        response["HX-Retarget"] = "body"
    return response


def _came_from(request: HttpRequest) -> str:
    """Return the page of ours that a form stood on, with its query; the first page if unknown."""
    sent_from = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(sent_from, allowed_hosts={request.get_host()}):
        page = urlsplit(sent_from)
        if page.path.startswith("/") and not page.path.startswith("//"):
            return f"{page.path}?{page.query}" if page.query else page.path
    return reverse("dashboard")


def looked_for(request: HttpRequest, name: str = "q") -> str:
    """Return what is looked for, without the character that no table can hold."""
    return request.GET.get(name, "").replace("\x00", "").strip()


def page_mark(request: HttpRequest) -> int | None:
    """Return the number in `before`, from which a page goes on; None for anything else."""
    text = request.GET.get("before", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_MARK else None


def page_start(request: HttpRequest, furthest: int = FURTHEST) -> int:
    """Return how many rows come before the page, from `from`; 0 for what is no such number."""
    text = request.GET.get("from", "")
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(furthest))
    return min(int(text), furthest) if is_number else 0


def safe_next(request: HttpRequest, otherwise: str) -> str:
    """Return the address in `next` if it is one of ours, else `otherwise`."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # A word without a slash would be looked up as the name of a page.
    return wanted if is_ours and wanted.startswith("/") else otherwise
