"""The front door: what the platform is and what it costs; where each goes after logging in."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from rongqiao.lending.products.queries import list_products
from rongqiao.platform import clock
from rongqiao.web.frame.access import parties_of, roles_held
from rongqiao.web.public.products import card_of


def home(request: HttpRequest) -> HttpResponse:
    """Show the platform, its products with their true cost, and one plan laid open."""
    on = clock.calendar_date()
    cards = [card_of(product, on) for product in list_products(on)]
    content = {"cards": cards, "plan": cards[0].plan if cards else None}
    return render(request, "public/home.html", content)


@login_required
def after_login(request: HttpRequest) -> HttpResponse:
    """Lead staff to their desk and everybody else to their own pages."""
    if roles_held(request) and not parties_of(request):
        return redirect("desk")
    return redirect("dashboard")
