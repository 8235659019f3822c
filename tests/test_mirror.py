"""tests.mirror: the comparison after each test finds rows written without history."""

import pytest
from django.db import connection, transaction

from compliance.models import Provider
from compliance.models.changesets import changeset
from tests.factories import make_provider
from tests.mirror import unmirrored_rows

pytestmark = pytest.mark.django_db

TABLE = Provider._meta.db_table


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE {TABLE} SET name = 'Another', lock_version = lock_version + 1 WHERE id = %s",
        f"DELETE FROM {TABLE} WHERE id = %s",
    ],
)
def test_a_row_written_without_a_history_row_is_found(statement):
    provider = make_provider()
    assert unmirrored_rows() == []

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [provider.pk])
        rows = unmirrored_rows()
        transaction.set_rollback(True)

    assert rows
    assert {(table, str(pk).replace("-", "")) for table, pk in rows} == {
        (TABLE, str(provider.pk).replace("-", ""))
    }


def test_a_row_deleted_with_a_history_row_is_not_found():
    provider = make_provider()

    with changeset(by=None, label="tests", reason="Gone", source="command"):
        provider.delete()

    assert unmirrored_rows() == []
