"""Who may open a page: a member of staff with a role, a user who acts for a party."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from rongqiao.parties.queries import PartyView, list_parties_of, roles_of
from rongqiao.platform.refusals import NotFound
from rongqiao.policies.roles import Role

V = TypeVar("V", bound=Callable[..., HttpResponse])
ACTING = "acting_party"
LONGEST_MARK = 18


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
    """Open the page to a user who acts for a party; one who has none yet is led to register one."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        party = acting_party(request)
        if party is None:
            return redirect("identity")
        request.party = party  # type: ignore[attr-defined]
        return view(request, *args, **options)

    return guarded  # type: ignore[return-value]


def party_of(request: HttpRequest) -> PartyView:
    """Return the party of a page that `acting` opened."""
    party = acting_party(request)
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


def act_for_owner(request: HttpRequest, party_id: UUID) -> None:
    """Let a page of what `party_id` owns go on: who follows a link to it acts for the owner now.

    Raises NotFound for an owner whom the user may not act for, and for whatever is not the opening
    of a page: nothing is written for a party other than the one the form was shown for, and a part
    that a window left open asks for by itself chooses nobody.
    """
    if party_of(request).id == party_id:
        return
    is_part = "HX-Request" in request.headers or "X-Part" in request.headers
    if request.method != "GET" or is_part:
        raise NotFound
    choose_party(request, party_id)
    request.party = party_of(request)  # type: ignore[attr-defined]
    messages.info(request, _("现在代表 %(name)s 办理。") % {"name": party_of(request).name})


def looked_for(request: HttpRequest, name: str = "q") -> str:
    """Return what is looked for, without the character that no table can hold."""
    return request.GET.get(name, "").replace("\x00", "").strip()


def page_mark(request: HttpRequest) -> int | None:
    """Return the number in `before`, from which a page goes on; None for anything else."""
    text = request.GET.get("before", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_MARK else None


def safe_next(request: HttpRequest, otherwise: str) -> str:
    """Return the address in `next` if it is one of ours, else `otherwise`."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else otherwise
