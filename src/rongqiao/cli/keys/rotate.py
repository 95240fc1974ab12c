"""`rongqiao keys rotate`: a new data key, then every sealed value under it.

Stop the platform first: a running process reads its key ring once, at its start.
"""

from __future__ import annotations

import os
import sys

from rongqiao.config.places import Places
from rongqiao.platform.crypto import Keys

USAGE = "rongqiao keys rotate (a new data key, then all under it) | resume (after a stop)"


def main(argv: list[str]) -> int:
    """Run `rotate` or `resume`; exit 2 on anything else."""
    if argv not in (["rotate"], ["resume"]):
        print(USAGE, file=sys.stderr)
        return 2
    places = Places.of_environment()
    ring = Keys.load_or_make(places.keys)
    if argv == ["rotate"]:
        ring.with_new_data_key().save(places.keys)
    os.environ["DATABASE_URL"] = places.database_url(owner=True)
    import django  # noqa: PLC0415 - after the owner's address is set

    django.setup()
    from rongqiao.cli.keys import resealing  # noqa: PLC0415

    done = resealing.reseal(lambda count: print(f"{count} values sealed anew", file=sys.stderr))
    print(f"{done} values sealed anew, {resealing.waiting()} left under older keys")
    return 0
