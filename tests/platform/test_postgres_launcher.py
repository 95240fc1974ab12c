"""The embedded server: made, found again, mended after a crash, side by side."""

import json
import os
import signal
import stat
import threading

import psycopg
import pytest

from rongqiao.platform.postgres import launcher, processes


@pytest.fixture
def start(tmp_path):
    started = []

    def start(name="pg", durable=False):
        folder = tmp_path / name
        started.append(folder)
        return launcher.start(folder, durable=durable, shared_buffers="16MB")

    yield start
    for folder in started:
        launcher.stop(folder)


def one(url, question="SELECT current_user"):
    with psycopg.connect(url) as connection:
        return connection.execute(question).fetchone()[0]


def test_a_second_start_finds_the_running_server_and_leaves_it_running(start):
    first = start()
    since = one(first.app_url, "SELECT pg_postmaster_start_time()")
    assert start() == first
    assert one(first.app_url, "SELECT pg_postmaster_start_time()") == since


def test_three_roles_and_none_of_the_two_is_a_superuser(start):
    server = start()
    assert one(server.app_url) == "rongqiao"
    assert one(server.owner_url) == "rongqiao_owner"
    powers = "SELECT count(*) FROM pg_roles WHERE rolsuper AND rolname LIKE 'rongqiao%'"
    assert one(server.admin_url, powers) == 0
    assert one(server.admin_url, "SHOW data_checksums") == "on"


def test_nobody_gets_in_without_the_password_or_into_the_folders(start, tmp_path):
    server = start()
    password = json.loads((tmp_path / "pg" / "urls.json").read_text())["application"]
    wrong = server.app_url.replace(":", ":x", 2).replace("x//", "//")
    assert wrong != password
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)
    for path, mode in (("pg", 0o700), ("pg/urls.json", 0o600), ("pg/socket", 0o700)):
        assert stat.S_IMODE((tmp_path / path).stat().st_mode) == mode


@pytest.mark.faults
def test_a_killed_server_starts_again_with_what_was_committed(start):
    server = start(durable=True)
    with psycopg.connect(server.owner_url, autocommit=True) as owner:
        owner.execute("CREATE TABLE kept (x int)")
    os.kill(server.pid, signal.SIGKILL)
    again = start(durable=True)
    assert again.pid != server.pid
    assert again.app_url == server.app_url
    assert one(again.owner_url, "SELECT count(*) FROM kept") == 0


def test_a_stale_lock_file_with_somebody_elses_number_is_no_obstacle(start, tmp_path):
    start().stop()
    lines = [str(os.getpid()), str(tmp_path / "pg" / "data"), "0", "5432", "", "", "0", "ready"]
    (tmp_path / "pg" / "data" / "postmaster.pid").write_text("\n".join(lines))
    assert one(start().app_url) == "rongqiao"


def test_a_first_start_that_was_broken_off_is_made_anew(start, tmp_path):
    (tmp_path / "pg" / "data" / "base").mkdir(parents=True)
    (tmp_path / "pg" / "data" / "PG_VERSION").write_text("18")
    assert one(start().app_url) == "rongqiao"


def test_lost_passwords_are_told_and_the_data_left_alone(start, tmp_path):
    start().stop()
    (tmp_path / "pg" / "urls.json").unlink()
    with pytest.raises(launcher.LauncherError, match=r"urls\.json"):
        start()
    assert (tmp_path / "pg" / "data" / "PG_VERSION").exists()


def test_two_servers_live_side_by_side(start):
    one_server, other = start("one"), start("other")
    assert one_server.pid != other.pid
    one_server.stop()
    assert one(other.app_url) == "rongqiao"


def test_a_folder_too_deep_for_a_socket_works_and_so_does_a_moved_one(start, tmp_path):
    deep = "/".join(["deep" * 10] * 4)
    server = start(deep)
    assert one(server.app_url) == "rongqiao"
    server.stop()
    (tmp_path / deep).rename(tmp_path / "moved")
    moved = start("moved")
    assert moved.app_url != server.app_url
    assert one(moved.app_url) == "rongqiao"


def test_eight_who_start_it_at_once_get_one_server(start):
    found = []
    threads = [threading.Thread(target=lambda: found.append(start().pid)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_stopped_server_leaves_no_process(start, tmp_path):
    server = start()
    server.stop()
    assert processes.postmaster(tmp_path / "pg" / "data") is None
    assert processes.orphans(tmp_path / "pg" / "data") == []
    launcher.stop(tmp_path / "never-started")
