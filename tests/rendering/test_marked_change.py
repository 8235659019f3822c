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


def test_a_short_text_is_given_as_a_whole():
    assert marked("One.\n\nTwo.", "One.\n\nThree.") == [
        [("", "One.", None)],
        [("-", "Two", None), ("+", "Three", None), ("", ".", None)],
    ]
    assert marked("", "One.") == [[("+", "One.", None)]]
    assert marked("One.", "One.") == [[("", "One.", None)]]


def test_what_stays_of_a_long_text_is_left_out_visibly():
    long = "Much that stays. " * 40
    changed_line = [("-", "Two", None), ("+", "Three", None), ("", ".", None)]

    assert marked(f"{long}\n\nTwo.\n\n{long}", f"{long}\n\nThree.\n\n{long}") == [
        [("", "…", None)],
        changed_line,
        [("", "…", None)],
    ]


def test_a_new_text_has_one_mark_around_it_with_its_links():
    html = shown(changed("", NEW))

    assert html.count("<ins>") == html.count("</ins>") == 1
    assert 'added: </span><bdi>Read the <a href="https://acme.example/b">terms</a>.</bdi>' in html


def test_feeds_say_in_words_what_was_added_and_removed():
    template = {"change": changed(OLD, NEW), "words": "public/feed_words.html"}
    html = " ".join(render_to_string("rendering/change.html", template).split())

    assert html.startswith(
        "Footnote 1 now reads: <del>[removed: See]</del><ins>[added: Read]</ins> the "
    )


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
