"""Bulk edits: several records are edited in one changeset, exactly as previewed or not at all."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from compliance.models import (
    AIModel,
    Cell,
    Changeset,
    Citation,
    ListedModel,
    ListedProvider,
    Listing,
    Provider,
    Register,
    RetentionTerm,
)
from compliance.models.changesets import changeset
from compliance.workingcopy.resolve import capture
from tests.admin.doors import signed_in
from tests.admin.test_doors import ROLES, WRITERS, expected
from tests.factories import (
    cell_of,
    cite,
    make_document,
    make_footnote,
    make_listing,
    make_model,
    make_provider,
    make_register,
    make_section,
    make_term,
    make_user,
    recorded,
)
from tests.forms import form_values, read

pytestmark = pytest.mark.django_db

ADMIN = "/admin/compliance"
WRITES = ("INSERT", "UPDATE", "DELETE")


@pytest.fixture
def edith(client: Client) -> Client:
    client.force_login(make_user("edith", role="editor"))
    return client


@pytest.fixture
def register() -> Register:
    return make_register()


@pytest.fixture
def listings(register) -> list[Listing]:
    return [
        make_listing(register, models=[name], training="never")
        for name in ("GPT 6", "GPT 7", "GPT 8")
    ]


def chosen(client, records, **values):
    """Choose the action in a change list."""
    data = {
        "action": "edit_together",
        "_selected_action": [str(record.pk) for record in records],
        **values,
    }
    return client.post(f"{ADMIN}/{records[0]._meta.model_name}/", data)


def preview(client, records, **typed):
    form = chosen(client, records)
    assert form.status_code == 200
    return again(client, records, form, _preview="1", **typed)


def again(client, records, screen, **typed):
    values = {**form_values(screen.content), **typed}
    url = f"{ADMIN}/{records[0]._meta.model_name}/together/"
    return client.post(url, {name: value for name, value in values.items() if value is not None})


def uses() -> list[str]:
    """Return the training use that each listing states, in their order."""
    return list(Cell.objects.order_by("listing__position").values_list("use", flat=True))


def do(client, records, **typed):
    """Preview a bulk edit and confirm it; return the response to the confirmation."""
    return again(client, records, preview(client, records, **typed), _do="1", reason="All of them")


@pytest.mark.slow
def test_the_form_shows_the_selected_records_and_their_present_values(edith, listings):
    form = chosen(edith, listings[:2])

    told = read(form)
    assert "2 selected" in told
    assert "The row of GPT 6 on Models and privacy" in told
    assert "GPT 8" not in told
    assert "Now: Never (2)." in told


@pytest.mark.slow
def test_ticked_fields_are_set_on_all_records_and_the_others_stay(edith, listings):
    term = make_term("30 days")
    typed = {"set_cell_retention": "on", "cell_retention": "30 days"}
    shown = preview(edith, listings[:2], **typed)
    assert "This makes 2 changes" in read(shown)
    assert not Cell.objects.filter(term=term).exists()

    answer = again(edith, listings, shown, _do="1", reason="Acme's new term")

    assert answer.url == f"{ADMIN}/listing/"
    assert [capture_retention(listing) for listing in listings] == [
        "30 days",
        "30 days",
        "Not specified",
    ]
    assert Cell.objects.filter(use="never").count() == 3
    assert (Changeset.objects.first().reason, Changeset.objects.first().label) == (
        "Acme's new term",
        "edith",
    )
    assert Cell.history.filter(changeset=Changeset.objects.first()).count() == 2


def capture_retention(listing) -> str:
    rows = {row.id: row for row in capture(listing.register).rows()}
    return rows[str(listing.pk)].listing.cells["retention"].plain


@pytest.mark.slow
def test_a_new_wording_becomes_one_retention_term(edith, listings):
    do(edith, listings, set_cell_retention="on", cell_retention="45 days")

    assert Cell.objects.filter(term=RetentionTerm.objects.get()).count() == 3
    assert RetentionTerm.objects.get().clauses.get().duration == "P45D"


@pytest.mark.slow
def test_a_claim_can_be_left_empty_on_all_records(edith, listings):
    do(edith, listings, set_cell_retention="on", cell_retention_blank="on")

    assert [capture_retention(listing) for listing in listings] == ["", "", ""]


@pytest.mark.slow
def test_a_field_that_is_ticked_and_empty_is_derived_again(edith, listings):
    do(edith, listings, set_cell_training="on", cell_training="")

    assert not Cell.objects.exists()


@pytest.mark.slow
def test_only_columns_that_all_tables_have_are_offered(edith, register, listings):
    entities = make_section(
        register,
        columns=[{"role": "providers", "label": "Entity"}, {"role": "retention", "label": "Kept"}],
    )
    other = make_listing(entities, providers=["Bolt"])

    offered = form_values(chosen(edith, [*listings, other]).content)

    assert "cell_retention" in offered
    assert "add_provider" in offered
    assert "cell_training" not in offered
    do(edith, [listings[0], other], set_cell_retention="on", cell_retention="30 days")
    assert Cell.objects.filter(term__wording="30 days").count() == 2


@pytest.mark.slow
def test_nothing_that_a_table_has_not_is_offered(edith):
    texts = make_section(make_register(), columns=[{"label": "Name"}, {"label": "Purpose"}])
    row = make_listing(texts, name=["Bolt"])

    offered = form_values(chosen(edith, [row]).content)

    assert not {"add_provider", "add_footnote", "place"} & set(offered)


@pytest.mark.slow
def test_a_value_whose_box_is_not_ticked_is_refused(edith, listings):
    answer = preview(edith, listings, cell_training="by_default", reason="Typed")

    assert "the box is not ticked" in read(answer)
    assert form_values(answer.content)["cell_training"] == "by_default"
    assert form_values(answer.content)["reason"] == "Typed"


@pytest.mark.slow
def test_nothing_ticked_changes_nothing(edith, listings):
    shown = preview(edith, listings)

    assert "Nothing would be different" in read(shown)
    assert b'name="_do"' not in shown.content


@pytest.mark.slow
def test_an_edit_after_the_preview_is_named_and_nothing_is_written(edith, listings):
    shown = preview(edith, listings, set_cell_training="on", cell_training="by_default")
    with changeset(by=make_user("bob"), reason="Bob was faster"):
        listings[0].cells.get().set(use="opt_in")

    refused = again(edith, listings, shown, _do="1", reason="All of them")

    assert "Something was changed meanwhile" in read(refused)
    assert "Bob was faster (bob" in read(refused)
    assert form_values(refused.content)["reason"] == "All of them"
    assert "by_default" not in uses()
    assert again(edith, listings, refused, _do="1").status_code == 302
    assert uses() == ["by_default"] * 3


@pytest.mark.slow
def test_a_form_that_was_changed_after_its_preview_is_previewed_again(edith, listings):
    shown = preview(edith, listings[:2], set_cell_training="on", cell_training="by_default")

    for typed in (
        {"cell_training": "opt_in"},
        {"selected": str(listings[2].pk)},
        {"set_cell_training": None},
    ):
        answer = again(edith, listings, shown, _do="1", reason="All of them", **typed)
        assert answer.status_code == 200
    assert uses() == ["never"] * 3


@pytest.mark.slow
def test_without_a_reason_nothing_is_written(edith, listings):
    shown = preview(edith, listings, set_cell_training="on", cell_training="by_default")

    answer = again(edith, listings, shown, _do="1", reason="")

    assert "The reason is empty" in read(answer)
    assert uses() == ["never"] * 3


@pytest.mark.slow
def test_a_record_that_refuses_is_named_and_nothing_is_written(edith, register, listings):
    plain = make_listing(register, models=["Kimi K3"])
    note = make_footnote(register)

    answer = preview(edith, [*listings, plain], add_footnote=note.pk, place="cell_training")

    fault = "It states nothing itself in “Trains on User Data via API”"
    assert f"The row of Kimi K3 on Models and privacy: {fault}" in read(answer)
    assert f"The row of GPT 6 on Models and privacy: {fault}" not in read(answer)
    assert b'name="_do"' not in answer.content
    assert not Citation.objects.exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"cell_training_text": "Hardly ever"}, "Choose what “Hardly ever” means for training."),
        (
            {"cell_training": "blank", "cell_training_text": "No"},
            "“No” is typed, but the cell is to stay empty.",
        ),
    ],
)
def test_a_claim_that_no_cell_can_hold_is_refused(edith, listings, typed, expected):
    answer = preview(edith, listings, set_cell_training="on", **typed)

    assert expected in read(answer)
    assert uses() == ["never"] * 3


@pytest.mark.slow
def test_a_provider_is_added_to_and_removed_from_several_listings(edith, register, listings):
    bolt = make_provider("Bolt")
    make_listing(register, models=["Kimi K3"], providers=["Bolt"])
    every = list(Listing.objects.all())
    acme = Provider.objects.get(name="Acme AI")

    shown = preview(edith, every, add_provider=bolt.pk, remove_provider=acme.pk)
    assert "GPT 6, GPT 7 and GPT 8 would newly go to Bolt" in read(shown)
    again(edith, every, shown, _do="1", reason="Move to Bolt")

    assert set(ListedProvider.objects.values_list("provider__name", flat=True)) == {"Bolt"}
    assert ListedProvider.objects.count() == 4
    assert ListedProvider.history.filter(changeset=Changeset.objects.first()).count() == 6


@pytest.mark.slow
def test_the_documents_of_a_removed_provider_leave_with_it(edith, register):
    acme, bolt = make_provider("Acme"), make_provider("Bolt")
    theirs = [make_document(acme, label="A"), make_document(bolt, label="B")]
    others = [make_document(acme, label="C"), make_document(bolt, label="D", is_default=False)]
    equal = make_listing(register, providers=[acme, bolt], documents=theirs)
    differing = make_listing(register, providers=[acme, bolt], documents=others)

    do(edith, [equal, differing], remove_provider=acme.pk)

    assert not equal.listed_documents.exists()
    assert [row.document.label for row in differing.listed_documents.all()] == ["D"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "field", "count"),
    [
        ("cell_training", "cell", 3),
        ("models", "listed_model", 3),
        ("providers", "listed_provider", 6),
    ],
)
def test_a_footnote_is_added_once_and_removed(edith, register, listings, place, field, count):
    note, bolt = make_footnote(register), make_provider("Bolt")
    cite(note, cell=cell_of(listings[0], "training"))

    for _ in range(2):
        do(edith, listings, add_footnote=note.pk, place=place, add_provider=bolt.pk)

    marked = Citation.objects.filter(**{f"{field}__isnull": False})
    assert marked.count() == count
    do(edith, listings, remove_footnote=note.pk, place=place)
    assert not marked.exists()
    assert Citation.objects.exists() == (place != "cell_training")


@pytest.mark.slow
def test_a_claim_is_set_and_marked_in_one_edit(edith, register, listings):
    note = make_footnote(register)

    do(
        edith,
        listings,
        set_cell_retention="on",
        cell_retention="30 days",
        add_footnote=note.pk,
        place="cell_retention",
    )

    assert Citation.objects.filter(cell__term__wording="30 days").count() == 3


@pytest.mark.slow
def test_a_footnote_of_another_register_is_refused(edith, listings):
    note = make_footnote(make_register(title="Other page"))

    answer = preview(edith, listings, add_footnote=note.pk)

    assert "Footnote 1 is one of Other page, not of Models and privacy" in read(answer)


@pytest.mark.slow
def test_providers_are_edited_together(edith):
    providers = [make_provider(), make_provider(processing_countries=["DE"])]
    assert "Now: empty (1), Germany (1)." in read(chosen(edith, providers))

    do(
        edith, providers,
        set_processing_countries="on", processing_countries=["FR", "IE"],
        set_legal_entity="on", legal_entity="Acme Ireland Ltd",
    )  # fmt: skip

    assert {
        (each.legal_entity, ",".join(country.code for country in each.processing_countries))
        for each in Provider.objects.all()
    } == {("Acme Ireland Ltd", "FR,IE")}


@pytest.mark.slow
def test_models_are_edited_together_and_retired_everywhere(edith, register, listings):
    make_listing(make_register(), models=["GPT 6", "GPT 7"])
    models = list(AIModel.objects.filter(name__in=["GPT 6", "GPT 7"]))

    do(edith, models, set_developer="on", developer="OpenAI", retire="on")

    assert list(ListedModel.objects.values_list("model__name", flat=True)) == ["GPT 8"]
    assert AIModel.objects.filter(developer="OpenAI").count() == 2
    assert Changeset.objects.filter(label="edith").count() == 1


@pytest.mark.slow
def test_rows_follow_what_is_set_on_several_providers(edith, register):
    acme, bolt = make_provider("Acme"), make_provider("Bolt")
    both = make_listing(register, providers=[acme, bolt], training="never", retention="30 days")
    other = make_listing(register, providers=["Core"], training="never")
    typed = {"set_declared_training": "on", "declared_training": "opt_in", "follow": "on"}

    shown = preview(edith, [acme, bolt], **typed)
    do(edith, [acme, bolt], **typed)

    assert shown.context["preview"].registers[0].stated == ()
    assert [cell.column.key for cell in both.cells.all()] == ["retention"]
    assert other.cells.count() == 1
    assert next(capture(register).rows()).listing.cells["training"].use == "opt_in"


@pytest.mark.slow
def test_rows_follow_the_floor_that_is_set_on_several_models(edith, register):
    models = [make_model("GPT 6"), make_model("GPT 7")]
    listing = make_listing(register, models=models, training="never", retention="30 days")
    term = make_term("90 days")

    do(edith, models, set_retention_floor="on", retention_floor=term.pk, follow="on")

    assert [cell.column.key for cell in listing.cells.all()] == ["training"]


@pytest.mark.slow
def test_rows_follow_nothing_where_nothing_is_set_that_they_could_follow(edith, register):
    acme = make_provider("Acme")
    listing = make_listing(register, providers=[acme], training="never")

    answer = preview(edith, [acme], set_legal_entity="on", legal_entity="Acme Ltd.", follow="on")

    assert "Nothing is set that rows could follow." in answer.text
    assert listing.cells.exists()


@pytest.mark.slow
def test_models_are_retired_only_by_those_who_may_edit_listings(register, listings):
    person = make_user("modeller")
    person.user_permissions.set(
        Permission.objects.filter(codename__in=["view_aimodel", "change_aimodel"])
    )
    client = Client()
    client.force_login(person)
    models = list(AIModel.objects.all())

    assert b'name="retire"' not in chosen(client, models).content
    do(client, models, retire="on", set_developer="on", developer="OpenAI")

    assert ListedModel.objects.count() == 3
    assert AIModel.objects.filter(developer="OpenAI").count() == 3


@pytest.mark.slow
def test_selected_records_that_were_deleted_are_counted(edith, listings):
    form = chosen(edith, listings)
    with recorded():
        listings[0].delete()

    shown = again(
        edith, listings, form, _preview="1", set_cell_training="on", cell_training="by_default"
    )

    assert "1 of those that were selected is no longer there" in read(shown)
    assert "This makes 2 changes" in read(shown)


@pytest.mark.parametrize("selected", ["", ",", "x", "1" * 40, "\x00", "' OR 1=1"])
def test_an_empty_or_invalid_selection_changes_nothing(edith, selected):
    model = make_model()
    form = chosen(edith, [model])

    answer = again(
        edith, [model], form, selected=selected, set_developer="on", developer="X", _preview="1"
    )

    assert answer.status_code == 200
    assert b'name="_do"' not in answer.content


@pytest.mark.slow
def test_all_records_of_a_filtered_list_can_be_selected_at_once(edith):
    with recorded():
        models = [make_model() for _ in range(120)]

    form = chosen(edith, models[:1], select_across="1")

    assert "120 selected" in read(form)


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_bulk_edits_are_for_people_who_may_change_the_records(role, listings):
    client = signed_in(role)
    before = Changeset.objects.count()

    for record in (listings[0], make_model(), make_provider()):
        url = f"{ADMIN}/{record._meta.model_name}/"
        answer = chosen(client, [record])
        assert ("Set on all of them" in answer.content.decode()) == (role in WRITERS)
        typed = {"selected": record.pk, "reason": "Try", "_preview": "1", "place": "cell_training"}
        assert client.post(f"{url}together/", typed).status_code == expected(role, WRITERS)
        assert client.get(f"{url}together/").status_code == expected(role, WRITERS, 302)
        assert client.put(f"{url}together/").status_code == 405
    assert Changeset.objects.count() == before + 2


@pytest.mark.slow
def test_the_screens_take_as_many_queries_for_a_hundred_as_for_ten(edith):
    register, term = make_register(), make_term()
    counts = []

    for number in (10, 90):  # and once 1,000, by hand
        with recorded():
            for _ in range(number):
                model, provider = (
                    make_model(retention_floor=term),
                    make_provider(declared_retention=term),
                )
                make_listing(register, models=[model], providers=[provider], retention=term)
        for kind in (Listing, Provider, AIModel):
            counts.append(queries(edith, list(kind.objects.all())))

    assert counts[:3] == counts[3:]


@pytest.mark.slow
def test_an_edit_of_twenty_listings_takes_the_queries_of_five_and_leaves_the_same_history(edith):
    counts, histories = [], []
    make_term("30 days")

    for number in (5, 20):
        register = make_register()
        note = make_footnote(register)
        new, former = make_provider(), make_provider()
        with recorded():
            rows = [
                make_listing(register, models=[make_model()], providers=[former], training="never")
                for _ in range(number)
            ]
        shown = preview(
            edith, rows,
            set_cell_training="on", cell_training="",
            set_cell_retention="on", cell_retention="30 days",
            add_provider=new.pk, remove_provider=former.pk,
            add_footnote=note.pk, place="providers",
        )  # fmt: skip
        with CaptureQueriesContext(connection) as captured:
            again(edith, rows, shown, _do="1", reason="All of them")
        counts.append(len(captured))
        histories.append(written_for_each(rows))

    assert counts[0] == counts[1]
    assert histories[0] == histories[1] == {
        "Cell +": 1, "Cell -": 1, "ListedProvider +": 1, "ListedProvider -": 1, "Citation +": 1,
        "versions": {1},
    }  # fmt: skip


def written_for_each(rows) -> dict[str, Any]:
    """Return what the last changeset wrote for each of its listings, and their new versions."""
    last = Changeset.objects.first()
    written: dict[str, Any] = {}
    for model in (Cell, ListedProvider, Citation, Listing):
        for kind in "+~-":
            count = model.history.filter(changeset=last, history_type=kind).count()
            if count:
                written[f"{model.__name__} {kind}"] = count / len(rows)
    stored = Listing.objects.filter(pk__in=[row.pk for row in rows])
    former = {row.pk: row.lock_version for row in rows}
    written["versions"] = {row.lock_version - former[row.pk] for row in stored}
    return written


@pytest.mark.slow
def test_models_are_retired_together_by_as_many_queries_for_twenty_as_for_five(edith):
    counts = []

    for number in (5, 20):
        with recorded():
            models = [make_model() for _ in range(number)]
            for model in models:
                make_listing(make_register(), models=[model, make_model()])
        shown = preview(edith, models, retire="on", set_developer="on", developer="Acme")
        with CaptureQueriesContext(connection) as captured:
            again(edith, models, shown, _do="1", reason="All of them")
        counts.append(len(captured))

    assert counts[0] == counts[1]
    assert ListedModel.objects.count() == 25
    assert ListedModel.history.filter(history_type="-").count() == 25


@pytest.mark.slow
def test_twenty_listings_are_deleted_together_by_the_writes_of_five(edith):
    counts = []

    for number in (5, 20):
        register = make_register()
        with recorded():
            rows = [
                make_listing(register, models=[make_model()], training="never")
                for _ in range(number)
            ]
        selected = {"action": "delete_selected", "_selected_action": [row.pk for row in rows]}
        version = edith.post(f"{ADMIN}/listing/", selected).context_data["version"]
        confirmed = {**selected, "post": "yes", "reason": "The product ended", "version": version}
        with CaptureQueriesContext(connection) as captured:
            edith.post(f"{ADMIN}/listing/", confirmed)
        counts.append(sum(query["sql"].startswith(WRITES) for query in captured))

    assert counts[0] == counts[1]
    assert Cell.history.filter(history_type="-").count() == 25
    assert not Listing.objects.exists()


@pytest.mark.slow
def test_each_record_that_cannot_be_saved_is_named(edith):
    providers = [make_provider("Acme"), make_provider("Bolt")]

    answer = preview(edith, providers, set_legal_entity="on", legal_entity="Acme\u202e Ltd")

    assert "Acme: " in read(answer)
    assert "Bolt: " in read(answer)
    assert b'name="_do"' not in answer.content


@pytest.mark.slow
def test_a_provider_that_is_added_and_removed_at_once_is_removed(edith, register):
    acme = make_provider("Acme")
    rows = [make_listing(register, providers=[acme]), make_listing(register, models=["GPT 6"])]

    do(edith, rows, add_provider=acme.pk, remove_provider=acme.pk)

    assert not acme.listed.exists()
    assert ListedProvider.history.filter(changeset=Changeset.objects.first()).count() == 1


def queries(client, records) -> tuple[int, int]:
    """Return the numbers of queries of the form, and of a preview that writes nothing."""
    screen = chosen(client, records)  # Django remembers content types
    with CaptureQueriesContext(connection) as form:
        chosen(client, records)
    with CaptureQueriesContext(connection) as shown:
        again(client, records, screen, _preview="1")
    return len(form), len(shown)
