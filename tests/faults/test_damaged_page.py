"""One bit flipped in a file of the database: found by whoever looks, and never served."""

import random
import subprocess

import psycopg
import pytest

from rongqiao.platform.postgres import backing_up
from tests.faults.load import Load, open_books

SEED = 20260105
PAGE = 8192
# PostgreSQL: data_corrupted, what reading a page with a wrong checksum raises.
CORRUPTED = "XX001"
LEAVES = """SELECT c.oid::regclass::text, pg_relation_filepath(c.oid), pg_relation_size(c.oid)
            FROM pg_class c JOIN pg_class top ON top.relname = ANY(%s)
            WHERE c.relkind = 'r' AND pg_relation_size(c.oid) > 0
              AND c.oid IN (SELECT relid FROM pg_partition_tree(top.oid)
                            UNION SELECT top.oid) ORDER BY 1"""
TABLES = ["ledger_leg", "ledger_journal", "ledger_account", "ledger_key"]


def flip(path, drawn):
    """Flip one bit of a used page, in a file that nobody has open; return what undoes it."""
    with path.open("r+b") as file:
        content = file.read()
        pages = [page for page in range(0, len(content), PAGE) if any(content[page : page + PAGE])]
        place = drawn.choice(pages) + drawn.randrange(PAGE)
        byte = content[place]
        file.seek(place)
        file.write(bytes([byte ^ 1 << drawn.randrange(8)]))
    return place, byte


def restore(path, place, byte):
    with path.open("r+b") as file:
        file.seek(place)
        file.write(bytes([byte]))


def is_refused(ground, table):
    """Tell whether reading the table through fails for a damaged page, as it must."""
    try:
        ground.ask(f"SELECT count(t::text) FROM {table} t")
    except psycopg.errors.DataCorrupted as error:
        return error.sqlstate == CORRUPTED and "invalid page" in str(error)
    return False


def is_found_offline(ground):
    """Tell whether `pg_checksums --check` finds exactly one bad block."""
    done = subprocess.run(
        [ground.server.binaries.program("pg_checksums"), "--check", "-D", str(ground.data)],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode == 1 and "Bad checksums:  1" in done.stdout


def amcheck(ground):
    """Return what amcheck says of every index and heap: None where the server lacks it."""
    there = ground.ask("SELECT 1 FROM pg_available_extensions WHERE name = 'amcheck'")
    if not there:
        return None
    ground.ask("CREATE EXTENSION IF NOT EXISTS amcheck")
    indexes = ground.ask(
        """SELECT count(bt_index_check(i.indexrelid, true)) FROM pg_index i
           JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
           WHERE a.amname = 'btree' AND c.relkind = 'i' AND c.relpersistence = 'p'
             AND i.indisvalid AND c.relname LIKE 'ledger%'"""
    )
    heaps = ground.ask(
        """SELECT count(*) FROM pg_class c, verify_heapam(c.oid)
           WHERE c.relkind = 'r' AND c.relname LIKE 'ledger%'"""
    )
    assert heaps == [(0,)], heaps
    return indexes[0][0]


@pytest.mark.faults(29)
def test_a_flipped_bit_is_found_and_never_served(ground, rounds, told, audit_books, tmp_path):
    acknowledged = open_books()
    with Load(4, SEED) as load:
        load.wait_for(rounds(3000, 300))
    acknowledged |= load.acknowledged
    ground.ask("CHECKPOINT")
    leaves = ground.ask(LEAVES, TABLES)
    whole = {table: ground.ask(f"SELECT t::text FROM {table} t ORDER BY 1") for table, *_ in leaves}

    drawn, flips = random.Random(SEED), rounds(24, 3)
    refused = found = 0
    for number in range(flips):
        table, path, _size = leaves[number % len(leaves)]
        ground.stop()
        undo = flip(ground.data / path, drawn)
        found += is_found_offline(ground)
        ground.restart()
        refused += is_refused(ground, table)
        if number == 0:
            # A damaged page does not get into a backup either.
            with pytest.raises(backing_up.BackupError, match="checksum"):
                backing_up.back_up(ground.server, tmp_path / "kept", "mark")
        ground.stop()
        restore(ground.data / path, *undo)
        ground.restart()
    for table, rows in whole.items():
        assert ground.ask(f"SELECT t::text FROM {table} t ORDER BY 1") == rows
    checked = amcheck(ground)
    audit_books(ground.app_url, acknowledged)
    said = f"amcheck: {checked} indexes sound" if checked else "this server has no amcheck"
    told(
        29,
        "a flipped bit in a file of the books",
        flips,
        f"refused {refused}, found by pg_checksums {found}, served 0; {said}",
        "detected, never served",
    )
    assert (refused, found) == (flips, flips)
