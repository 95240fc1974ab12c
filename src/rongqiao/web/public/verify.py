"""Whoever holds a paper of ours can check it here, without logging in; names come masked."""

from __future__ import annotations

import re

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from rongqiao.lending.origination.queries.papers import BYTES_CHECKED_MOST, verify_copy
from rongqiao.lending.servicing.queries.certificates import verify_certificate
from rongqiao.web.frame.forms import StrictForm, shown

_TOKEN = re.compile(r"[0-9A-Za-z_-]{8,80}", re.ASCII)


class CopyForm(StrictForm):
    """A copy of an agreement, as downloaded from here."""

    copy = forms.FileField(label=gettext_lazy("合同文件（PDF）"))

    def __init__(self, *args: object, **options: object) -> None:
        """Let the browser offer PDF files alone."""
        super().__init__(*args, **options)
        self.fields["copy"].widget.attrs["accept"] = "application/pdf,.pdf"

    def clean_copy(self) -> bytes:
        """Refuse what is too large to be one of ours before reading it."""
        copy = self.cleaned_data["copy"]
        if copy.size > BYTES_CHECKED_MOST:
            raise forms.ValidationError(
                _("文件「%(name)s」超过 %(most)d MB，不会是这里签发的合同。")
                % {"name": shown(copy.name), "most": BYTES_CHECKED_MOST // 1024**2}
            )
        content: bytes = copy.read()
        return content


class TokenForm(StrictForm):
    """The number under a certificate's QR code."""

    token = forms.CharField(label=gettext_lazy("证明上的验真码"), max_length=200)

    def clean_token(self) -> str:
        """Refuse what no certificate carries."""
        token: str = re.sub(r"[\s-]", "", self.cleaned_data["token"])
        if not _TOKEN.fullmatch(token):
            raise forms.ValidationError(
                _("验真码「%(value)s」不对：请照抄证明二维码下方的字符。")
                % {"value": shown(self.cleaned_data["token"])}
            )
        return token


def verify(request: HttpRequest) -> HttpResponse:
    """Offer both checks; a copy is checked at once, a token has an address of its own."""
    copy, token = CopyForm(), TokenForm(request.GET if "token" in request.GET else None)
    found, status = None, 200
    if request.method == "POST":
        copy = CopyForm(request.POST, request.FILES)
        if copy.is_valid():
            found = verify_copy(copy.cleaned_data["copy"])
    elif token.is_bound and token.is_valid():
        return redirect("verify-certificate", token.cleaned_data["token"])
    if copy.errors or token.errors:
        status = 422
    content = {"copy": copy, "token": token, "found": found}
    return render(request, "public/verify.html", content, status=status)


@require_safe
def certificate(request: HttpRequest, token: str) -> HttpResponse:
    """Say what the certificate of a token proves, or that there is none."""
    proof = verify_certificate(token)
    return render(
        request, "public/certificate.html", {"proof": proof}, status=200 if proof else 404
    )
