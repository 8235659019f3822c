from contextlib import suppress
from time import process_time

import pytest

from compliance.page import inline
from compliance.page.formats import Unreadable, markdown
from compliance.page.formats.markdown import cells
from compliance.page.vocabulary import ColumnRole, DocumentKind
from tests.pages import REVISIONS, SEED

TABLE = (
    "| Model | Provider | Trains on prompts | Data retention | Documents |\n| - | - | - | - | - |\n"
)
HEAD = f"# Models\n\n{TABLE}"


def _page(*rows: str, after: str = "") -> str:
    return HEAD + "".join(f"{row}\n" for row in rows) + (f"\n{after}\n" if after else "")


def _row(
    models: str = "A",
    providers: str = "Acme",
    training: str = "No",
    retention: str = "1 day",
    documents: str = "",
) -> str:
    return f"| {models} | {providers} | {training} | {retention} | {documents} |"


def _models(cell: str, after: str = "") -> list[tuple[str, tuple[int, ...]]]:
    row = next(markdown.parse(_page(_row(models=cell), after=after)).rows())
    return [(model.plain, model.footnotes) for model in row.models]


def _documents(cell: str, after: str = "") -> list[tuple[str, str | None, tuple[int, ...]]]:
    row = next(markdown.parse(_page(_row(documents=cell), after=after)).rows())
    return [(document.plain, document.url, document.footnotes) for document in row.documents]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "Line 1, column 1: the page is empty"),
        (" \n\n", "Line 1, column 1: the page is empty"),
        ("Hello\n", "Line 1, column 1: the page has no title"),
        ("Hello\n\nMore.\n", "column 1: the page has no title. Put a line like `# LLMs & Privacy`"),
        (f"{TABLE}\n# M\n", "Line 4, column 3: the title 'M' stands behind a table. Move it to"),
        ("#\n", "Line 1, column 1: the title is empty"),
        ("# Models\n", "Line 2, column 1: the page ends after its title"),
        ("# M\n\n- one\ntwo\n" + TABLE, "Line 5, column 1: a table begins directly below a list"),
        ("# M\n\n> one\n" + TABLE, "Line 4, column 1: a table begins directly below a list"),
        ("# Models\n\n---\n", "Line 4, column 1: the page ends after its title"),
        ("# Models\n\n| a |\n\n| b |\n", "Line 3, column 1: a row stands in no table"),
        (_page(_row()) + TABLE, "Line 6, column 1: a second table begins here. Put a"),
        (
            HEAD.replace("| - |\n", "|\n"),
            "Line 4, column 1: the delimiter row has 4 cells; it needs 5",
        ),
        (_page("| a | b | c | d |"), "Line 5, column 17: the row has 4 cells; it needs 5."),
        (_page("| a | b | c | d | e | f |"), "Line 5, column 23: the row has 6 cells; it needs 5."),
        (
            _page(_row(), "¹ Note."),
            "Line 6, column 7: the row has 1 cell; it needs 5. Put a blank line",
        ),
        (
            _page(_row(models="A²"), after="¹ Note."),
            "Line 5, column 3: there is no footnote 2 below the table",
        ),
        (_page(_row(models="A¹ ¹"), after="¹ Note."), "footnote 1 marks one text twice"),
        (_page(_row(models="¹"), after="¹ Note."), "Line 5, column 3: an item has no text"),
        (_page(_row(), after="¹ One.\n\n¹ Two."), "Line 9, column 1: footnote 1 is there twice"),
        (_page(_row(), after="⁰ Nought."), "footnote 0 cannot be"),
        (_page(_row(), after="¹"), "Line 7, column 1: footnote 1 cannot be read: It has no text"),
        (_page(_row(), after="¹ a\n- b"), "footnote 1 cannot be read"),
        (_page(_row(), after="¹ a\n&nbsp;- b"), "footnote 1 cannot be read: It is more than one"),
        (_page(_row(), after="¹ a\n#&nbsp;b"), "footnote 1 cannot be read: It is more than one"),
        (
            _page(_row(models="A[^a]"), after="¹ One."),
            "Line 5, column 4: there is no footnote [^a] below the table",
        ),
        (_page(_row(retention="1 day[^*]")), "there is no footnote [^*] below the table"),
        (
            _page(_row(models="A[^a]"), after="[^a]: One.\n[^A]: Two."),
            "Line 8, column 1: the footnote `[^A]` is there twice",
        ),
        (
            _page(_row(models="A[^a] (new)"), after="[^a]: One."),
            "Line 5, column 3: a mark such as `[^a]` stands within a text",
        ),
        (
            _page(_row(models="A[^a] [^A]"), after="[^a]: One."),
            "footnote [^a] marks one text twice",
        ),
        (
            _page(_row(), after="[^a]: One,\nand [^b].\n[^b]: Two."),
            "Line 8, column 5: the text cites the footnote `[^b]`, and only a cell can",
        ),
        (
            _page(_row(), after="[a]: https://x.eu"),
            "Line 7, column 1: '[a]: https://x.eu' defines a link",
        ),
        (
            _page(_row(), after="¹ One.\n---"),
            "Line 7, column 1: footnote 1 cannot be read: Its line '---'",
        ),
        (
            _page(_row(), after=_row()),
            "Line 7, column 1: a row of the table stands behind a blank line",
        ),
        (
            "# M\n\n| [A](https://x.eu) |\n| - |\n",
            "Line 3, column 3: a link stands where its address",
        ),
        ("# M\n\n| A² |\n| - |\n\n² B", "Line 3, column 3: the text cites footnote 2"),
        (
            _page(_row(models="A¹"), after="¹ One.\n\n| X |\n| - |\n| B³ |"),
            "Line 11, column 3: there is no footnote 3",
        ),
        (
            _page(_row(), after="| X | Y |\n| - | - |\n| B |"),
            "Line 9, column 5: the row has 1 cell; it needs 2",
        ),
        (_page(_row(models="~~A~~")), "struck through"),
        (_page(_row(models="<del>A</del>")), "<del> has no place"),
        (_page(_row(models="A<!-- no -->")), "has no place in a cell"),
        (_page(_row(models="נייר\u200e (3)")), "Line 5, column 7: A character that changes"),
        (_page(_row(models="![A](a.png)")), "an image has no place"),
        (_page(_row(models="A<sup>TM</sup>")), "'TM' is raised"),
        (_page(_row(models="a\\\\|b")), "disagree on"),
        (_page(_row(models="A&#8238;B")), "changes the direction"),
        (_page(_row(documents="[](https://x.eu)")), "a link has no text"),
        (_page(_row(documents="[A]()")), "a link has no text or no address"),
        (_page(_row(documents='[A](https://x.eu "B")')), "a link has a title"),
        (
            _page(_row(documents="https://x.eu/a\\_b")),
            "Line 5, column 27: where the address https://x.eu/a\\_b ends is doubtful",
        ),
        (_page(_row(documents="https://x.eu/(a")), "is doubtful"),
        (_page(_row(documents="https://x.eu/?a&amp;b")), "is doubtful"),
        (_page(_row(documents="https://x.eu/&amp;")), "is doubtful"),
        (_page(_row(documents="https://x.eu/[A](https://y.eu)")), "is doubtful"),
        (_page(_row(documents="_See https://x.eu/a_")), "is doubtful"),
        (
            "# M\n\n# Part\n\n" + TABLE,
            "Line 3, column 1: the text cannot be read: '# Part' is a heading of the first level",
        ),
        ("# M\n\n```\n\n" + TABLE, "Line 3, column 1: the text cannot be read: '```' is code"),
        (
            _page(_row(models="A\u202eB")),
            "Line 5, column 4: A character that changes the direction",
        ),
        (_page(_row(models="A\x07B")), "Line 5, column 4: A control character"),
        (
            _page(_row(models="Aé")).encode("latin-1"),
            "Line 5, column 4: the byte 0xE9 is not UTF-8",
        ),
    ],
)
def test_what_is_no_page_is_refused_with_its_place(source: str | bytes, message: str):
    with pytest.raises(Unreadable) as refusal:
        markdown.read(source)

    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", []),
        ("A", ["A"]),
        ("• A<br>• B", ["A", "B"]),
        ("• A • B", ["A", "B"]),
        ("<ul><li>A </li><li> B</li></ul>", ["A", "B"]),
        ("<UL><LI>A<BR/>B</LI></UL>", ["A", "B"]),
        ("- A<br>* B<br>– C<br>· D<br>◦ E", ["A", "B", "C", "D", "E"]),
        ("● A<br>▪ B<br>‣ C<br>+ D", ["A", "B", "C", "D"]),
        ("+ A", ["A"]),
        ("• - A", ["- A"]),
        ("\\- A", ["- A"]),
        ("A / B", ["A / B"]),
        ("**A** `B*`", ["A B*"]),
        ("a\\|b", ["a|b"]),
        ("A &amp; B &copy; C", ["A & B © C"]),
        ("&bull; A", ["• A"]),
        ("A&nbsp;", ["A"]),
        ("a\u0301 b\u200bc", ["á bc"]),
        ("H²O", ["H²O"]),
        ("[A]", ["[A]"]),
    ],
)
def test_models_are_read_in_every_dialect(cell: str, expected: list[str]):
    assert [name for name, _ in _models(cell)] == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("A¹", [("A", (1,))]),
        ("A ² ¹", [("A", (1, 2))]),
        ("A¹,²", [("A", (1, 2))]),
        ("A<sup>1</sup><sup>2</sup>", [("A", (1, 2))]),
        ("A<sup>1, 12</sup>", [("A", (1, 12))]),
        ("A[^1][^12]", [("A", (1, 12))]),
        ("A&sup1;", [("A¹", ())]),
        ("A\\[^1]", [("A[^1]", ())]),
        ("A&sup1;<sup>2</sup>", [("A¹", (2,))]),
        ("A¹<br>B", [("A", (1,)), ("B", ())]),
    ],
)
def test_marks_are_read_in_every_dialect(cell: str, expected: list[tuple[str, tuple[int, ...]]]):
    assert _models(cell, after="¹ One.\n\n² Two.\n\n¹² Twelve.") == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("[A](https://x.eu)", [("A", "https://x.eu", ())]),
        (
            "[A](https://x.eu)¹ [B](https://y.eu)",
            [("A", "https://x.eu", (1,)), ("B", "https://y.eu", ())],
        ),
        ("[A¹](https://x.eu), [B](./b.md)", [("A", "https://x.eu", (1,)), ("B", "./b.md", ())]),
        ("[A](u) (new), [B](v)", [("A (new)", "u", ()), ("B", "v", ())]),
        ("See [A](u)", [("See A", "u", ())]),
        ("<li>[A](u) <br> [B](v)</li>", [("A", "u", ()), ("B", "v", ())]),
        ("[A](u)[B](u)", [("A", "u", ()), ("B", "u", ())]),
        ("[A](u) / Agreement", [("A", "u", ()), ("Agreement", None, ())]),
        ('<a href="https://x.eu/?a&amp;b">A</a>', [("A", "https://x.eu/?a&b", ())]),
        ("https://x.eu/a_b_c¹", [("https://x.eu/a_b_c¹", "https://x.eu/a_b_c¹", ())]),
        ("https://x.eu/a_b_c ¹", [("https://x.eu/a_b_c", "https://x.eu/a_b_c", (1,))]),
        ("https://x.eu/p_(eu)", [("https://x.eu/p_(eu)", "https://x.eu/p_(eu)", ())]),
        ("https://x.eu/a_", [("https://x.eu/a_", "https://x.eu/a_", ())]),
        ("https://x.eu/_a_/", [("https://x.eu/_a_/", "https://x.eu/_a_/", ())]),
        ("https://x.eu/?x=[1]", [("https://x.eu/?x=[1]", "https://x.eu/?x=[1]", ())]),
        ("https://x.eu/?x=[1][^1]", [("https://x.eu/?x=[1]", "https://x.eu/?x=[1]", (1,))]),
        ("**https://x.eu/a**", [("https://x.eu/a", "https://x.eu/a", ())]),
        ("(see https://x.eu/a).", [("(see https://x.eu/a).", "https://x.eu/a", ())]),
        (
            "https://x.eu/a, https://y.eu/b",
            [("https://x.eu/a", "https://x.eu/a", ()), ("https://y.eu/b", "https://y.eu/b", ())],
        ),
        (
            "• https://x.eu/a• https://x.eu/b",
            [("https://x.eu/a", "https://x.eu/a", ()), ("https://x.eu/b", "https://x.eu/b", ())],
        ),
        ("[https://x.eu](https://x.eu/b)", [("https://x.eu", "https://x.eu/b", ())]),
        ("<https://x.eu>", [("https://x.eu", "https://x.eu", ())]),
        ("[A](https://x.eu/%7Ea?b=1&copy=2#é)", [("A", "https://x.eu/%7Ea?b=1&copy=2#é", ())]),
        ("• Agreement", [("Agreement", None, ())]),
    ],
)
def test_documents_are_read_in_every_dialect(
    cell: str, expected: list[tuple[str, str | None, tuple[int, ...]]]
):
    assert _documents(cell, after="¹ One.") == expected


def test_what_was_normalised_is_noted_with_its_lines():
    page = _page(
        _row(models="**A**<br>B", retention="until the moon falls"), "<!-- checked -->", _row()
    ).replace("\n", "\r\n")

    notes = markdown.read(f"\ufeff{page}").notes

    assert notes == (
        "Line 1: A byte order mark was removed.",
        "Line 1: Line ends became line feeds.",
        "Line 6: An HTML comment was dropped.",
        "Line 5: Emphasis was dropped.",
        "Line 5: The list was written with `•` and `<br>`.",
        "Line 5: The retention 'until the moon falls' is not understood; it is kept as written.",
    )


@pytest.mark.parametrize("before", ["", "\n"])
@pytest.mark.parametrize("line", ["---", "***", "* * *"])
def test_a_dividing_line_around_the_footnotes_is_dropped_with_a_note(before: str, line: str):
    page = f"{_page(_row(models='A¹'))}{before}{line}\n\n¹ One.\n\n{line}\n"

    reading = markdown.read(page)

    first, last = page.split("\n").index(line) + 1, page.rstrip().count("\n") + 1
    assert reading.snapshot.printed()["footnotes"] == [(1, "One.")]
    assert reading.notes == (f"Lines {first}, {last}: A dividing line was dropped.",)


@pytest.mark.parametrize("start", ["¹: ", "¹. ", "<sup>1</sup>: "])
def test_punctuation_that_touches_a_footnotes_number_is_dropped_with_a_note(start: str):
    reading = markdown.read(_page(_row(models="A¹"), after=f"{start}One."))

    assert reading.snapshot.printed()["footnotes"] == [(1, "One.")]
    assert reading.notes == (
        f"Line 7: The {start.strip()[-1]!r} behind a footnote's number was dropped.",
    )


def test_punctuation_that_begins_a_footnote_stays():
    assert markdown.parse(_page(_row(), after="¹ : One.")).printed()["footnotes"] == [(1, ": One.")]


@pytest.mark.parametrize(
    ("label", "told"),
    [
        *((label, "looks like") for label in ("www.x.eu", "acme.example/privacy", "http:/x.eu")),
        *(
            (label, "names no document")
            for label in ("N/A", "-", "–", "None", "No", "❌", "pending", "See above")
        ),
    ],
)
def test_a_label_that_looks_like_no_document_is_kept_with_a_note(label: str, told: str):
    with_link = _row(documents="[Acme Privacy Policy](https://acme.example/p)")

    reading = markdown.read(_page(with_link, _row(models="B", documents=label)))

    _, row = reading.snapshot.rows()
    assert [document.plain for document in row.documents] == [label]
    assert [f"Line 6: {label!r} {told}" in note for note in reading.notes] == [True]


def test_a_single_bullet_of_another_kind_is_noted():
    assert markdown.read(_page(_row(models="▪ A"))).notes == (
        "Line 5: The list was written with `•` and `<br>`.",
    )


def test_what_the_page_does_not_say_is_derived():
    page = markdown.parse(
        _page(_row("A 1<br>A-1", "Acme", documents="[FAQ](u)"), _row("A 1", "Acme", "Yes", "?"))
    )

    first, second = page.rows()
    assert (page.register.slug, page.register.language) == ("models", "en")
    assert [item.model for row in (first, second) for item in row.models] == [
        "a-1",
        "a-1-2",
        "a-1",
    ]
    assert [(model.id, model.name) for model in page.models] == [("a-1", "A 1"), ("a-1-2", "A-1")]
    assert (first.id, second.id) == ("a-1", "a-1-2")
    assert (first.documents[0].provider, first.documents[0].kind) == ("acme", "faq")
    [(_, training)], [(_, retention)] = (
        second.claims(ColumnRole.TRAINING),
        second.claims(ColumnRole.RETENTION),
    )
    assert (training.use, retention.clauses[0].kind) == ("by_default", "unknown")


def test_footnotes_stand_in_number_order():
    page = markdown.parse(
        _page(_row(), after="[^2]: Two,\nover lines.\n<sup>10</sup> Ten.\n\n¹ One.")
    )

    assert page.printed()["footnotes"] == [(1, "One."), (2, "Two,\nover lines."), (10, "Ten.")]


@pytest.mark.parametrize("lost", ["item", "address", "mark"])
def test_a_reader_that_loses_something_is_caught(monkeypatch: pytest.MonkeyPatch, lost: str):
    """The negative control of the completeness check: it knows nothing of the reader's splitting."""
    page = _page(_row("A¹<br>B", documents="[P](https://x.eu)"), after="¹ One.")
    markdown.parse(page)
    losing = {
        "item": ("entries", lambda *args, **kwargs: _entries(*args, **kwargs)[:1]),
        "address": (
            "documents",
            lambda *args: tuple(cells.CellItem(i.text) for i in _documents_of(*args)),
        ),
        "mark": (
            "entries",
            lambda *args, **kwargs: tuple(
                cells.CellItem(i.text) for i in _entries(*args, **kwargs)
            ),
        ),
    }
    monkeypatch.setattr(cells, *losing[lost])

    with pytest.raises(Unreadable, match=r"would (not be kept|be lost)"):
        markdown.parse(page)


@pytest.mark.parametrize(
    ("address", "cut"),
    [
        ("https://x.eu/p_(eu)", "https://x.eu/p_(eu"),
        ("https://x.eu/a_", "https://x.eu/a"),
        ("https://x.eu/_a", "https://x.eu/a"),
    ],
)
def test_an_address_that_is_cut_is_caught(monkeypatch: pytest.MonkeyPatch, address: str, cut: str):
    page = _page(_row(documents=address))
    markdown.parse(page)
    shown = inline.escape(address)
    monkeypatch.setattr(cells, "documents", lambda *args: (cells.CellItem(shown, url=cut),))

    with pytest.raises(Unreadable, match=r"the address .* would be lost"):
        markdown.parse(page)


_entries, _documents_of = cells.entries, cells.documents


@pytest.mark.parametrize("path", REVISIONS, ids=lambda path: path.stem)
def test_a_hand_written_revision_is_stable_once_in_canonical_form(path):
    snapshot = markdown.parse(path.read_bytes())

    page = markdown.render(snapshot)

    assert markdown.parse(page) == snapshot
    assert markdown.render(markdown.parse(page)) == page


def test_the_seed_comes_back_byte_for_byte():
    seed = SEED.read_bytes()

    reading = markdown.read(seed)

    assert markdown.render(reading.snapshot).encode() == seed
    assert reading.notes == ()


@pytest.mark.slow
def test_a_page_of_many_models_is_read():
    models = "<br>".join(f"• Model {number}" for number in range(2000))

    assert len(_models(models)) == 2000


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["<!--" * 50_000, "M" + " " * 50_000 + "x"])
def test_a_long_cell_is_read_in_linear_time(cell):
    page = f"# T\n\n| A | B | C | D | E |\n|--|--|--|--|--|\n| {cell} | P | No | 30 days | |\n"
    started = process_time()

    with suppress(Unreadable):
        markdown.read(page)

    assert process_time() - started < 10  # it took minutes


@pytest.mark.parametrize(
    "contact", ["privacy@acme.example", "[Mail us](mailto:privacy@acme.example)"]
)
def test_a_contact_among_documents_is_noted_and_is_no_agreement(contact: str):
    reading = markdown.read(_page(_row(documents=f"[A Policy](https://a.example/)<br>{contact}")))

    [row] = reading.snapshot.rows()
    assert row.documents[1].kind is DocumentKind.OTHER
    assert any("Line 5:" in note and "is a contact, no document" in note for note in reading.notes)


def test_names_that_stand_in_another_are_noted_with_the_line():
    reading = markdown.read(
        _page(_row(providers="Acme, Bolt"), _row(models="B", providers="Acme, Inc. <br> Bolt"))
    )
    both = markdown.read(
        _page(
            _row(providers="Acme, Bolt"),
            _row(models="B", providers="Acme <br> Bolt <br> Doro, Inc."),
        )
    )

    assert not any("kept as one name" in note for note in reading.notes)
    assert [note for note in both.notes if "kept as one name" in note] == [
        "Line 5: 'Acme, Bolt' was kept as one name, although 2 others of the page stand in it. "
        "If they are meant, divide them with `<br>`: Acme <br> Bolt."
    ]
