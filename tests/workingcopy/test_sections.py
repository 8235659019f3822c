"""compliance.workingcopy.sections: a section of prose only joins the next one."""

import pytest

from compliance.models import Section
from compliance.workingcopy.resolve import capture
from compliance.workingcopy.sections import join_prose
from tests.factories import STANDARD_COLUMNS, make_register, make_section, recorded

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
