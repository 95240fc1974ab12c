"""Apache Fineract's lives of loans: which of them the pure code can live, and how they come out."""

from collections import Counter
from functools import partial

from tests.finance.vectors.registry import Case, load
from tests.finance.vectors.replaying import replay

REPLAY = "fineract_e2e_replay"
LATE_INTEREST = (
    "interest goes on at the contract's rate on principal paid late; here the plan stands, and "
    "arrears bear penalty interest"
)
LEVEL_KEPT = (
    "every draw keeps the instalments at the level of the sum approved, so that they clear a part "
    "of it early; here all instalments ahead share what was lent so far"
)
AFTER_EXTENSION = (
    "a draw goes in equal parts to the instalments ahead because terms were added before, else to "
    "all instalments, the past ones too; here the product says which"
)
NOT_HELD = {
    "fineract-e2e-LoanRepayment-172": (
        "a grace on the interest of three instalments is agreed, and the printed table charges it "
        "in each of them"
    ),
    "fineract-e2e-LoanRepayment-173": (
        "interest of the first three instalments is put off to the fourth; here it is waived, or "
        "added to the principal"
    ),
    "fineract-e2e-LoanRepayment-177": LATE_INTEREST,
    "fineract-e2e-LoanRepayment-183": LATE_INTEREST,
    "fineract-e2e-LoanRepayment-188": LATE_INTEREST,
    "fineract-e2e-LoanRepayment-189": LEVEL_KEPT,
    "fineract-e2e-LoanReschedule-239": AFTER_EXTENSION,
}
FIGURES = """
## Lives of loans (fineract_e2e_replay)

All of {lives} published lives can be expressed, and {held} of them hold ({share} %): every row and
every total that they print, after every step that prints them. {short} of the lives that hold are
published cut short, and held as far as that.

They are lived on the pure code alone: `finance.schedule`, `finance.allocation`,
`lending.servicing.engine` and `lending.servicing.terms`. The platform's own closes and payments are
held equal to it, and its prepayments and further draws use it. What was told late or undone is
lived anew by value date, as `lending.servicing.replay` does for the platform. Three things
are read off the published product's name or its setup, for the file does not print them: whether a
down payment is taken at once, to what a charge-back goes back, and which instalment ahead a refund
or a credit settles first. The tables print what was paid of an instalment and not of its parts, so
that an order of parts inside one instalment is not shown by them. Where a period of ours is split
in rows that fall due together, they are printed as one. Some lives need things for which
the platform has no operation; the figures tell them apart. Most of the published loans bear no
interest, so that they prove where money goes more than what it costs.
"""


def cases():
    return [
        Case(case["id"], REPLAY, partial(replay, case), not_held=NOT_HELD.get(case["id"]))
        for case in load(REPLAY)
    ]


def figures():
    """Return the page's section on these lives: how many hold, and what they stand on."""
    lives = load(REPLAY)
    held = [case for case in lives if case["id"] not in NOT_HELD]
    laid = [replay(case).laid for case in held]
    each = Counter(name for names in laid for name in names)
    whole = FIGURES.format(
        lives=len(lives),
        held=len(held),
        share=100 * len(held) // len(lives),
        short=sum(case["truncated"] for case in held),
    )
    lines = [
        whole,
        "| no operation of the platform for | lives that hold and need it |",
        "|---|---|",
    ]
    lines += [f"| {name} | {n} |" for name, n in sorted(each.items(), key=lambda one: -one[1])]
    lines.append(f"| nothing: they need none of these | {sum(not names for names in laid)} |")
    return "\n".join(lines) + "\n"
