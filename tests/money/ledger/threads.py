"""Threads that begin together, each with a connection of its own."""

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from rongqiao.money.ledger.queries import books as queries
from rongqiao.platform.refusals import Refusal


def at_once(*bodies):
    """Run all bodies together, each in a thread; return what each gave, or its refusal's code."""
    barrier = threading.Barrier(len(bodies))

    def run(body):
        try:
            barrier.wait(30)
            return body()
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(bodies)) as pool:
        return [future.result(60) for future in [pool.submit(run, body) for body in bodies]]


def laws_hold():
    for check in (
        queries.check_journals, queries.check_balances, queries.check_floors, queries.check_keys,
    ):  # fmt: skip
        assert check().broken == 0, check()


def deadlocks():
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]
