"""Users and people for tests: valid identifiers, drawn by number."""

import threading
from datetime import UTC, datetime
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import connection

from rongqiao.parties.operations.register_organization import (
    RegisterOrganization,
    register_organization,
)
from rongqiao.parties.operations.register_person import RegisterPerson, register_person
from rongqiao.platform.ids import new_id

AT = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def resident(number, born="19900307"):
    seventeen = f"110101{born}{number:03d}"
    total = sum(int(c) * w for c, w in zip(seventeen, _WEIGHTS, strict=True))
    return seventeen + "10X98765432"[total % 11]


def card(number):
    digits = f"622202{number:012d}"
    doubled = sum(sum(divmod(int(c) * 2, 10)) for c in digits[::-2])
    total = doubled + sum(int(c) for c in digits[-2::-2])
    return digits + str(-total % 10)


def credit_code(number):
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    eight = f"{number:08d}"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    check = sum(int(c) * w for c, w in zip(eight, weights, strict=True))
    head = "91110108" + eight + "0123456789X0"[11 - check % 11]
    total = sum(alphabet.index(c) * pow(3, i, 31) for i, c in enumerate(head))
    return head + alphabet[(31 - total % 31) % 31]


def make_user():
    user = get_user_model()(id=new_id(AT), joined_at=AT)
    user.set_unusable_password()
    user.save()
    return user.pk


def actor(user_id):
    return f"user:{user_id}"


def make_person(call, number, name="王小明"):
    user_id = make_user()
    registered = register_person(
        RegisterPerson(user_id=user_id, name=name, resident_id=resident(number)),
        call(actor=actor(user_id)),
    )
    return user_id, registered.party_id


def make_firm(call, user_id, number, name="融桥示范科技有限公司", **representative) -> UUID:
    command = RegisterOrganization(
        user_id=user_id, name=name, uscc=credit_code(number), **representative
    )
    return register_organization(command, call(actor=actor(user_id))).party_id


def at_once(tries):
    """Run the tries in threads released together; return what each returned or raised."""
    gate, answers = threading.Barrier(len(tries)), [None] * len(tries)

    def run(place, attempt):
        gate.wait()
        try:
            answers[place] = attempt()
        except Exception as error:
            answers[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(tries)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
