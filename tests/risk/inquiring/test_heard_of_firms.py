"""What sources answered of a firm is heard by its rating and by early warning, up to a case."""

from datetime import date

import pytest

from rongqiao.risk.jobs import inquiring
from rongqiao.risk.models.enterprise import WarningCase
from rongqiao.risk.operations.enterprise.rate_firm import RateFirm, rate_firm
from rongqiao.risk.operations.enterprise.record_statement import RecordStatement, record_statement
from rongqiao.risk.operations.enterprise.watch_firm import WatchFirm, watch_firm
from rongqiao.risk.queries.enterprise import get_rating, watches_of
from tests.makers.officers import make_officer
from tests.parties.people import actor, credit_code
from tests.risk.enterprise.test_rating import SOUND

BAD = {
    "judicial": {"judgments": 3, "enforcements": 2, "is-dishonest-debtor": True, "owed": 900_000},
    "tax": {
        "invoiced-12m": 40_000_000,
        "invoiced-prior-12m": 100_000_000,
        "months-without-invoice": 3,
        "grade": "D",
        "arrears": 6_000_000,
    },
}


@pytest.fixture
def told(registries, firm, ask):
    """Return a function that has both sources say `facts` of the firm, and asks them."""

    def say(facts):
        number = credit_code(1)
        for source, planted in facts.items():
            registries.say(source, number, **planted)
        for source in facts:
            row = ask(firm, source)
            # The tax source answers by a ticket.
            inquiring.chase_inquiries()
            row.refresh_from_db()
            assert row.outcome == "answered", row.fault

    return say


def rated(call, clock, firm, **more):
    said = RecordStatement(
        party_id=firm.party_id,
        ends_on=date(2024, 12, 31),
        months=12,
        source="firm",
        figures=tuple(sorted(SOUND.items())),
    )
    record_statement(said, call(actor=actor(firm.user_id)))
    analyst = actor(make_officer(clock, role="risk_analyst"))
    command = RateFirm(party_id=firm.party_id, standards="industry-medium-2006", **more)
    return get_rating(rate_firm(command, call(actor=analyst)).rating_id)


def conduct_of(rating):
    return {one["code"]: one["points"] for one in rating.lines if one["block"] == "conduct"}


def test_a_rating_hears_what_the_sources_told(told, call, clock, firm):
    told(BAD)
    heard = conduct_of(rated(call, clock, firm))
    assert {"tax-arrears", "tax-grade-d", "judicial-enforced", "invoices-falling"} <= set(heard)
    assert all(float(points) < 0 for points in heard.values())


def test_an_officers_word_counts_before_the_sources(told, call, clock, firm):
    told({"judicial": BAD["judicial"]})
    said = (("judicial-defendant", "0"),)
    assert "judicial-enforced" in conduct_of(rated(call, clock, firm, conduct=said))


def test_a_watch_hears_them_and_opens_a_case(told, call, firm):
    told(BAD)
    watched = watch_firm(WatchFirm(party_id=firm.party_id, counts=()), call(actor="system:test"))
    assert watched.level == "grave"
    assert WarningCase.objects.get().pk == watched.case_id
    met = {one["code"] for one in watches_of(firm.party_id)[0].signals}
    assert {"listed-dishonest", "enforced", "sued", "tax-owed", "invoices-stopped"} <= met


def test_silence_opens_nothing(call, firm):
    watched = watch_firm(WatchFirm(party_id=firm.party_id, counts=()), call(actor="system:test"))
    assert (watched.level, watched.case_id) == ("clear", None)
