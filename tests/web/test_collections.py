"""The collectors' desk, asked without a browser: pages, files, who sees what, queries counted."""

import csv
import io
import re
import time
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from rongqiao.lending.servicing.models.collecting import CollectionCase
from rongqiao.platform import clock as platform_clock
from tests.makers.collecting import overdue_cases, pass_days
from tests.makers.officers import make_officer
from tests.parties.people import make_user

pytestmark = pytest.mark.usefixtures("static_files")
READERS = {"collector", "operator", "compliance_officer", "auditor"}
PAGES = ("collections", "collection-effect")
# The queue page asks as often for five cases as for fifty of a hundred thousand.
QUERIES_MOST = 22


def client_of(user_id):
    client = Client()
    user = get_user_model().objects.get(pk=user_id)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def hire(clock):
    """Return `hire(role)`: a client of somebody new who holds it; `.user_id` says who."""

    def make(*roles):
        user_id = make_user()
        for role in roles:
            make_officer(clock, user_id=user_id, role=role)
        client = client_of(user_id)
        client.user_id = user_id
        return client

    return make


def post(client, case_id, verb, **fields):
    address = reverse("collection-act", args=[case_id, verb])
    return client.post(address, {"key": str(uuid4()), **fields})


def page(client, case_id):
    return client.get(reverse("collection-case", args=[case_id])).content.decode()


@pytest.mark.parametrize("role", ["collector", "compliance_officer", "auditor", "finance"])
def test_collections_are_there_for_those_who_collect_and_those_who_watch(hire, role):
    client = hire(role)
    expected = 200 if role in READERS else 404
    assert [client.get(reverse(name)).status_code for name in PAGES] == [expected] * 2


def test_a_case_shows_no_name_and_no_number_in_full_until_a_contact_is_begun(clock, call, hire):
    (case_id,) = overdue_cases(clock, call, days=33)
    collector = hire("collector")
    shown = page(collector, case_id)
    assert "王**" in shown
    assert "王小明" not in shown
    assert "13800000100" not in shown
    assert post(collector, case_id, "take").status_code == 302
    assert post(collector, case_id, "begin", channel="call").status_code == 302
    assert "13800000100" in page(collector, case_id)
    assert "13800000100" not in page(hire("collector"), case_id)
    assert post(collector, case_id, "end", outcome="no-answer", note="").status_code == 302
    assert "13800000100" not in page(collector, case_id)


def test_a_refused_contact_says_what_is_allowed_and_when_next(clock, call, hire):
    (case_id,) = overdue_cases(clock, call, days=33)
    collector = hire("collector")
    post(collector, case_id, "take")
    for _ in range(3):
        post(collector, case_id, "begin", channel="call")
        post(collector, case_id, "end", outcome="no-answer", note="")
    answer = post(collector, case_id, "begin", channel="call")
    assert answer.status_code == 422
    said = "已满每天 3 次的上限，不能再打。最早可以再打：2026-02-08 08:00"
    assert said in answer.content.decode()
    clock.move(timedelta(hours=10))
    answer = post(collector, case_id, "begin", channel="sms")
    text = answer.content.decode()
    assert "每天 22:00 至次日 08:00 不得联系债务人。最早可以联系：2026-02-08 08:00" in text


def test_two_people_hand_a_case_over(clock, call, hire):
    (case_id,) = overdue_cases(clock, call, days=33)
    maker, checker = hire("collector"), hire("operator")
    post(maker, case_id, "take")
    fields = {"kind": "agent", "firm": "诚信资产管理公司", "reason": "多次失约，建议委外"}
    assert post(maker, case_id, "hand-over", **fields).status_code == 302
    assert "诚信资产管理公司" in checker.get(reverse("collection-proposals")).content.decode()
    proposal = re.search(r'name="proposal" value="([0-9a-f-]+)"', page(checker, case_id))[1]
    word = {"proposal": proposal, "word": "approve"}
    assert 'value="approve"' not in page(maker, case_id)
    assert post(maker, case_id, "decide", **word).status_code == 403
    assert post(checker, case_id, "decide", **word).status_code == 302
    assert "已委外" in page(checker, case_id)


def test_a_complaint_stops_contact_on_the_page_and_compliance_lifts_it(clock, call, hire):
    (case_id,) = overdue_cases(clock, call, days=33)
    collector, compliance = hire("collector"), hire("compliance_officer")
    post(collector, case_id, "take")
    post(collector, case_id, "stop", words="投诉频繁来电")
    stopped = page(collector, case_id)
    assert "一切联系停止" in stopped
    assert f"{case_id}/begin/" not in stopped
    assert post(compliance, case_id, "allow", words="核实完毕，已致歉").status_code == 302
    assert f"{case_id}/begin/" in page(collector, case_id)


def test_the_queue_pages_by_its_last_row_and_narrows_by_its_address(clock, call, hire, monkeypatch):
    cases = overdue_cases(clock, call, count=5, days=33)
    collector = hire("collector")
    post(collector, cases[0], "take")
    monkeypatch.setattr("rongqiao.web.backoffice.collections.queue.PAGE", 2)
    seen, address = [], reverse("collections")
    while address:
        text = collector.get(address).content.decode()
        seen += re.findall(r'data-open href="/desk/collections/([0-9a-f-]{36})/"', text)
        found = re.search(r'href="(\?[^"]*after=[^"]+)"', text)
        address = reverse("collections") + found[1].replace("&amp;", "&") if found else ""
    assert (len(seen), set(seen)) == (5, {str(one) for one in cases})

    def found(query):
        answer = collector.get(reverse("collections"), {**query, "format": "csv"})
        return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))

    assert len(found({"state": "open"})) == 4
    assert len(found({"collector": str(collector.user_id)})) == 1
    assert len(found({"bucket": "1-30"})) == 5
    assert len(found({"bucket": "31-60"})) == 0
    number = CollectionCase.objects.get(pk=cases[2]).number
    assert [one["案件"] for one in found({"q": number.lower()})] == [number]
    odd = {"after": "x,y", "bucket": "?", "collector": "me", "due": "%00", "q": "a\x00b"}
    assert collector.get(reverse("collections"), odd).status_code == 200


def test_the_queue_asks_the_database_as_often_for_many_cases_as_for_few(clock, call, hire):
    collector = hire("collector")
    counts = []
    for more in (1, 4):
        overdue_cases(clock, call, count=more, days=33, first=10 * more)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert collector.get(reverse("collections")).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= QUERIES_MOST


def test_what_collecting_brought_is_shown_and_exported_alike(clock, call, hire):
    (case_id,) = overdue_cases(clock, call, days=33)
    collector = hire("collector")
    post(collector, case_id, "take")
    post(collector, case_id, "begin", channel="call")
    on = platform_clock.business_date()
    due_on = (on + timedelta(days=1)).isoformat()
    fields = {"amount": "100.00", "due_on": due_on, "note": "发工资后还"}
    assert post(collector, case_id, "promise", **fields).status_code == 302
    text = collector.get(reverse("collection-effect")).content.decode()
    assert 'data-chart="recovered-chart"' in text
    answer = collector.get(reverse("collection-effect"), {"format": "csv"})
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["联系次数"], row["接通次数"], row["承诺"], row["收回金额"]) == (
        "1",
        "1",
        "1",
        "0.00",
    )
    book = load_workbook(
        io.BytesIO(collector.get(reverse("collection-effect"), {"format": "xlsx"}).content)
    )
    assert any(row[0] == "2026-02" for row in book.active.iter_rows(values_only=True))


def test_collectors_find_their_next_case_and_are_told_when_there_is_none(clock, call, hire):
    one, other = overdue_cases(clock, call, count=2, days=33)
    collector = hire("collector")
    for case_id in (one, other):
        post(collector, case_id, "take")
    pass_days(clock, 3)
    answer = collector.get(reverse("collections-next"), {"besides": str(one)})
    assert answer.url == reverse("collection-case", args=[other])
    CollectionCase.objects.filter(pk=other).update(
        next_on=platform_clock.business_date() + timedelta(1)
    )
    answer = collector.get(reverse("collections-next"), {"besides": str(one)}, follow=True)
    assert "没有别的案件要办" in answer.content.decode()


MANY = 100_000
# Copies of one overdue loan, its late instalments and its case, each with keys of its own; their
# ages and next steps are spread, so that filters and order have something to do.
COPIES = """
INSERT INTO servicing_loan SELECT (jsonb_populate_record(l, jsonb_build_object(
    'id', md5('loan' || n), 'agreement_id', md5('agreement' || n), 'number', 'M' || n))).*
  FROM servicing_loan AS l, generate_series(1, %(many)s) AS n WHERE l.id = %(loan)s;
INSERT INTO servicing_instalment SELECT (jsonb_populate_record(i, jsonb_build_object(
    'id', 10000000 + n, 'loan_id', md5('loan' || n)))).*
  FROM servicing_instalment AS i, generate_series(1, %(many)s) AS n
  WHERE i.loan_id = %(loan)s AND i.no = 1;
INSERT INTO servicing_collectioncase SELECT (jsonb_populate_record(c, jsonb_build_object(
    'id', md5('case' || n), 'loan_id', md5('loan' || n), 'number', 'K' || n,
    'next_on', c.next_on + n %% 40, 'oldest_due_on', c.oldest_due_on - n %% 120))).*
  FROM servicing_collectioncase AS c, generate_series(1, %(many)s) AS n WHERE c.loan_id = %(loan)s;
ANALYZE servicing_loan, servicing_instalment, servicing_collectioncase;
"""


def test_at_a_hundred_thousand_cases_each_page_asks_no_more_and_reads_only_its_rows(
    live_db, clock, call, hire
):
    (case_id,) = overdue_cases(clock, call, days=33)
    collector = hire("collector")
    loan = CollectionCase.objects.get(pk=case_id).loan_id
    with psycopg.connect(live_db.owner_url, autocommit=True) as owner:
        for statement in COPIES.split(";\n")[:-1]:
            owner.execute(statement, {"many": MANY, "loan": loan})
    address = reverse("collections")
    text = collector.get(address).content.decode()
    following = re.search(r'href="\?[^"]*after=([^"&]+)"', text)[1].replace("%2C", ",")
    wanted = [{}, {"after": following}, {"bucket": "90+"}, {"state": "open", "due": "step"}]
    wanted += [{"collector": str(collector.user_id)}, {"due": "promise"}, {"q": "K77777"}]
    for query in wanted:
        began = time.perf_counter()
        with CaptureQueriesContext(connection) as asked:
            text = collector.get(address, query).content.decode()
        print(f"{query}: {time.perf_counter() - began:.3f} s")
        assert len(asked) <= QUERIES_MOST
        assert text.count("data-row") <= 50
        (listed,) = [
            one["sql"]
            for one in asked
            if "LIMIT 51" in one["sql"] and "collectioncase" in one["sql"]
        ]
        if query in ({}, {"after": following}):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {listed}")
                plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "case_by_next_step" in plan, plan
