"""What the tests of the console of finance share: officers, addresses, files, one filled form."""

import csv
import io
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from tests.makers import journeys
from tests.parties.people import make_user

# A journal by hand that is right in every way.
LEGS = {
    "account_1": "marketing-expense",
    "debit_1": "120.50",
    "account_2": "operator-capital",
    "credit_2": "120.50",
    "reason": "补记市场推广费",
    "reference": "FP-2026-01",
    "value_on": "2026-01-05",
}


def officer(call, staff, *roles):
    """A client of somebody new who holds the roles; finance, where none is named."""
    user_id = make_user()
    for role in roles or ("finance",):
        journeys.give_role(call, *staff.administrators, user_id, role)
    return client_of(user_id)


def client_of(user_id):
    """A client of somebody who is there."""
    client = Client()
    client.force_login(user(user_id), backend="allauth.account.auth_backends.AuthenticationBackend")
    client.user_id = user_id
    return client


def user(user_id):
    return get_user_model().objects.get(pk=user_id)


def text_of(answer):
    return answer.content.decode()


def send(client, name, *args, **fields):
    """Post a form with a key of its own."""
    return client.post(reverse(name, args=args), {"key": str(uuid4()), **fields})


def rows_of_csv(answer):
    assert answer["Content-Type"].startswith("text/csv"), answer.status_code
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def rows_of_xlsx(answer, heads):
    """The rows below the line that begins with `heads`."""
    assert "spreadsheetml" in answer["Content-Type"], answer.status_code
    rows = [
        [cell.value for cell in row] for row in load_workbook(io.BytesIO(answer.content)).active
    ]
    at = next(place for place, row in enumerate(rows) if row[0] == heads)
    return rows[at], rows[at + 1 :]
