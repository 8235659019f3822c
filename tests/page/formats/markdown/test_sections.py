"""compliance.page.formats.markdown: which parts of a page are sections."""

from tests.pages import page, row


def test_footnotes_below_the_last_table_make_no_section():
    snapshot = page(row("GPT 6¹", "Acme"), notes="¹ A note.\n")

    assert len(snapshot.sections) == 1
