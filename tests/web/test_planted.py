"""Twenty people go through all of it; a dump, the files and the logs show none of them in clear.

security.md 23 and 36: names, resident ids, phones and cards, through registration, bank cards and
inquiries, with sources that fail in every way they can, and pages that break.
"""

import io
import json
import logging
import re
import shutil
import subprocess
from contextlib import contextmanager
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.test import Client

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.parties.models import BeneficialOwner
from rongqiao.parties.operations.phones.set_phone import SetPhone, set_phone
from rongqiao.platform import relay
from rongqiao.platform.postgres import binaries
from rongqiao.policies.consents import TEXTS
from rongqiao.risk.models.inquiries import Inquiry
from rongqiao.risk.queries.features import features_of
from tests.makers import journeys
from tests.makers.acting import shown_for
from tests.parties.people import actor, card, credit_code, make_user, resident
from tests.web.finance_desk import officer

pytestmark = pytest.mark.usefixtures("static_files")
PLANTED = 20
FAULTS = ("fail", "malformed", "wrong_signature", "silent")


def person(number):
    name = f"司马{'甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉'[number]}"
    return name, resident(100 + number), f"1377{number:07d}", card(100 + number)


@contextmanager
def all_that_is_logged():
    """Everything any logger says, down to what it would say to a developer."""
    told, root = io.StringIO(), logging.getLogger()
    handler, before = logging.StreamHandler(told), root.level
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    # What the platform keeps quiet stays quiet here too: only levels nobody set are opened.
    try:
        yield told
    finally:
        root.setLevel(before)
        root.removeHandler(handler)


def sign_in(user_id):
    client = Client(raise_request_exception=False)
    user = get_user_model().objects.get(pk=user_id)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def owner(number):
    return f"诸葛{'甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉'[number]}", resident(400 + number)


def live_through(call, sources, number):
    """Register, agree, bring a firm, add a card, be asked about; return the party's id."""
    name, number_of_id, phone, card_number = person(number)
    user_id = make_user()
    proved = SetPhone(user_id=user_id, phone=phone, is_proved=True)
    set_phone(proved, call(actor=actor(user_id)))
    client = sign_in(user_id)

    def post(at, **given):
        return client.post(at, {"key": str(uuid4()), **shown_for(client), **given})

    for text in TEXTS:
        post(f"/account/consents/{text.kind}/give/")
    # A mistake first: what was typed comes back to the page, and goes nowhere else.
    wrong = number_of_id[:17] + ("1" if number_of_id[17] != "1" else "2")
    assert post("/account/identity/", name=name, resident_id=wrong).status_code == 422
    taken = post("/account/identity/", name=name, resident_id=number_of_id, agree="on")
    assert taken.status_code == 302
    if number < len(FAULTS):
        sources.faults(**{FAULTS[number]: 3})
    sources.work()
    sources.calm()
    account = {"bank_name": "中国银行", "holder": name, "number": card_number}
    assert post("/account/bank-account/", **account).status_code == 302
    post("/account/inquiries/begin/")
    post("/account/inquiries/face/", recording="recorded:live:0.97")
    sources.work()
    firm = {"name": "融桥示范科技有限公司", "uscc": credit_code(100 + number), "agree": "on"}
    assert post("/account/organization/", **firm).status_code == 302
    sources.work()
    declare(client, post, number)
    for page in ("", "inquiries/", "inquiries/?format=csv", "inquiries/?format=xlsx"):
        assert client.get(f"/account/{page}").status_code == 200
    return user_id


def declare(client, post, number):
    """Say who owns the firm, once wrongly, and renew it."""
    (firm,) = set(re.findall(r'name="party" value="([0-9a-f-]{36})"', text_of(client, "/account/")))
    post("/my/choose-party/", party=firm)
    name, number_of_id = owner(number)
    line = {"control-0": "shares", "share-0": "60", "since_on-0": "2020-05-01"}
    who = {"name-0": name, "resident_id-0": number_of_id, "control-1": "shares"}
    sheet = {"lines": 2, "after": 0, "is_true": "on", **line, **who}
    assert post("/my/owners/", **(sheet | {"share-0": "600"})).status_code == 422
    assert post("/my/owners/", **sheet).status_code == 302
    again = {"lines": 2, "after": 1, "is_true": "on", **line, "control-1": "shares"}
    assert post("/my/owners/", **again).status_code == 302
    assert client.get("/my/owners/?format=csv").status_code == 200


def text_of(client, at):
    return client.get(at).content.decode()


def break_a_page(user_id, monkeypatch):
    """A form whose handling breaks: the error must not carry along what was typed."""
    name, _id, _phone, card_number = person(0)

    def broken(_request, command, _call):
        holder, number = command.holder, command.number
        raise RuntimeError(f"{len(holder)} {len(number)}")

    account = {"bank_name": "中国银行", "holder": name, "number": card_number}
    with monkeypatch.context() as patch:
        patch.setattr("rongqiao.web.account.identity.add_verified", broken)
        client = sign_in(user_id)
        carried = {"key": str(uuid4()), **shown_for(client)}
        answer = client.post("/account/bank-account/", account | carried)
    assert answer.status_code == 500
    assert card_number not in answer.content.decode()


def everything(owner_url):
    """Every row of every table as PostgreSQL prints it, binary columns as their bytes too."""
    with psycopg.connect(owner_url) as owner:
        tables = owner.execute(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(relname) FROM pg_stat_user_tables"
        ).fetchall()
        for (table,) in tables:
            for row in owner.execute(f"SELECT * FROM {table}"):
                for value in row:
                    yield bytes(value) if isinstance(value, bytes) else str(value).encode()


def dumped(owner_url):
    """What pg_dump writes, where the machine has one; else every row of every table."""
    folders = [binary.folder for binary in binaries.found()]
    programs = [path for folder in folders if (path := folder / "pg_dump").exists()]
    program = programs[0] if programs else shutil.which("pg_dump")
    rows = b"\n".join(everything(owner_url))
    if program is None:
        return rows
    told = subprocess.run([str(program), owner_url], capture_output=True, check=False, timeout=300)
    assert told.returncode == 0, told.stderr.decode()
    return rows + told.stdout


def test_a_dump_the_files_and_the_logs_show_none_of_twenty(
    live_db, clock, call, sources, settings, needs_all, monkeypatch
):
    settings.REGISTRIES_PATIENCE, settings.DEVELOPMENT = 0.2, True
    staff = journeys.make_staff(call)
    with all_that_is_logged() as told:
        users = [live_through(call, sources, number) for number in range(PLANTED)]
        break_a_page(users[0], monkeypatch)
        relay.drain(SUBSCRIBERS)
        analyst = officer(call, staff, "risk_analyst")
        for page in ("", "?format=csv", "costs/", "sources/"):
            assert analyst.get(f"/desk/risk/inquiries/{page}").status_code == 200
        for row in Inquiry.objects.all():
            features_of(row.party_id, clock.now())
    assert len(users) == PLANTED
    outcomes = set(Inquiry.objects.values_list("outcome", flat=True))
    assert {"answered", "failed", "timed-out"} <= outcomes
    texts = {text for number in range(PLANTED) for text in (*person(number), *owner(number))}
    assert len(texts) == 6 * PLANTED
    assert BeneficialOwner.objects.count() == 2 * PLANTED
    # As text, as JSON escapes it, and as PostgreSQL prints bytes.
    planted = {text.encode() for text in texts}
    planted |= {json.dumps(text)[1:-1].encode() for text in texts}
    planted |= {text.encode().hex().encode() for text in texts}
    files = b"".join(
        path.read_bytes() for path in django_settings.PLACES.var.rglob("*") if path.is_file()
    )
    places = {"dump": dumped(live_db.owner_url), "files": files, "logs": told.getvalue().encode()}
    found = {(place, text) for place, kept in places.items() for text in planted if text in kept}
    assert found == set()
    # What must be there proves that the search looks where things are.
    assert credit_code(105).encode() in places["dump"]
    assert b"risk_inquiry" in places["dump"] or len(places["dump"]) > 100_000
    assert "司".encode() in places["dump"]
    assert len(places["logs"]) > 1_000
