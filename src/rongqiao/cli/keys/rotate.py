"""`rongqiao keys rotate`: a new data key, then every sealed value under it.

Stop the platform first: a running process reads its key ring once, at its start.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from rongqiao.config.places import Places
from rongqiao.platform.crypto import Keys

USAGE = "rongqiao keys rotate (a new data key, then all under it) | resume (after a stop)"


def command(what: Annotated[str, typer.Argument(help="rotate or resume")]) -> None:
    """Run `rotate` or `resume`; exit 2 on anything else."""
    if what not in {"rotate", "resume"}:
        print(f"keys: {what!r} is not known; {USAGE}", file=sys.stderr)
        raise typer.Exit(2)
    places = Places.of_environment()
    ring = Keys.load_or_make(places.keys)
    if what == "rotate":
        ring.with_new_data_key().save(places.keys)
    os.environ["DATABASE_URL"] = places.database_url(owner=True)
    import django  # noqa: PLC0415 - after the owner's address is set

    django.setup()
    from rongqiao.cli.keys import resealing  # noqa: PLC0415

    done = resealing.reseal(lambda count: print(f"{count} values sealed anew", file=sys.stderr))
    print(f"{done} values sealed anew, {resealing.waiting()} left under older keys")
