"""`rongqiao static`: put style sheet, scripts and icons where the web server serves them from."""

from __future__ import annotations

import django
from django.core.management import call_command


def command() -> None:
    """Collect, hash and compress the static files into the state directory."""
    django.setup()
    call_command("collectstatic", interactive=False, verbosity=0)
