"""A real site for a real browser: threads serve it, a worker thread delivers, Chromium looks.

`site` serves the `live_db` database with hashed static files; `open_page(...)` gives a page
that fails its test on any console error, page error or request that leaves the machine.
"""

import os
import socketserver
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection, connections
from django.test import Client
from playwright.sync_api import expect, sync_playwright

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.platform import jobs, relay

# Playwright's own loop runs in the test's thread; Django's queries there are harmless.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# The machine itself, and what the browser is made of: its viewer of PDFs is an extension.
HERE = ("http://127.0.0.1", "data:", "blob:", "chrome-extension://", "chrome://")
# How long a busy machine may take; only a page that fails is waited for so long.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)
WIDTHS = (390, 1440)
THEMES = ("light", "dark")
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Two frames, and then whatever still fades: on a busy machine the frames may come before the fades.
DRAWN_TWICE = """async () => {
  await new Promise(ok => requestAnimationFrame(() => requestAnimationFrame(ok)));
  const ends = one => one.effect.getComputedTiming().endTime !== Infinity;
  const fades = document.getAnimations().filter(ends).map(one => one.finished);
  await Promise.allSettled(fades);
  await new Promise(ok => requestAnimationFrame(ok));
}"""


class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64


class Handler(WSGIRequestHandler):
    def log_message(self, *_said):
        pass

    def handle(self):
        try:
            super().handle()
        finally:
            connections.close_all()


@dataclass
class Site:
    """Where the site answers; `logged_in(user)` gives the cookie of a session."""

    address: str
    worker_errors: list = field(default_factory=list)

    def __call__(self, path=""):
        return self.address + path

    def cookie_of(self, user):
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        value = client.cookies[django_settings.SESSION_COOKIE_NAME].value
        return {"name": django_settings.SESSION_COOKIE_NAME, "value": value, "url": self.address}


@pytest.fixture(scope="session")
def static_files(tmp_path_factory):
    """Collect the static files once, as `make run` does."""
    django_settings.STATIC_ROOT = tmp_path_factory.mktemp("static")
    call_command("collectstatic", interactive=False, verbosity=0)


@contextmanager
def working(errors):
    """Deliver events and run jobs beside the site, as the worker process does."""
    stop = threading.Event()

    def work():
        while not stop.wait(0.05):
            try:
                relay.drain(SUBSCRIBERS)
                if jobs.waiting():
                    jobs.run_waiting()
            except Exception as error:
                errors.append(repr(error))
                time.sleep(0.2)
        connection.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)


@pytest.fixture(autouse=True)
def microloan_company(settings):
    """Pages are shown as `make run` shows them: by a micro-loan company."""
    settings.OPERATOR_ROLE = "microloan_company"


@pytest.fixture
def site(live_db, clock, static_files):
    """The site on a port of this machine, and its worker."""
    with Server(("127.0.0.1", 0), Handler) as server:
        server.set_app(get_wsgi_application())
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        here = Site(f"http://127.0.0.1:{server.server_port}")
        with working(here.worker_errors):
            yield here
        server.shutdown()
        thread.join(10)
        assert here.worker_errors == []


@pytest.fixture(scope="module")
def chromium():
    """One Chromium for a file of tests: Playwright's loop must be gone before other tests' own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, site):
    """Return `open_page(width=1440, theme="light", user=None, scripts=True)`: a guarded page."""
    complaints, contexts = [], []

    def listen(page):
        def said(message):
            if message.type in ("error", "warning"):
                complaints.append(f"{page.url}: {message.text}")

        page.on("console", said)
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((site.address, *HERE))
                else complaints.append(f"left the machine: {request.url}")
            ),
        )

    def make(width=1440, theme="light", user=None, scripts=True):
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            locale="zh-CN",
            java_script_enabled=scripts,
            accept_downloads=True,
        )
        contexts.append(context)
        if user is not None:
            context.add_cookies([site.cookie_of(user)])
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        listen(page)
        return page

    make.expected = complaints  # A test that provokes a 4xx answer takes its line out of here.
    yield make
    for context in contexts:
        context.close()
    # Chromium logs every 4xx page as an error; refusals are answered with 4xx on purpose.
    real = [line for line in complaints if "the server responded with a status of 4" not in line]
    assert real == []


def axe(page):
    """Return what axe finds on the page as it stands, a line each."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": AXE_TAGS}})
    return {
        f"{page.url}: {one['id']}: {one['help']} {[node['target'] for node in one['nodes']][:3]}"
        for one in found.response["violations"]
    }


def axe_at_rest(page):
    """Return what axe finds for longer than a page takes to change its colours, at most 3 s."""
    for _ in range(6):
        found = axe(page)
        if not any(": color-contrast: " in line for line in found):
            break
        page.wait_for_timeout(500)
    return found


@pytest.fixture
def look():
    """Return `look(page)`: axe finds nothing, in light and dark, at both widths; no overflow.

    What it finds is told together when the test ends, so that one look shows all there is to mend.
    """
    found = set()

    def check(page):
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            for theme in THEMES:
                # Colours in the middle of a change are nobody's contrast: let it be drawn first.
                page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                page.evaluate(DRAWN_TWICE)
                found.update(axe_at_rest(page))
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                found.add(f"{page.url} scrolls sideways at {width}: {wide}")
        page.emulate_media(color_scheme="light")

    yield check
    assert sorted(found) == []
