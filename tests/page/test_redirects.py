import pytest

from compliance.page.redirects import redirector

_PRIVACY = "https://acme.example/privacy"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.google.com/url?q=https://acme.example/privacy&sa=D&ust=17", "google.com"),
        ("https://google.co.uk/url?sa=t&url=https%3A%2F%2Facme.example%2Fprivacy", "google.co.uk"),
        (
            "https://l.facebook.com/l.php?u=https%3A%2F%2Facme.example%2Fprivacy&h=AT",
            "l.facebook.com",
        ),
        (
            "https://eur02.safelinks.protection.outlook.com/?url=https%3A%2F%2Facme.example"
            "%2Fprivacy&data=05%7C01&reserved=0",
            "eur02.safelinks.protection.outlook.com",
        ),
        ("https://urldefense.com/v3/__https://acme.example/privacy__;!!Ab!cd$", "urldefense.com"),
        ("https://urldefense.com/v3/__https:/acme.example/privacy__;!!Ab!cd$", "urldefense.com"),
        (
            "https://urldefense.proofpoint.com/v2/url?u=https-3A__acme.example_privacy&d=Dw",
            "urldefense.proofpoint.com",
        ),
        (
            "https://slack-redir.net/link?url=https%3A%2F%2Facme.example%2Fprivacy",
            "slack-redir.net",
        ),
        (
            "https://www.bing.com/ck/a?!&&p=1&u=a1aHR0cHM6Ly9hY21lLmV4YW1wbGUvcHJpdmFjeQ&ntb=1",
            "bing.com",
        ),
        ("https://href.li/?https://acme.example/privacy", "href.li"),
        ("https://vk.com/away.php?to=https%3A%2F%2Facme.example%2Fprivacy", "vk.com"),
        ("https://duckduckgo.com/l/?uddg=https%3A%2F%2Facme.example%2Fprivacy", "duckduckgo.com"),
        (
            "https://clicks.mail.test/c?id=7&to=https%3A%2F%2Facme.example%2Fprivacy",
            "clicks.mail.test",
        ),
        ("https://guard.test/1a/https%3A%2F%2Facme.example%2Fprivacy", "guard.test"),
        (
            "https://www.google.com/url?q=https%3A%2F%2Fl.facebook.com%2Fl.php%3Fu%3Dhttps%253A"
            "%252F%252Facme.example%252Fprivacy",
            "google.com",
        ),
        ("https://acme-example.translate.goog/privacy", "acme-example.translate.goog"),
        (
            "https://acme-example.translate.goog/privacy?_x_tr_sl=de&_x_tr_tl=en&_x_tr_hl=en",
            "acme-example.translate.goog",
        ),
        (
            "https://webcache.googleusercontent.com/search?q=cache:acme.example/privacy&hl=en",
            "webcache.googleusercontent.com",
        ),
        (
            "http://webcache.googleusercontent.com/search?q=cache:aB3-_5678901:https://acme.example"
            "/privacy+acme",
            "webcache.googleusercontent.com",
        ),
    ],
)
def test_an_address_that_holds_another_leads_there(url: str, host: str):
    assert redirector(url) == (host, _PRIVACY)


@pytest.mark.parametrize(
    "url",
    [
        "https://t.co/aB3",
        "https://bit.ly/acme",
        "https://lnkd.in/e1",
        "https://protect-us.mimecast.com/s/aB3?domain=acme.example",
        "https://protect.mimecast.com/s/aB3",
        "https://url.us.m.mimecastprotect.com/s/aB3?domain=acme.example",
        "https://www.bing.com/ck/a?!&&u=zz",
        "https://www.baidu.com/link?url=aB3",
        "https://urldefense.com/v3/__https://acme.example/a*b__;Kw!!Ab!cd$",
    ],
)
def test_a_short_address_does_not_say_where_it_leads(url: str):
    found = redirector(url)

    assert found is not None
    assert found[1] is None


@pytest.mark.parametrize(
    "url",
    [
        _PRIVACY,
        "https://www.google.com/policies/privacy",
        "https://web.archive.org/web/2024/https://acme.example/privacy",
        "https://accounts.acme.example/login?continue=https%3A%2F%2Fdocs.acme.example%2F",
        "https://acme.co.uk/?next=https://login.acme.co.uk/",
        "https://acme.example/?ref=https://other.test/",
        "https://acme.example/?a=https",
        "https://acme.example/http://",
        "mailto:privacy@acme.example",
        "./policy.md",
        "https://[acme",
    ],
)
def test_an_address_that_leads_straight_there_is_no_redirector(url: str):
    assert redirector(url) is None


def test_a_hyphen_of_a_translated_host_is_doubled():
    url = "https://my--acme-co-uk.translate.goog/p?a=1&_x_tr_tl=en#x"

    assert redirector(url) == ("my--acme-co-uk.translate.goog", "https://my-acme.co.uk/p?a=1#x")


@pytest.mark.parametrize(
    "url",
    [
        "https://mimecast.com/s/privacy",
        "https://www.mimecast.com/privacy",
        "https://translate.goog/",
        "https://webcache.googleusercontent.com/search?q=acme",
    ],
)
def test_a_page_of_a_company_that_redirects_is_its_own(url: str):
    assert redirector(url) is None
