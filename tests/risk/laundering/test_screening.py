"""Screening on real PostgreSQL: lists taken in, customers held against them, again on news."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from rongqiao.config.compliance import look_after
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.parties.operations.bring_in import Newcomer, bring_in
from rongqiao.platform import relay
from rongqiao.platform.models import OutboxEvent
from rongqiao.platform.operations import operation
from rongqiao.platform.refusals import NotFound
from rongqiao.risk.jobs.laundering import rescreen_customers
from rongqiao.risk.laundering.lists import BadList, read_list
from rongqiao.risk.models.laundering.casework import (
    LaunderingAlert,
    ListedEntry,
    ListVersion,
    ScreenedKey,
    Screening,
)
from rongqiao.risk.operations.laundering.decide_alert import DecideAlert, decide_alert
from rongqiao.risk.operations.laundering.screening.import_list import (
    ImportList,
    ListRefused,
    ListShrinks,
    ListUnchanged,
    import_list,
)
from rongqiao.risk.operations.laundering.screening.screen_party import ScreenParty, screen_party
from tests.makers.officers import make_officer
from tests.parties.people import actor, make_firm, make_person, make_user, resident

LISTS = Path(__file__).parents[3] / "src" / "rongqiao_sandboxes" / "watchlists"
NOTICE = (LISTS / "notice.csv").read_text()
HEADS = "编号,类型,姓名,出生日期,证件号码\n"


@pytest.fixture
def compliance(clock):
    return make_officer(clock, role="compliance_officer")


@pytest.fixture
def take_in(call, compliance):
    def run(content, code="notice", kind="sanction", **more):
        command = ImportList(code=code, kind=kind, source="test", content=content, **more)
        return import_list(command, call(actor=actor(compliance)))

    return run


@dataclass(frozen=True, kw_only=True)
class Bring:
    number: str


@operation("test.bring_somebody", restore=Bring)
def bring_somebody(command, call):
    """What an import of a portfolio does: a party without a registration."""
    one = Newcomer(
        reference="1",
        kind="person",
        name="王小明",
        number=command.number,
        phone="13900001111",
        representative_name="",
        representative_id="",
    )
    bring_in([one], call)
    return command


def rows(*entries):
    return HEADS + "\n".join(entries) + "\n"


def person(**said):
    known = {"FIRST_NAME": "Zhang San", "REFERENCE_NUMBER": "R1"}
    return json.dumps({"INDIVIDUALS": [known | said]})


def test_the_sandbox_lists_are_read_whole():
    notice = read_list(NOTICE)
    assert [one.reference for one in notice] == [f"SB-00{n}" for n in range(1, 6)]
    assert notice[0].names == ("欧阳建国", "Ouyang Jianguo", "歐陽建國")
    assert notice[4].born == ("1959-11-02", "1960-11-02")
    assert [one.kind for one in notice].count("firm") == 1
    exposed = read_list((LISTS / "exposed.csv").read_text())
    assert [one.names[0] for one in exposed] == ["司马启航", "仇德福"]
    shaped = read_list((LISTS / "consolidated.json").read_text())
    assert [(one.kind, one.names[0]) for one in shaped] == [
        ("person", "HEI TIANMING"),
        ("firm", "YUNFAN HAIXING SHIPPING COMPANY LIMITED"),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "empty"),
        (HEADS, "empty"),
        ("a,b\n1,2\n", "heading"),
        (rows("1,个人,张伟,1990,", "1,个人,李强,1991,"), "twice"),
        (rows("1,企业,有限公司,,"), "tells-nothing"),
        (rows("1,个人,张伟,不详,"), "born"),
        (rows("1,个人,张伟,1990-02-31,"), "born"),
        (rows("1,个人,张伟"), "row"),
        ("{not json", "shape"),
        ('{"INDIVIDUALS": [{"FIRST_NAME": "A"}]}', "row"),
        ('{"INDIVIDUALS": ' + "9" * 5_000 + "}", "shape"),
        ('{"INDIVIDUALS": 5}', "shape"),
        ('{"INDIVIDUALS": null}', "shape"),
        ("[" * 100_000, "shape"),
        (person(FIRST_NAME="Zhang\ud800"), "name"),
        (person(FIRST_NAME="Zhang\x00San"), "name"),
        (person(ALIASES=[{"ALIAS_NAME": "\udfff"}]), "name"),
        (person(REFERENCE_NUMBER="R\x00"), "reference"),
        (person(REFERENCE_NUMBER="R" * 81), "reference"),
        (person(DOCUMENTS=["9" * 61]), "numbers"),
        (person(NATIONALITY=["x" * 61]), "countries"),
        (person(NATIONALITY=[None]), "row"),
        (person(UN_LIST_TYPE="x" * 201), "programme"),
        (person(COMMENTS="\ud800"), "remark"),
        (person(DATES_OF_BIRTH=["1990-13"]), "born"),
        (person(DATES_OF_BIRTH=["\ud800"]), "born"),
        (rows("1,个人,张\x00伟,1990,"), "name"),
        (rows("1" * 81 + ",个人,张伟,1990,"), "reference"),
    ],
    ids=lambda said: said[:30],
)
def test_what_is_no_list_is_refused_by_its_row(content, code):
    with pytest.raises(BadList) as refused:
        read_list(content)
    assert refused.value.code == code
    assert refused.value.value.encode().count(b"\0") == 0


def test_a_list_says_what_it_says_in_one_form():
    content = person(NATIONALITY="Ｃｈｉｎａ", DATES_OF_BIRTH=["１９９０-2"], COMMENTS="x" * 5_000)
    (one,) = read_list(content)
    assert (one.countries, one.born, len(one.remark)) == (("China",), ("1990-02",), 5_000)


def test_versions_say_what_they_changed_and_only_compliance_takes_lists_in(take_in, call):
    first = take_in(rows("1,个人,张伟,1990,", "2,个人,李强,1991,", "3,个人,王芳,1992,"))
    assert (first.added, first.changed, first.removed) == (3, 0, 0)
    second = take_in(rows("1,个人,张伟,1990,", "2,个人,李强,1981,", "4,个人,赵敏,1992,"))
    assert (second.added, second.changed, second.removed) == (1, 1, 1)
    in_force = ListedEntry.objects.filter(until=None).values_list("reference", flat=True)
    assert set(in_force) == {"1", "2", "4"}
    with pytest.raises(ListUnchanged):
        take_in(rows("1,个人,张伟,1990,", "2,个人,李强,1981,", "4,个人,赵敏,1992,"))
    with pytest.raises(ListShrinks):
        take_in(rows("1,个人,张伟,1990,"))
    assert take_in(rows("1,个人,张伟,1990,"), is_shrinking_meant=True).removed == 2
    with pytest.raises(ListRefused):
        take_in("nonsense")
    for role in ("support", "administrator", None):
        user_id = make_user()
        if role:
            make_officer_of(user_id, role)
        command = ImportList(code="x", kind="pep", source="", content=NOTICE)
        with pytest.raises(NotFound):
            import_list(command, call(actor=actor(user_id)))


def make_officer_of(user_id, role):
    from rongqiao.platform import clock  # noqa: PLC0415

    make_officer(clock, user_id=user_id, role=role)


def test_registration_wakes_the_screening_and_a_hit_raises_an_alert(take_in, call):
    born = f"{resident(1)[6:10]}-{resident(1)[10:12]}-{resident(1)[12:14]}"
    take_in(rows(f"1,个人,王小明,{born},", "2,个人,王晓明,1950-01-01,"))
    _user, party_id = make_person(call, 1)
    assert LaunderingAlert.objects.count() == 0
    relay.drain(SUBSCRIBERS)
    alert = LaunderingAlert.objects.get()
    assert (alert.party_id, alert.kind, alert.entry.reference) == (party_id, "name", "1")
    assert alert.score == 1
    assert OutboxEvent.objects.filter(delivered_at=None).count() == 0
    assert Screening.objects.get().hits == 1
    again = ScreenParty(party_id=party_id, cause="by-hand")
    screen_party(again, call(actor="system:test"))
    assert LaunderingAlert.objects.count() == 1


def test_a_firm_is_screened_and_so_is_who_stands_for_it(take_in, call):
    number = resident(501)
    take_in(rows("1,企业,融桥示范科技有限责任公司,,", f"2,个人,完全不同,,{number}"))
    user_id, _person = make_person(call, 501)
    firm_id = make_firm(call, user_id, 1)
    relay.drain(SUBSCRIBERS)
    found = LaunderingAlert.objects.filter(party_id=firm_id)
    assert set(found.values_list("part", "entry__reference")) == {
        ("self", "1"),
        ("representative", "2"),
    }


def test_a_changed_list_meets_only_the_customers_it_could_be_about(take_in, call):
    take_in(rows("1,个人,赵敏敏,1960,"))
    _user, wang = make_person(call, 1)
    make_person(call, 2, name="李国庆")
    relay.drain(SUBSCRIBERS)
    assert rescreen_customers() == 0
    assert ListVersion.objects.get().rescreened_at is not None
    before = Screening.objects.count()
    take_in(rows("1,个人,赵敏敏,1960,", "2,个人,王小明,1990-03-07,"))
    assert rescreen_customers() == 1
    assert Screening.objects.count() == before + 1
    alert = LaunderingAlert.objects.get()
    assert (alert.party_id, alert.entry.reference) == (wang, "2")
    assert rescreen_customers() == 0


def test_who_was_cleared_once_does_not_come_back_while_entry_and_customer_are_the_same(
    take_in, call, compliance
):
    mine = "1,个人,王小明,1990-03-07,"
    take_in(rows(mine))
    make_person(call, 1)
    relay.drain(SUBSCRIBERS)
    alert = LaunderingAlert.objects.get()
    word = DecideAlert(alert_id=alert.pk, word="dismiss", reason="照片不同")
    decide_alert(word, call(actor=actor(compliance)))
    rescreen_customers()
    # Another of the same name comes, ours is taken off the list and put on it again.
    take_in(rows(mine, "2,个人,王小明,1955,"))
    assert rescreen_customers() == 1
    take_in(rows("2,个人,王小明,1955,", "3,个人,李强,1981,"))
    take_in(rows(mine, "2,个人,王小明,1955,", "3,个人,李强,1981,"))
    assert rescreen_customers() == 1
    assert list(LaunderingAlert.objects.values_list("state", flat=True)) == ["false"]
    take_in(
        rows(mine + ",", "2,个人,王小明,1955,", "3,个人,李强,1981,").replace(
            "1990-03-07,,", f"1990-03-07,{resident(1)}"
        )
    )
    assert rescreen_customers() == 1
    states = LaunderingAlert.objects.values_list("state", flat=True)
    assert sorted(states) == ["false", "open"]


def test_who_came_without_registering_is_screened_too(take_in, call, clock):
    take_in(rows("1,个人,王小明,1990-03-07,"))
    rescreen_customers()
    bring_somebody(Bring(number=resident(7)), call(actor="system:test"))
    assert relay.drain(SUBSCRIBERS) == 0
    look_after(date(2026, 1, 5))
    assert LaunderingAlert.objects.get().entry.reference == "1"
    look_after(date(2026, 1, 5))
    assert Screening.objects.count() == 1


def test_names_of_customers_are_kept_as_keyed_digests_alone(take_in, call, django_db_blocker):
    take_in(rows("1,个人,王小明,1990-03-07,"))
    _user, party_id = make_person(call, 1)
    relay.drain(SUBSCRIBERS)
    assert ScreenedKey.objects.filter(party_id=party_id).count() > 1
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        for table in ("screenedkey", "screening", "launderingalert"):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM risk_{table} AS t")
            text = cursor.fetchone()[0]
            for clear in ("王小明", "wang|xiaoming", resident(1)):
                assert clear not in text
                assert clear.encode().hex() not in text


def test_screening_asks_a_fixed_number_of_questions(take_in, call, django_assert_max_num_queries):
    take_in(rows(*(f"{n},个人,王小明,{1900 + n}," for n in range(60, 99))))
    _user, party_id = make_person(call, 1)
    with django_assert_max_num_queries(22):
        screen_party(ScreenParty(party_id=party_id, cause="by-hand"), call(actor="system:t"))


def test_the_instant_is_the_calls(take_in, call):
    take_in(NOTICE)
    assert ListVersion.objects.get().imported_at == datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
