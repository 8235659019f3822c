"""compliance.workingcopy.importing.catalogue: a product's own list of models, as JSON or CSV."""

import pytest

from compliance.page.rules.facts import CatalogueEntry
from compliance.workingcopy.importing import NotImportable, read_catalogue

FIELDS = {"name": "name", "id": "id"}
TWO = (CatalogueEntry("GPT 6", "gpt-6-2026"), CatalogueEntry("GPT 6, mini", ""))


@pytest.mark.parametrize("content", [
    '[{"name": "GPT 6", "id": "gpt-6-2026", "price": 3}, {"name": " GPT 6, mini "}]',
    '{"object": "list", "data": [{"name": "GPT 6", "id": "gpt-6-2026"}, {"name": "GPT 6, mini", "id": null}]}',
    'name,id\nGPT 6,gpt-6-2026\n"GPT 6, mini",\n',
    "\ufeffid;price;name\r\ngpt-6-2026;3;GPT 6\r\n;;GPT 6, mini\r\n",
    'note,name,id\n"two\nlines",GPT 6,gpt-6-2026\n,"GPT 6, mini",\n',
    "name\tid\nGPT 6\tgpt-6-2026\nGPT 6, mini\t\n",
])  # fmt: skip
def test_a_catalogue_is_read_whatever_its_syntax(content):
    assert read_catalogue(content.encode(), fields=FIELDS) == TWO


def test_the_fields_of_a_catalogue_may_have_other_names():
    content = b'[{"title": "GPT 6", "slug": "gpt-6-2026"}, {"title": "GPT 6, mini"}]'

    assert read_catalogue(content, fields={"name": "title", "id": "slug"}) == TWO


@pytest.mark.parametrize(("content", "message"), [
    (b"", "lists no model"),
    (b"[]", "lists no model"),
    (b"[{", "is not JSON"),
    (b"\xff", "is not UTF-8: byte 0"),
    (b'{"a": [], "b": []}', "holds 2 lists"),
    (b'{"a": 1}', "holds 0 lists"),
    (b'[{"name": "GPT 6"}, {"title": "GPT 7"}]', "Entry 2 of the catalogue has neither name nor id"),
    (b'[{"name": 7}]', "Entry 1 of the catalogue: name is 7, which is no text"),
    (b'["GPT 6"]', "Entry 1"),
    (b"name\n" + b"x" * 200_000, "is not CSV: field larger"),
    (b"title,price\nGPT 6,3\n", "Entry 1"),
])  # fmt: skip
def test_a_file_that_is_not_a_catalogue_is_refused_with_a_sentence(content, message):
    with pytest.raises(NotImportable, match=message) as refusal:
        read_catalogue(content, fields=FIELDS)

    assert str(refusal.value).endswith(".")
