"""Seal every personal value anew under the newest data key: in batches, restartable at any row.

Readers never fail meanwhile, because every key on the ring still opens. Run with the owner's role:
some of the tables are append-only for the application.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.db import connection, models

from rongqiao.platform.crypto import decrypt, encrypt, key_of, keys

BATCH = 500


def sealed_columns() -> Iterator[tuple[type[models.Model], str]]:
    """Yield every model and field that holds ciphertext: binary fields named `*_sealed`."""
    for model in apps.get_models():
        for column in model._meta.get_fields():
            if isinstance(column, models.BinaryField) and column.name.endswith("_sealed"):
                yield model, column.name


def waiting() -> int:
    """Return how many values are still sealed by an older key."""
    return sum(_of_older_keys(model, column).count() for model, column in sealed_columns())


def reseal(progress: Callable[[int], None] = lambda _done: None) -> int:
    """Seal every value of an older key anew and return how many; one changed meanwhile stays."""
    done = 0
    for model, column in sealed_columns():
        while rows := list(_of_older_keys(model, column).values_list("pk", column)[:BATCH]):
            for row, old in rows:
                done += _reseal_one(model, column, row, bytes(old))
            progress(done)
    return done


def _of_older_keys(model: type[models.Model], column: str) -> models.QuerySet[Any]:
    older = models.Func(
        models.F(column), models.Value(1), function="get_byte", output_field=models.IntegerField()
    )
    rows: models.QuerySet[Any] = model._default_manager.exclude(**{f"{column}__isnull": True})
    rows = rows.annotate(sealing_key=older).exclude(sealing_key=keys().current)
    return rows.order_by("pk")


def _reseal_one(model: type[models.Model], column: str, row: Any, old: bytes) -> int:
    table = model._meta.db_table
    text = decrypt(old, table=table, column=column, row=row)
    new = encrypt(text, table=table, column=column, row=row)
    assert key_of(new) == keys().current
    quote = connection.ops.quote_name
    primary = str(model._meta.pk.column)
    statement = (
        f"UPDATE {quote(table)} SET {quote(column)} = %s"  # noqa: S608 - names of our own tables
        f" WHERE {quote(primary)} = %s AND {quote(column)} = %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [new, row, old])
        return int(cursor.rowcount)
