"""Sessions in the database, their content sealed: codes and numbers on their way are in there.

Named by settings.SESSION_ENGINE; Django looks for `SessionStore` here.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from typing_extensions import override

from rongqiao.platform.crypto import Unreadable, decrypt, encrypt

_TABLE, _COLUMN = "django_session", "session_data"


class SessionStore(DatabaseStore):
    """Django's own store; what it writes opens for this session's row alone."""

    @override
    def encode(self, session_dict: dict[str, Any]) -> str:
        """Return the content sealed for the session's key."""
        text = json.dumps(session_dict, separators=(",", ":"))
        row = self._get_or_create_session_key()  # type: ignore[attr-defined]
        return base64.b64encode(encrypt(text, table=_TABLE, column=_COLUMN, row=row)).decode()

    @override
    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """Return the content; what does not open is an empty session, so a logged-out one."""
        try:
            sealed = base64.b64decode(session_data, validate=True)
            text = decrypt(sealed, table=_TABLE, column=_COLUMN, row=self.session_key)
        except (ValueError, Unreadable):
            return {}
        content: dict[str, Any] = json.loads(text)
        return content
