"""A mail provider for a test, over real HTTP, and people with a proved address."""

import json
import threading
import time
import urllib.request
from contextlib import contextmanager

import httpx
from allauth.account.models import EmailAddress

from rongqiao_sandboxes.mail import serve
from tests.parties.people import make_person

SECRET = "shared secret of a test"
ADDRESS = "wang@example.cn"


class Twin:
    """Where the provider answers; `inbox()` is its page, `turn()` its switches."""

    def __init__(self, address):
        self.address = address

    def inbox(self, to=ADDRESS):
        with urllib.request.urlopen(f"{self.address}/?address={to}") as page:
            return page.read().decode()

    def turn(self, **wanted):
        answer = httpx.post(f"{self.address}/faults", content=json.dumps(wanted))
        assert answer.status_code == 200

    def until(self, words, to=ADDRESS):
        """Wait till the inbox shows words."""
        end = time.monotonic() + 60
        while words not in self.inbox(to):
            assert time.monotonic() < end, words
            time.sleep(0.05)


@contextmanager
def provider(folder, settings, callback=""):
    server = serve(0, folder, SECRET, callback)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    twin = Twin(f"http://127.0.0.1:{server.server_port}")
    settings.MAIL_GATEWAY_URL, settings.MAIL_GATEWAY_SECRET = twin.address, SECRET
    twin.turn(settle_ms=0)
    try:
        yield twin
    finally:
        server.shutdown()
        server.server_close()


def make_reader(call, number, address=ADDRESS, *, proved=True):
    """Return user and party of a person who gave an address, and proved it or not."""
    user, party = make_person(call, number)
    EmailAddress.objects.create(user_id=user, email=address, verified=proved, primary=True)
    return user, party
