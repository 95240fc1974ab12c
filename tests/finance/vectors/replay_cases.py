"""Apache Fineract's lives of loans: which of them the pure code can live, and how they come out."""

from collections import Counter
from functools import partial

from tests.finance.vectors.registry import Case, load
from tests.finance.vectors.replaying import replay

REPLAY = "fineract_e2e_replay"
CHARGE_BACK = "a charge-back, which raises the principal owed again"
DISBURSALS = "several disbursals on one loan: here every draw is a loan of its own"
RESCHEDULING = "rescheduling: due dates moved, terms added, months without principal, a new rate"
RE_AMORTISED = "re-amortisation: what is overdue is spread over the instalments ahead"
UNDONE = "a payment or a disbursal undone"
CREDIT = "a credit that the lender gives on the principal"
NOT_NEXT = "money paid ahead put on the last instalment or spread over all of them, dates kept"
# What a life may hold that no pure code here has an event for; the first that is found is told.
LACKING = {
    "chargeback": CHARGE_BACK,
    "undo_repayment": UNDONE,
    "undo_last_disbursal": UNDONE,
    "disburse again": DISBURSALS,
    "reschedule": RESCHEDULING,
    "reamortize": RE_AMORTISED,
    "GOODWILL_CREDIT": CREDIT,
    "LAST_INSTALLMENT": NOT_NEXT,
    "REAMORTIZATION": NOT_NEXT,
}
LATE_INTEREST = (
    "interest goes on at the contract's rate on principal paid late; here the plan stands, and "
    "arrears bear penalty interest"
)
PREPAYMENT = (
    "principal paid ahead is added to the running instalment, and those after it are lowered to "
    "whole units; here it is a row of its own with the interest of the days used, and they are "
    "lowered to the cent"
)
LATE_AND_AHEAD = f"{LATE_INTEREST}; {PREPAYMENT}"
BACK_DATED = (
    "a charge dated before payments that were made shares them anew; here a payment stays where it "
    "was put"
)
SPREAD = "a refund goes in equal parts to all instalments ahead; here the oldest comes first"
NOT_HELD = {
    "fineract-e2e-Loan-040": SPREAD,
    "fineract-e2e-Loan-041": SPREAD,
    "fineract-e2e-Loan-043": SPREAD,
    "fineract-e2e-LoanCharge-069": BACK_DATED,
    "fineract-e2e-LoanCharge-071": BACK_DATED,
    "fineract-e2e-LoanCharge-072": BACK_DATED,
    "fineract-e2e-LoanRepayment-172": (
        "a grace on the interest of three instalments is agreed, and the printed table charges it "
        "in each of them"
    ),
    "fineract-e2e-LoanRepayment-173": (
        "interest of the first three instalments is put off to the fourth; here it is waived, or "
        "added to the principal"
    ),
    "fineract-e2e-LoanRepayment-177": LATE_INTEREST,
    "fineract-e2e-LoanRepayment-181": PREPAYMENT,
    "fineract-e2e-LoanRepayment-182": PREPAYMENT,
    "fineract-e2e-LoanRepayment-183": LATE_AND_AHEAD,
    "fineract-e2e-LoanRepayment-185": PREPAYMENT,
    "fineract-e2e-LoanRepayment-188": LATE_INTEREST,
}
FIGURES = """
## Lives of loans (fineract_e2e_replay)

Of {lives} published lives {expressible} can be expressed, and {held} of these hold ({share} %):
every row and every total that they print, after every step that prints them. {short} of the lives
that hold are published cut short, and held as far as that.

They are lived on the pure code alone: `finance.schedule`, `finance.allocation` and
`lending.servicing.engine`, to whose closes and payments the platform's own are held equal, and
whose prepayments the platform's operation uses. The tables print what was paid of an instalment
and not of its parts, so that an order of parts inside one instalment is not shown by them. Some
lives need things laid on the engine's rows for which the platform has no operation; the figures
tell them apart.
"""


def cases():
    found = []
    for case in load(REPLAY):
        reason = lacking(case)
        run = None if reason else partial(replay, case)
        found.append(Case(case["id"], REPLAY, run, reason, not_held=NOT_HELD.get(case["id"])))
    return found


def lacking(case):
    """Return the first feature of this life that the pure code lacks, or None."""
    steps = case["steps"]
    has = {step["op"] for step in steps}
    has |= {step["type"] for step in steps if step["op"] == "txn"}
    has |= {step["future"] for step in steps if step["op"] == "allocation_rule"}
    if sum(step["op"] == "disburse" for step in steps) > 1:
        has.add("disburse again")
    return next((reason for name, reason in LACKING.items() if name in has), None)


def figures():
    """Return the page's section on these lives: how many hold, and what they stand on."""
    lives = load(REPLAY)
    expressible = [case for case in lives if not lacking(case)]
    held = [case for case in expressible if case["id"] not in NOT_HELD]
    short = sum(case["truncated"] for case in held)
    stand_on = Counter(tuple(sorted(replay(case).laid)) for case in held)
    whole = FIGURES.format(
        lives=len(lives),
        expressible=len(expressible),
        held=len(held),
        share=100 * len(held) // len(expressible),
        short=short,
    )
    lines = [whole, "| laid by the test | lives that hold |", "|---|---|"]
    lines += [
        f"| {'; '.join(laid) or 'nothing: disbursal, closes and payments of what is due'} | {n} |"
        for laid, n in sorted(stand_on.items(), key=lambda item: (len(item[0]), item[0]))
    ]
    return "\n".join(lines) + "\n"
