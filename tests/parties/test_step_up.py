"""Proving once more who one is: one purpose, five minutes, five tries."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model

from rongqiao.parties.models import SmsMessage
from rongqiao.parties.operations.step_up.ask_step_up import (
    AskStepUp,
    TooManyStepUps,
    ask_step_up,
)
from rongqiao.parties.operations.step_up.prove_step_up import ProveStepUp, prove_step_up
from rongqiao.parties.queries import has_stepped_up
from rongqiao.parties.sealing import phone_index, seal, unseal
from rongqiao.platform.refusals import NotFound
from tests.parties.people import actor, make_user

PURPOSE = "withdraw:a:b:100"
WORDS = "【融桥】您正在提现 1.00 元，验证码 {code}。"


@pytest.fixture
def user(call):
    user_id = make_user()
    row = get_user_model().objects.get(pk=user_id)
    row.phone_sealed = seal("13800138000", "user", "phone", user_id)
    row.phone_index = phone_index("13800138000")
    row.phone_verified_at = call().at
    row.set_password("correct horse")
    row.save()
    return user_id


def ask(call, user):
    return ask_step_up(AskStepUp(purpose=PURPOSE, words=WORDS), call(actor=actor(user)))


def texted_code():
    row = SmsMessage.objects.latest("queued_at", "id")
    return unseal(row.text_sealed, "smsmessage", "text", row.pk).split("验证码 ")[1][:6]


def prove(call, user, asked, answer):
    command = ProveStepUp(step_up_id=asked.step_up_id, answer=answer)
    return prove_step_up(command, call(actor=actor(user)))


def test_the_texted_code_proves_one_purpose_for_five_minutes(call, clock, user):
    asked = ask(call, user)
    assert asked.method == "sms"
    assert not has_stepped_up(asked.step_up_id, user, PURPOSE, clock.now())
    assert prove(call, user, asked, texted_code()).is_proved
    assert has_stepped_up(asked.step_up_id, user, PURPOSE, clock.now())
    assert not has_stepped_up(asked.step_up_id, user, "withdraw:a:b:101", clock.now())
    assert not has_stepped_up(asked.step_up_id, make_user(), PURPOSE, clock.now())
    clock.move(timedelta(minutes=5))
    assert not has_stepped_up(asked.step_up_id, user, PURPOSE, clock.now())


def test_five_wrong_codes_end_it_and_the_right_one_comes_too_late(call, user):
    asked = ask(call, user)
    wrong = "000000" if texted_code() != "000000" else "000001"
    left = [prove(call, user, asked, wrong).tries_left for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    assert not prove(call, user, asked, texted_code()).is_proved


def test_a_code_is_nobody_elses_and_not_another_questions(call, clock, user):
    first = ask(call, user)
    clock.move(timedelta(seconds=1))
    second = ask(call, user)
    with pytest.raises(NotFound):
        prove(call, make_user(), second, texted_code())
    assert not prove(call, user, first, texted_code()).is_proved
    assert prove(call, user, second, texted_code()).is_proved


def test_without_a_proved_number_the_password_is_asked(call, user):
    get_user_model().objects.filter(pk=user).update(phone_verified_at=None)
    asked = ask(call, user)
    assert asked.method == "password"
    assert not prove(call, user, asked, "wrong horse").is_proved
    assert prove(call, user, asked, "correct horse").is_proved


def test_ten_questions_an_hour_are_enough(call, clock, user):
    for _ in range(10):
        ask(call, user)
    with pytest.raises(TooManyStepUps):
        ask(call, user)
    clock.move(timedelta(hours=1))
    assert ask(call, user).method == "sms"
