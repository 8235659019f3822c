import pytest

from compliance.page import urls


@pytest.mark.parametrize(
    "url", ["https://x.eu/", "http://x.eu/a?b=1#c", "https://xn--bcher-kva.example/"]
)
def test_a_url_that_may_be_published_has_no_fault(url: str):
    assert urls.url_fault(url) is None


@pytest.mark.parametrize(
    "url",
    ["", "x.eu", "ftp://x.eu/", "javascript:alert(1)", "https://u:p@x.eu/", "https://x.eu:8080/", "https://127.0.0.1/",
     "https://x.eu\\@y.eu/", "https://x/", "https://x.local/", "https://x.eu/é", "https://x.eu/" + "a" * 2000],
)  # fmt: skip
def test_a_url_that_may_not_be_published_has_a_fault(url: str):
    assert urls.url_fault(url)


@pytest.mark.parametrize("url", ["https://x.eu/", "http://x.eu/", "./a.md", "mailto:a@x.eu", "#a"])
def test_a_link_in_a_text_may_lead_to_a_site_a_path_or_a_mail_address(url):
    assert urls.link_fault(url) is None


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "ftp://x.eu/", "//["])
def test_a_link_in_a_text_to_anything_else_is_refused(url):
    assert urls.link_fault(url)


@pytest.mark.parametrize("url", ["mailto:privacy@x.eu", "MAILTO:privacy@x.eu", "privacy@x.eu"])
def test_a_mail_address_is_called_one_where_a_page_is_meant(url):
    assert "is a mail address, not that of a page. A contact belongs" in str(urls.url_fault(url))
