import csv
import io
from dataclasses import replace

import pytest

from compliance.page.formats import csv as csv_format
from compliance.page.formats import markdown
from compliance.page.snapshot import Declared, Snapshot
from compliance.page.table import Term
from compliance.page.vocabulary import TrainingUse
from tests.page.formats.markdown.test_writer import PAGE


def _lines(snapshot: Snapshot) -> list[dict[str, str]]:
    return list(
        csv.DictReader(io.StringIO(csv_format.render(snapshot).decode(), newline=""), strict=True)
    )


def test_each_offering_is_a_line():
    lines = _lines(markdown.parse(PAGE))

    assert [(line["model"], line["provider"]) for line in lines] == [
        ("Uno", "Acme"),
        ("Uno", "Beta & Sons"),
        ("Due", "Acme"),
        ("Due", "Beta & Sons"),
        ("H²O [x] a_b _c & 3 * 4", ""),
    ]
    assert lines[0]["documents"] == "FAQ <https://a.eu/?a=1&b=2>; Letter"
    assert (lines[0]["training_use"], lines[0]["training"], lines[0]["retention"]) == (
        "never",
        "No",
        "30 days",
    )
    assert lines[3]["footnotes"] == "1 2 4"


def test_a_line_says_what_its_provider_declares():
    snapshot = markdown.parse(PAGE)
    first = snapshot.listings[0]
    acme = replace(first.providers[0], declared=Declared(TrainingUse.OPT_OUT, Term("7 days", ())))

    line = _lines(replace(snapshot, listings=(replace(first, providers=(acme,)),)))[0]

    assert (line["declared_training_use"], line["declared_retention"]) == ("opt_out", "7 days")


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@a", "＝1", "＋1", "－1", "＠a", "'a", 'a "b", c', "1,5"]
)
def test_no_cell_is_a_formula_and_every_name_comes_back(name: str):
    snapshot = markdown.parse(PAGE)
    listing = snapshot.listings[1]
    named = replace(listing, models=(replace(listing.models[0], name=name),))

    cell = _lines(replace(snapshot, listings=(named,)))[0]["model"]

    assert not cell.startswith(tuple("=+-@＝＋－＠"))
    assert cell.removeprefix("'") == name


def test_lines_end_as_rfc_4180_says():
    written = csv_format.render(markdown.parse(PAGE))

    assert written.count(b"\r\n") == written.count(b"\n") == 6
    assert written.startswith(b'"listing_id","model_id",')
