"""A durable PostgreSQL of a test's own, with empty books, to be killed, cut and restored."""

import os
import shutil
import signal
import time
from contextlib import contextmanager

import psycopg
from django.db import connection

from rongqiao.cli.migrate import bring_up_to_date
from rongqiao.config.places import django_database
from rongqiao.platform.postgres import launcher, processes
from rongqiao.platform.postgres.connecting import pointed_at

SHARED_BUFFERS = "32MB"
# What a copied cluster must not share with the one it came from.
APART = shutil.ignore_patterns("socket", "*.lock", "server.log", "postmaster.pid", "archiving.conf")


def lay(home):
    """Make a migrated cluster in a folder once, to be copied for every test."""
    server = launcher.start(home / "postgres", shared_buffers=SHARED_BUFFERS)
    try:
        bring_up_to_date(server.owner_url, server.app_url)
    finally:
        server.stop()
    return home / "postgres"


class Ground:
    """A running server and what can happen to it."""

    def __init__(self, laid, home, settings=""):
        self.home = home / "postgres"
        shutil.copytree(laid, self.home, ignore=APART, symlinks=True)
        with (self.home / "data" / "postgresql.conf").open("a") as conf:
            conf.write(settings)
        self.server = launcher.start(self.home, shared_buffers=SHARED_BUFFERS)

    @property
    def data(self):
        return self.home / "data"

    @property
    def app_url(self):
        return self.server.app_url

    def kill(self):
        """kill -9 of every process of the server at once."""
        os.kill(self.server.pid, signal.SIGSTOP)
        for pid in processes.orphans(self.data):
            os.kill(pid, signal.SIGKILL)
        assert processes.end(self.server.pid, signal.SIGKILL)

    def restart(self):
        """Start it again; return how many seconds passed until it answered."""
        begun = time.monotonic()
        self.server = launcher.start(self.home, shared_buffers=SHARED_BUFFERS)
        self.ask("SELECT 1")
        return time.monotonic() - begun

    def stop(self):
        launcher.stop(self.home)

    def ask(self, question, *values):
        """Return the rows of a query of the superuser."""
        with psycopg.connect(self.server.admin_url, autocommit=True) as admin:
            asked = admin.execute(question, values)
            return asked.fetchall() if asked.description else []

    @contextmanager
    def in_use(self):
        """Have Django use it, in every thread."""
        with pointed_at(django_database(self.app_url)):
            try:
                yield
            finally:
                connection.close()
