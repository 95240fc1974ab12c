"""Rights are what the tables' comments say, and nothing more."""

import psycopg
import pytest

from rongqiao.cli.migrate import OneRoleForAll, bring_up_to_date
from rongqiao.platform.postgres import rights


@pytest.mark.parametrize(
    ("comment", "granted"),
    [
        ("", [("select", ()), ("insert", ()), ("update", ()), ("delete", ())]),
        ("People who borrow", [("select", ()), ("insert", ()), ("update", ()), ("delete", ())]),
        ("rights: select", [("select", ())]),
        ("rights: select, insert", [("select", ()), ("insert", ())]),
        ("rights: select, insert, update(a, b); kept ten years",
         [("select", ()), ("insert", ()), ("update", ("a", "b"))]),
        ("rights: none", []),
    ],
)  # fmt: skip
def test_a_comment_says_rights_or_leaves_the_everyday_ones(comment, granted):
    assert rights.parse(comment) == granted


@pytest.mark.parametrize("comment", ["rights: truncate", "rights: select insert", "rights: all"])
def test_words_that_are_no_rights_are_refused(comment):
    with pytest.raises(rights.BadRights, match="rights"):
        rights.parse(comment)


def may(url, statement):
    with psycopg.connect(url) as connection:
        try:
            connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            return False
        return True


def test_the_application_gets_what_is_declared_and_a_later_grant_is_taken_back(live_db):
    with psycopg.connect(live_db.owner_url) as owner:
        owner.execute("CREATE TABLE notes (a int, b int)")
        owner.execute("CREATE TABLE entries (a int, b int)")
        owner.execute("COMMENT ON TABLE entries IS 'rights: select, insert, update(b)'")
        owner.execute("CREATE FUNCTION secret() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        owner.execute("GRANT ALL ON entries TO rongqiao")
        rights.grant(owner, "rongqiao")
    app = live_db.app_url
    assert may(app, "UPDATE notes SET a = 1")
    assert may(app, "DELETE FROM notes")
    assert may(app, "INSERT INTO entries VALUES (1, 2)")
    assert may(app, "UPDATE entries SET b = 1")
    assert not may(app, "UPDATE entries SET a = 1")
    assert not may(app, "DELETE FROM entries")
    assert not may(app, "TRUNCATE notes")
    assert not may(app, "SELECT secret()")
    assert not may(app, "INSERT INTO django_migrations (app) VALUES ('x')")
    assert may(app, "SELECT * FROM django_migrations")


def test_the_application_cannot_rewrite_what_is_on_record(live_db):
    for table in ("platform_operationrecord", "platform_seal"):
        assert not may(live_db.app_url, f"DELETE FROM {table}")
        assert not may(live_db.app_url, f"TRUNCATE {table}")


def test_migrating_as_the_application_is_refused(live_db):
    with pytest.raises(OneRoleForAll, match="rongqiao"):
        bring_up_to_date(live_db.app_url, live_db.app_url)
