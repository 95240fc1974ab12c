"""The firm's page of its statements."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from rongqiao.platform.refusals import NotFound
from rongqiao.risk.operations.enterprise.record_statement import record_statement
from rongqiao.risk.queries.enterprise import figures, statements_of
from rongqiao.web.borrower.statements.forms import StatementForm
from rongqiao.web.borrower.statements.tables import figure_rows, period
from rongqiao.web.borrower.statements.words import FIGURES
from rongqiao.web.borrower.words import say
from rongqiao.web.frame.access import acting, party_of
from rongqiao.web.frame.exports import csv_of, wants_csv


@acting
def statements(request: HttpRequest) -> HttpResponse:
    """Show what the firm and others have stated of it, and take another period."""
    party = party_of(request)
    if party.is_person:
        raise NotFound(what="statements")
    form = StatementForm(request.POST or None, is_own=True)
    if request.method == "POST" and form.is_valid():
        command = form.command(party.id)
        done = form.attempt(lambda: record_statement(command, form.call(request)))
        if done is not None:
            messages.success(request, _("报表已保存。"))
            return redirect("statements")
    stated = statements_of(party.id)
    if wants_csv(request):
        heads = (_("项目"), *(one.statement.ends_on.isoformat() for one in stated))
        rows = (
            (say(FIGURES, name), *(getattr(one.statement, name) for one in stated))
            for name in figures()
        )
        return csv_of("statements", heads, rows)
    context = {
        "party": party,
        "periods": [period(one) for one in stated],
        "figure_rows": figure_rows(stated),
        "form": form,
    }
    status = 422 if form.is_bound else 200
    return render(request, "borrower/statements.html", context, status=status)
