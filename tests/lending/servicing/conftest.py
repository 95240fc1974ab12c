import pytest


@pytest.fixture
def call(call):
    """Calls are the system's where a test does not say whose."""

    def make(actor="system:test", key=None):
        return call(actor=actor, key=key)

    return make
