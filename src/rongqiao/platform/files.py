"""The private file store: encrypted content under a random id, reachable by id alone.

Content is written and synced before the row that names it; a file whose transaction rolled back
is an orphan that `sweep` removes.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings

from rongqiao.platform.crypto import decrypt_bytes, encrypt_bytes
from rongqiao.platform.ids import new_id
from rongqiao.platform.models import StoredFile
from rongqiao.platform.operations import inside_operation

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


def store(content: bytes, *, owner: str, name: str, media_type: str, at: datetime) -> UUID:
    """Keep `content` and return its id, inside the caller's operation.

    `owner` is what may be asked for it, e.g. `application:<uuid>`; `name` is shown on download.
    """
    assert inside_operation(), "a file stored outside an operation"
    file_id = new_id(at)
    path = _path(file_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(encrypt_bytes(content, place=_place(file_id)))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    StoredFile.objects.create(
        id=file_id,
        owner=owner,
        name=name,
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        stored_at=at,
    )
    return file_id


def read(file_id: UUID) -> bytes:
    """Return the content of a stored file; raises FileNotFoundError or crypto.Unreadable."""
    return decrypt_bytes(_path(file_id).read_bytes(), place=_place(file_id))


def about(file_id: UUID) -> StoredFile:
    """Return the row of a stored file; raises StoredFile.DoesNotExist."""
    return StoredFile.objects.get(pk=file_id)


def sweep(older_than: datetime) -> int:
    """Remove files no row names, last changed before `older_than`; return how many."""
    removed = 0
    for path in settings.PLACES.files.glob("*/*"):
        if path.stat().st_mtime >= older_than.timestamp():
            continue
        if path.name.startswith(".") or not StoredFile.objects.filter(pk=UUID(path.name)).exists():
            path.unlink()
            removed += 1
    return removed


def mirror(target: Path) -> int:
    """Copy what is new or was sealed anew to another folder; return how many files.

    A folder that has not changed since it was last copied is not looked into.
    """
    copied = 0
    for folder in sorted(settings.PLACES.files.glob("*/")):
        changed = folder.stat().st_mtime_ns
        twin = target / folder.name
        if twin.exists() and twin.stat().st_mtime_ns == changed:
            continue
        twin.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in folder.iterdir():
            copied += not path.name.startswith(".") and _copy_once(path, twin / path.name)
        # A file that came meanwhile has moved the folder's own time on.
        os.utime(twin, ns=(changed, changed))
    return copied


def _copy_once(path: Path, twin: Path) -> bool:
    """Copy a file unless its twin is as new; tell whether it was. Swept meanwhile: not."""
    try:
        changed = path.stat().st_mtime_ns
        if twin.exists() and twin.stat().st_mtime_ns == changed:
            return False
        draft = twin.with_name(f".{twin.name}")
        shutil.copy2(path, draft)
    except FileNotFoundError:
        return False
    draft.replace(twin)
    return True


def _path(file_id: UUID) -> Path:
    folder: Path = settings.PLACES.files
    return folder / file_id.hex[-2:] / str(file_id)


def _place(file_id: UUID) -> bytes:
    return f"file\x1f{file_id}".encode()
