"""Papers to take away: certificates, supplements to agreements, due dates for a calendar."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from rongqiao.lending.servicing.queries.amending.changes import get_supplement, render_supplement
from rongqiao.lending.servicing.queries.certificates import (
    CertificateView,
    get_certificate,
    render_certificate,
)
from rongqiao.lending.servicing.queries.loans import LoanDetail, get_loan
from rongqiao.platform import clock
from rongqiao.web.borrower.signing import paper_of
from rongqiao.web.frame.access import acting, party_of
from rongqiao.web.frame.downloads import attachment

# RFC 5545, 3.1: no line is longer than 75 octets; what follows a fold begins with a space.
OCTETS = 75


@acting
def certificate(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Show the certificate with the code by which anybody can check it.

    It is issued moments after the loan was closed; until then the page says so.
    """
    party = party_of(request)
    detail = get_loan(loan_id, clock.business_date(), party.id)
    card = detail.card
    if card.state == "closed" and not detail.has_certificate:
        response = render(request, "borrower/loans/certificate_coming.html", {"card": card})
        response["Cache-Control"] = "no-store"
        return response
    view = get_certificate(loan_id, party.id)
    address = _verify_address(request, view)
    content = {
        "card": card,
        "certificate": view,
        "paper": paper_of(view.text),
        "address": address,
        "qr": _qr(address),
    }
    return render(request, "borrower/loans/certificate.html", content)


@acting
def certificate_pdf(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Give the certificate on paper."""
    party = party_of(request)
    detail = get_loan(loan_id, clock.business_date(), party.id)
    if detail.card.state == "closed" and not detail.has_certificate:
        return redirect("certificate", loan_id)
    view = get_certificate(loan_id, party.id)
    before_token = _verify_address(request, view).removesuffix(f"{view.token}/")
    content = render_certificate(loan_id, party.id, before_token)
    return attachment(content, f"{view.number}.pdf", "application/pdf")


@acting
def supplement(request: HttpRequest, loan_id: UUID, change_id: UUID) -> HttpResponse:
    """Show what was agreed when the loan's terms were changed."""
    party = party_of(request)
    card = get_loan(loan_id, clock.business_date(), party.id).card
    view = get_supplement(change_id, party.id)
    content = {"card": card, "supplement": view, "paper": paper_of(view.text)}
    return render(request, "borrower/loans/supplement.html", content)


@acting
def supplement_pdf(request: HttpRequest, loan_id: UUID, change_id: UUID) -> HttpResponse:
    """Give the supplement on paper."""
    party = party_of(request)
    get_loan(loan_id, clock.business_date(), party.id)
    view = get_supplement(change_id, party.id)
    content = render_supplement(change_id, party.id)
    return attachment(content, f"{view.number}.pdf", "application/pdf")


@acting
def calendar(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Give the open instalments as a calendar: one whole-day event each, told the day before."""
    detail = get_loan(loan_id, clock.business_date(), party_of(request).id)
    name = f"{detail.card.number}.ics"
    return attachment(_ics(detail).encode(), name, "text/calendar; charset=utf-8")


def _verify_address(request: HttpRequest, view: CertificateView) -> str:
    return request.build_absolute_uri(reverse("verify-certificate", args=[view.token]))


def _qr(address: str) -> SafeString:
    """Return the code as a drawing without styles: the page's policy refuses them."""
    code = segno.make(address, error="m")
    drawing = code.svg_inline(omitsize=True, border=2, svgclass=None, lineclass=None)
    return mark_safe(drawing)  # noqa: S308 - drawn here, from our own address


def _ics(detail: LoanDetail) -> str:
    """Return an iCalendar object (RFC 5545) of the instalments still to pay."""
    stamp = clock.now().strftime("%Y%m%dT%H%M%SZ")
    number = detail.card.number
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//RongQiao//Repayments//ZH",
        "METHOD:PUBLISH",
    ]
    for row in detail.rows:
        if row.settled_on is not None:
            continue
        amount = row.left or row.payment
        title = _("还款 %(amount)s 元（%(number)s 第 %(no)s 期）") % {
            "amount": amount.text(),
            "number": number,
            "no": row.no,
        }
        lines += [
            "BEGIN:VEVENT",
            f"UID:{detail.card.id}-{row.no}@rongqiao",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{_compact(row.due_on)}",
            f"DTEND;VALUE=DATE:{_compact(row.due_on + timedelta(days=1))}",
            f"SUMMARY:{_escaped(title)}",
            "TRANSP:TRANSPARENT",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{_escaped(title)}",
            "TRIGGER:-P1D",
            "END:VALARM",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(_folded(line) + "\r\n" for line in lines)


def _compact(on: date) -> str:
    return on.strftime("%Y%m%d")


def _escaped(text: str) -> str:
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    return text


def _folded(line: str) -> str:
    """Return the line folded before its octets pass the limit, never inside a character."""
    parts, size = [""], 0
    for letter in line:
        width = len(letter.encode())
        if size + width > OCTETS:
            parts.append(" ")
            size = 1
        parts[-1] += letter
        size += width
    return "\r\n".join(parts)
