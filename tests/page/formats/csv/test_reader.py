import csv as python_csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.page import inline
from compliance.page.formats import Unreadable, csv, markdown
from compliance.page.formats.base import Reading
from compliance.page.vocabulary import ClauseKind, ColumnRole, TrainingUse

TITLE = "Models & privacy"
SERVICES = """\
Subprocessor,Purpose,Trains,Zero data retention,Location
Acme,"Hosting, and backups",No,Yes,Germany
"Bolt
Cord",Spam filter,Yes,No,"Cork, Ireland"
"""


def read(source: str | bytes, title: str = TITLE) -> Reading:
    return csv.read(source, title=title)


def printed(source: str | bytes) -> list[list[list[str]]]:
    """Return the words of each item of each cell of each row."""
    return [
        [[item.plain for item in cell.items] for _, cell in row.cells]
        for row in read(source).snapshot.rows()
    ]


def test_the_labels_say_what_the_columns_mean():
    snapshot = read(SERVICES).snapshot

    [section] = snapshot.sections
    assert [column.role for column in section.columns] == [
        ColumnRole.PROVIDERS,
        ColumnRole.TEXT,
        ColumnRole.TRAINING,
        ColumnRole.RETENTION,
        ColumnRole.PLACES,
    ]
    acme, bolt = (listing.cells for listing in section.listings)
    assert (acme["training"].use, bolt["training"].use) == (
        TrainingUse.NEVER,
        TrainingUse.BY_DEFAULT,
    )
    kinds = [[clause.kind for clause in cells["retention"].clauses or ()] for cells in (acme, bolt)]
    assert kinds == [[ClauseKind.NONE], [ClauseKind.KEPT]]
    assert [provider.name for provider in snapshot.providers] == ["Acme", "Bolt", "Cord"]


def test_a_page_is_the_same_as_the_one_written_in_markdown():
    page = f"""\
# {inline.escape(TITLE)}

| Subprocessor | Purpose | Trains | Zero data retention | Location |
|---|---|---|---|---|
| Acme | Hosting, and backups | No | Yes | Germany |
| Bolt <br> Cord | Spam filter | Yes | No | Cork, Ireland |
"""

    assert read(SERVICES).snapshot == markdown.parse(page)


@pytest.mark.parametrize(
    ("source", "cells", "note"),
    [
        ("Model;Policy\nUno;a, b\n", [["Uno"], ["a, b"]], "semicolons"),
        ("Model;Policy, FAQ, terms\nUno;a\n", [["Uno"], ["a"]], "semicolons"),
        ("Model\tPolicy, FAQ\nUno\ta;b\n", [["Uno"], ["a;b"]], "tabs"),
        ("sep=;\nModel;Policy\nUno;a\n", [["Uno"], ["a"]], "says how cells are divided"),
        ("\ufeffModel,Purpose\r\nUno,a\r\n", [["Uno"], ["a"]], "byte order mark"),
        ("Model,Purpose\rUno,a", [["Uno"], ["a"]], None),
        ('Model,Purpose\nUno, "a,b" \n', [["Uno"], ["a,b"]], None),
        ('Model,Purpose\nUno,"say ""b"""\n', [["Uno"], ['say "b"']], None),
        ('Model,Purpose\nUno,5" disk\n', [["Uno"], ['5" disk']], None),
        ('Model,Purpose\n"Uno\n\nDue",a\n', [["Uno", "Due"], ["a"]], "`<br>`"),
        ("Model,Purpose\nUno\vDue,a\u2028b\n", [["Uno", "Due"], ["a", "b"]], "`<br>`"),
        ('Model,Purpose\n"Uno\\\nDue",a\n', [["Uno\\", "Due"], ["a"]], "`<br>`"),
        ("Model,Purpose\nUno|x,a\\|b \\\\| c\n", [["Uno|x"], ["a|b \\| c"]], None),
        ('Model,Purpose\nUno,"a\tb"\n', [["Uno"], ["a b"]], "Tabs became blanks"),
        ("Model,Purpose\nUno,'=1+1\n", [["Uno"], ["=1+1"]], "apostrophe"),
        ("Model,Purpose\nUno,''tis\n", [["Uno"], ["''tis"]], None),
        ("Model,Purpose\nUno,'tis\n", [["Uno"], ["'tis"]], None),
        ("\n,\nModel,Purpose\nUno,a\n\n,\n\n", [["Uno"], ["a"]], "Lines 2, 5, 6 and 1 more: An"),
        ("Model,Purpose\nUno,e\u0301\u200b\n", [["Uno"], ["é"]], "normal form C"),
    ],
)
def test_what_programs_write_is_read(source: str, cells: list[list[str]], note: str | None):
    assert printed(source) == [cells]
    notes = " ".join(read(source).notes)
    assert note in notes if note else not notes


def test_a_label_of_two_lines_is_one():
    [section] = read('"Data\n retention",Model\n30 days,Uno\n').snapshot.sections

    assert [column.label for column in section.columns] == ["Data retention", "Model"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "Line 1, column 1: the file is empty"),
        ("\n,,\n", "Line 1, column 1: the file is empty"),
        ("A,B\nx\n", "Line 2, column 1: the row has 1 cell, and there are 2 labels"),
        ('A,B\n"x\ny",z,\n', "Line 3, column 6: the row has 3 cells"),
        ("A,B\nx, y, z\n", "Line 2, column 6: the row has 3 cells"),
        ("A,,C\nx,y,z\n", "Line 1, column 3: column 2 has no label"),
        ("A,B,A\nx,y,z\n", "Line 1, column 5: two columns are labelled “A”"),
        ("Our models,,\nA,B,C\nx,y,z\n", "Line 1, column 1: the first row has one text, “Our mod"),
        ("Our models\nA;B;C\nx;y;z\n", "Line 1, column 1: the first row has one text"),
        ("A,B\n,\nx,y\n", "Line 2, column 1: this row is empty, and rows follow"),
        ('A,B\nx,"y\nz,a\n', "Line 2, column 3: a cell begins with a double quote and never ends"),
        ('A,B\nx,"y\nz" a\n', "Line 3, column 3: text follows the double quote"),
        ("A,B\nx,a\x07\n", r"Line 2, column 4: A control character \(U\+0007\)"),
        ("A,B\nx,a\u202e\n", "Line 2, column 4: A character that changes the direction"),
        ("A,B\nx,<i>a<u>\n", "Line 2, column 3: <u> has no place"),
        ("A,B\nx,a¹\n", "Line 2, column 3: there is no footnote 1 .* write the page as Markdown"),
        ("A,B\nx,~~a~~\n", "Line 2, column 3: text is struck through"),
        ("A,B\nx,é\n".encode("latin-1"), "Line 2, column 3: the byte 0xE9 is not UTF-8"),
        ("A,B\nx,é\n".encode("utf-16"), "the file is in UTF-16"),
        ("A,B\nx,é\n".encode("utf-16-le"), "the file is in UTF-16"),
    ],
)
def test_what_is_no_table_is_refused_with_its_place(source: str | bytes, message: str):
    with pytest.raises(Unreadable, match=message):
        read(source)


@pytest.mark.parametrize(
    ("title", "message"),
    [("", "has no title"), (" \n", "has no title"), ("a\u202eb", "cannot be used")],
)
def test_a_title_is_needed(title: str, message: str):
    with pytest.raises(Unreadable, match=message):
        read(SERVICES, title)


@pytest.mark.parametrize("title", ["# C #", "*new* ¹", "a | b", " Models &amp;\n privacy "])
def test_a_title_is_words_and_no_markdown(title: str):
    assert read(SERVICES, title).snapshot.register.title == " ".join(title.split())


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    "source", [SERVICES, "Model,Provider,Trains,Retention,Policy\nU,A,No,1 day,p\n"]
)
def test_a_file_of_the_registry_is_refused(source: str, delimiter: str):
    written = io.StringIO()
    rows = python_csv.reader(io.StringIO(csv.render(read(source).snapshot).decode()))
    python_csv.writer(written, delimiter=delimiter).writerows(rows)

    with pytest.raises(Unreadable, match=r"a file that the registry wrote.*JSON"):
        read(written.getvalue())


_WORDS = st.text(st.sampled_from("ab,;'\"\t\n|\\ €"), min_size=1, max_size=8)


@given(
    st.lists(st.tuples(_WORDS, _WORDS, _WORDS), min_size=1, max_size=4),
    st.sampled_from(",;\t"),
    st.sampled_from([python_csv.QUOTE_MINIMAL, python_csv.QUOTE_ALL]),
)
def test_every_word_that_a_program_writes_is_read(
    rows: list[tuple[str, str, str]], delimiter: str, quoting: int
):
    # A backslash is no escape before a letter, and the filling keeps rows from being empty.
    filled = [[f"a{cell}b".replace("\\", "\\\\") for cell in row] for row in rows]
    written = io.StringIO()
    writer = python_csv.writer(written, delimiter=delimiter, quoting=quoting)
    writer.writerows([["One", "Two", "Three"], *filled])

    found = printed(written.getvalue())

    expected = [
        [[" ".join(line.split()) for line in f"a{cell}b".split("\n")] for cell in row]
        for row in rows
    ]
    assert [[_normal(cell) for cell in row] for row in found] == [
        [_normal(cell) for cell in row] for row in expected
    ]


def _normal(lines: list[str]) -> list[str]:
    """Return lines with single blanks, without the empty ones."""
    return [words for line in lines if (words := " ".join(line.split()))]


def test_a_row_that_begins_with_a_mark_of_a_cell_is_a_footnote():
    source = (
        "Model,Provider,Trains,Retention\n"
        "Uno*,Acme¹,No,None\n"
        "Due,Bolt†,No,None\n"
        ",,,\n"
        '"¹ Of 2026,\nand later.",,,\n'
        "* Contract ends 2030-01-31.,,,\n"
        "† Flagged prompts only.\n"
    )

    reading = read(source)

    snapshot = reading.snapshot
    assert [(note.number, note.text) for note in snapshot.footnotes] == [
        (1, "Of 2026, and later."),
        (2, "Contract ends 2030-01-31."),
        (3, "Flagged prompts only."),
    ]
    assert list(snapshot.marks()) == [2, 1, 3]
    assert [section.prose for section in snapshot.sections] == [""]
    assert "Line 7: The footnote `*` became footnote 2." in reading.notes
    assert any("Line 7: Footnote 2 says that it ends on 2030-01-31" in n for n in reading.notes)


@pytest.mark.parametrize(
    "last", ["Updated 2026-01-01,,", "* Updated 2026-01-01,,", "**Due** is new,,"]
)
def test_a_last_row_of_one_cell_that_is_no_footnote_is_noted(last: str):
    reading = read(f"Model,Provider,Retention\nUno,Acme,None\n{last}\n")

    assert len(list(reading.snapshot.rows())) == 2
    assert not reading.snapshot.footnotes
    assert any(
        note.startswith("Line 3: Only the first cell of a row at the end") for note in reading.notes
    )


@pytest.mark.parametrize(
    "source",
    ["Model,Retention\nUno,None\nDue,1 day", "Model\nUno\nDue", "Model,Retention\nUno,\nDue,"],
)
def test_rows_of_a_usual_table_are_not_noted(source: str):
    assert not any("first cell of a row" in note for note in read(source).notes)


@pytest.mark.parametrize(
    ("last", "told"),
    [
        ("* One.,\n* Two.,", "the footnote `*` is there twice"),
        ("* One.,\n† Two.,", "no cell carries its mark `†`"),
    ],
)
def test_a_row_among_footnotes_that_is_none_is_refused(last: str, told: str):
    with pytest.raises(Unreadable, match=re.escape(told)) as error:
        read(f"Model,Provider\nUno*,Acme\n{last}\n")

    assert (error.value.line, error.value.column) == (4, 1)
