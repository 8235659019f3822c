"""Tests of footnotes that begin with a symbol such as `*` instead of a number."""

import pytest

from compliance.page.formats import Reading, Unreadable, markdown
from compliance.page.snapshot import Register, Snapshot
from compliance.page.table import Cell, Column, Listing, Section, TextItem
from compliance.page.vocabulary import ColumnRole

HEAD = "# M\n\n| Model | Data retention | Documents |\n| - | - | - |\n"


def read(cell: str, below: str, *, column: int = 0) -> Reading:
    cells = ["A", "30 days", "[P](https://x.eu)"]
    cells[column] = cell
    return markdown.read(f"{HEAD}| {' | '.join(cells)} |\n\n{below}\n")


def items(reading: Reading, key: str = "models") -> list[tuple[str, tuple[int, ...]]]:
    [row] = reading.snapshot.rows()
    return [(item.plain, item.footnotes) for item in row.listing.cells[key].items]


def footnotes(reading: Reading) -> list[tuple[int, str]]:
    return [(note.number, note.text) for note in reading.snapshot.footnotes]


@pytest.mark.parametrize("symbol", ["*", "**", "***", "†", "††", "‡", "§", "¶", "※"])
@pytest.mark.parametrize("mark", ["A{}", "A {}", "A {} "])
def test_a_symbol_at_the_end_of_a_cell_cites_the_footnote_that_begins_with_it(
    symbol: str, mark: str
):
    reading = read(mark.format(symbol), f"{symbol} Contract ends.")

    assert items(reading) == [("A", (1,))]
    assert footnotes(reading) == [(1, "Contract ends.")]
    assert reading.notes == (f"Line 7: The footnote `{symbol}` became footnote 1.",)


@pytest.mark.parametrize(
    ("note", "text"),
    [
        ("* One.", "One."),
        ("*One.", "One."),
        ("\\* One.", "One."),
        ("\\*One,\nand *more*.", "One,\nand *more*."),
        ("***Note:** one.", "**Note:** one."),
        ("---\n\n* One.", "One."),
        ("## Notes\n* One.", "One."),
        ("  * One.", "One."),
    ],
)
def test_a_star_that_a_reader_sees_begins_a_footnote(note: str, text: str):
    reading = read("A\\*", note)

    assert items(reading) == [("A", (1,))]
    assert footnotes(reading) == [(1, text)]


@pytest.mark.parametrize(
    "below",
    [
        "*One.*",
        "**One:** two.",
        "* One.\n* Two.",
        "* One.\n\n* Two.",
        "* One,\n  and more.\n* Two.",
        "- * One.",
        "> * One.",
        "Text,\n\\* and more.",
        "&ast; One.",
        "`*` One.",
        "** One.",
        "One.",
    ],
)
def test_a_star_stays_a_text_where_no_footnote_begins_with_it(below: str):
    reading = read("A*", below)

    assert items(reading) == [("A*", ())]
    assert footnotes(reading) == []
    assert "Line 5: No footnote begins with `*`, which is kept as a text." in reading.notes
    assert markdown.parse(markdown.render(reading.snapshot)).printed() == (
        reading.snapshot.printed()
    )


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("A*<br>B†", [("A", (2,)), ("B", (3,))]),
        ("• A* • B", [("A", (2,)), ("B", ())]),
        ("* A<br>* B*", [("A", ()), ("B", (2,))]),
        ("A*†", [("A", (2, 3))]),
        ("A†, *", [("A", (2, 3))]),
        ("A*¹", [("A", (1, 2))]),
        ("A[^1]†", [("A", (1, 3))]),
        ("A<sup>1</sup> *", [("A", (1, 2))]),
        ("A‡ *", [("A‡", (2,))]),
        ("A* ‡", [("A ‡", (2,))]),
        ("**A***", [("A", (2,))]),
        ("*A*", [("A", ())]),
        ("A* (new)", [("A* (new)", ())]),
        ("A&ast;", [("A*", ())]),
        ("A`*`", [("A*", ())]),
        ("A\\*", [("A", (2,))]),
    ],
)
def test_symbols_are_read_with_numbers_and_other_symbols(
    cell: str, expected: list[tuple[str, tuple[int, ...]]]
):
    source = f"{HEAD}| {cell} | | |\n| B* † | | |\n\n¹ One.\n\n* Two.\n\n† Three.\n"

    reading = markdown.read(source)

    first, _ = reading.snapshot.rows()
    assert [(model.plain, model.footnotes) for model in first.models] == expected
    assert footnotes(reading) == [(1, "One."), (2, "Two."), (3, "Three.")]
    assert markdown.parse(markdown.render(reading.snapshot)).printed() == (
        reading.snapshot.printed()
    )


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("[P](https://x.eu)*", [("P", (1,))]),
        ("[P*](https://x.eu)", [("P", (1,))]),
        ("[P](https://x.eu) \\*, [Q](https://y.eu)", [("P", (1,)), ("Q", ())]),
        ("[P](https://x.eu)* (new)", [("P (new)", (1,))]),
        ("[P](https://x.eu) * , [Q](https://y.eu)", [("P", (1,)), ("Q", ())]),
        ("Agreement*", [("Agreement", (1,))]),
        ("[P](https://x.eu)†, [Q](https://y.eu)", [("P†", ()), ("Q", ())]),
    ],
)
def test_a_symbol_marks_a_document(cell: str, expected: list[tuple[str, tuple[int, ...]]]):
    reading = read(cell, "* One.", column=2)

    assert items(reading, "documents") == expected


@pytest.mark.slow
@pytest.mark.parametrize("part", ["¹ ", "¹,", "¹", "[^", "/ ", "* "])
def test_a_cell_of_thousands_of_signs_is_read(part: str):
    # Had each sign the rest of the cell searched, this would take minutes.
    words = f"A{part * 10_000}b"

    [row] = markdown.parse(f"{HEAD}| A | {words} | [P](https://x.eu) |\n").rows()

    assert row.listing.cells["retention"].items[0].plain == words


def test_a_claim_is_read_without_its_symbol():
    reading = read("30 days*", "* Contract ends.", column=1)

    [row] = reading.snapshot.rows()
    cell = row.listing.cells["retention"]
    assert items(reading, "retention") == [("30 days", (1,))]
    assert [clause.duration for clause in cell.clauses or ()] == ["P30D"]


def test_a_mark_within_a_text_is_said_to_be_a_part_of_it():
    reading = read("A* (new)<br>B*", "* One.")

    assert items(reading) == [("A* (new)", ()), ("B", (1,))]
    assert "Line 5: The mark `*` within a text was read as part of it." in reading.notes


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("A[^a]", [("A", (2,))]),
        ("A [^B-2]", [("A", (4,))]),
        ("A[^a][^1] *", [("A", (1, 2, 3))]),
        ("A[^a], [^b-2]<br>**B**[^a]", [("A", (2, 4)), ("B", (2,))]),
        ("[A[^a]](https://acme.example)[^1]", [("A", (1, 2))]),
        ("A\\[^a]", [("A[^a]", ())]),
        ("A`[^a]`", [("A[^a]", ())]),
    ],
)
def test_a_footnote_with_a_name_is_numbered_behind_the_numbers(
    cell: str, expected: list[tuple[str, tuple[int, ...]]]
):
    below = "[^a]: Two,\nand more.\n[^1]: One.\n\n\\* Three.\n\n[^b-2]: Four."
    source = f"{HEAD}| {cell} | | |\n| C* | | |\n\n{below}\n"

    reading = markdown.read(source)

    first, _ = reading.snapshot.rows()
    assert [(model.plain, model.footnotes) for model in first.models] == expected
    assert footnotes(reading) == [(1, "One."), (2, "Two,\nand more."), (3, "Three."), (4, "Four.")]
    assert "Line 8: The footnote `[^a]` became footnote 2." in reading.notes
    page = markdown.render(reading.snapshot)
    assert markdown.parse(page).printed() == reading.snapshot.printed()


def test_a_name_cites_the_footnote_below_its_own_table():
    table = HEAD.removeprefix("# M\n\n")
    source = f"{HEAD}| A[^a] | | |\n\n[^a]: One.\n\n{table}| B[^a] | | |\n\n[^a]: Two.\n"

    reading = markdown.read(source)

    assert footnotes(reading) == [(1, "One."), (2, "Two.")]
    assert [row.models[0].footnotes for row in reading.snapshot.rows()] == [(1,), (2,)]


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("# M[^a]\n\n| Model |\n| - |\n| A |\n\n[^a]: One.\n", "Line 1, column 4"),
        ("# M\n\nSee\n[^A].\n\n| Model |\n| - |\n| A |\n\n[^a]: One.\n", "Line 4, column 1"),
        ("# M\n\n| Model[^a] |\n| - |\n| A |\n\n[^a]: One.\n", "Line 3, column 8"),
    ],
)
def test_a_text_that_cites_a_footnote_by_its_name_is_refused(source: str, place: str):
    with pytest.raises(Unreadable, match=rf"{place}: the text cites the footnote `\[\^[aA]\]`"):
        markdown.read(source)


def test_a_name_in_a_text_to_which_no_footnote_answers_stays():
    snapshot = markdown.parse(
        "# M[^a]\n\nSee [^a].\n\n| Model[^a] |\n| - |\n| A[^b] |\n\n[^b]: B.\n"
    )

    [section] = snapshot.sections
    assert (snapshot.register.title, section.prose) == ("M[^a]", "See \\[^a].")
    assert section.columns[0].label == "Model[^a]"


def test_numbers_stay_and_symbols_get_those_behind_the_last():
    reading = read("A³ *", "* Star.\n\n³ Three.")

    assert footnotes(reading) == [(3, "Three."), (4, "Star.")]
    assert items(reading) == [("A", (3, 4))]


def test_a_symbol_cites_the_footnote_below_its_own_table():
    table = HEAD.removeprefix("# M\n\n")
    source = f"{HEAD}| A* | | |\n\n* One.\n\n{table}| B* | | |\n| C¹ | | |\n\n* Two.\n\n¹ Three.\n"

    reading = markdown.read(source)

    assert footnotes(reading) == [(1, "Three."), (2, "One."), (3, "Two.")]
    assert [row.models[0].footnotes for row in reading.snapshot.rows()] == [(2,), (3,), (1,)]


def test_symbols_come_last_below_each_table_where_numbers_begin_anew():
    table = HEAD.removeprefix("# M\n\n")
    source = f"{HEAD}| A* ¹ | | |\n\n* Two.\n¹ One.\n\n{table}| B¹ | | |\n\n¹ Three.\n"

    reading = markdown.read(source)

    assert footnotes(reading) == [(1, "One."), (2, "Two."), (3, "Three.")]
    assert [row.models[0].footnotes for row in reading.snapshot.rows()] == [(1, 2), (3,)]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            f"{HEAD}| A* | | |\n\n* One.\n\nText.\n\n* Two.\n",
            "Line 11, column 1: the footnote `*` is there twice. Give one another mark.",
        ),
        (
            "# M†\n\n| Model |\n| - |\n| A† |\n\n† One.\n",
            "Line 1, column 4: the text cites the footnote `†`, and only a cell can.",
        ),
        (
            "# M\n\n| Model* |\n| - |\n| A |\n\n* One.\n",
            "Line 3, column 8: the text cites the footnote `*`, and only a cell can.",
        ),
        (
            "# M\n\nOne.\n\nKept for\n30 days\\*.\n\n| Model |\n| - |\n| A* |\n\n* One.\n",
            "Line 6, column 9: the text cites the footnote `*`, and only a cell can.",
        ),
        (
            f"{HEAD}| A*† | | |\n| B*, * | | |\n\n* One.\n\n† Two.\n",
            "footnote * marks one text twice",
        ),
        (f"{HEAD}| † | | |\n\n† One.\n", "Line 5, column 3: an item has no text"),
        (f"{HEAD}| A† | | |\n\n†\n", "Line 7, column 1: footnote † cannot be read: It has no"),
    ],
)
def test_a_symbol_that_cannot_be_read_is_refused_with_its_line(source: str, message: str):
    with pytest.raises(Unreadable) as refusal:
        markdown.read(source)

    assert message in str(refusal.value)


def test_a_symbol_in_a_label_that_is_no_mark_is_written_as_a_reference():
    with pytest.raises(Unreadable, match="is written `&#42;`"):
        markdown.read("# M\n\n| Model* |\n| - |\n| A* |\n\n* One.\n")

    snapshot = markdown.parse("# M\n\n| Model&#42; |\n| - |\n| A* |\n\n* One.\n")
    assert snapshot.sections[0].columns[0].label == "Model*"


@pytest.mark.parametrize("prose", ["*Kept*, for *30\ndays*.", "§ 5 applies.", "* a\n* b", "2*3"])
def test_a_symbol_in_a_text_that_cites_nothing_stays(prose: str):
    source = f"# M\n\n{prose}\n\n| Model |\n| - |\n| A* |\n| B§ |\n\n* One.\n\n§ Two.\n"

    assert markdown.parse(source).sections[0].prose == prose


@pytest.mark.parametrize(
    ("title", "label", "text"),
    [
        ("A", "模型_*", "x"),
        ("A", "*", "x"),
        ("A", "† Purpose* / Host‡ ‡", "x"),
        ("A*", "Purpose", "x\\*"),
        ("A", "Purpose", "x\\* / y‡"),
        ("A†", "Purpose", "[x](https://acme.example)\\* y"),
        ("A", "Purpose", "[x](https://acme.example)[‡ y](https://acme.example/y)"),
        ("A", "Purpose", "§ 5 [x](https://acme.example) ‡"),
    ],
)
def test_a_symbol_cites_no_text_below_its_table_that_begins_with_it(
    title: str, label: str, text: str
):
    columns = (Column("m", label, ColumnRole.TEXT),)
    listings = (Listing("l", {"m": Cell((TextItem(text),))}),)
    sections = (Section("s", "As† said*.", columns, listings), Section("t", "* one star\n\n‡ two"))
    snapshot = Snapshot(Register("a", title), sections)

    page = markdown.render(snapshot)

    assert markdown.parse(page).printed() == snapshot.printed()
    assert markdown.render(markdown.parse(page)) == page
