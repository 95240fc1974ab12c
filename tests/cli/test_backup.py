"""`rongqiao backup` and `restore`: what was kept comes back; what cannot is refused in a line."""

import json
import os
import shutil
import subprocess
import sys

import psycopg
import pytest

from rongqiao.cli.migrate import bring_up_to_date
from rongqiao.platform.postgres import backing_up, launcher


def run(var, *words):
    environment = {**os.environ, "RONGQIAO_VAR": str(var)}
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "rongqiao.cli.main", *map(str, words)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def refused(var, *words):
    """Return the one line on standard error of a command that must refuse."""
    done = run(var, *words)
    assert (done.returncode, done.stdout) == (2, ""), done
    (line,) = done.stderr.splitlines()
    return line


@pytest.fixture(scope="module")
def backup(tmp_path_factory, django_db_blocker):
    """A small installation and its backup; the installation is down."""
    home = tmp_path_factory.mktemp("backup")
    server = launcher.start(home / "var" / "postgres", shared_buffers="16MB")
    try:
        with django_db_blocker.unblock():
            bring_up_to_date(server.owner_url, server.app_url)
        sealed = home / "var" / "files" / "ab" / "one"
        sealed.parent.mkdir(parents=True)
        sealed.write_bytes(b"sealed")
        done = run(home / "var", "backup", home / "kept", "--json")
        assert done.returncode == 0, done.stderr
        with psycopg.connect(server.owner_url) as owner:
            owner.execute("CREATE TABLE said (at timestamptz)")
            owner.execute("INSERT INTO said VALUES (clock_timestamp())")
            said = owner.execute("SELECT at FROM said").fetchone()[0]
    finally:
        server.stop()
    return home, json.loads(done.stdout), said


@pytest.fixture
def empty(backup, tmp_path):
    """A state folder with nothing but the keys."""
    shutil.copy(backup[0] / "var" / "keys.json", tmp_path / "keys.json")
    return tmp_path


def test_what_was_written_after_the_copy_is_restored_too(backup, empty):
    home, told, said = backup
    assert told["folder"] == str(home / "kept")
    done = run(empty, "restore", home / "kept", "--json")
    assert done.returncode == 0, done
    restored = json.loads(done.stdout)
    assert restored["held"]
    assert restored["last_commit_at"] >= said.isoformat()
    assert (empty / "files" / "ab" / "one").read_bytes() == b"sealed"
    server = launcher.start(empty / "postgres")
    try:
        with psycopg.connect(server.owner_url) as owner:
            assert owner.execute("SELECT at FROM said").fetchone()[0] == said
            assert owner.execute("SHOW archive_command").fetchone()[0] == "/bin/true"
        # Its door is closed again, and the old passwords open nothing.
        known = json.loads((home / "var" / "postgres" / "urls.json").read_text())["owner"]
        old = known.partition("?")[0] + "?" + server.owner_url.partition("?")[2]
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(old)
    finally:
        server.stop()


def test_a_restore_that_is_not_possible_says_why_and_changes_nothing(backup, empty):
    kept = backup[0] / "kept"
    before = sorted(empty.iterdir())
    assert "allowed: a moment" in refused(empty, "restore", kept, "--at", "yesterday")
    assert "before the backup's end" in refused(empty, "restore", kept, "--at", "2020-01-01")
    assert "after the last change" in refused(empty, "restore", kept, "--at", "2099-01-01")
    assert "no finished backup" in refused(empty, "restore", empty)
    assert sorted(empty.iterdir()) == before
    (empty / "keys.json").rename(empty / "keys.away")
    assert "is not empty" in refused(empty, "restore", kept)
    (empty / "keys.away").unlink()
    assert "put the keys" in refused(empty, "restore", kept)
    assert list(empty.iterdir()) == []


def test_other_keys_than_the_backups_are_refused(backup, empty):
    (empty / "keys.json").unlink()
    assert run(empty, "migrate").returncode == 2  # makes keys of its own, and finds no server
    assert "other keys" in refused(empty, "restore", backup[0] / "kept")


def test_a_changed_copy_is_found_before_anything_is_made_from_it(backup, empty, tmp_path):
    damaged = tmp_path.parent / f"{tmp_path.name}-damaged"
    shutil.copytree(backup[0] / "kept", damaged)
    victim = damaged / "base" / "global" / "pg_control"
    content = bytearray(victim.read_bytes())
    content[100] ^= 1
    victim.write_bytes(content)
    assert "pg_control was changed" in refused(empty, "restore", damaged)
    victim.unlink()
    assert "pg_control is missing" in refused(empty, "restore", damaged)
    assert [path.name for path in empty.iterdir()] == ["keys.json"]
    manifest = damaged / "base" / "backup_manifest"
    manifest.write_bytes(manifest.read_bytes().replace(b"pg_control", b"pg_contrul", 1))
    with pytest.raises(backing_up.BackupError, match="was changed"):
        backing_up.verify(damaged / "base")


def test_a_backup_goes_into_an_empty_folder_only_and_never_of_another_server(
    backup, tmp_path, monkeypatch
):
    home = backup[0]
    assert "is not empty" in refused(home / "var", "backup", home / "kept")
    assert "no database" in refused(tmp_path, "backup", tmp_path / "kept")
    done = subprocess.run(
        [sys.executable, "-m", "rongqiao.cli.main", "backup", str(tmp_path / "kept")],
        env={**os.environ, "RONGQIAO_VAR": str(home / "var"), "DATABASE_URL": "postgresql://a@b/c"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "a server of yours" in done.stderr
