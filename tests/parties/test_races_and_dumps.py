"""Eight at once, one wins; and a stolen database shows nobody's name, id, phone or card."""

from datetime import date

import psycopg

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.parties.models import Party, Person
from rongqiao.parties.operations.add_bank_account import AddBankAccount, add_bank_account
from rongqiao.parties.operations.declare_owners import (
    DeclaredOwner,
    DeclareOwners,
    declare_owners,
)
from rongqiao.parties.operations.phones.queue_sms import QueueSms, queue_sms
from rongqiao.parties.operations.phones.set_phone import PhoneInUse, SetPhone, set_phone
from rongqiao.parties.operations.register_person import (
    AlreadyIdentified,
    IdentityInUse,
    RegisterPerson,
    register_person,
)
from rongqiao.platform import relay
from tests.makers.proofs import prove_account
from tests.parties.people import actor, at_once, card, credit_code, make_firm, make_user, resident

LAST_NAMES = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"


def registering(call, user_id, number):
    command = RegisterPerson(user_id=user_id, name="王小明", resident_id=resident(number))
    made = call(actor=actor(user_id))
    return lambda: register_person(command, made)


def test_of_eight_log_ins_with_one_resident_id_one_becomes_the_person(live_db, call):
    answers = at_once([registering(call, make_user(), 1) for _ in range(8)])
    assert sum(isinstance(answer, IdentityInUse) for answer in answers) == 7
    assert (Person.objects.count(), Party.objects.count()) == (1, 1)


def test_of_eight_identities_for_one_log_in_one_is_kept(live_db, call):
    user_id = make_user()
    answers = at_once([registering(call, user_id, number) for number in range(8)])
    assert sum(isinstance(answer, AlreadyIdentified) for answer in answers) == 7
    assert Party.objects.count() == 1


def test_of_eight_log_ins_that_prove_one_phone_one_keeps_it(live_db, call):
    def proving(user_id):
        made = call(actor=actor(user_id))
        command = SetPhone(user_id=user_id, phone="13800138000", is_proved=True)
        return lambda: set_phone(command, made)

    answers = at_once([proving(make_user()) for _ in range(8)])
    assert sum(isinstance(answer, PhoneInUse) for answer in answers) == 7


def everything(owner_url):
    """Every row of every table as PostgreSQL prints it, binary columns as their bytes too."""
    with psycopg.connect(owner_url) as owner:
        tables = owner.execute(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(relname) FROM pg_stat_user_tables"
        ).fetchall()
        for (table,) in tables:
            for row in owner.execute(f"SELECT * FROM {table}"):
                for value in row:
                    yield table, bytes(value) if isinstance(value, bytes) else str(value).encode()


def test_a_dump_of_the_database_shows_nobody(live_db, call):
    planted = []
    for number in range(20):
        # Twelve digits: six of them stand by chance in a digest or in a clock's microseconds.
        code = f"7700{number:08d}"
        name, phone = (
            f"慕容{LAST_NAMES[number]}",
            f"139{number:08d}",
        )
        user_id = make_user()
        made = actor(user_id)
        party_id = register_person(
            RegisterPerson(user_id=user_id, name=name, resident_id=resident(number)),
            call(actor=made),
        ).party_id
        set_phone(SetPhone(user_id=user_id, phone=phone, is_proved=True), call(actor=made))
        add_bank_account(
            AddBankAccount(
                party_id=party_id,
                bank_name="中国银行",
                holder=name,
                number=card(number),
                proof=prove_account(party_id, name, card(number)),
            ),
            call(actor=made),
        )
        queue_sms(QueueSms(phone=phone, text=f"验证码 {code}"), call(actor=made))
        firm_id = make_firm(call, user_id, number)
        owner = DeclaredOwner(
            row=0,
            name=f"诸葛{LAST_NAMES[number]}",
            resident_id=resident(200 + number),
            control="shares",
            share_bp=6_000,
            since_on=date(2020, 5, 1),
        )
        owners = DeclareOwners(party_id=firm_id, after=0, owners=(owner,))
        declare_owners(owners, call(actor=made))
        planted += [name, phone, resident(number), card(number), code]
        planted += [owner.name, owner.resident_id]
    relay.drain(SUBSCRIBERS)
    needles = [text.encode() for text in planted]
    rows = list(everything(live_db.owner_url))
    found = {(table, needle) for table, value in rows for needle in needles if needle in value}
    assert found == set()
    # What must be there proves that the search looks where things are.
    assert any(credit_code(3).encode() in value for _, value in rows)
    assert {"public.platform_operationrecord", "public.platform_outboxevent"} <= {
        table for table, _ in rows
    }
