"""What an officer can do on a page: a verb says what it does before it is done, and asks for why.

A page shows its verbs closed; one that was refused is shown open, with what was said and why not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rongqiao.platform.operations import Call
from rongqiao.web.frame.forms import KeyedForm

LONGEST_REASON = 200


class PlainForm(KeyedForm):
    """A verb that needs no more than to be confirmed."""


class ReasonForm(KeyedForm):
    """A verb that asks for why."""

    reason = forms.CharField(
        label=_("理由"), max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 2})
    )


@dataclass(frozen=True, kw_only=True)
class Verb:
    """One thing to do: its name, what it does, what it asks, and how. `tone`: primary or error."""

    label: Promise
    says: Promise
    run: Callable[[Any, dict[str, Any], Call], Any]
    form: type[KeyedForm] = PlainForm
    tone: str = ""


@dataclass(frozen=True)
class Refused:
    """A verb that was not done, and its form with the reason."""

    verb: str
    form: KeyedForm


Verbs = Mapping[str, Verb]


def attempt(request: HttpRequest, verbs: Verbs, name: str, target: Any) -> Refused | None:
    """Do the verb `name` to `target`; return None when it is done. Raises Http404 for no verb."""
    verb = verbs.get(name)
    if verb is None:
        raise Http404
    form = verb.form(request.POST, request.FILES, auto_id=f"{name}-%s")
    if form.is_valid():
        said = form.cleaned_data
        if form.attempt(lambda: verb.run(target, said, form.call(request)) or True) is not None:
            return None
    return Refused(name, form)


def shown_verbs(
    verbs: Verbs,
    names: Iterable[str],
    address_of: Callable[[str], str],
    refused: Refused | None = None,
    mark: str = "",
) -> list[dict[str, Any]]:
    """Return those of the verbs that fit now, for parts/acts.html; a refused one stays open.

    `mark` tells the fields of one row of a list from those of another.
    """
    shown = []
    for name in names:
        verb = verbs[name]
        is_refused = refused is not None and refused.verb == name
        form = refused.form if refused and is_refused else verb.form(auto_id=f"{name}{mark}-%s")
        shown.append(
            {
                "name": name,
                "verb": verb,
                "address": address_of(name),
                "form": form,
                "is_open": is_refused,
            }
        )
    return shown


def refusal_of(refused: Refused | None, names: Iterable[str]) -> str:
    """Return why a verb was refused that the page no longer offers; empty otherwise."""
    if refused is None or refused.verb in set(names):
        return ""
    return next((str(errors[0]) for errors in refused.form.errors.values()), "")
