"""What the application's role may do to each table, as the table's own comment says.

`Meta.db_table_comment = "rights: select, insert, update(result)"` is the whole declaration; a table
without one may be read and written row by row. Nobody but the owner truncates, creates or alters.
A function may be executed when its comment begins with `rights: execute`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from psycopg import sql

if TYPE_CHECKING:
    from psycopg import Connection

EVERYDAY = "select, insert, update, delete"
# Tables of others, which carry no comment of ours.
BUILT_IN = {"django_migrations": "rights: select"}
_RIGHT = re.compile(
    r"(?:(?P<verb>select|insert|delete)|update(?:\((?P<columns>\w+(?:\s*,\s*\w+)*)\))?)\s*(?:,\s*|$)"
)
_OTHERS_FUNCTIONS = "procrastinate\\_%"


class BadRights(ValueError):
    """A table's comment does not say rights in the known words."""


def parse(comment: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return what a table comment grants: verbs, each with the columns it is limited to.

    Raises BadRights for words that are not known.
    """
    text = comment.strip()
    said = text.removeprefix("rights:").strip() if text.startswith("rights:") else EVERYDAY
    said = said.split(";")[0].strip()
    granted, position = [], 0
    if said == "none":
        return []
    while position < len(said):
        found = _RIGHT.match(said, position)
        if not found:
            raise BadRights(f"{comment!r}: select, insert, delete, update or update(column, …)")
        columns = tuple(re.findall(r"\w+", found["columns"] or ""))
        granted.append((found["verb"] or "update", columns))
        position = found.end()
    return granted


def grant(connection: Connection, role: str) -> None:
    """Give `role` exactly the rights that the tables and functions declare; take back the rest.

    Run as the owner, after migrating, in one transaction. Raises BadRights.
    """
    who = sql.Identifier(role)
    with connection.transaction():
        _take_all_back(connection, who)
        for table, comment in _tables(connection):
            for verb, columns in parse(comment):
                _grant_table(connection, who, table, verb, columns)
        connection.execute(
            sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}").format(who)
        )
        for signature in _callable_functions(connection):
            connection.execute(
                sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(sql.SQL(signature), who)
            )


def writable_by(connection: Connection, role: str, tables: list[str]) -> list[str]:
    """Return those of `tables` that `role` could write, truncate or own, by membership too."""
    rows = connection.execute(
        """SELECT c.relname FROM pg_class c, pg_roles r
           WHERE r.rolname = %s AND c.relname = ANY(%s) AND c.relkind IN ('r', 'p')
             AND c.relnamespace = 'public'::regnamespace
             AND (r.rolsuper OR pg_has_role(r.oid, c.relowner, 'MEMBER')
               OR has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
               OR has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE'))
           ORDER BY 1""",
        [role, tables],
    )
    return [name for (name,) in rows]


def _take_all_back(connection: Connection, who: sql.Identifier) -> None:
    database = connection.info.dbname
    for statement in (
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "REVOKE ALL ON DATABASE {database} FROM {who}",
        "GRANT CONNECT ON DATABASE {database} TO {who}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "REVOKE ALL ON SCHEMA public FROM {who}",
        "GRANT USAGE ON SCHEMA public TO {who}",
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {who}",
        "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, {who}",
        "REVOKE ALL ON ALL ROUTINES IN SCHEMA public FROM PUBLIC, {who}",
    ):
        connection.execute(sql.SQL(statement).format(who=who, database=sql.Identifier(database)))


def _tables(connection: Connection) -> list[tuple[str, str]]:
    """Return tables and views with their comments; partitions are reached through their parent."""
    rows = connection.execute(
        """SELECT c.relname, coalesce(obj_description(c.oid, 'pg_class'),
                    CASE WHEN c.relkind IN ('v', 'm') THEN 'rights: select' ELSE '' END)
           FROM pg_class c
           WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
             AND NOT c.relispartition ORDER BY 1"""
    )
    return [(str(table), BUILT_IN.get(table, str(comment))) for table, comment in rows]


def _grant_table(
    connection: Connection, who: sql.Identifier, table: str, verb: str, columns: tuple[str, ...]
) -> None:
    limited = (
        sql.SQL(" ({})").format(sql.SQL(", ").join(map(sql.Identifier, columns)))
        if columns
        else sql.SQL("")
    )
    connection.execute(
        sql.SQL("GRANT {verb}{limited} ON TABLE {table} TO {who}").format(
            verb=sql.SQL(verb.upper()), limited=limited, table=sql.Identifier(table), who=who
        )
    )


def _callable_functions(connection: Connection) -> list[str]:
    """Return the functions the application calls: those that say so, and the job queue's."""
    rows = connection.execute(
        """SELECT p.oid::regprocedure::text FROM pg_proc p
           WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f'
             AND (obj_description(p.oid, 'pg_proc') LIKE 'rights: execute%%'
                  OR p.proname LIKE %s)
           ORDER BY 1""",
        [_OTHERS_FUNCTIONS],
    )
    return [signature for (signature,) in rows]
