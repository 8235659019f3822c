"""Links of a page that write headers or add recipients are refused with their place."""

import re

import pytest

from compliance.page import urls
from compliance.page.formats import markdown
from compliance.rendering.markdown import published_address
from compliance.workingcopy.importing import NotImportable, import_page
from tests.pages import ACME, page, row

pytestmark = pytest.mark.django_db
PAGE = markdown.render(page(row("GPT 6", "Acme", documents=ACME)))
ENCODED = "https://x.eu/%0d%0aSet-Cookie:a"
PLACES = {
    "prose": (PAGE.replace("\n\n|", f"\n\nSee [a]({ENCODED}).\n\n|", 1), "Section 'Who"),
    "document": (re.sub(r"https://[^)]*", ENCODED, PAGE), "Policy document 'Acme Privacy Policy'"),
    "path": (
        f"{PAGE.replace('30 days', '30 days¹')}\n¹ See [a](./a%250ab).\n",
        "Footnote '1: See [a]",
    ),
    "mail": (PAGE.replace("\n\n|", "\n\n[A](mailto:a@x.eu?bcc=b@y.eu)\n\n|", 1), "Section 'Who"),
}


def bring(text: str) -> None:
    import_page(markdown.parse(text), slug="register", reason="Begin", label="tests")


@pytest.mark.parametrize("place", PLACES)
def test_a_link_that_writes_headers_is_refused_with_its_place(place):
    text, named = PLACES[place]

    with pytest.raises(NotImportable, match=re.escape(named)):
        bring(text)


@pytest.mark.parametrize("place", PLACES)
def test_without_the_validator_such_a_link_is_kept(place, monkeypatch):
    monkeypatch.setattr(urls, "_ENCODED_CONTROL", re.compile("(?!)"))
    monkeypatch.setattr(urls, "mail_address_fault", lambda address: None)

    bring(PLACES[place][0])


@pytest.mark.parametrize(
    "url", [ENCODED, "mailto:a@x.eu?bcc=b@y.eu", "mailto:a@x.eu%0d%0aBcc:b@y.eu", "./a%0d%0ab"]
)
def test_such_a_link_of_an_older_page_is_no_link(url):
    assert published_address(url, "https://x.eu/docs/") is None
    assert published_address("mailto:a@x.eu", "https://x.eu/docs/") == "mailto:a@x.eu"
