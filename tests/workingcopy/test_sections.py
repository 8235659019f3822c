"""compliance.workingcopy.sections: prose is joined, and training cells are read anew."""

import pytest

from compliance.models import Cell, Section
from compliance.page.vocabulary import ColumnRole
from compliance.workingcopy.resolve import capture
from compliance.workingcopy.sections import join_prose, read_training_anew
from tests.factories import (
    BLANK,
    STANDARD_COLUMNS,
    cell_of,
    cite,
    make_footnote,
    make_listing,
    make_register,
    make_section,
    recorded,
)

pytestmark = pytest.mark.django_db


def proses(register):
    return [section.prose for section in capture(register).sections]


def test_a_section_of_prose_only_begins_the_section_after_it():
    register = make_register(columns=())
    make_section(register, prose="One.")
    make_section(register, prose="Two.")
    make_section(register)
    table = make_section(register, prose="Three.", columns=STANDARD_COLUMNS)
    make_section(register, prose="Four.")
    last = make_section(register, prose="Five.")

    with recorded():
        join_prose(register)

    assert proses(register) == ["One.\n\nTwo.\n\nThree.", "Four.\n\nFive."]
    assert list(register.sections.all()) == [table, last]


def test_sections_apart_by_a_table_stay_and_nothing_is_written():
    register = make_register(prose="Before.")
    make_section(register, prose="After.")
    before = Section.history.count()

    with recorded():
        join_prose(register)

    assert proses(register) == ["Before.", "After."]
    assert Section.history.count() == before


def ask(register, asks):
    """Correct what the training column of a register asks."""
    column = register.sections.get().columns.get(key="training")
    with recorded():
        asked = column.asks
        column.set(asks=asks)
        read_training_anew({column: asked})


def training_of(register):
    """Return what each row prints about training, and what that means."""
    cells = [row.claims(ColumnRole.TRAINING)[0][1] for row in capture(register).rows()]
    return [(cell.plain, cell.use.value) for cell in cells]


@pytest.mark.parametrize(
    ("stated", "asks", "expected"),
    [
        ("by_default", "does_not_train", ("Yes", "never")),
        ("never", "does_not_train", ("No", "by_default")),
        ("opt_in", "does_not_train", ("Only if you opt in", "unknown")),
        ("not_stated", "does_not_train", ("Not specified", "not_stated")),
        ("by_default", "", ("Yes", "unknown")),
        (("never", "Never"), "does_not_train", ("Never", "unknown")),
        (("never", "Not used"), "does_not_train", ("Not used", "never")),
        (("unknown", "Ask us"), "does_not_train", ("Ask us", "unknown")),
    ],
)
def test_a_training_cell_keeps_its_words_and_is_read_anew(stated, asks, expected):
    register = make_register()
    make_listing(register, training=stated)

    ask(register, asks)

    assert training_of(register) == [expected]


def test_a_use_that_an_editor_chose_stays():
    register = make_register()
    make_listing(register, training=("opt_out", "Yes"))
    make_listing(register, training=("conditional", "It depends on the day"))

    ask(register, "does_not_train")

    assert training_of(register) == [("Yes", "opt_out"), ("It depends on the day", "conditional")]


def test_what_reads_the_same_is_written_only_to_keep_its_words():
    register = make_register()
    make_listing(register, training="never")
    make_listing(register, training="not_stated")
    make_listing(register, training=("never", "[Not used](https://example.com)"))
    make_listing(register, training=BLANK)
    make_listing(register)
    before = Cell.history.count()

    ask(register, "does_not_train")

    assert Cell.history.count() == before + 1


def test_a_usual_wording_needs_no_text_and_the_cell_keeps_its_marks():
    register = make_register()
    listing = make_listing(register, training=("by_default", "[Yes](https://example.com)"))
    other = make_listing(register, training="by_default")
    cite(make_footnote(register), cell=cell_of(other, "training"))

    ask(register, "does_not_train")

    assert cell_of(listing, "training").text == "[Yes](https://example.com)"
    cell = cell_of(other, "training")
    assert (cell.use, cell.text, cell.citations.count()) == ("never", "", 1)


def test_asking_otherwise_and_back_leaves_the_page_as_it_was():
    register = make_register()
    make_listing(register, training="by_default")
    make_listing(register, training=("never", "Never"))
    before = capture(register)

    ask(register, "does_not_train")
    ask(register, "trains")

    assert training_of(register) == [("Yes", "by_default"), ("Never", "never")]
    assert capture(register) == before


def test_many_cells_are_read_anew_in_few_queries(django_assert_max_num_queries):
    register = make_register()
    for _ in range(20):
        make_listing(register, training="by_default")

    with django_assert_max_num_queries(60):
        ask(register, "does_not_train")

    assert training_of(register) == [("Yes", "never")] * 20
