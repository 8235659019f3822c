"""Tests of compliance.rendering.manual."""

from compliance.rendering.manual import Heading, headings, manual_html


def test_headings_have_the_anchors_that_github_gives_them():
    text = "# Who changed this?\n\n## A `term`\n\n## A term\n"

    assert headings(text) == [
        Heading("Who changed this?", "who-changed-this", 1),
        Heading("A term", "a-term", 2),
        Heading("A term", "a-term-1", 2),
    ]


def test_links_lead_to_the_page_itself_or_to_other_sites_and_pictures_are_left_out():
    text = (
        "![A picture](x.png)\n\nSee [below](#below), [rules](rules.md), [evil](//evil.com), "
        "[safe](https://example.com) and <script>alert(1)</script>.\n"
    )

    assert manual_html(text) == (
        '<p>See <a href="#below">below</a>, rules, evil, <a href="https://example.com">safe</a> '
        "and &lt;script&gt;alert(1)&lt;/script&gt;.</p>\n"
    )
