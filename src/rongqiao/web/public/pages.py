"""Pages of words: help, who we are, the agreements' texts, and what robots are told."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from rongqiao.lending.products.queries import list_products
from rongqiao.platform import clock
from rongqiao.policies.consents import PRIVACY, TERMS, text_in_force
from rongqiao.web.public.plans import in_language

LISTED = ("home", "products", "calculator", "estimate", "compare", "cost", "help", "about")


def help_page(request: HttpRequest) -> HttpResponse:
    """Answer what people ask first."""
    return render(request, "public/help.html")


def about(request: HttpRequest) -> HttpResponse:
    """Say who runs the platform, what it keeps to, and where its data come from."""
    return render(request, "public/about.html")


def terms(request: HttpRequest) -> HttpResponse:
    """Show the terms of service in force."""
    return _text(request, TERMS)


def privacy(request: HttpRequest) -> HttpResponse:
    """Show how personal information is handled."""
    return _text(request, PRIVACY)


def robots(request: HttpRequest) -> HttpResponse:
    """Keep robots out of what is private, and show them the map."""
    lines = ["User-agent: *", "Disallow: /my/", "Disallow: /desk/", "Disallow: /account/"]
    lines += ["Disallow: /verify/", f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}"]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain")


def sitemap(request: HttpRequest) -> HttpResponse:
    """List the public pages for search engines."""
    paths = [reverse(name) for name in LISTED]
    paths += [reverse("product", args=[one.code]) for one in list_products(clock.calendar_date())]
    content = {"addresses": [request.build_absolute_uri(path) for path in paths]}
    return render(request, "public/sitemap.xml", content, content_type="application/xml")


def _text(request: HttpRequest, kind: str) -> HttpResponse:
    text = text_in_force(kind, clock.calendar_date())
    content = {
        "text": text,
        "heading": in_language(text.title, text.title_en),
        "paragraphs": in_language(text.wording, text.wording_en).splitlines(),
        "is_translation": in_language("", "yes"),
    }
    return render(request, "public/text.html", content)
