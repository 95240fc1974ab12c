"""The profile: how one logs in, whom one acts for, what one agreed to, where one is logged in."""

from __future__ import annotations

from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rongqiao.parties.operations.consents.give_consent import GiveConsent, give_consent
from rongqiao.parties.operations.consents.withdraw_consent import WithdrawConsent, withdraw_consent
from rongqiao.parties.queries import consents_of, list_bank_accounts, masked_phone_of
from rongqiao.platform import clock
from rongqiao.platform.refusals import NotFound
from rongqiao.policies.consents import KINDS, text_in_force
from rongqiao.policies.masking import mask_email
from rongqiao.risk.queries.inquiring.standing import standing_of
from rongqiao.web.account.checks.words import checks_of
from rongqiao.web.frame.access import acting_party, parties_of, safe_next
from rongqiao.web.frame.devices import browser_name
from rongqiao.web.frame.forms import KeyedForm


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Show the account, everything personal masked."""
    user_id = UUID(str(request.user.pk))
    party = acting_party(request)
    emails = EmailAddress.objects.filter(user_id=user_id).order_by("-primary", "pk")
    standing = standing_of((view.id for view in parties_of(request)), clock.now())
    content = {
        "phone": masked_phone_of(user_id),
        "emails": [mask_email(address.email) for address in emails],
        "parties": [
            {"view": view, "checks": checks_of(view, standing.get(view.id, {}))}
            for view in parties_of(request)
        ],
        "party": party,
        "bank_accounts": [
            (view, KeyedForm()) for view in (list_bank_accounts(party.id) if party else ())
        ],
        "is_firm": bool(party and not party.is_person),
        "has_person": any(view.is_person for view in parties_of(request)),
    }
    return render(request, "account/profile/profile.html", content)


@login_required
def consents(request: HttpRequest) -> HttpResponse:
    """Show what one agreed to, in which version and when."""
    user_id = UUID(str(request.user.pk))
    on = clock.calendar_date()
    standing = {view.kind: view for view in consents_of(user_id)}
    rows = [(text_in_force(kind, on), standing.get(kind), KeyedForm()) for kind in KINDS]
    return render(request, "account/profile/consents.html", {"rows": rows})


@require_POST
@login_required
def change_consent(request: HttpRequest, kind: str, action: str) -> HttpResponse:
    """Give a consent to the version in force, or take it back."""
    form = KeyedForm(request.POST)
    if not form.is_valid():
        raise NotFound
    user_id = UUID(str(request.user.pk))
    if action == "give":
        try:
            version = text_in_force(kind, clock.calendar_date()).version
        except LookupError:
            raise NotFound from None
        give_consent(GiveConsent(user_id=user_id, kind=kind, version=version), form.call(request))
        messages.success(request, _("授权已记录。"))
    else:
        withdraw_consent(WithdrawConsent(user_id=user_id, kind=kind), form.call(request))
        messages.success(request, _("授权已撤回。"))
    return redirect(safe_next(request, reverse("consents")))


@login_required
def sessions(request: HttpRequest) -> HttpResponse:
    """List where one is logged in; close one, or all but this."""
    assert isinstance(request.user, AbstractBaseUser)
    mine = UserSession.objects.purge_and_list(request.user)
    if request.method == "POST":
        wanted = request.POST.get("session", "")
        others = [row for row in mine if not row.is_current()]
        ended = [row for row in others if wanted in (str(row.pk), "others")]
        for row in ended:
            row.end()
        if ended:
            messages.success(request, _("所选登录已退出。"))
        return redirect("sessions")
    mine.sort(key=lambda row: (not row.is_current(), -row.created_at.timestamp()))
    shown = [{"one": row, "browser": browser_name(row.user_agent)} for row in mine]
    return render(request, "account/profile/sessions.html", {"sessions": shown})
