"""compliance.rendering.marked_change and templates/rendering/change.html: the words of a change."""

from django.template.loader import render_to_string

from compliance.page.diff import Change, ChangeKind, Effect
from compliance.rendering.marked_change import marked_lines_of

OLD = "See the [terms](https://acme.example/a)."
NEW = "Read the [terms](https://acme.example/b)."


def marked(before, after):
    return [
        [(piece.sign, piece.text, piece.address) for piece in line]
        for line in marked_lines_of(before, after)
    ]


def shown(change):
    return " ".join(render_to_string("rendering/change.html", {"change": change}).split())


def changed(before, after):
    lead = "Footnote 1 now reads"
    return Change(
        ChangeKind.FOOTNOTE_CHANGED, Effect.UNJUDGED, "Plain", lead=lead, before=before, after=after
    )


def test_words_and_links_that_differ_are_marked():
    assert marked(OLD, NEW) == [
        [
            ("-", "See", None),
            ("+", "Read", None),
            ("", " the ", None),
            ("-", "terms", "https://acme.example/a"),
            ("+", "terms", "https://acme.example/b"),
            ("", ".", None),
        ]
    ]


def test_only_lines_that_differ_are_given():
    assert marked("One.\n\nTwo.", "One.\n\nThree.") == [
        [("-", "Two", None), ("+", "Three", None), ("", ".", None)]
    ]
    assert marked("", "One.") == [[("+", "One.", None)]]
    assert marked("One.", "One.") == []


def test_a_change_of_words_shows_them_with_their_links():
    html = shown(changed(OLD, NEW))

    assert html.startswith("Footnote 1 now reads:")
    assert '<a href="https://acme.example/b">terms</a>' in html
    assert "<del>" in html
    assert "<ins>" in html
    assert "Plain" not in html


def test_another_change_shows_its_sentence():
    assert shown(Change(ChangeKind.TEXT, Effect.NEUTRAL, "The title is <b>.")) == (
        "The title is &lt;b&gt;."
    )


def test_nothing_in_a_text_becomes_markup_but_links_that_may_be_published():
    html = shown(changed("", "<script>alert(1)</script> [x](javascript:alert(1)) [y](http://a.b)"))

    assert "<script" not in html
    assert "href" not in html
