"""`rongqiao static`: put style sheet, scripts and icons where the web server serves them from."""

from __future__ import annotations

import hashlib
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command


def command() -> None:
    """Collect, hash and compress the static files into the state directory, if any changed."""
    django.setup()
    stamp = settings.PLACES.var / "static.sources"
    sources = _sources()
    is_there = (Path(settings.STATIC_ROOT) / "staticfiles.json").exists()
    if is_there and stamp.exists() and stamp.read_text() == sources:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(sources)


def _sources() -> str:
    """Return a digest of every file there is to collect: compressing them takes ten seconds."""
    digest = hashlib.sha256()
    for finder in finders.get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: found[0]):
            digest.update(name.encode() + b"\0" + Path(storage.path(name)).read_bytes())
    return digest.hexdigest()
