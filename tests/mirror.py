"""Compare every tracked row with its newest history row, as tests do at their end."""

from functools import cache

from django.db import connection

from compliance.models import graph


def unmirrored_rows() -> list[tuple[str, str]]:
    """Return the table and the id of each row that differs from its newest history row."""
    with connection.cursor() as cursor:
        cursor.execute(_query())
        return cursor.fetchall()


@cache
def _query() -> str:
    """Return the query for rows that differ from their newest history row, the deleted ones included.

    One query for all tables, because it runs after every test.
    """
    queries = []
    for model in graph.tracked_models():
        table, history = model._meta.db_table, model.history.model._meta.db_table
        columns = ", ".join(field.column for field in model.history.model.tracked_fields)
        current = f"SELECT {columns} FROM {table}"
        newest = (
            f"SELECT {columns} FROM {history} h WHERE history_type <> '-' AND history_id ="
            f" (SELECT MAX(history_id) FROM {history} WHERE id = h.id)"
        )
        for left, right in ((current, newest), (newest, current)):
            queries.append(
                f"SELECT '{table}', CAST(id AS text) FROM ({left} EXCEPT {right}) AS {table}_unlike"
            )
    return " UNION ALL ".join(queries)
