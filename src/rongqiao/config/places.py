"""Where things lie: the state directory and the addresses of the database."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True)
class Places:
    """The state directory (`RONGQIAO_VAR`, else `var/` of the working directory)."""

    var: Path

    @classmethod
    def of_environment(cls) -> Places:
        """Return the places the environment names."""
        return cls(Path(os.environ.get("RONGQIAO_VAR", "var")).resolve())

    @property
    def files(self) -> Path:
        """Encrypted uploads and documents."""
        return self.var / "files"

    @property
    def heads(self) -> Path:
        """Heads of the chains, one file a day: outside the database on purpose."""
        return self.var / "heads"

    @property
    def keys(self) -> Path:
        """Keys of encryption, blind indexes and cookies."""
        return self.var / "keys.json"

    def database_url(self, *, owner: bool = False) -> str:
        """Return the address of the database, as the application or as the owner of its tables.

        `DATABASE_URL` and `DATABASE_OWNER_URL` come first, then what the embedded server wrote.
        """
        name = "DATABASE_OWNER_URL" if owner else "DATABASE_URL"
        if name in os.environ:
            return os.environ[name]
        written = self.var / "postgres" / "urls.json"
        if written.exists():
            urls: dict[str, str] = json.loads(written.read_text())
            return urls["owner" if owner else "application"]
        return "postgresql://rongqiao@localhost/rongqiao"


def django_database(url: str) -> dict[str, object]:
    """Return Django's DATABASES entry for a PostgreSQL address (host may be a socket folder)."""
    parts = urlsplit(url)
    options = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(options.pop("host", parts.hostname or "")),
        "PORT": str(parts.port or options.pop("port", "")),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 10, **options},
    }
