"""Registration, by phone or by e-mail, and the texts agreed to."""

from __future__ import annotations

from typing import Any

from allauth.account.views import SignupView
from allauth.core.exceptions import RateLimited
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from typing_extensions import override

from rongqiao.platform import clock
from rongqiao.policies.consents import PRIVACY, TERMS, text_in_force
from rongqiao.web.account.forms import RegisterForm
from rongqiao.web.account.limits import too_many


class RegisterView(SignupView):
    """The registration page; what it answers never tells whether an account is there."""

    by = "phone"

    @override
    def get_form_class(self) -> type[RegisterForm]:
        return RegisterForm

    @override
    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "by": self.by}

    @override
    def form_valid(self, form: RegisterForm) -> HttpResponse:
        try:
            answer: HttpResponse = super().form_valid(form)
        except RateLimited:
            return too_many(self.request)
        return answer

    @override
    def get_context_data(self, **options: Any) -> dict[str, Any]:
        on = clock.calendar_date()
        texts = [text_in_force(kind, on) for kind in (TERMS, PRIVACY)]
        return {**super().get_context_data(**options), "by": self.by, "texts": texts}


def consent_text(request: HttpRequest, kind: str) -> HttpResponse:
    """Show the wording in force of one text, to anybody."""
    try:
        text = text_in_force(kind, clock.calendar_date())
    except LookupError:
        raise Http404 from None
    return render(request, "account/profile/consent_text.html", {"text": text})
