import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


CONTROLS = [
    "%0d%0a",
    "%0D%0ABcc:x",
    "%00",
    "%1f",
    "%7F",
    "%250d%250a",
    "%25250A",
    "%c2%85",
    "%25c2%2585",
    "%u000d",
    "%25u000A",
    "%u0085",
    "%e2%80%ae",
    "%E2%80%AE",
    "%25E2%2580%25AE",
    "%u202e",
]
PLAIN = [
    "%20",
    "%2f",
    "%25",
    "%8d",
    "%d0%9f",
    "%e2%82%ac",
    "100%25",
    "%c2%a7",
    "%e2%80%8c",
    "%u0041",
]


@pytest.mark.parametrize("fault", [urls.url_fault, urls.link_fault])
@pytest.mark.parametrize("part", ["https://x.eu/{}", "https://x.eu/?a={}", "https://x.eu/#{}"])
def test_a_control_character_in_percent_encoding_is_refused_wherever_it_stands(part, fault):
    for control in CONTROLS:
        assert "a control character" in str(fault(part.format(f"a{control}b"))), control
    for plain in PLAIN:
        assert fault(part.format(f"a{plain}b")) is None, plain


@given(
    st.integers(min_value=0, max_value=0x2FF), st.integers(min_value=0, max_value=3), st.booleans()
)
def test_every_control_character_is_refused_and_nothing_else(code, more, is_lower):
    encoded = quote(chr(code), safe="")
    for _ in range(more):
        encoded = quote(encoded, safe="")
    encoded = encoded.lower() if is_lower else encoded

    refused = urls.encoded_control_fault(f"https://x.eu/{encoded}") is not None

    assert refused is (unicodedata.category(chr(code)) == "Cc")


DIRECTING = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
MARKS = ["\N{ARABIC LETTER MARK}", "\N{LEFT-TO-RIGHT MARK}", "\N{RIGHT-TO-LEFT MARK}"]
BIDI = MARKS + [c for c in map(chr, range(0x3000)) if unicodedata.bidirectional(c) in DIRECTING]


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_control_character_of_direction_is_refused_encoded_and_its_neighbours_are_not(times):
    for code in sorted({ord(each) + step for each in BIDI for step in (-1, 0, 1)}):
        encoded = chr(code)
        for _ in range(times):
            encoded = quote(encoded, safe="")
        refused = urls.url_fault(f"https://x.eu/{encoded}") is not None
        assert refused is (chr(code) in BIDI), encoded
        escaped = urls.url_fault(f"https://x.eu/%{'25' * (times - 1)}u{code:04X}") is not None
        assert escaped is (chr(code) in BIDI), code


@pytest.mark.parametrize(
    "address", ["privacy@x.eu", "o'brien+a_b-c.d@xn--bcher-kva.example", "A@X.EU"]
)
def test_a_plain_mail_address_may_be_published(address):
    assert urls.mail_address_fault(address) is None
    assert urls.link_fault(f"mailto:{address}") is None


@pytest.mark.parametrize(
    "address",
    ["a@x.eu?bcc=b@y.eu", "a@x.eu?subject=b", "a?bcc=b%40y.eu&c@x.eu", "a@x.eu,b@y.eu", "a%0d%0aBcc:b@x.eu",
     "a@x.eu%0d%0a", "a@x.eu\n", "a b@x.eu", "@x.eu", "a@", "a@x", "a@127.0.0.1", "", "//x.eu/a@x.eu"],
)  # fmt: skip
def test_a_mail_address_that_adds_recipients_or_headers_is_refused(address):
    assert "is not a plain mail address" in str(urls.mail_address_fault(address))
    assert urls.link_fault(f"mailto:{address}")


@pytest.mark.parametrize("url", ["./a%0d%0ab.md", "#%00", "?a=%250a"])
def test_a_path_with_a_control_character_is_refused(url):
    assert "a control character" in str(urls.link_fault(url))
