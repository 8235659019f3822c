"""Tables as companies keep them, untidily: what they become as a page, and what is noted."""

import pytest

from compliance.page.formats import csv, markdown

# Excel in German, with the byte order mark and the empty rows of its export.
EXCEL = (
    "\ufeffModel;Anbieter;Zweck;Retention (days);Policy\r\n"
    'Uno 3.5;Acme GmbH;"Antworten; Auszüge";30;https://acme.example/datenschutz\r\n'
    'Due;"Acme GmbH\nBeta AG";Bilder;0;\r\n;;;;\r\n;;;;\r\n'
)
AS_EXCEL = """\
| Model | Anbieter | Zweck | Retention (days) | Policy |
| :---- | :------- | :---- | :--------------- | :----- |
| • Uno 3.5 | Acme GmbH | Antworten; Auszüge | 30 | • [https\\://acme.example/datenschutz](https://acme.example/datenschutz) |
| • Due | • Acme GmbH<br>• Beta AG | Bilder | 0 |  |
"""
# A list of subprocessors, out of Google Sheets.
SHEETS = """\
Subprocessor,Entity,Purpose,Location,DPA,Added
Acme Cloud,"Acme Cloud, Inc.",Hosting of the app,"Oregon, USA",https://acme.example/dpa,2025-03-01
"Bolt ""Mail\""",Bolt SAS,E-mail,"Paris
Lyon",[Bolt DPA](https://bolt.example/dpa),
Cord,,Error logs,Unknown,,2024-11-17
"""
AS_SHEETS = """\
| Subprocessor | Entity | Purpose | Location | DPA | Added |
| :----------- | :----- | :------ | :------- | :-- | :---- |
| • Acme Cloud | Acme Cloud, Inc. | Hosting of the app | Oregon, USA | • [https\\://acme.example/dpa](https://acme.example/dpa) | 2025-03-01 |
| • Bolt "Mail" | Bolt SAS | E-mail | • Paris<br>• Lyon | • [Bolt DPA](https://bolt.example/dpa) |  |
| • Cord |  | Error logs | Unknown |  | 2024-11-17 |
"""
# A database of Notion: features of a product, not models, with a link in a provider's cell.
NOTION = """\
Feature,AI provider,Used for training?,Zero data retention,Notes
Chat,[Acme](https://acme.example/),No,Yes,"*new*, see below"
Voice,Acme,,No,
"""
AS_NOTION = """\
| Feature | AI provider | Used for training? | Zero data retention | Notes |
| :------ | :---------- | :----------------- | :------------------ | :---- |
| Chat | • [Acme](https://acme.example/) | No | Yes | new, see below |
| Voice | • Acme |  | No |  |
"""
# Rows of plans, copied from a spreadsheet.
PLANS = (
    "Plan\tModel\tProvider\tTrains\tPolicy\n"
    "Free\tUno | Due\tAcme\tYes\tAcme Privacy Policy https://acme.example/p\n"
    "Enterprise\tUno\tAcme\tNo\tPrivate agreement with Acme"
)
AS_PLANS = """\
| Plan | Model | Provider | Trains | Policy |
| :--- | :---- | :------- | :----- | :----- |
| Free | • Uno \\| Due | • Acme | Yes | • [Acme Privacy Policy https\\://acme.example/p](https://acme.example/p) |
| Enterprise | • Uno | • Acme | No | • Private agreement with Acme |
"""


@pytest.mark.parametrize(
    ("source", "page", "notes"),
    [
        (
            EXCEL,
            AS_EXCEL,
            [
                "Line 1: A byte order mark was removed.",
                "Lines 5, 6: An empty row was dropped.",
                "Line 1: The cells are divided by semicolons, not commas.",
                "Line 3: The list was written with `•` and `<br>`.",
            ],
        ),
        (SHEETS, AS_SHEETS, ["Line 3: The list was written with `•` and `<br>`."]),
        (NOTION, AS_NOTION, ["Line 2: Emphasis was dropped."]),
        (
            PLANS,
            AS_PLANS,
            [
                "Line 1: The cells are divided by tabs, not commas.",
                "Line 2: Words beside a link became part of its label.",
            ],
        ),
        ("Vendor\nAcme\n", "| Vendor |\n| :----- |\n| • Acme |\n", []),
        ("Vendor,Purpose\n", "| Vendor | Purpose |\n| :----- | :------ |\n", []),
    ],
)
def test_a_table_becomes_a_page(source: str, page: str, notes: list[str]):
    reading = csv.read(source, title="Our AI")

    written = markdown.render(reading.snapshot)
    assert written == f"# Our AI\n\n{page}"
    assert list(reading.notes) == notes
    assert markdown.parse(written).printed() == reading.snapshot.printed()
