"""The switchboard: which fact wakes whom."""

from collections.abc import Callable
from typing import Any

import rongqiao.parties.jobs  # noqa: F401 - registers the jobs of parties
from rongqiao.money.payments.handlers import open_wallet_of_party
from rongqiao.parties.events import PartyRegistered
from rongqiao.platform.events import Event
from rongqiao.platform.operations import Call

SUBSCRIBERS: dict[type[Event], list[Callable[[Any, Call], None]]] = {
    PartyRegistered: [open_wallet_of_party],
}
