"""What tests of models share: two analysts, and a policy of firms that decides by trees."""

import pytest

from rongqiao.risk.queries import recording
from rongqiao.risk.queries.documents import scorer_of
from tests.makers.firms_by_trees import release_trees
from tests.makers.officers import make_officer
from tests.parties.people import actor


@pytest.fixture(autouse=True)
def nothing_remembered():
    """Documents are remembered by their digest: a changed one would be seen by other tests."""
    yield
    for one in (recording._kept_policy, recording._armed_text, recording._armed, scorer_of):
        one.cache_clear()


@pytest.fixture
def analysts(clock):
    return tuple(actor(make_officer(clock, role="risk_analyst")) for _ in range(2))


@pytest.fixture
def champion(call, analysts, settings):
    """The digest of the trees by which firms are judged."""
    settings.OPERATOR_ROLE = "microloan_company"
    return release_trees(call, analysts)
