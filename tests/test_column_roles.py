"""Every role of a column is known wherever roles are told apart."""

import pytest

from compliance.admin.import_columns import MEANINGS
from compliance.admin.listings.cells import FIELDS_OF_ROLE
from compliance.models.choices import COLUMN_ROLES
from compliance.page.table import ITEM_OF_ROLE
from compliance.page.vocabulary import ASKS_BY_ROLE, ColumnRole
from tests.strategies import LABELS


@pytest.mark.parametrize(
    "known",
    [
        pytest.param(ITEM_OF_ROLE, id="items of its cells"),
        pytest.param(dict(COLUMN_ROLES), id="choice of an editor"),
        pytest.param(FIELDS_OF_ROLE, id="fields of the listing's form"),
        pytest.param(LABELS, id="labels of generated pages"),
        pytest.param({role for role, _ in MEANINGS}, id="choice on the import screen"),
    ],
)
def test_a_role_has(known):
    assert set(known) == set(ColumnRole)


def test_every_question_of_a_label_can_be_chosen_on_the_import_screen():
    questions = {(role, asks) for role in ASKS_BY_ROLE for asks in (None, *ASKS_BY_ROLE[role])}

    assert questions <= set(MEANINGS)
