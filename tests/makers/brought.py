"""The files of a portfolio of another system, made so that they agree, then spoilt by a test."""

import base64
import csv
import io
from datetime import date, timedelta

from rongqiao.finance.months import add_months
from rongqiao.lending.servicing.operations.importing.propose_import import ProposeImport
from tests.parties.people import credit_code, resident

HEADS = {
    "borrowers": (
        "reference,kind,name,id_number,phone,representative_name,representative_id,industry"
    ),
    "loans": "number,borrower,product,principal,annual_rate,penalty_rate,method,day_count,lent_on",
    "instalments": (
        "loan,no,from_on,due_on,principal,interest,fee,penalty,"
        "principal_paid,interest_paid,fee_paid,penalty_paid,settled_on"
    ),
    "payments": "loan,paid_on,principal,interest,penalty,fee",
}
HEADS = {name: one.split(",") for name, one in HEADS.items()}


def yuan(fen):
    return f"{fen // 100}.{fen % 100:02d}"


class Brought:
    """The rows of the four files; `add` puts a loan in that was paid so far or is late."""

    def __init__(self, today=date(2026, 1, 5)):
        self.today = today
        self.rows = {name: [list(heads)] for name, heads in HEADS.items()}

    def person(self, number, name="王小明", phone="13800138000"):
        row = [f"K{number}", "person", name, resident(number), phone, "", "", ""]
        self.rows["borrowers"].append(row)
        return f"K{number}"

    def firm(self, number):
        row = [f"K{number}", "企业", "北京融通商贸有限公司", credit_code(number), "13800138001"]
        self.rows["borrowers"].append([*row, "李大力", resident(number + 400), "批发零售"])
        return f"K{number}"

    def add(
        self,
        number,
        borrower,
        *,
        lent_on=date(2025, 8, 20),
        terms=12,
        unpaid=0,
        each=100_000,
        interest=1_000,
        penalty=0,
        paid_late=None,
        product="consumer-monthly",
    ):
        """A loan of `terms` instalments; the last `unpaid` that are due are not paid.

        `paid_late` maps a number to the days it was paid late.
        """
        late = paid_late or {}
        self.rows["loans"].append(
            [
                *(number, borrower, product, yuan(each * terms), "12", "", "equal_principal"),
                *("30/360", lent_on.isoformat()),
            ]
        )
        dates = [add_months(lent_on, at) for at in range(terms + 1)]
        due = [no for no in range(1, terms + 1) if dates[no] <= self.today]
        paid = set(due[: len(due) - unpaid])
        for no in range(1, terms + 1):
            settled = dates[no] + timedelta(days=late.get(no, 0))
            is_paid = no in paid
            fine = penalty if no in due and not is_paid else 0
            mine = [yuan(each), yuan(interest)] if is_paid else ["0.00", "0.00"]
            self.rows["instalments"].append(
                [
                    *(number, str(no), dates[no - 1].isoformat(), dates[no].isoformat()),
                    *(yuan(each), yuan(interest), "0", yuan(fine), *mine, "0", "0"),
                    settled.isoformat() if is_paid else "",
                ]
            )
            if is_paid:
                row = [number, settled.isoformat(), yuan(each), yuan(interest), "", ""]
                self.rows["payments"].append(row)
        return self

    def set(self, file, line, field, value):
        """Spoil a cell: `line` counts as an editor does, the heads being line 1."""
        self.rows[file][line - 1][HEADS[file].index(field)] = value
        return self

    def text(self, file):
        out = io.StringIO()
        csv.writer(out).writerows(self.rows[file])
        return out.getvalue()

    def files(self, encoding="utf-8"):
        return {name: self.text(name).encode(encoding) for name in HEADS}

    def proposal(self, reason="旧系统，2026 年 1 月 5 日导出"):
        said = {name: base64.b64encode(one).decode() for name, one in self.files().items()}
        return ProposeImport(reason=reason, **said)
