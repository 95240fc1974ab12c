"""A party's loans: the list, one loan with its plan and what is owed today, its statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rongqiao.finance.money import Money
from rongqiao.lending.origination.queries.papers import AgreementView, list_agreements
from rongqiao.lending.products.queries import LoanCost, VersionView, cost_of, list_versions
from rongqiao.lending.servicing.operations.starting.authorise_debit import (
    AuthoriseDebit,
    authorise_debit,
)
from rongqiao.lending.servicing.queries.amending.changes import list_supplements
from rongqiao.lending.servicing.queries.amending.draws import draw_room_of
from rongqiao.lending.servicing.queries.amending.holds import is_held
from rongqiao.lending.servicing.queries.amending.prepayments import KeptRow, list_former_plans
from rongqiao.lending.servicing.queries.amending.rates import floating_of, list_rates
from rongqiao.lending.servicing.queries.amending.recalls import recall_of
from rongqiao.lending.servicing.queries.amending.watched import watch_of
from rongqiao.lending.servicing.queries.amending.write_offs import write_off_of
from rongqiao.lending.servicing.queries.loans import (
    LoanCard,
    LoanDetail,
    Owed,
    PlanRow,
    RowState,
    get_loan,
    get_statement,
    list_loans,
)
from rongqiao.platform import clock
from rongqiao.web.borrower import words
from rongqiao.web.frame.access import acting, hold_to_owner, party_of, safe_next
from rongqiao.web.frame.charts import Chart, Series, stacked_bars
from rongqiao.web.frame.exports import csv_of, wants_csv
from rongqiao.web.frame.forms import KeyedForm

OPEN = ("overdue", "due", "partly-paid")
Versions = Mapping[tuple[str, int], VersionView]


class DebitForm(KeyedForm):
    """One button: let the platform debit what is due, or no longer."""

    is_authorised = forms.BooleanField(required=False, widget=forms.HiddenInput)


@acting
def loans(request: HttpRequest) -> HttpResponse:
    """List the party's loans, open ones first."""
    cards = list_loans(party_of(request).id, clock.business_date())
    versions = versions_by_number()
    if wants_csv(request):
        return _loans_csv(cards, versions)
    rows = [shown_card(card, versions) for card in cards]
    return render(request, "borrower/loans/list.html", {"rows": rows})


@acting
def loan(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Show one loan: what is owed today, the plan, its chart and what can be done."""
    detail = _own_loan(request, loan_id)
    party = party_of(request)
    if wants_csv(request):
        return _plan_csv(detail)
    versions = versions_by_number()
    agreement = agreements_of(party.id).get(detail.card.agreement_id)
    content = {
        **shown_card(detail.card, versions),
        "detail": detail,
        "agreement": agreement,
        "cost": cost_of_loan(detail.card, agreement, versions),
        "owed": owed_rows(detail.card.owed_now),
        "outstanding": owed_rows(detail.card.outstanding),
        "plan": plan_rows(detail.rows),
        "totals": plan_totals(detail.rows),
        **payoff_facts(detail),
        "former_plans": [
            {
                "replaced_on": plan.replaced_on,
                "is_prepaid": plan.cause == "prepayment",
                "is_drawn": plan.cause == "draw",
                "rows": kept_rows(plan.rows),
            }
            for plan in list_former_plans(loan_id)
        ],
        "has_fees": any(row.scheduled.fee for row in detail.rows),
        "chart": plan_chart(detail),
        # Of a loan that was paid off elsewhere, the papers are there.
        "is_certificate_coming": detail.card.state == "closed"
        and not detail.has_certificate
        and agreement is not None,
        "debit_form": DebitForm(initial={"is_authorised": not detail.card.is_debit_authorised}),
        "write_off": write_off_of(loan_id),
        "supplements": list_supplements(loan_id, party.id),
        "rate": shown_rates(loan_id),
        "is_held": is_held(party.id),
        "recall": recall_of(loan_id),
        "watch": watch_of(loan_id, clock.business_date()),
        "room": draw_room_of(loan_id),
    }
    return render(request, "borrower/loans/loan.html", content)


@acting
def statement(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Show every line of the loan's sub-ledger: charged with plus, paid with minus."""
    detail = _own_loan(request, loan_id)
    lines = get_statement(loan_id)
    if wants_csv(request):
        heads = (_("日期"), _("事项"), _("期数"), *(words.BUCKET.values()), _("合计"))
        rows = [
            (
                line.on,
                words.say(words.ENTRY, line.kind),
                line.instalment_no,
                *(getattr(line.amounts, bucket) for bucket in words.BUCKET),
                line.amounts.total,
            )
            for line in lines
        ]
        return csv_of(f"statement-{detail.card.number}", heads, rows)
    shown = [{"line": line, "kind": words.say(words.ENTRY, line.kind)} for line in lines]
    return render(
        request, "borrower/loans/statement.html", {"card": detail.card, "lines": shown[::-1]}
    )


@require_POST
@acting
def debit(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Let end of day debit due instalments from the wallet, or no longer."""
    form = DebitForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    command = AuthoriseDebit(
        loan_id=loan_id,
        party_id=party_of(request).id,
        is_authorised=form.cleaned_data["is_authorised"],
    )
    authorise_debit(command, form.call(request))
    return redirect(safe_next(request, reverse("loan", args=[loan_id])))


def _own_loan(request: HttpRequest, loan_id: UUID) -> LoanDetail:
    """Return a loan of the acting party; raises as `hold_to_owner` does."""
    detail = get_loan(loan_id, clock.business_date())
    hold_to_owner(request, detail.card.party_id, "loan")
    return detail


def versions_by_number() -> Versions:
    """Return every version of every product by code and number, in one query."""
    return {(version.code, version.number): version for version in list_versions()}


def product_names() -> dict[str, str]:
    """Return the name of every product by its code, as its latest version has it."""
    latest = sorted(versions_by_number().items())
    return {code: words.product_name(version.terms) for (code, _number), version in latest}


def shown_card(card: LoanCard, versions: Versions) -> dict[str, Any]:
    """Return a loan as lists show it: its card, product, words and progress."""
    version = versions.get((card.product_code, card.product_version))
    return {
        "card": card,
        "product": words.product_name(version.terms) if version else card.product_code,
        "state": words.say(words.LOAN, card.state),
        "tone": words.LOAN_TONE.get(card.state, "info"),
        "method": words.say(words.METHOD, card.method),
        "paid_share": card.instalments_paid * 100 // max(card.instalments, 1),
        "is_live": card.state in ("active", "overdue", "restructured"),
    }


def cost_of_loan(
    card: LoanCard, agreement: AgreementView | None, versions: Versions
) -> LoanCost | None:
    """Return what the loan costs as agreed; None for a loan without an agreement on file."""
    version = versions.get((card.product_code, card.product_version))
    if version is None or agreement is None:
        return None
    return cost_of(
        version.terms,
        amount=card.principal,
        rate_annual=agreement.rate_annual,
        term_count=agreement.term_count,
        start=card.disbursed_on,
    )


def shown_rates(loan_id: UUID) -> dict[str, Any]:
    """Return how a loan's rate floats, if it does, and every rate it came to, for rates.html."""
    floating = floating_of(loan_id)
    return {
        "floating": floating,
        "reference": words.say(words.REFERENCE, floating.reference) if floating else "",
        "reset": words.say(words.RESET, floating.reset) if floating else "",
        "problem": words.say(words.RESET_PROBLEM, floating.problem) if floating else "",
        "points": points_of(floating.spread) if floating else "",
        "rates": [
            {
                "it": one,
                "cause": words.say(words.RATE_CAUSE, one.cause),
                "reference": words.say(words.REFERENCE, one.reference) if one.quoted_on else "",
            }
            for one in list_rates(loan_id)
        ],
    }


def points_of(spread: Decimal) -> str:
    """Return a spread in basis points with its sign: `+60`, `-25.5`."""
    return f"{(spread * 10_000).normalize():+f}"


def owed_rows(owed: Owed) -> list[dict[str, Any]]:
    """Return the buckets with something in them, in the order in which they are settled."""
    return [
        {"label": label, "amount": getattr(owed, bucket)}
        for bucket, label in words.BUCKET.items()
        if getattr(owed, bucket)
    ]


def counted_of(row: PlanRow) -> Owed:
    """Return what a row counts for: what was really paid once settled, else what is planned.

    A payoff cancels the interest and fees of the days nobody borrowed (Civil Code, article 677).
    """
    return row.scheduled if row.settled_on is None else row.paid


def payoff_facts(detail: LoanDetail) -> dict[str, Any]:
    """Return how many rows were paid by the plan, and how many a payoff ended."""
    early = sum(row.state is RowState.SETTLED_EARLY for row in detail.rows)
    return {"early": early, "paid_by_plan": detail.card.instalments_paid - early}


def plan_rows(rows: Iterable[PlanRow]) -> list[dict[str, Any]]:
    """Return the plan as components/schedule.html shows it; the row to pay next is marked."""
    shown: list[dict[str, Any]] = []
    is_marked = False
    for row in rows:
        counted, is_early = counted_of(row), row.state is RowState.SETTLED_EARLY
        is_now = not is_marked and row.settled_on is None
        is_marked = is_marked or is_now
        shown.append(
            {
                "no": row.no,
                "due": row.due_on,
                "payment": counted.total,
                "principal": counted.principal,
                "interest": counted.interest + counted.penalty,
                "fee": counted.fee,
                "balance": Money.zero() if is_early else row.balance,
                "state": words.say(words.ROW, row.state.value),
                "tone": words.ROW_TONE.get(row.state.value, "ghost"),
                "is_now": is_now,
            }
        )
    return shown


def kept_rows(rows: Iterable[KeptRow]) -> list[dict[str, Any]]:
    """Return rows of an offered or a former plan as components/schedule.html shows them."""
    return [
        {
            "no": row.no,
            "due": row.due_on,
            "payment": row.payment,
            "principal": row.principal,
            "interest": row.interest,
            "fee": row.fee,
            "balance": row.balance,
        }
        for row in rows
    ]


def plan_chart(detail: LoanDetail) -> Chart:
    """Return principal and interest per instalment, and the balance as a line.

    One repayment leaves nothing to follow: its chart has no line, and no axis for one.
    """
    points = detail.chart
    balance = Series(_("剩余本金"), [point.balance.minor for point in points])
    return stacked_bars(
        "plan-chart",
        _("%(count)s 期还款的本金、利息与剩余本金") % {"count": len(points)}
        if len(points) > 1
        else _("一次还款的本金与利息"),
        [point.due_on.strftime("%Y-%m") for point in points],
        [
            Series(_("本金"), [point.principal.minor for point in points]),
            Series(_("利息"), [point.interest.minor for point in points]),
        ],
        balance if len(points) > 1 else None,
    )


def agreements_of(party_id: UUID) -> dict[UUID, AgreementView]:
    """Return the party's agreements by id."""
    return {agreement.id: agreement for agreement in list_agreements([party_id])}


def plan_totals(rows: Iterable[PlanRow]) -> dict[str, Money]:
    """Return the sums of the columns that `plan_rows` shows."""
    found = [counted_of(row) for row in rows]
    return {
        "principal": _sum(one.principal for one in found),
        "interest": _sum(one.interest + one.penalty for one in found),
        "fee": _sum(one.fee for one in found),
        "payment": _sum(one.total for one in found),
    }


def _sum(amounts: Iterable[Money]) -> Money:
    return Money(sum(amount.minor for amount in amounts))


def _loans_csv(cards: Iterable[LoanCard], versions: Versions) -> HttpResponse:
    heads = (
        _("借款编号"),
        _("产品"),
        _("状态"),
        _("借款金额"),
        _("剩余本金"),
        _("年利率"),
        _("放款日"),
        _("到期日"),
        _("下期应还日"),
        _("下期应还"),
        _("逾期天数"),
    )
    rows = []
    for card in cards:
        shown = shown_card(card, versions)
        rows.append(
            (
                card.number,
                shown["product"],
                shown["state"],
                card.principal,
                card.outstanding.principal,
                card.rate_annual,
                card.disbursed_on,
                card.matures_on,
                card.next_due_on,
                card.next_due,
                card.days_past_due,
            )
        )
    return csv_of("loans", heads, rows)


def _plan_csv(detail: LoanDetail) -> HttpResponse:
    heads = (
        _("期数"),
        _("应还日"),
        _("本金"),
        _("利息"),
        _("费用"),
        _("罚息"),
        _("剩余本金"),
        _("未还"),
        _("状态"),
        _("还清日"),
    )
    rows = [
        (
            row.no,
            row.due_on,
            counted_of(row).principal,
            counted_of(row).interest,
            counted_of(row).fee,
            counted_of(row).penalty,
            Money.zero() if row.state is RowState.SETTLED_EARLY else row.balance,
            row.left,
            words.say(words.ROW, row.state.value),
            row.settled_on,
        )
        for row in detail.rows
    ]
    return csv_of(f"plan-{detail.card.number}", heads, rows)
