"""Watching who waits for a lock in a database, and for how long."""

import threading

import psycopg

# A tuple's or transaction's lock names no database: who waits does.
WAITING = """SELECT l.pid, l.waitstart, extract(epoch FROM clock_timestamp() - l.waitstart)::float8
             FROM pg_locks l JOIN pg_stat_activity a USING (pid)
             WHERE NOT l.granted AND l.waitstart IS NOT NULL AND a.datname = current_database()
               AND a.usename = %s"""


class Waits(threading.Thread):
    """Looks every hundredth of a second; `longest` has the seconds of each wait of a role."""

    def __init__(self, url, role="rongqiao"):
        super().__init__()
        self._url, self._role = url, role
        self._stopping, self.longest = threading.Event(), {}

    def run(self):
        with psycopg.connect(self._url, autocommit=True) as watching:
            while not self._stopping.wait(0.01):
                for pid, since, seconds in watching.execute(WAITING, [self._role]):
                    self.longest[pid, since] = seconds

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        self.join()
