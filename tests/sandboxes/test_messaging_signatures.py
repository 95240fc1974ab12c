"""The twins of SMS and mail refuse an odd moment or signature instead of failing on it."""

import time

import pytest

from rongqiao_sandboxes.messaging import Signer

SIGNER, PATH, BODY = Signer(secret="shared"), "/v1/messages", b'{"to":"13800000000"}'


def test_what_was_signed_just_now_passes():
    stamp = str(int(time.time()))
    assert SIGNER.is_signed(PATH, stamp, SIGNER.sign(PATH, stamp, BODY), BODY)
    assert not SIGNER.is_signed(PATH + "x", stamp, SIGNER.sign(PATH, stamp, BODY), BODY)


@pytest.mark.parametrize("stamp", ["", "x", "-1", "1e9", "²", "١٧٠٠٠٠٠٠٠٠", "9" * 13, "9" * 5000])
def test_an_odd_moment_is_not_signed(stamp):
    assert not SIGNER.is_signed(PATH, stamp, SIGNER.sign(PATH, stamp, BODY), BODY)


@pytest.mark.parametrize("signature", ["", "签名", "é" * 64, "0" * 64])
def test_an_odd_signature_is_not_signed(signature):
    assert not SIGNER.is_signed(PATH, str(int(time.time())), signature, BODY)
