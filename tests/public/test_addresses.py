"""The addresses of the site, and the slugs that no register can have because of them."""

from collections.abc import Iterator, Sequence
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, path, resolve, reverse

from compliance.page import slugs
from compliance.page.formats import FORMATS
from compliance.public import site_files
from compliance.published import storage
from compliance.urls import urlpatterns


def routes(patterns: Sequence[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    """Yield every URL pattern, with those before it."""
    for pattern in patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


def unreserved_names(patterns: Sequence[URLPattern | URLResolver]) -> set[str]:
    """Return the names at the root of the site or of the store that a register could have."""
    names = {route.partition("/")[0] for route in routes(patterns)}
    names |= {storage.RECORD, storage.HEAD, storage.LOG, settings.STATIC_URL.strip("/")}
    stems = {name.partition(".")[0] for name in names if not name.startswith("<")} - {""}
    assert {"admin", "robots", "record", "static"} <= stems
    return stems - slugs.RESERVED_SLUGS


def test_no_register_has_the_name_of_anything_at_the_root():
    assert unreserved_names(urlpatterns) == set()


def test_a_new_address_at_the_root_is_not_forgotten():
    assert unreserved_names([*urlpatterns, path("status.txt", site_files.robots)]) == {"status"}


@pytest.mark.parametrize("slug", ["models", "changes", "feed", "as-of", "records", "語" * 66])
def test_every_address_of_a_register_leads_to_it(slug):
    addresses = [
        reverse("public:register", kwargs={"slug": slug}),
        reverse("public:publication", kwargs={"slug": slug, "number": 1}),
        reverse("public:csv_metadata", kwargs={"slug": slug}),
    ]
    for format in FORMATS:
        addresses.append(reverse("public:register_file", kwargs={"slug": slug, "format": format}))

    assert {resolve(unquote(address)).kwargs["slug"] for address in addresses} == {slug}
