"""Mails: to proved addresses that want them, once each, whatever the provider does."""

from datetime import timedelta
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction

from rongqiao.config.wiring import CHASE_MAILS
from rongqiao.engagement.notifications.gateways.mail import (
    HttpMailGateway,
    Rejected,
    Unreachable,
)
from rongqiao.engagement.notifications.jobs import send_mail
from rongqiao.engagement.notifications.models import MailMessage, StoppedAddress
from rongqiao.engagement.notifications.operations.choose_channels import (
    ChooseChannels,
    choose_channels,
)
from rongqiao.engagement.notifications.operations.mails.queue_mail import QueueMail, queue_mail
from rongqiao.engagement.notifications.operations.mails.record_mail import RecordMail, record_mail
from rongqiao.engagement.notifications.operations.mails.unsubscribe import Unsubscribe, unsubscribe
from rongqiao.engagement.notifications.operations.tell import Tell, tell
from rongqiao.engagement.notifications.queries import (
    SUBJECTS,
    channel_standing_of,
    get_outgoing_mail,
    mail_of,
    mail_target_of,
    unsubscribe_token,
    user_of_token,
)
from rongqiao.platform import jobs
from rongqiao.platform.refusals import NotFound
from rongqiao.web.account.mailing import QueueingBackend
from tests.engagement.notifications import mailing
from tests.engagement.notifications.mailing import ADDRESS, SECRET, make_reader
from tests.engagement.notifications.test_telling import FACTS
from tests.parties.people import actor, make_firm, make_person

NUMBER = "RQ260105000123"


@pytest.fixture
def twin(tmp_path, settings):
    with mailing.provider(tmp_path, settings) as twin:
        yield twin


@pytest.fixture
def reader(call):
    return make_reader(call, 7)


def due(party, subject="s1", kind="due-soon", **more):
    facts = {**FACTS, "number": NUMBER, "amount": "888.66"}
    return Tell(party_id=party, kind=kind, subject=subject, facts=facts, **more)


def mailed(call, party, **more):
    """Tell something and return the mail that is on its way."""
    before = list(MailMessage.objects.values_list("pk", flat=True))
    assert tell(due(party, **more), call()).mails == 1
    return MailMessage.objects.exclude(pk__in=before).get()


def outgoing(call, address=ADDRESS, subject="s"):
    command = QueueMail(address=address, subject=subject, text="words", html="")
    return get_outgoing_mail(queue_mail(command, call()).mail_id)


def recorded(mail, state, call):
    return record_mail(RecordMail(mail_id=mail.pk, state=state), call()).state


def test_a_reminder_reaches_the_inbox_and_its_words_are_erased(call, reader, twin):
    mail = mailed(call, reader[1])
    send_mail(str(mail.pk))
    shown = twin.inbox()
    assert "【融桥】还款提醒" in shown
    assert "888.66" in shown
    assert "2026-02-05" in shown
    mail.refresh_from_db()
    assert (mail.state, mail.words_sealed) == ("sent", None)


def test_only_the_tail_of_the_loans_number_is_mailed(call, reader):
    words = get_outgoing_mail(mailed(call, reader[1]).pk).words
    assert "****0123" in words.text
    assert NUMBER not in words.text + words.html + words.subject


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("kind", SUBJECTS)
def test_each_mail_says_all_it_must_in_both_languages(kind, language, settings):
    settings.PUBLIC_URL = "https://rongqiao.example"
    words = mail_of(kind, FACTS, language, "token")
    assert "%(" not in words.text + words.html
    assert "https://rongqiao.example/my/notices/" in words.text
    assert words.unsubscribe == "https://rongqiao.example/unsubscribe/token/"
    assert words.unsubscribe in words.text
    assert words.unsubscribe in words.html
    has_chinese = any("一" <= one <= "鿿" for one in words.subject + words.text + words.html)
    assert has_chinese == (language == "zh-hans")


def test_facts_are_text_in_a_mails_html():
    words = mail_of("disbursed", {"number": "L1<b>", "amount": "<i>1</i>"}, "en", "t")
    assert "<i>" not in words.html
    assert "<i>" in words.text


def test_nobody_is_mailed_at_an_address_not_proved(call):
    user, party = make_reader(call, 8, proved=False)
    assert tell(due(party), call()).mails == 0
    EmailAddress.objects.filter(user_id=user).update(verified=True)
    assert tell(due(party, "s2"), call()).mails == 1


def test_nobody_is_mailed_of_anothers_loan(call, reader):
    _other, party = make_person(call, 9)
    assert tell(due(party), call()).mails == 0
    assert not MailMessage.objects.exists()


def test_a_firm_is_told_by_who_acts_for_it(call, reader):
    firm = make_firm(call, reader[0], 1)
    assert tell(due(firm), call()).mails == 1


def test_the_same_thing_is_mailed_once(call, reader):
    mailed(call, reader[1])
    assert tell(due(reader[1]), call()).mails == 0
    assert MailMessage.objects.count() == 1


def test_small_matters_are_not_mailed(call, reader):
    assert tell(due(reader[1], kind="waived"), call()).mails == 0


def test_who_may_not_be_approached_is_told_on_the_site_alone(call, reader):
    told = tell(due(reader[1], kind="overdue", is_on_site_only=True), call())
    assert (told.users, told.texts, told.mails) == (1, 0, 0)


def test_mails_are_turned_off_and_on_and_texts_stay(call, reader):
    user, party = reader
    choose_channels(ChooseChannels(by_mail=False), call(actor=actor(user)))
    assert tell(due(party), call()).mails == 0
    choose_channels(ChooseChannels(by_sms=False), call(actor=actor(user)))
    chosen = choose_channels(ChooseChannels(by_mail=True), call(actor=actor(user)))
    assert (chosen.by_sms, chosen.by_mail) == (False, True)
    assert tell(due(party, "s2"), call()).mails == 1


def test_mails_are_in_the_language_that_was_chosen(call, reader):
    user, party = reader
    choose_channels(ChooseChannels(by_mail=True, language="en"), call(actor=actor(user)))
    words = get_outgoing_mail(mailed(call, party).pk).words
    assert "888.66 yuan" in words.text


def test_a_mail_not_sent_yet_is_dropped_when_its_user_wants_none(call, reader, twin):
    user, party = reader
    mail = mailed(call, party)
    choose_channels(ChooseChannels(by_mail=False), call(actor=actor(user)))
    send_mail(str(mail.pk))
    mail.refresh_from_db()
    assert (mail.state, mail.words_sealed) == ("failed", None)
    assert "888.66" not in twin.inbox()


def test_a_mail_not_sent_yet_is_dropped_when_its_address_is_the_users_no_more(call, reader, twin):
    mail = mailed(call, reader[1])
    EmailAddress.objects.update(email="other@example.cn")
    send_mail(str(mail.pk))
    assert "888.66" not in twin.inbox("")


def test_a_mail_is_handed_over_once_however_often_the_job_runs(call, reader, twin):
    mail = mailed(call, reader[1])
    twin.turn(lose_next=1)
    with pytest.raises(Unreachable):
        send_mail(str(mail.pk))
    for _time in range(2):
        send_mail(str(mail.pk))
    assert twin.inbox().count("<li>") == 1


def test_a_busy_provider_is_tried_again(call, reader, twin):
    mail = mailed(call, reader[1])
    twin.turn(fail_next=1)
    with pytest.raises(Unreachable):
        send_mail(str(mail.pk))
    send_mail(str(mail.pk))
    mail.refresh_from_db()
    assert mail.state == "sent"


def test_what_the_queue_left_behind_is_sent_later_and_only_by_day(
    call, clock, reader, twin, caplog
):
    mail = mailed(call, reader[1])
    twin.turn(fail_next=1)
    clock.move(timedelta(minutes=11))
    assert CHASE_MAILS() == 0
    assert "the mail provider does not answer" in caplog.text
    clock.move(timedelta(hours=2))
    assert CHASE_MAILS() == 1
    mail.refresh_from_db()
    assert mail.state == "sent"
    late = mailed(call, reader[1], subject="s2")
    clock.move(timedelta(hours=9))
    CHASE_MAILS()
    late.refresh_from_db()
    assert late.state == "queued"


def test_a_reminder_of_hours_ago_is_not_sent(call, clock, reader, twin):
    mail = mailed(call, reader[1])
    clock.move(timedelta(hours=5))
    CHASE_MAILS()
    mail.refresh_from_db()
    assert (mail.state, mail.words_sealed) == ("failed", None)
    assert "888.66" not in twin.inbox()


@pytest.mark.parametrize(
    ("address", "state", "stopped"),
    [
        (ADDRESS, "delivered", False),
        ("bounce@example.cn", "bounced", True),
        ("full@example.cn", "failed", False),
    ],
)
def test_a_lost_callback_is_asked_after(call, clock, twin, address, state, stopped):
    user, party = make_reader(call, 5, address)
    mail = mailed(call, party)
    send_mail(str(mail.pk))
    words = {"delivered": "已投递", "bounced": "永久退信", "failed": "暂时退信"}[state]
    twin.until(words, address)
    assert CHASE_MAILS() == 0
    clock.move(timedelta(minutes=6))
    assert CHASE_MAILS() == 1
    mail.refresh_from_db()
    assert mail.state == state
    assert channel_standing_of(user).is_stopped == stopped
    assert CHASE_MAILS() == 0


def test_a_mail_still_on_its_way_is_asked_after_again(call, clock, reader, twin):
    twin.turn(settle_ms=60_000)
    mail = mailed(call, reader[1])
    send_mail(str(mail.pk))
    for _time in range(2):
        clock.move(timedelta(minutes=6))
        assert CHASE_MAILS() == 1
    mail.refresh_from_db()
    assert mail.state == "sent"


def test_a_mail_the_provider_has_forgotten_has_failed(call, clock, reader, twin):
    mail = mailed(call, reader[1])
    recorded(mail, "sent", call)
    clock.move(timedelta(minutes=6))
    CHASE_MAILS()
    mail.refresh_from_db()
    assert mail.state == "failed"


def test_a_bounce_stops_the_address_until_its_user_asks_again(call, reader):
    user, party = reader
    mail = mailed(call, party)
    recorded(mail, "bounced", call)
    assert mail_target_of(user) is None
    assert tell(due(party, "s2"), call()).mails == 0
    choose_channels(ChooseChannels(by_mail=True), call(actor=actor(user)))
    assert mail_target_of(user).address == ADDRESS
    recorded(mail, "bounced", call)
    assert mail_target_of(user).address == ADDRESS
    assert StoppedAddress.objects.count() == 1


def test_only_one_stop_of_an_address_stands(call, reader):
    stop = {"address_index": b"x" * 32, "since_at": call().at}
    StoppedAddress.objects.create(**stop)
    with pytest.raises(IntegrityError), transaction.atomic():
        StoppedAddress.objects.create(**stop)


def test_late_words_do_not_take_back_what_was_settled(call, reader):
    mail = mailed(call, reader[1])
    assert [recorded(mail, s, call) for s in ("delivered", "sent", "failed")] == ["delivered"] * 3
    assert recorded(mail, "bounced", call) == "bounced"
    assert recorded(mail, "delivered", call) == "bounced"


def test_a_link_ends_the_mails_of_its_user_alone(call, reader):
    user, _party = reader
    other, _theirs = make_reader(call, 6, "li@example.cn")
    token = unsubscribe_token(user, ADDRESS)
    assert unsubscribe(Unsubscribe(token=token), call()).is_new
    assert not unsubscribe(Unsubscribe(token=token), call()).is_new
    assert mail_target_of(user) is None
    assert mail_target_of(other).address == "li@example.cn"


def test_a_link_of_somebody_elses_making_ends_nothing(call, reader):
    user, _party = reader
    other, _theirs = make_reader(call, 6, "li@example.cn")
    good = unsubscribe_token(user, ADDRESS)
    for bad in ("", "x", good[:-1], good + "x", f"{other.hex}.{good.partition('.')[2]}", "é.é"):
        assert user_of_token(bad) is None
        with pytest.raises(NotFound):
            unsubscribe(Unsubscribe(token=bad), call())
    EmailAddress.objects.filter(user_id=user).update(email="new@example.cn")
    assert user_of_token(good) is None


def test_a_mail_signed_with_another_secret_is_rejected(call, twin):
    mail = outgoing(call, subject="forged")
    with pytest.raises(Rejected):
        HttpMailGateway(twin.address, "another secret").send(mail)
    assert "forged" not in twin.inbox()


def test_what_became_of_a_mail_is_told_to_nobody_without_the_secret(call, twin):
    mail = outgoing(call)
    HttpMailGateway(twin.address, SECRET).send(mail)
    with pytest.raises(Unreachable):
        HttpMailGateway(twin.address, "another secret").ask(mail.id)
    assert HttpMailGateway(twin.address, SECRET).ask(uuid4()) is None


def test_a_slow_provider_is_waited_for(call, twin):
    twin.turn(latency_ms=300)
    assert HttpMailGateway(twin.address, SECRET).send(outgoing(call))


def test_no_provider_is_no_answer(call):
    with pytest.raises(Unreachable):
        HttpMailGateway("http://127.0.0.1:9", SECRET).send(outgoing(call))


def test_the_inbox_shows_markup_as_text(call, twin):
    HttpMailGateway(twin.address, SECRET).send(outgoing(call, subject="<script>alert(1)</script>"))
    assert "<script>" not in twin.inbox()
    assert "&quot;&gt;&lt;b" in twin.inbox("%22%3E%3Cb")


def test_the_queue_brings_a_mail_to_the_inbox(call, live_db, tmp_path, settings):
    with mailing.provider(tmp_path, settings) as twin:
        mail = mailed(call, make_reader(call, 7)[1])
        jobs.run_waiting()
        mail.refresh_from_db()
        assert mail.state == "sent"
        assert "888.66" in twin.inbox()


def test_a_code_goes_to_an_address_not_proved_yet_and_is_over_in_minutes(call, clock, twin):
    code = EmailMultiAlternatives("验证码", "246810", "a@localhost", ["new@example.cn"])
    code.attach_alternative("<p>246810</p>", "text/html")
    assert QueueingBackend().send_messages([code]) == 1
    mail = MailMessage.objects.get()
    send_mail(str(mail.pk))
    assert twin.inbox("new@example.cn").count("246810") == 2
    QueueingBackend().send_messages([code])
    late = MailMessage.objects.exclude(pk=mail.pk).get()
    clock.move(timedelta(minutes=16))
    send_mail(str(late.pk))
    late.refresh_from_db()
    assert (late.state, late.words_sealed) == ("failed", None)
