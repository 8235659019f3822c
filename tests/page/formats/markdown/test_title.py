"""Tests of the title of a page, and of what may stand above it."""

import pytest

from compliance.page.formats import Unreadable, markdown

TABLE = "| Purpose |\n| :------ |\n| Search |\n"


def title_of(source: str) -> str:
    return markdown.parse(source).register.title


@pytest.mark.parametrize(
    ("front_matter", "title", "names"),
    [
        ("---\ntitle: Who gets prompts\n---\n", "Who gets prompts", "title"),
        ("---\nlayout: page\ntitle: A & B # new\n---\n", "A & B", "layout, title"),
        ('---\ntitle: "Say \\"AI\\""\n---\n', 'Say "AI"', "title"),
        ("---\ntitle: 'It''s *here*' # new\n---\n", "It's *here*", "title"),
        ("---\ntitle: A\ntags:\n  - b\n- c\n# d\n...\n", "A", "title, tags"),
        ("---\nparams:\n  title: B\ntitle: A\n---\n", "A", "params, title"),
        ("+++\ntitle = \"A\"\n[params]\ntitle = 'B'\n+++\n", "A", "title, title"),
        ("+++\ntitle = 'It\\s' # new\n+++\n", "It\\s", "title"),
    ],
)
def test_the_title_of_the_front_matter_is_used_where_the_page_has_none(
    front_matter: str, title: str, names: str
):
    reading = markdown.read(f"{front_matter}\n## Part\n\n{TABLE}")

    last = front_matter.count("\n")
    assert reading.snapshot.register.title == title
    assert [section.prose for section in reading.snapshot.sections] == ["## Part"]
    assert (
        reading.notes[0] == f"Line 1: The front matter up to line {last} was taken off ({names})."
    )
    assert reading.notes[1].endswith(": The title is that of the front matter.")


@pytest.mark.parametrize(
    "front_matter", ["---\ntitle: B\n---\n", "---\n---\n", "+++\n+++\n", "---\n'a b': c\n---\n"]
)
def test_the_heading_of_a_page_is_its_title_whatever_the_front_matter_says(front_matter: str):
    reading = markdown.read(f"{front_matter}# A\n\n{TABLE}")

    assert reading.snapshot.register.title == "A"
    assert [section.prose for section in reading.snapshot.sections] == [""]
    assert "was taken off" in reading.notes[0]
    assert len(reading.notes) == 1


@pytest.mark.parametrize(
    "title",
    ["", ">", "|", "[A]", "{a: b}", "&a A", "*a", "!t A", "a: b", '"A', '"A\\x"', '"A\\nB"', "# A"],
)
def test_a_title_in_the_front_matter_that_is_no_line_of_text_is_not_guessed(title: str):
    source = f"---\ntitle: {title}\n---\n{TABLE}"

    with pytest.raises(Unreadable, match="Line 4, column 1: the page has no title"):
        markdown.read(source)


@pytest.mark.parametrize(
    ("top", "first"),
    [
        ("---\n\n", ""),
        ("***\n\n", ""),
        ("---\nText.\n\n---\n\n", "---\nText.\n\n---"),
        ("---\ntitle: B\n\nText.\n\n---\n\n", "---\ntitle: B\n\nText.\n\n---"),
        ("---\n\ntitle: B\n\n---\n\n", "---\n\ntitle: B\n\n---"),
    ],
)
def test_a_dividing_line_at_the_top_begins_no_front_matter(top: str, first: str):
    snapshot = markdown.parse(f"{top}# A\n\n{TABLE}")

    assert snapshot.register.title == "A"
    assert snapshot.sections[0].prose == first


@pytest.mark.parametrize("fence", ["---", "+++"])
def test_front_matter_that_never_ends_is_refused(fence: str):
    source = f"\n{fence}\ntitle: A\n\n# A\n\n{TABLE}"

    with pytest.raises(Unreadable) as refusal:
        markdown.read(source)

    assert str(refusal.value) == (
        "Line 2, column 1: the front matter that begins here never ends. "
        f"Write a line `{fence}` where it does."
    )


@pytest.mark.parametrize(
    ("above", "prose"),
    [
        ("Since *May*.\n", "Since *May*."),
        ("[Home](/) / [Legal](/legal)\n\n> Quoted.\n", "[Home](/) / [Legal](/legal)\n\n> Quoted."),
        ("## Intro\n\n- One\n- Two\n", "## Intro\n\n- One\n- Two"),
        ("---\n\nText.\n", "---\n\nText."),
        ("¹ No note.\n", "&sup1; No note."),
    ],
)
@pytest.mark.parametrize("title", ["# A", "A\n="])
def test_text_above_the_title_becomes_the_first_prose(above: str, prose: str, title: str):
    reading = markdown.read(f"{above}\n{title}\n\nBelow.\n\n{TABLE}")

    snapshot = reading.snapshot
    assert snapshot.register.title == "A"
    assert snapshot.sections[0].prose == f"{prose}\n\nBelow."
    assert reading.notes[0] == "Line 1: The text before the title was put behind it."
    assert markdown.parse(markdown.render(snapshot)) == snapshot


def test_the_first_heading_of_the_first_level_is_the_title():
    assert title_of(f"## Intro\n\n# A\n\n## Part\n\n{TABLE}") == "A"


def test_the_heading_at_the_top_is_the_title_of_a_page_without_one_of_the_first_level():
    assert title_of(f"### A\n\n## Part\n\n{TABLE}") == "A"
    assert title_of(f"A\n---\n\n## Part\n\n{TABLE}") == "A"


@pytest.mark.parametrize("lost", ["title: ", "Above.", "https://acme.example/a"])
def test_a_reader_that_loses_what_stands_above_the_title_is_caught(
    monkeypatch: pytest.MonkeyPatch, lost: str
):
    source = f"Above. [A](https://acme.example/a) title: no\n\n# A\n\n{TABLE}"
    markdown.parse(source)
    monkeypatch.setattr(
        "compliance.page.formats.markdown.reader.canonical_prose",
        lambda prose: prose.replace(lost, ""),
    )

    with pytest.raises(Unreadable, match=r"would (not be kept|be lost)"):
        markdown.read(source)
