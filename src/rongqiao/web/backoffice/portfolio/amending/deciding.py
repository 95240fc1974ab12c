"""What the acts on one loan share: who may propose, what waits for whom, how a word is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.queries.loans import LoanCard
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import NotFound
from rongqiao.policies.roles import Role
from rongqiao.web.frame.access import roles_held
from rongqiao.web.frame.forms import KeyedForm, first_error

LIVE = ("active", "overdue", "restructured")
WORDS = ("approve", "decline", "withdraw")


class Act(Protocol):
    """Something proposed for a loan."""

    @property
    def state(self) -> str:
        """`waiting` until the second person's word."""

    @property
    def proposed_by(self) -> str:
        """Who proposed it."""


class DecideForm(KeyedForm):
    """The sum that the decider was shown, in fen."""

    shown = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def amount(self) -> Money | None:
        """Return the sum, None where none was shown."""
        shown = self.cleaned_data["shown"]
        return None if shown is None else Money(shown)


def checked_word(word: str) -> str:
    """Return the word of a second person, or of who takes it back. Raises NotFound."""
    if word not in WORDS:
        raise NotFound
    return word


def answer(
    request: HttpRequest,
    form: KeyedForm,
    act: Callable[[Call], object],
    page: tuple[str, UUID],
    said: str = "",
) -> HttpResponse:
    """Do the act where the form allows it, say so or why not, and go back to the loan's page."""
    done = form.attempt(lambda: act(form.call(request))) if form.is_valid() else None
    if done is None:
        messages.error(request, first_error(form))
    else:
        messages.success(request, said or _("已办理。"))
    return redirect(*page)


def may_propose(
    request: HttpRequest,
    card: LoanCard,
    acts: Iterable[Act],
    proposers: Iterable[Role],
    standing: Iterable[str] = ("waiting",),
) -> bool:
    """Tell whether the viewer may propose another act: the loan lives, and none stands."""
    taken = set(standing)
    is_free = card.state in LIVE and not any(one.state in taken for one in acts)
    return is_free and bool(roles_held(request) & set(proposers))


def waiting_for(request: HttpRequest, one: Act, deciders: Iterable[Role]) -> dict[str, Any]:
    """Return whether an act is the viewer's own that waits, and whether the viewer decides it."""
    is_waiting, is_mine = one.state == "waiting", one.proposed_by == f"user:{request.user.pk}"
    may_decide = bool(roles_held(request) & set(deciders))
    return {
        "is_mine": is_waiting and is_mine,
        "is_to_decide": is_waiting and not is_mine and may_decide,
    }
