"""Parties: who may be registered, once, by whom, and what others see of them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import ProgrammingError, transaction

from rongqiao.parties import queries
from rongqiao.parties.models import ConsentRecord, Party, Person
from rongqiao.parties.operations.add_bank_account import (
    AccountDiffers,
    AccountUnverified,
    AddBankAccount,
    BankAccountInUse,
    BankNameNeeded,
    HolderDiffers,
    add_bank_account,
)
from rongqiao.parties.operations.close_bank_account import CloseBankAccount, close_bank_account
from rongqiao.parties.operations.consents.give_consent import (
    GiveConsent,
    UnknownConsent,
    give_consent,
)
from rongqiao.parties.operations.consents.withdraw_consent import (
    NotGiven,
    NotWithdrawable,
    WithdrawConsent,
    withdraw_consent,
)
from rongqiao.parties.operations.phones.open_log_in import NotByUsers, OpenLogIn, open_log_in
from rongqiao.parties.operations.phones.set_phone import PhoneInUse
from rongqiao.parties.operations.refusals import IdentifierRefused, NotYours
from rongqiao.parties.operations.register_organization import IdentityNeeded, OrganizationInUse
from rongqiao.parties.operations.register_person import (
    AlreadyIdentified,
    IdentityInUse,
    RegisterPerson,
    UnderAge,
    register_person,
)
from rongqiao.parties.queries.relations import own_affairs
from rongqiao.platform.crypto import Unreadable
from rongqiao.platform.ids import new_id
from rongqiao.platform.models import OutboxEvent
from rongqiao.platform.refusals import NotFound
from rongqiao.policies.consents import CREDIT_INQUIRY, TERMS, text_of
from tests.makers.proofs import prove_account
from tests.parties.people import AT, actor, card, make_firm, make_person, make_user, resident

ON = date(2026, 1, 5)


def test_a_person_is_seen_masked_and_known_in_full_to_the_contract(call):
    _, party_id = make_person(call, 2, name="欧阳小明")
    view = queries.get_party(party_id)
    assert (view.name, view.number) == ("欧***", f"1101**********{resident(2)[-4:]}")
    identity = queries.get_identity(party_id, ON)
    assert (identity.name, identity.number) == ("欧阳小明", resident(2))
    assert identity.age_on(ON) == 35


@pytest.mark.parametrize(
    "written",
    [
        resident(5).lower(),
        f" {resident(5)[:6]} {resident(5)[6:14]} {resident(5)[14:]}",
        resident(5).translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    ],
)
def test_one_resident_id_is_one_person_however_it_is_written(call, written):
    make_person(call, 5)
    user_id = make_user()
    command = RegisterPerson(user_id=user_id, name="李四", resident_id=written)
    with pytest.raises(IdentityInUse) as refused:
        register_person(command, call(actor=actor(user_id)))
    assert refused.value.facts == {}
    assert Party.objects.count() == 1


def test_the_same_key_again_is_the_same_person(call):
    user_id = make_user()
    command = RegisterPerson(user_id=user_id, name="王小明", resident_id=resident(6))
    first = register_person(command, call(actor=actor(user_id), key="once"))
    assert register_person(command, call(actor=actor(user_id), key="once")) == first
    assert OutboxEvent.objects.filter(name="parties.party-registered").count() == 1


def test_a_user_says_who_they_are_once(call):
    user_id, _ = make_person(call, 7)
    with pytest.raises(AlreadyIdentified):
        register_person(
            RegisterPerson(user_id=user_id, name="王小明", resident_id=resident(8)),
            call(actor=actor(user_id)),
        )


def test_who_is_not_eighteen_today_is_refused_and_on_the_birthday_is_not(call):
    def attempt(born, number):
        user_id = make_user()
        command = RegisterPerson(user_id=user_id, name="王小明", resident_id=resident(number, born))
        return register_person(command, call(actor=actor(user_id)))

    with pytest.raises(UnderAge):
        attempt("20080106", 1)
    assert attempt("20080105", 2).party_id


def test_a_wrong_resident_id_is_refused_with_a_masked_value(call):
    user_id, wrong = make_user(), "110105194912310021"
    with pytest.raises(IdentifierRefused) as refused:
        register_person(
            RegisterPerson(user_id=user_id, name="王小明", resident_id=wrong),
            call(actor=actor(user_id)),
        )
    assert refused.value.code == "parties.resident-id-check-digit"
    assert refused.value.facts == {"field": "resident_id", "value": "1101**********0021"}
    assert not Party.objects.exists()


def test_a_sealed_name_moved_to_another_row_does_not_open(call):
    _, one = make_person(call, 11)
    _, other = make_person(call, 12, name="李小龙")
    Person.objects.filter(pk=one).update(name_sealed=Person.objects.get(pk=other).name_sealed)
    with pytest.raises(Unreadable):
        queries.get_party(one)


def test_a_user_acts_for_their_person_and_their_firms(call):
    user_id, person = make_person(call, 21)
    firm = make_firm(call, user_id, 21)
    assert [view.id for view in queries.list_parties_of(user_id)] == [person, firm]
    assert queries.users_of(firm) == (user_id,)
    assert queries.get_identity(firm, ON).representative == "王小明"


def test_a_firm_is_registered_once(call):
    first, _ = make_person(call, 22)
    second, _ = make_person(call, 23)
    make_firm(call, first, 22)
    with pytest.raises(OrganizationInUse):
        make_firm(call, second, 22, name="另一家示范有限公司")


def test_who_brings_a_firm_has_said_who_they_are(call):
    with pytest.raises(IdentityNeeded):
        make_firm(call, make_user(), 23)


def test_the_representative_is_behind_the_firm_even_without_a_log_in_there(call):
    agent, _ = make_person(call, 31)
    boss, boss_person = make_person(call, 32, name="赵总裁")
    firm = make_firm(
        call,
        agent,
        31,
        legal_representative_name="赵总裁",
        legal_representative_id=resident(32),
    )
    stranger, _ = make_person(call, 33)
    assert queries.is_own_affair(boss, firm)
    assert queries.is_own_affair(agent, firm)
    assert queries.is_own_affair(boss, boss_person)
    assert not queries.is_own_affair(stranger, firm)
    # Lists leave out by `own_affairs` what acts refuse by `is_own_affair`: one rule, asked twice.
    for user_id in (agent, boss, stranger, make_user()):
        told = {one.pk for one in Party.objects.all() if queries.is_own_affair(user_id, one.pk)}
        assert own_affairs(user_id) == told
    assert queries.people_behind(firm) == queries.person_keys_of(boss) | queries.person_keys_of(
        agent
    )


def account(party_id, number=1, holder="王小明", bank="中国工商银行"):
    return AddBankAccount(
        party_id=party_id,
        bank_name=bank,
        holder=holder,
        number=card(number),
        proof=prove_account(party_id, holder, card(number)),
    )


def test_a_bank_account_is_the_partys_own(call):
    user_id, party_id = make_person(call, 41)
    add_bank_account(account(party_id, holder=" 王小明 "), call(actor=actor(user_id)))
    (view,) = queries.list_bank_accounts(party_id)
    assert view.holder == "王**"
    assert view.number == f"6222***********{card(1)[-4:]}"
    payee = queries.get_payee(view.id, party_id)
    assert (payee.holder, payee.number) == ("王小明", card(1))


@pytest.mark.parametrize("holder", ["王晓明", "王小銘", "王小", "李小明"])
def test_a_holder_who_differs_by_a_character_is_refused(call, holder):
    user_id, party_id = make_person(call, 42)
    with pytest.raises(HolderDiffers):
        add_bank_account(account(party_id, holder=holder), call(actor=actor(user_id)))


def test_a_card_belongs_to_one_party_until_it_is_closed(call):
    first, one = make_person(call, 43)
    second, other = make_person(call, 44)
    added = add_bank_account(account(one), call(actor=actor(first)))
    with pytest.raises(BankAccountInUse):
        add_bank_account(account(other), call(actor=actor(second)))
    close_bank_account(
        CloseBankAccount(party_id=one, bank_account_id=added.bank_account_id),
        call(actor=actor(first)),
    )
    assert queries.list_bank_accounts(one) == ()
    add_bank_account(account(other), call(actor=actor(second)))
    with pytest.raises(NotFound):
        queries.get_payee(added.bank_account_id, one)


@pytest.mark.parametrize(
    "proof",
    [
        lambda party: None,
        lambda party: prove_account(party, "王小明", card(2)),
        lambda party: prove_account(party, "王小民", card(1)),
        lambda party: prove_account(new_id(AT), "王小明", card(1)),
        lambda party: prove_account(party, "王小明", card(1), checked_at=AT - timedelta(days=31)),
        lambda party: prove_account(party, "王小明", card(1), checked_at=AT + timedelta(days=1)),
    ],
    ids=["none", "another card", "another holder", "another party", "too old", "of tomorrow"],
)
def test_an_account_without_a_proof_of_its_own_is_not_added(call, proof):
    user_id, party_id = make_person(call, 49)
    command = replace(account(party_id), proof=proof(party_id))
    with pytest.raises(AccountUnverified):
        add_bank_account(command, call(actor=actor(user_id)))
    assert queries.list_bank_accounts(party_id) == ()


@pytest.mark.parametrize("verdict", ["differs", "no-record", ""])
def test_an_account_the_bank_card_service_denies_is_not_added(call, verdict):
    user_id, party_id = make_person(call, 50)
    denied = replace(
        account(party_id), proof=prove_account(party_id, "王小明", card(1), verdict=verdict)
    )
    with pytest.raises(AccountDiffers):
        add_bank_account(denied, call(actor=actor(user_id)))


def test_a_proof_fits_however_the_card_was_typed(call):
    user_id, party_id = make_person(call, 51)
    spaced = " ".join([card(1)[:4], card(1)[4:8], card(1)[8:]])
    typed = replace(account(party_id, holder=" 王小明"), number=spaced)
    assert add_bank_account(typed, call(actor=actor(user_id))).is_luhn_valid


def test_nobody_adds_an_account_to_somebody_elses_party(call):
    _, party_id = make_person(call, 45)
    stranger, _ = make_person(call, 46)
    with pytest.raises(NotYours):
        add_bank_account(account(party_id), call(actor=actor(stranger)))


def test_a_card_that_fails_the_luhn_check_is_taken_with_a_warning(call):
    user_id, party_id = make_person(call, 47)
    command = AddBankAccount(
        party_id=party_id,
        bank_name="银联",
        holder="王小明",
        number="6221558812340000",
        proof=prove_account(party_id, "王小明", "6221558812340000"),
    )
    assert not add_bank_account(command, call(actor=actor(user_id))).is_luhn_valid


def test_a_bank_has_a_name(call):
    user_id, party_id = make_person(call, 48)
    with pytest.raises(BankNameNeeded):
        add_bank_account(account(party_id, bank="  "), call(actor=actor(user_id)))


def test_a_consent_stands_with_version_time_and_hash_until_it_is_taken_back(call, clock):
    user_id = make_user()
    version = text_of(CREDIT_INQUIRY, "2026-01").version
    give_consent(
        GiveConsent(user_id=user_id, kind=CREDIT_INQUIRY, version=version),
        call(actor=actor(user_id)),
    )
    (view,) = queries.consents_of(user_id)
    assert view.text_sha256 == text_of(CREDIT_INQUIRY, version).sha256
    assert view.happened_at == clock.now()
    assert queries.has_consent(user_id, CREDIT_INQUIRY, version)
    withdraw_consent(
        WithdrawConsent(user_id=user_id, kind=CREDIT_INQUIRY), call(actor=actor(user_id))
    )
    assert not queries.has_consent(user_id, CREDIT_INQUIRY, version)
    with pytest.raises(NotGiven):
        withdraw_consent(
            WithdrawConsent(user_id=user_id, kind=CREDIT_INQUIRY), call(actor=actor(user_id))
        )


def test_the_terms_of_an_open_account_cannot_be_taken_back(call):
    user_id = make_user()
    give_consent(
        GiveConsent(user_id=user_id, kind=TERMS, version="2026-01"), call(actor=actor(user_id))
    )
    with pytest.raises(NotWithdrawable):
        withdraw_consent(WithdrawConsent(user_id=user_id, kind=TERMS), call(actor=actor(user_id)))


def test_nobody_consents_to_a_text_that_is_not_there(call):
    with pytest.raises(UnknownConsent):
        give_consent(
            GiveConsent(user_id=make_user(), kind=TERMS, version="1999-01"),
            call(actor="system:test"),
        )


def test_a_consent_on_record_cannot_be_changed_or_removed(call):
    user_id = make_user()
    give_consent(
        GiveConsent(user_id=user_id, kind=TERMS, version="2026-01"), call(actor=actor(user_id))
    )
    rows = ConsentRecord.objects.filter(user_id=user_id)
    with pytest.raises(ProgrammingError), transaction.atomic():
        rows.update(version="2025-01")
    with pytest.raises(ProgrammingError), transaction.atomic():
        rows._raw_delete("default")


def test_the_installation_opens_a_log_in_once_for_a_number_and_users_do_not(call):
    command = OpenLogIn(phone="+86 138 0013 8000", password="correct horse 47")
    user_id = open_log_in(command, call(actor="system:seed")).user_id
    assert queries.find_user_by_phone("13800138000") == user_id
    assert get_user_model().objects.get(pk=user_id).check_password("correct horse 47")
    with pytest.raises(PhoneInUse):
        open_log_in(command, call(actor="system:seed"))
    with pytest.raises(NotByUsers):
        open_log_in(OpenLogIn(phone="13800138001"), call(actor=actor(user_id)))
    other = open_log_in(OpenLogIn(phone="13800138002"), call(actor="system:seed")).user_id
    assert not get_user_model().objects.get(pk=other).has_usable_password()


def test_nobody_says_who_somebody_else_is_or_consents_for_them(call):
    user_id, stranger = make_user(), make_user()
    command = RegisterPerson(user_id=user_id, name="王小明", resident_id=resident(60))
    for who in (actor(stranger), f"party:{user_id}"):
        with pytest.raises(NotYours):
            register_person(command, call(actor=who))
        with pytest.raises(NotYours):
            give_consent(
                GiveConsent(user_id=user_id, kind=TERMS, version="2026-01"), call(actor=who)
            )
    assert not Party.objects.exists()
