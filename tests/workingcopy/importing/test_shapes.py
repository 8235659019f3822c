"""Pages of any shape are imported: sections, columns and cells keep what they are."""

import json
import re
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from compliance.models import (
    AIModel,
    Cell,
    Column,
    ListedModel,
    Provider,
    Register,
    RetentionTerm,
)
from compliance.models.changesets import changeset
from compliance.page.diff.sentences import row_label
from compliance.page.formats import FORMATS, markdown
from compliance.page.formats import json as json_format
from compliance.page.retention import read_clauses
from compliance.page.table import DocumentItem
from compliance.page.vocabulary import ColumnRole, DocumentKind
from compliance.workingcopy.importing import NotImportable, import_page
from compliance.workingcopy.importing.normal import normal_page
from compliance.workingcopy.resolve import capture, sections_of
from tests.factories import make_model, make_provider
from tests.strategies import snapshots
from tests.workingcopy.importing.test_page import written

pytestmark = pytest.mark.django_db

TRAINING, RETENTION = ColumnRole.TRAINING, ColumnRole.RETENTION


def bring(snapshot, slug="register", **values):
    return import_page(snapshot, slug=slug, reason="Bring the page", label="tests", **values)


def bring_if_allowed(snapshot, **values):
    """Import a drawn snapshot; one without a section or with an impossible link is not tried."""
    try:
        return bring(snapshot, **values)
    except NotImportable as refusal:
        assume("The page has no section" not in str(refusal))
        assume("a character that a URL may not hold" not in str(refusal))
        raise


def importable(snapshot):
    """Return a drawn snapshot without what no working copy may hold.

    A register that was there before continues no model that never was.
    """
    models = tuple(
        replace(
            model,
            name=f"{model.name} {n}",
            retention_floor=_kept(model.retention_floor),
            continues=(),
        )
        for n, model in enumerate(snapshot.models)
    )
    providers = []
    for number, provider in enumerate(snapshot.providers):
        declared = provider.declared
        if declared:
            declared = replace(declared, retention=_kept(declared.retention))
            if not declared.training and not declared.retention:
                declared = None
        name = f"{provider.name} {number}"
        providers.append(replace(provider, name=name, declared=declared))
    sections = tuple(map(_importable_section, snapshot.sections))
    return replace(snapshot, sections=sections, models=models, providers=tuple(providers))


def _kept(term):
    return replace(term, clauses=read_clauses(term.plain)) if term and term.plain else None


def _importable_section(section):
    listings = []
    for listing in section.listings:
        cells = {
            column.key: _importable_cell(column, listing.cells[column.key])
            for column in section.columns
        }
        listings.append(replace(listing, cells=cells))
    return replace(section, listings=tuple(listings))


def _importable_cell(column, cell):
    cell = replace(cell, items=tuple(map(_importable_item, cell.items)))
    if column.role is not RETENTION:
        return cell
    # Each wording means one thing in all cells.
    clauses = read_clauses(cell.plain, asks=column.asks, covers=column.covers, unit=column.unit)
    return replace(cell, clauses=clauses)


def _importable_item(item):
    if not isinstance(item, DocumentItem):
        return item
    # A placeholder such as "#" is no document.
    item = replace(item, valid_from=None, text=f"{item.text} policy")
    if item.url is None:
        return replace(item, kind=DocumentKind.AGREEMENT)
    return replace(item, url=f"https://x.eu/{len(item.url)}")


@settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(snapshots().map(importable), min_size=1, max_size=3), st.booleans())
@pytest.mark.slow
def test_any_page_after_any_other_is_kept_as_it_prints_and_again_writes_nothing(drawn, with_facts):
    with transaction.atomic():
        for snapshot in drawn:
            snapshot = normal_page(snapshot)
            imported = bring_if_allowed(snapshot, with_facts=with_facts)
            assert imported.snapshot.printed() == snapshot.printed()
            with written() as writes:
                bring(snapshot, with_facts=with_facts)
            assert writes == []
            with written() as writes:
                bring(imported.snapshot, with_facts=True)
            assert writes == []
        transaction.set_rollback(True)


MODELS = "| Model | Provider |\n|--|--|\n"
PURPOSES = "| Entity | Purpose | Location |\n|--|--|--|\n"


def read(source, slug="register"):
    """Return a page in Markdown, read by the columns that the register has."""
    register = Register.objects.filter(slug=slug).first()
    sections = sections_of(register) if register else ()
    return markdown.parse(f"# Models and privacy\n\n{source}", sections=sections)


def section_ids(register):
    return [section.id for section in capture(register).sections]


def row_ids(snapshot):
    return {row_label(row): row.id for row in snapshot.rows()}


def test_a_page_of_several_sections_is_kept_as_it_prints():
    page = read(
        "Two products.\n\n## Chat\n\n"
        f"{MODELS}| GPT 6 | Acme |\n\n"
        f"## Others\n\n- not listed here\n\n{PURPOSES}| Bolt | Mail<br>Logs | Germany |\n\n"
        "## The end\n\nNothing follows."
    )

    imported = bring(page)

    assert imported.snapshot.printed() == page.printed()
    assert [len(section.columns) for section in imported.snapshot.sections] == [2, 3, 0]
    places = imported.snapshot.sections[1].listings[0].cells["places"]
    assert [item.country for item in places.items] == ["DE"]


def test_a_page_of_prose_only_is_kept_as_it_prints():
    page = read("We use no models.\n\nNone at all.")

    assert bring(page).snapshot.printed() == page.printed()


def test_a_section_that_moved_is_known_by_its_first_heading():
    chat = f"## Chat\n\n{MODELS}| GPT 6 | Acme |\n\n"
    search = f"## Search\n\n{MODELS}| GLM 5 | Bolt |\n\n"
    first = bring(read(chat + search))
    ids = section_ids(first.register)

    with written() as writes:
        bring(read(search + chat))

    assert section_ids(first.register) == ids[::-1]
    assert set(writes) == {("Section", "~")}


def test_a_section_without_a_heading_is_known_by_its_columns():
    models, purposes = f"{MODELS}| GPT 6 | Acme |\n\n", f"{PURPOSES}| Bolt | Mail | Germany |\n\n"
    first = bring(read(f"A list.\n\n{models}Another.\n\n{purposes}"))
    ids = section_ids(first.register)

    bring(read(f"Now first.\n\n{purposes}Now last.\n\n{models}"))

    assert section_ids(first.register) == ids[::-1]


def test_a_section_known_by_neither_is_the_one_in_its_place():
    first = bring(read(f"## Chat\n\n{MODELS}| GPT 6 | Acme |"))
    ids = section_ids(first.register)

    bring(read(f"## Talk\n\n{MODELS.replace('Provider', 'Hosted by')}| GPT 6 | Acme |"))

    assert section_ids(first.register) == ids


def two_tables(head, above, below):
    """Return the source of a page with the rows of a first and of a second table."""
    return f"## A\n\n{head}{above}\n\n## B\n\n{head}{below}\n"


def test_a_listing_that_went_to_another_table_stays_the_listing():
    gpt, o5, glm = "| GPT 6 | Acme |", "| o5 | Acme |", "| GLM 5 | Bolt |"
    first = bring(read(two_tables(MODELS, f"{gpt}\n{o5}", glm)))
    ids = row_ids(first.snapshot)

    with written() as writes:
        second = bring(read(two_tables(MODELS, gpt, f"{glm}\n{o5}")))

    assert row_ids(second.snapshot) == ids
    assert writes == [("Listing", "~")]


def test_a_listing_takes_its_cells_to_the_columns_with_the_same_keys():
    head = "| Model | Purpose |\n|--|--|\n"
    gpt, o5, glm = "| GPT 6 | Chat |", "| o5 | Maths |", "| GLM 5 | Chat |"
    bring(read(two_tables(head, f"{gpt}\n{o5}", glm)))
    cell = Cell.objects.get(text="Maths")

    bring(read(two_tables(head, gpt, f"{glm}\n{o5}")))

    kept = Cell.objects.get(text="Maths")
    assert (kept.pk, kept.column.section_id) == (cell.pk, kept.listing.section_id)
    assert kept.column_id != cell.column_id


FULL = "| Model | Provider | Notes | Data Retention |\n|--|--|--|--|\n"


@pytest.mark.parametrize(
    ("head", "moved", "other"),
    [
        ("| Model | Remarks |\n|--|--|\n", "| o5 | n |", "| GLM 5 | z |"),
        ("| Model |\n|--|\n", "| o5 |", "| GLM 5 |"),
        ("| Model | Provider |\n|--|--|\n", "| o5 | Acme |", "| GLM 5 | Bolt |"),
        (FULL, "| o5 | Acme | n | 30 days |", "| GLM 5 | Bolt | z | None |"),
        (FULL, "| o5 | Acme |  |  |", "| GLM 5 | Bolt | z | None |"),
    ],
)
@pytest.mark.parametrize("with_facts", [False, True])
def test_a_row_moves_to_a_table_without_its_columns(head, moved, other, with_facts):
    stays, goes = "| GPT 6 | Acme | n | 30 days |", "| o5 | Acme | n<br>m | 30 days |"
    first = bring(read(f"## A\n\n{FULL}{stays}\n{goes}\n\n## B\n\n{head}{other}\n"))
    second = read(f"## A\n\n{FULL}{stays}\n\n## B\n\n{head}{other}\n{moved}\n")

    imported = bring(second, with_facts=with_facts)

    assert imported.snapshot.printed() == second.printed()
    assert row_ids(imported.snapshot) == row_ids(first.snapshot)


def test_a_claim_that_became_derived_goes_when_its_row_moves():
    head = "| Model | Provider | Data Retention |\n|--|--|--|\n"
    gpt, glm = "| GPT 6 | Acme | 30 days |", "| GLM 5 | Bolt | 7 days |"
    bring(read(two_tables(head, f"{gpt}\n| o5 | Acme | 1 year |", glm)))
    acme = Provider.objects.get(name="Acme")
    with changeset(by=None, label="tests", reason="Declare", source="command"):
        acme.set(declared_retention=RetentionTerm.objects.get(wording="30 days"))

    bring(read(two_tables(head, gpt, f"{glm}\n| o5 | Acme | 30 days |")))

    assert not Cell.objects.filter(listing__listed_models__model__name="o5").exists()


def test_a_table_of_rows_without_models_keeps_its_listings():
    first = bring(read(f"{PURPOSES}| Acme | Mail | Germany |\n| Bolt | Logs | France |"))
    ids = row_ids(first.snapshot)

    with written() as writes:
        second = bring(read(f"{PURPOSES}| Bolt | Logs | Ireland |\n| Acme | Mail | Germany |"))

    assert row_ids(second.snapshot) == ids
    assert sorted(writes) == [("Cell", "~"), ("Listing", "~")]


def test_a_relabelled_column_stays_the_column():
    bring(read(f"{PURPOSES}| Acme | Mail | Germany |"))

    with written() as writes:
        imported = bring(
            read(f"{PURPOSES.replace('Purpose', 'What for')}| Acme | Mail | Germany |")
        )

    assert writes == [("Column", "~")]
    assert [column.key for column in imported.snapshot.sections[0].columns] == [
        "providers",
        "purpose",
        "places",
    ]


def test_a_new_label_says_anew_what_the_column_covers():
    bring(read("| Model | Prompt retention |\n|--|--|\n| GPT 6 | 30 days |"))

    imported = bring(read("| Model | File retention |\n|--|--|\n| GPT 6 | 30 days |"))

    [_, column] = imported.snapshot.sections[0].columns
    assert (column.key, column.label, column.covers) == ("retention", "File retention", "file")
    assert [change.sentence for change in imported.changes]


def test_a_column_of_another_role_is_another_column():
    bring(read("| Model | Keeps prompts |\n|--|--|\n| GPT 6 | Yes |"))
    page = markdown.parse("# Models and privacy\n\n| Model | Notes |\n|--|--|\n| GPT 6 | Yes |")

    imported = bring(page)

    assert [column.key for column in imported.snapshot.sections[0].columns] == ["models", "notes"]
    assert Column.objects.count() == 2


def test_columns_in_another_order_keep_their_cells():
    bring(read(f"{PURPOSES}| Acme | Mail | Germany |"))

    with written() as writes:
        imported = bring(
            read("| Location | Purpose | Entity |\n|--|--|--|\n| Germany | Mail | Acme |")
        )

    assert {kind for kind, _ in writes} == {"Column"}
    assert [column.label for column in imported.snapshot.sections[0].columns] == [
        "Location",
        "Purpose",
        "Entity",
    ]


def test_a_column_that_left_takes_its_cells_and_models_with_it():
    bring(read("| Model | Purpose | Provider |\n|--|--|--|\n| GPT 6 | Chat | Acme |"))

    imported = bring(read("| Provider |\n|--|\n| Acme |"))

    assert imported.snapshot.sections[0].listings[0].cells.keys() == {"providers"}
    assert not Cell.objects.exists()
    assert not ListedModel.objects.exists()


def test_two_retention_columns_are_two_claims():
    head = "| Model | Keeps prompts | Data retention |\n|--|--|--|\n"

    imported = bring(read(f"{head}| GPT 6 | No | 30 days |"))

    [prompts, data] = [cell for _, cell in next(imported.snapshot.rows()).claims(RETENTION)]
    assert [clause.kind for clause in prompts.clauses] == ["none"]
    assert [clause.duration for clause in data.clauses] == ["P30D"]


def test_the_same_word_means_what_each_column_asks():
    head = "| Model | Keeps prompts | Zero data retention |\n|--|--|--|\n"
    source = f"{head}| GPT 6 | No | No |"

    imported = bring(read(source))

    kinds = [
        [clause.kind.value for clause in cell.clauses]
        for _, cell in next(imported.snapshot.rows()).claims(RETENTION)
    ]
    assert kinds == [["none"], ["kept"]]
    assert RetentionTerm.objects.count() == 1


def test_a_new_label_that_asks_otherwise_reads_training_cells_anew():
    source = (
        "| Model | Trains on user data |\n|--|--|\n"
        "| GPT 6 | Yes |\n| Kimi K3 | Never |\n| Lama | Not used for training |"
    )
    bring(read(source))

    imported = bring(read(source.replace("Trains on user data", "Does not train on user data")))

    claims = [row.claims(TRAINING)[0] for row in imported.snapshot.rows()]
    assert [column.asks.value for column, _ in claims] == ["does_not_train"] * 3
    assert [(cell.plain, cell.use.value) for _, cell in claims] == [
        ("Yes", "never"),
        ("Never", "unknown"),
        ("Not used for training", "never"),
    ]


def test_json_that_corrects_what_a_column_asks_says_what_its_cells_mean():
    first = bring(read("| Model | Trains on user data |\n|--|--|\n| GPT 6 | Yes |"))
    values = as_json(first.snapshot)
    table = values["sections"][0]
    table["columns"][1]["asks"] = "does_not_train"
    table["listings"][0]["cells"]["training"]["use"] = "opt_out"

    imported = bring(from_json(values), with_facts=True)

    [(column, cell)] = next(imported.snapshot.rows()).claims(TRAINING)
    assert (column.asks.value, cell.plain, cell.use.value) == ("does_not_train", "Yes", "opt_out")


def test_an_empty_claim_is_stated():
    make_provider("Acme", declared_training="never")
    head = "| Provider | Trains on prompts |\n|--|--|\n"

    imported = bring(read(f"{head}| Acme | No |\n| Bolt | |\n| Acme | |"))

    cells = [row.claims(TRAINING)[0][1] for row in imported.snapshot.rows()]
    assert [(cell.basis, cell.use) for cell in cells] == [
        ("derived", "never"),
        ("stated", "not_stated"),
        ("stated", "not_stated"),
    ]
    assert [cell.is_blank for cell in Cell.objects.all()] == [True, True]


def test_a_claim_that_the_declarations_no_longer_derive_is_stated():
    make_provider("Acme", declared_training="never")
    head = "| Model | Provider | Trains on prompts |\n|--|--|--|\n"
    bring(read(f"{head}| GPT 6 | Acme | No |"))

    imported = bring(read(f"{head}| GPT 6 | Bolt | No |"))

    assert next(imported.snapshot.rows()).claims(TRAINING)[0][1].basis == "stated"


def test_a_mark_on_a_derived_claim_states_it():
    make_provider("Acme", declared_training="never")
    head = "| Model | Provider | Trains on prompts |\n|--|--|--|\n"
    page = read(f"{head}| GPT 6 | Acme | No¹ |\n\n¹ By contract.")

    assert bring(page).snapshot.printed() == page.printed()


def test_links_in_claims_stay_where_they_stand():
    head = "| Model | Provider | Data retention |\n|--|--|--|\n"
    page = read(
        f"{head}| [GPT 6](https://acme.example/6) | [Acme](https://acme.example/) "
        "| [30 days](https://acme.example/terms) |"
    )

    imported = bring(page)

    assert imported.snapshot.printed() == page.printed()
    assert AIModel.objects.get().name == "GPT 6"
    assert RetentionTerm.objects.get().wording == "30 days"


def test_a_text_that_changes_in_its_place_stays_the_cell():
    bring(read(f"{PURPOSES}| Acme | Mail<br>Logs¹ | Germany |\n\n¹ For a week."))

    with written() as writes:
        bring(read(f"{PURPOSES}| Acme | Mail<br>Log files¹ | Germany |\n\n¹ For a week."))

    assert writes == [("Cell", "~")]


def as_json(snapshot):
    """Return a snapshot as a program that changes JSON finds it."""
    return json.loads(FORMATS["json"].render(snapshot))


def from_json(values):
    return json_format.parse(json.dumps(values).encode()).snapshot


def test_json_keeps_its_ids_where_they_are_free():
    first = bring(read(f"{MODELS}| GPT 6¹ | Acme |\n\n¹ One."))
    values = as_json(first.snapshot)
    new = {"section": str(uuid4()), "listing": str(uuid4()), "note": str(uuid4())}
    values["sections"][0]["id"] = new["section"]
    values["sections"][0]["listings"][0]["id"] = new["listing"]
    values["footnotes"][0]["id"] = new["note"]
    values["models"][0]["id"] = values["sections"][0]["listings"][0]["cells"]["models"]["items"][0][
        "model"
    ] = "gpt-6-by-acme"
    values["models"][0]["name"] = "GPT 6 by Acme"

    imported = bring(from_json(values), slug="another", with_facts=True)

    assert section_ids(imported.register) == [new["section"]]
    assert list(row_ids(imported.snapshot).values()) == [new["listing"]]
    assert [note.id for note in imported.snapshot.footnotes] == [new["note"]]
    assert [model.id for model in imported.snapshot.models] == ["gpt-6-by-acme"]


def test_json_of_the_register_itself_changes_nothing():
    first = bring(
        read(f"## A\n\n{MODELS}| GPT 6¹ | Acme |\n\n## B\n\n{MODELS}| o5 | Acme |\n\n¹ One.")
    )

    with written() as writes:
        imported = bring(from_json(as_json(first.snapshot)), with_facts=True)

    assert (writes, imported.changes) == ([], ())
    assert imported.snapshot == first.snapshot


@pytest.mark.parametrize(("path", "place"), [
    (("sections", 0), "$.sections[0].id"),
    (("sections", 0, "listings", 0), "$.sections[0].listings[0].id"),
    (("footnotes", 0), "$.footnotes[0].id"),
])  # fmt: skip
def test_an_id_of_another_register_is_refused_with_its_place(path, place):
    owner = bring(read(f"{MODELS}| GPT 6¹ | Acme |\n\n¹ One.", "owner"), slug="owner")
    values = as_json(bring(read(f"{MODELS}| o5¹ | Acme |\n\n¹ Two.")).snapshot)
    foreign, mine = as_json(owner.snapshot), values
    for step in path:
        foreign, mine = foreign[step], mine[step]
    mine["id"] = foreign["id"]

    with pytest.raises(
        NotImportable, match=re.escape(f"{place}, {foreign['id']}, belongs to")
    ) as refused:
        bring(from_json(values), with_facts=True)

    assert "Give it an id of its own" in str(refused.value)


def test_a_column_that_json_relabels_is_known_by_its_key():
    first = bring(read("| Model | Purpose | Seat |\n|--|--|--|\n| GPT 6 | Chat | Berlin |"))
    values = as_json(first.snapshot)
    columns = values["sections"][0]["columns"]
    columns[1]["label"], columns[2]["label"] = "Seat", "Purpose"

    with written() as writes:
        imported = bring(from_json(values), with_facts=True)

    assert set(writes) == {("Column", "~")}
    assert [column.key for column in imported.snapshot.sections[0].columns] == [
        "models",
        "purpose",
        "seat",
    ]


def test_json_brings_the_facts_of_models_and_providers():
    values = as_json(bring(read(f"{MODELS}| GPT 6 | Acme |")).snapshot)
    floor = {"text": "7 days", "clauses": [as_clause("P7D")]}
    values["models"][0] |= {
        "developer": "Acme Labs",
        "aliases": ["gpt-6"],
        "retention_floor": floor,
    }
    values["providers"][0] |= {
        "legal_entity": "Acme Ltd",
        "website": "https://acme.example/",
        "processing_countries": ["IE", "DE"],
        "storage_countries": ["FR"],
        "aliases": ["acme", "Acme AI"],
        "declared": {"training": "never", "retention": {"text": "30 days", "clauses": []}},
    }

    imported = bring(from_json(values), with_facts=True)

    [model], [provider] = imported.snapshot.models, imported.snapshot.providers
    assert (model.developer, model.aliases, model.retention_floor.text) == (
        "Acme Labs",
        ("gpt-6",),
        "7 days",
    )
    assert provider.legal_entity == "Acme Ltd"
    assert provider.processing_countries == ("DE", "IE")
    assert (provider.storage_countries, provider.aliases) == (("FR",), ("acme", "Acme AI"))
    assert (provider.declared.training, provider.declared.retention.text) == ("never", "30 days")


def as_clause(duration):
    return {
        "data_class": "all_content",
        "kind": "duration",
        "duration": duration,
        "bound": "exact",
        "trigger": "always",
    }


def test_a_page_in_markdown_leaves_facts_alone():
    make_model("GPT 6", developer="Acme Labs")
    make_provider("Acme", legal_entity="Acme Ltd", declared_training="never")

    imported = bring(read(f"{MODELS}| GPT 6 | Acme |"))

    assert imported.snapshot.models[0].developer == "Acme Labs"
    assert imported.snapshot.providers[0].legal_entity == "Acme Ltd"


def test_facts_of_a_provider_that_another_register_lists_stay():
    bring(read(f"{MODELS}| o5 | Acme |", "other"), slug="other")
    values = as_json(bring(read(f"{MODELS}| GPT 6 | Acme |")).snapshot)
    values["providers"][0]["legal_entity"] = "Another Ltd"

    bring(from_json(values), with_facts=True)

    assert Provider.objects.get().legal_entity == ""


def test_json_brings_until_when_documents_and_footnotes_are_valid():
    source = (
        "| Model | Provider | Policy |\n|--|--|--|\n"
        "| GPT 6 | Acme¹ | [Acme Privacy Policy](https://acme.example/p) |\n\n¹ One."
    )
    values = as_json(bring(read(source)).snapshot)
    document = values["sections"][0]["listings"][0]["cells"]["documents"]["items"][0]
    document |= {"valid_from": "2030-01-01", "valid_until": "2030-12-31"}
    values["footnotes"][0]["valid_until"] = "2030-06-30"

    imported = bring(from_json(values), with_facts=True)

    [item] = next(imported.snapshot.rows()).documents
    assert (item.valid_from, item.valid_until) == (date(2030, 1, 1), date(2030, 12, 31))
    assert imported.snapshot.footnotes[0].valid_until == date(2030, 6, 30)


def test_json_that_writes_its_texts_otherwise_is_kept_in_the_form_of_pages():
    values = as_json(bring(read(f"{PURPOSES}| Acme | Mail | Germany |")).snapshot)
    values["sections"][0]["prose"] = "Chat\n---"
    values["sections"][0]["listings"][0]["cells"]["purpose"]["items"][0]["text"] = "*M*&#97;il"
    values["sections"].append({"id": "one", "prose": "One."})
    values["sections"].append({"id": "two", "prose": "Two."})

    imported = bring(from_json(values), with_facts=True)

    [table, prose] = imported.snapshot.sections
    assert (table.prose, prose.prose) == ("## Chat", "One.\n\nTwo.")
    assert table.listings[0].cells["purpose"].items[0].text == "Mail"


def test_what_cannot_be_kept_is_named_and_nothing_changes():
    values = as_json(bring(read(f"{MODELS}| GPT 6 | Acme |")).snapshot)
    values["models"][0]["name"] = "G" * 201

    with pytest.raises(NotImportable, match=r"200 characters"), written() as writes:
        bring(from_json(values), with_facts=True)

    assert writes == []


def test_a_page_without_a_section_is_refused():
    values = as_json(bring(read("Hello.")).snapshot)
    values["sections"] = []

    with pytest.raises(NotImportable, match="The page has no section"):
        bring(from_json(values), with_facts=True)


CLAIMS = "| Model | Provider | Data Retention |\n|--|--|--|\n"
INDEFINITELY = as_clause(None) | {"kind": "indefinite"}


def retention_cells(values):
    """Return the retention cells of the first table of a page in JSON."""
    return [listing["cells"]["retention"] for listing in values["sections"][0]["listings"]]


@pytest.mark.parametrize("slug", ["register", "another"])
def test_json_says_what_the_wordings_that_only_its_register_prints_mean(slug):
    source = f"{CLAIMS}| GPT 6 | Acme | Purged |\n| o5 | Bolt | [Purged](https://bolt.eu/) |"
    values = as_json(bring(read(source)).snapshot)
    if slug == "another":
        values = as_json(bring(read(source.replace("Purged", "Gone"), slug), slug=slug).snapshot)
    for cell in retention_cells(values):
        cell["clauses"] = [INDEFINITELY]

    imported = bring(from_json(values), slug=slug, with_facts=True)

    assert [cell["clauses"] for cell in retention_cells(as_json(imported.snapshot))] == [
        [INDEFINITELY],
        [INDEFINITELY],
    ]
    with written() as writes:
        bring(from_json(values), slug=slug, with_facts=True)
    assert writes == []


def test_a_new_wording_has_the_clauses_that_json_gives_it():
    values = as_json(bring(read(f"{CLAIMS}| GPT 6 | Acme | 30 days |")).snapshot)
    [cell] = retention_cells(values)
    cell["items"][0]["text"], cell["clauses"] = "A month or two", [as_clause("P30D")]

    imported = bring(from_json(values), with_facts=True)

    [cell] = retention_cells(as_json(imported.snapshot))
    assert cell["clauses"] == [as_clause("P30D")]


def test_a_wording_that_means_two_things_is_refused_with_its_place():
    source = f"{CLAIMS}| GPT 6 | Acme | 30 days |\n| o5 | Bolt | 30 days |"
    values = as_json(bring(read(source)).snapshot)
    retention_cells(values)[1]["clauses"] = [INDEFINITELY]
    place = "$.sections[0].listings[1].cells.retention.clauses differ from those of the"

    with pytest.raises(NotImportable, match=re.escape(place)) as refused, written() as writes:
        bring(from_json(values), with_facts=True)

    assert "“30 days”, which other rows print. Change the term in the" in str(refused.value)
    assert writes == []


@pytest.mark.parametrize("use_elsewhere", ["printed", "declared", "floor"])
def test_a_wording_that_is_used_elsewhere_keeps_its_meaning(use_elsewhere):
    values = as_json(bring(read(f"{CLAIMS}| GPT 6 | Acme | 30 days |")).snapshot)
    term = RetentionTerm.objects.get()
    if use_elsewhere == "printed":
        bring(read(f"{CLAIMS}| o5 | Bolt | 30 days |", "other"), slug="other")
    elif use_elsewhere == "declared":
        make_provider("Bolt", declared_retention=term)
    else:
        make_model("o5", retention_floor=term)
    retention_cells(values)[0]["clauses"] = [INDEFINITELY]

    with pytest.raises(NotImportable, match="which other rows print"):
        bring(from_json(values), with_facts=True)

    assert [clause.duration for clause in term.clauses.all()] == ["P30D"]


def test_a_claim_that_is_derived_otherwise_than_json_says_is_stated():
    values = as_json(bring(read(f"{CLAIMS}| GPT 6 | Acme | Not specified |")).snapshot)
    assert not Cell.objects.exists()
    retention_cells(values)[0] |= {"basis": "stated", "clauses": [INDEFINITELY]}

    imported = bring(from_json(values), slug="register", with_facts=True)

    [cell] = retention_cells(as_json(imported.snapshot))
    assert (cell["basis"], cell["clauses"]) == ("stated", [INDEFINITELY])


def test_a_derived_claim_with_other_clauses_is_refused():
    values = as_json(bring(read(f"{CLAIMS}| GPT 6 | Acme | Not specified |")).snapshot)
    retention_cells(values)[0]["clauses"] = [INDEFINITELY]

    with pytest.raises(NotImportable, match="clauses differ from what is derived here"):
        bring(from_json(values), with_facts=True)


def test_a_number_in_a_column_of_days_means_days():
    values = as_json(bring(read(f"{CLAIMS}| GPT 6 | Acme | 30 days |")).snapshot)
    values["sections"][0]["columns"][2]["unit"] = "days"
    [cell] = retention_cells(values)
    cell["items"][0]["text"], cell["clauses"] = "30", [as_clause(None) | {"kind": "unknown"}]

    with pytest.raises(NotImportable, match="differ from what “30” means in this column"):
        bring(from_json(values), with_facts=True)
