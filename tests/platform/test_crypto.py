"""Sealed fields open only where they were sealed."""

import json

import pytest

from rongqiao.platform import crypto
from rongqiao.platform.crypto import Keys, Unreadable

PLACE = {"table": "parties_person", "column": "name_sealed", "row": "7"}


@pytest.fixture(autouse=True)
def ring():
    with crypto.sealing_with(Keys.fresh()) as _:
        yield


def test_what_was_sealed_opens_again():
    assert crypto.decrypt(crypto.encrypt("王小明", **PLACE), **PLACE) == "王小明"


@pytest.mark.parametrize(
    "elsewhere", [{"table": "x"}, {"column": "phone_sealed"}, {"row": "8"}], ids=str
)
def test_a_value_moved_elsewhere_does_not_open(elsewhere):
    sealed = crypto.encrypt("王小明", **PLACE)
    with pytest.raises(Unreadable):
        crypto.decrypt(sealed, **{**PLACE, **elsewhere})


def test_every_flipped_bit_and_every_cut_is_noticed():
    sealed = crypto.encrypt("110105194912310021", **PLACE)
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(Unreadable):
            crypto.decrypt(bytes(changed), **PLACE)
        with pytest.raises(Unreadable):
            crypto.decrypt(sealed[:position], **PLACE)


def test_equal_texts_never_have_equal_ciphertexts_but_equal_indexes():
    assert crypto.encrypt("a", **PLACE) != crypto.encrypt("a", **PLACE)
    assert crypto.blind_index("phone", "a") == crypto.blind_index("phone", "a")
    assert crypto.blind_index("phone", "a") != crypto.blind_index("name", "a")


def test_after_a_rotation_old_values_open_and_new_ones_use_the_new_key():
    before = Keys.fresh()
    with crypto.sealing_with(before):
        old = crypto.encrypt("旧", **PLACE)
    after = before.with_new_data_key()
    with crypto.sealing_with(after):
        assert crypto.decrypt(old, **PLACE) == "旧"
        assert crypto.key_of(crypto.encrypt("新", **PLACE)) == 2
    with crypto.sealing_with(Keys.fresh()), pytest.raises(Unreadable):
        crypto.decrypt(old, **PLACE)


def test_keys_are_made_once_and_readable_by_their_owner_alone(tmp_path):
    path = tmp_path / "keys.json"
    first = Keys.load_or_make(path)
    assert Keys.load_or_make(path) == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert set(json.loads(path.read_text())) == {"data", "index", "cookie"}


def test_seeded_keys_follow_from_the_seed():
    assert Keys.from_seed(7) == Keys.from_seed(7)
    assert Keys.from_seed(7) != Keys.from_seed(8)
