"""One-step actions: previewed, and then performed exactly as previewed or not at all."""

from unittest.mock import patch

import pytest
from django.contrib.auth.models import Permission
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from compliance.admin.history import queries
from compliance.admin.listings.actions import LISTING_ACTIONS, MODEL_ACTIONS, REGISTER_ACTIONS
from compliance.admin.restore import DiscardChanges
from compliance.models import AIModel, Changeset, Footnote, Listing
from compliance.models.changesets import changeset
from compliance.models.outages import BUSY
from compliance.publishing.contributions import contributing
from compliance.workingcopy.resolve import capture
from tests.admin.doors import signed_in
from tests.factories import (
    STANDARD_COLUMNS,
    cell_of,
    cite,
    make_footnote,
    make_listing,
    make_model,
    make_provider,
    make_register,
    make_section,
    make_user,
    state,
)
from tests.forms import form_values

pytestmark = pytest.mark.django_db

# A table of companies, without models.
BY_ENTITY = (
    {"role": "providers", "label": "Entity"},
    {"role": "places", "label": "Seat"},
    {"role": "text", "label": "Purpose"},
)
# All but the one that needs a page in force: see tests/admin/test_restore.py.
ON_LISTINGS = [act for act in LISTING_ACTIONS if act is not DiscardChanges]
ACTIONS = [("listing", ON_LISTINGS), ("aimodel", MODEL_ACTIONS), ("register", REGISTER_ACTIONS)]


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(make_user("eve", role="editor"))
    return client


@pytest.fixture
def register():
    return make_register()


@pytest.fixture
def row(register):
    return make_listing(register, models=["GPT 5", "GPT 5 mini"], providers=["OpenAI"])


@pytest.fixture
def other(register):
    return make_listing(register, models=["Kimi K3"], providers=["Moonshot"])


def address(record, act):
    return f"/admin/compliance/{record._meta.model_name}/{record.pk}/acts/{act}/"


def preview(client, record, act, **typed):
    url = address(record, act)
    return client.post(url, {**form_values(client.get(url).content), "_preview": "", **typed})


def do(client, record, act, *, reason="Because", **typed):
    """Preview an action and confirm it; return the response to the confirmation."""
    shown = preview(client, record, act, **typed)
    assert shown.context["preview"], shown.context["form"].errors
    return client.post(
        address(record, act), {**form_values(shown.content), "reason": reason, "_do": ""}
    )


def sentences(answer):
    return [
        change.sentence for shown in answer.context["preview"].registers for change in shown.changes
    ]


def said(answer):
    return [fault for faults in answer.context["form"].errors.values() for fault in faults]


def models(listing):
    return [str(each) for each in listing.listed_models.all()]


def listed(listing, name):
    return listing.listed_models.get(model__name=name)


@pytest.mark.slow
def test_models_are_added(client, row):
    shown = preview(client, row, "add", model_lines="GPT 6\nGPT 6 mini")
    done = do(client, row, "add", model_lines="GPT 6\nGPT 6 mini", reason="Two more")

    assert sentences(shown)[0].startswith("GPT 6 and GPT 6 mini are added; they go to OpenAI.")
    assert done.status_code == 302
    assert models(row) == ["GPT 5", "GPT 5 mini", "GPT 6", "GPT 6 mini"]
    assert Changeset.objects.latest("id").reason == "Two more"


@pytest.mark.slow
def test_the_marks_of_a_pasted_list_are_told_before_models_are_added(client, row):
    shown = preview(client, row, "add", model_lines="1. GPT 6\n2. GPT 6 mini")

    assert sentences(shown)[0].startswith("GPT 6 and GPT 6 mini are added; they go to OpenAI.")
    assert "Models: taken off as marks of a list: “1.” and “2.”." in shown.text


@pytest.mark.slow
def test_models_are_retired(client, row):
    answer = do(client, row, "retire", rows=[listed(row, "GPT 5").pk])

    assert answer.url == f"/admin/compliance/listing/{row.pk}/change/"
    assert models(row) == ["GPT 5 mini"]


@pytest.mark.slow
def test_a_model_is_replaced_in_a_row(client, row):
    shown = preview(client, row, "replace", row=listed(row, "GPT 5").pk, by="GPT 5.1")
    do(client, row, "replace", row=listed(row, "GPT 5").pk, by="GPT 5.1")

    assert sentences(shown) == ["GPT 5.1 takes the place of GPT 5."]
    assert models(row) == ["GPT 5.1", "GPT 5 mini"]


@pytest.mark.slow
def test_a_model_is_replaced_and_retired_wherever_it_is_listed(client, row, other):
    model = AIModel.objects.get(name="GPT 5")
    elsewhere = make_listing(models=["GPT 5", "o4"])

    do(client, model, "replace", by="GPT 5.1")
    retired = do(client, AIModel.objects.get(name="GPT 5.1"), "retire")

    assert retired.status_code == 302
    assert (models(row), models(elsewhere)) == (["GPT 5 mini"], ["o4"])


@pytest.mark.slow
def test_a_model_is_renamed_and_known_by_its_old_name(client, row):
    shown = preview(client, AIModel.objects.get(name="GPT 5"), "rename", new_name="GPT 5 chat")
    do(client, row, "rename", row=listed(row, "GPT 5").pk, new_name="GPT 5 chat")

    assert any("GPT 5 chat" in sentence for sentence in sentences(shown))
    assert AIModel.objects.get(name="GPT 5 chat").aliases == "GPT 5"


@pytest.mark.slow
def test_a_model_takes_on_the_history_of_one_that_was_misspelt(client, row):
    slip = make_model("GTP 5")
    model = AIModel.objects.get(name="GPT 5")

    shown = preview(client, model, "same", former=slip.pk)
    do(client, model, "same", former=slip.pk)

    assert len(sentences(shown)) == 1
    assert AIModel.objects.get(name="GPT 5").continues == "gtp-5"
    assert capture(row.register).models[0].continues == ("gtp-5",)


@pytest.mark.slow
def test_a_listed_model_and_itself_are_not_taken_for_what_a_model_was(client, row):
    model, other = AIModel.objects.get(name="GPT 5"), AIModel.objects.get(name="GPT 5 mini")

    for former in (model, other):
        shown = preview(client, model, "same", former=former.pk)
        assert "not on offer here" in " ".join(said(shown))


@pytest.mark.slow
def test_the_history_of_a_footnote_tells_that_it_passed_to_a_successor(client, row):
    note = make_footnote(row.register)
    cite(note, model=AIModel.objects.get(name="GPT 5"))

    do(client, AIModel.objects.get(name="GPT 5"), "replace", by="GPT 5.1")

    told = [
        (line.before, line.after) for line in queries.entries_of_record(Footnote, note.pk)[0].lines
    ]
    assert told == [("GPT 5, wherever it is listed", ""), ("", "GPT 5.1, wherever it is listed")]


@pytest.mark.slow
def test_models_are_moved(client, row, other):
    shown = preview(client, row, "move", rows=[listed(row, "GPT 5").pk], to=other.pk)
    do(client, row, "move", rows=[listed(row, "GPT 5").pk], to=other.pk)

    assert shown.context["preview"].registers[0].reach == ("GPT 5 would newly go to Moonshot.",)
    assert models(other) == ["Kimi K3", "GPT 5"]


@pytest.mark.slow
def test_a_move_raises_the_version_of_the_row_that_models_leave_and_of_their_new_one(client, other):
    row = make_listing(other.register, models=["GPT 5", "GPT 6", "GPT 7"])
    moved = [listed(row, "GPT 5").pk, listed(row, "GPT 6").pk]
    before = [Listing.objects.get(pk=each.pk).lock_version for each in (row, other)]

    do(client, row, "move", rows=moved, to=other.pk)

    after = [Listing.objects.get(pk=each.pk).lock_version for each in (row, other)]
    assert after == [version + 1 for version in before]


@pytest.mark.slow
def test_models_are_split_off_and_the_new_row_is_opened(client, row):
    make_provider("Azure")

    answer = do(
        client,
        row,
        "split",
        rows=[listed(row, "GPT 5").pk],
        provider_lines="OpenAI\nAzure | Microsoft Azure",
    )

    new = Listing.objects.exclude(pk=row.pk).get()
    assert answer.url == f"/admin/compliance/listing/{new.pk}/change/"
    assert [(str(each), each.text) for each in new.listed_providers.all()] == [
        ("OpenAI", ""),
        ("Azure", "Microsoft Azure"),
    ]
    assert models(row) == ["GPT 5 mini"]


@pytest.mark.slow
def test_a_row_like_another_is_added_and_opened(client, row, other):
    shown = preview(client, row, "alike", model_lines="GPT 6", after=other.pk)
    answer = do(client, row, "alike", model_lines="GPT 6", after=other.pk)

    new = row.register.listings.last()
    assert sentences(shown)[0].startswith("New row: GPT 6, through OpenAI.")
    assert answer.url == f"/admin/compliance/listing/{new.pk}/change/"
    assert models(new) == ["GPT 6"]


@pytest.mark.slow
@pytest.mark.parametrize(("provider", "is_other"), [("Moonshot", True), ("OpenAI", False)])
def test_the_preview_of_a_row_of_other_providers_asks_to_check_its_terms(
    client, row, other, provider, is_other
):
    typed = {"provider_lines": provider, "copying_terms": "on", "model_lines": "GPT 6"}

    shown = preview(client, row, "alike", **typed)

    assert ("Check that the terms and the footnotes of this row are true" in shown.text) == is_other


@pytest.mark.slow
def test_rows_are_merged(client, row, other):
    do(client, row, "merge", other=other.pk, taking_providers="on")

    assert Listing.objects.get() == row
    assert models(row) == ["GPT 5", "GPT 5 mini", "Kimi K3"]


def lines_of(client, register):
    """Return the lines of the form that reorders the rows of a register's tables, by field."""
    values = form_values(client.get(address(register, "reorder")).content)
    return {name: text.splitlines() for name, text in values.items() if name.startswith("order-")}


@pytest.mark.slow
def test_rows_are_reordered_by_moving_lines(client, register, row, other):
    [(field, (first, second))] = lines_of(client, register).items()

    shown = preview(client, register, "reorder", **{field: f"{second}\n\n{first}"})
    do(client, register, "reorder", **{field: f"{second}\n{first}"})

    assert sentences(shown)
    assert list(register.listings.all()) == [other, row]


@pytest.mark.slow
def test_the_rows_of_each_table_are_reordered_by_themselves(client, register, row, other):
    section = make_section(register, prose="## By seat", columns=BY_ENTITY)
    bolt = make_listing(section, providers=["Bolt"])
    acme = make_listing(section, providers=["Acme"])
    last = f"order-{section.pk}"
    assert lines_of(client, register)[last] == ["3. Bolt", "4. Acme"]

    do(client, register, "reorder", **{last: "4. Acme\n3. Bolt"})

    assert list(register.listings.all()) == [row, other, acme, bolt]


@pytest.mark.slow
def test_an_order_that_lacks_a_row_or_invents_one_is_refused(client, register, row, other):
    [(field, (first, second))] = lines_of(client, register).items()

    answer = preview(client, register, "reorder", **{field: f"{first}\n{first}\nAnother"})

    assert said(answer) == [
        "There is no row “Another”. Put the line back as it was.",
        f"“{first}” stands there 2 times. Keep one.",
        f"“{second}” is missing. A row is deleted on its own page.",
    ]
    assert "Another" in form_values(answer.content)[field]


@pytest.mark.slow
def test_a_row_is_moved_to_another_table(client, register, row):
    section = make_section(register, prose="## Chat", columns=STANDARD_COLUMNS)
    state(row, retention=("30 days", ""))

    shown = preview(client, row, "section", to=section.pk)
    do(client, row, "section", to=section.pk)

    assert sentences(shown)
    moved = Listing.objects.get(pk=row.pk)
    assert (moved.section, models(moved)) == (section, ["GPT 5", "GPT 5 mini"])
    assert cell_of(moved, "retention").column.section == section


@pytest.mark.slow
def test_a_row_is_not_moved_to_a_table_without_its_filled_columns(client, register, row):
    section = make_section(register, columns=BY_ENTITY)

    answer = preview(client, row, "section", to=section.pk)

    assert answer.context["preview"] is None
    assert said(answer) == [
        "“Model” is filled in, and the table has no such column where the row is to go."
        " Empty it, or add the column there."
    ]


@pytest.mark.slow
def test_actions_on_models_are_not_offered_where_a_table_has_none(client, register):
    row = make_listing(make_section(register, columns=BY_ENTITY), providers=["Bolt"])
    page = client.get(f"/admin/compliance/listing/{row.pk}/change/").content.decode()

    offered = [act.name for act in LISTING_ACTIONS if address(row, act.name) in page]

    assert offered == ["section"]
    assert client.get(address(row, "add")).status_code == 404


@pytest.mark.slow
def test_a_row_without_providers_is_split_without_asking_for_them(client):
    register = make_register(columns=[{"role": "models", "label": "Model"}, {"label": "Author"}])
    row = make_listing(register, models=["GPT 5", "Kimi K3"], author=["OpenAI"])

    do(client, row, "split", rows=[listed(row, "Kimi K3").pk])

    new = Listing.objects.exclude(pk=row.pk).get()
    assert (models(new), cell_of(new, "author").text) == (["Kimi K3"], "OpenAI")


@pytest.mark.slow
def test_an_impossible_action_is_refused_with_a_sentence_and_keeps_what_was_typed(
    client, row, other
):
    for act, typed, fault in (
        ("add", {"model_lines": "GPT 5"}, "GPT 5 would stand twice"),
        ("add", {"model_lines": "GPT 6 [9]"}, "no footnote 9"),
        ("add", {"model_lines": ""}, "Name a model."),
        ("retire", {}, "Choose a model."),
        ("replace", {"row": listed(row, "GPT 5").pk, "by": "gpt 5 mini"}, "GPT 5 mini"),
        (
            "rename",
            {"row": listed(row, "GPT 5").pk, "new_name": "Kimi K3"},
            "Kimi K3 is another model",
        ),
        ("rename", {"row": listed(row, "GPT 5").pk, "new_name": "GPT 5"}, "called GPT 5 already"),
        (
            "move",
            {"rows": [each.pk for each in row.listed_models.all()], "to": other.pk},
            "all the models of the row",
        ),
        (
            "split",
            {"rows": [listed(row, "GPT 5").pk], "provider_lines": "Nobody"},
            "no provider Nobody",
        ),
        ("merge", {"other": row.pk}, "not on offer here"),
    ):
        answer = preview(client, row, act, **typed)
        assert answer.context["preview"] is None, act
        assert any(fault in sentence for sentence in said(answer)), (act, said(answer))
        kept = form_values(answer.content)
        assert all(
            kept[name] == value for name, value in typed.items() if isinstance(value, str)
        ), act


@pytest.mark.slow
def test_an_action_needs_a_reason_and_its_preview_stays(client, row):
    answer = do(client, row, "add", model_lines="GPT 6", reason="")

    assert said(answer) == ["The reason is empty. Say why you make this change; nothing was done."]
    assert sentences(answer)[0].startswith("GPT 6 is added; it goes to OpenAI.")
    assert models(row) == ["GPT 5", "GPT 5 mini"]


@pytest.mark.slow
def test_an_action_that_was_not_previewed_is_not_performed(client, row):
    shown = form_values(preview(client, row, "add", model_lines="GPT 6").content)
    url = address(row, "add")

    for typed in (
        {**shown, "model_lines": "GPT 7"},
        {**shown, "following": ""},
        {name: value for name, value in shown.items() if name not in ("shown", "following")},
    ):
        answer = client.post(url, {**typed, "reason": "Because", "_do": ""})
        assert "changed after this was shown" in answer.context["confirmation"].refusal
        assert answer.context["preview"]
    assert models(row) == ["GPT 5", "GPT 5 mini"]


@pytest.mark.slow
def test_a_changeset_after_the_preview_stops_the_action_and_is_named_beside_a_new_preview(
    client, row
):
    shown = form_values(preview(client, row, "add", model_lines="GPT 6").content)
    with changeset(by=make_user("bob"), reason="Bolt joins"):
        make_listing(models=[], providers=["Bolt"])
        row.listed_providers.get().set(provider=make_provider("Bolt 2"))

    answer = client.post(address(row, "add"), {**shown, "reason": "One more", "_do": ""})

    assert [(act.label, act.reason) for act in answer.context["confirmation"].overtaken] == [
        ("bob", "Bolt joins")
    ]
    assert sentences(answer)[0].startswith("GPT 6 is added; it goes to Bolt 2.")
    assert (typed := form_values(answer.content))["reason"] == "One more"
    assert client.post(address(row, "add"), {**typed, "_do": ""}).status_code == 302
    assert models(row)[-1] == "GPT 6"


@pytest.mark.slow
def test_moving_a_model_is_a_contribution_to_both_rows_and_the_history_names_the_new_one(
    client, row, other
):
    cite(make_footnote(row.register), listed_model=listed(row, "GPT 5"))
    do(client, row, "move", rows=[listed(row, "GPT 5").pk], to=other.pk)
    act = Changeset.objects.latest("id")

    for each in (row, other):
        assert act in contributing(row.register, None, capture(row.register), [str(each.pk)])
        history = client.get(f"/admin/compliance/listing/{each.pk}/history/").content.decode()
        assert "Model, GPT 5: row" in history
    _, second, *_ = capture(row.register).rows()
    assert second.models[1].footnotes == (1,)


@pytest.mark.slow
@pytest.mark.parametrize(
    "role", ["anonymous", "staff", "auditor", "approver", "editor", "superuser"]
)
def test_actions_are_refused_to_people_without_permission(role, register, row, other):
    client = signed_in(role)
    make_section(register, columns=BY_ENTITY)
    expected = 302 if role == "anonymous" else 200 if role in ("editor", "superuser") else 403
    records = {"listing": row, "aimodel": AIModel.objects.get(name="GPT 5"), "register": register}

    for kind, acts in ACTIONS:
        for act in acts:
            url = address(records[kind], act.name)
            assert client.get(url).status_code == expected, url
            assert client.post(url, {"_do": "", "reason": "Try"}).status_code == expected, url
            assert client.put(url).status_code == 405, url
    assert models(row) == ["GPT 5", "GPT 5 mini"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("codename", "refused"),
    [("add_listing", "split"), ("add_listing", "alike"), ("delete_listing", "merge")],
)
def test_an_action_needs_the_permissions_for_everything_that_it_writes(
    codename, refused, row, other
):
    person = make_user("deputy")
    granted = Permission.objects.filter(content_type__app_label="compliance").exclude(
        codename=codename
    )
    person.user_permissions.set(granted)
    client = Client()
    client.force_login(person)

    assert client.get(address(row, refused)).status_code == 403
    assert client.get(address(row, "move")).status_code == 200
    assert (
        address(row, refused)
        not in client.get(f"/admin/compliance/listing/{row.pk}/change/").content.decode()
    )


@pytest.mark.slow
def test_a_new_model_needs_the_permission_to_add_models(row):
    person = make_user("deputy")
    granted = Permission.objects.filter(content_type__app_label="compliance").exclude(
        codename="add_aimodel"
    )
    person.user_permissions.set(granted)
    client = Client()
    client.force_login(person)

    assert said(preview(client, row, "add", model_lines="GPT 6")) == [
        "There is no model GPT 6, and your account may not add one."
    ]


def test_unknown_actions_and_records_are_not_found(client, row):
    assert client.get(address(row, "explode")).status_code == 404
    assert (
        client.get(f"/admin/compliance/listing/{make_register().pk}/acts/add/").status_code == 404
    )


@pytest.mark.slow
def test_every_change_form_links_to_its_actions(client, register, row):
    make_section(register, columns=BY_ENTITY)
    for kind, acts in ACTIONS:
        record = {"listing": row, "aimodel": AIModel.objects.first(), "register": register}[kind]
        page = client.get(f"/admin/compliance/{kind}/{record.pk}/change/").content.decode()
        assert all(address(record, act.name) in page for act in acts)


@pytest.mark.slow
def test_queries_do_not_grow_with_the_register(client, register):
    counts: dict[str, list[int]] = {}
    row = make_listing(register, models=["GPT 5", "GPT 5 mini"], providers=["OpenAI"])

    for more in (3, 30):
        for _ in range(more):
            make_listing(register, models=[make_model(), make_model()], providers=[make_provider()])
        records = {
            "listing": row,
            "aimodel": AIModel.objects.get(name="GPT 5"),
            "register": register,
        }
        for kind, acts in ACTIONS:
            for act in acts:
                client.get(address(records[kind], act.name))
                with CaptureQueriesContext(connection) as captured:
                    client.get(address(records[kind], act.name))
                counts.setdefault(f"{kind} {act.name}", []).append(len(captured))

    assert {name: few for name, (few, many) in counts.items() if few != many} == {}


@pytest.mark.slow
def test_a_preview_of_another_row_or_of_an_earlier_moment_confirms_nothing(client, row, other):
    shown = form_values(preview(client, row, "add", model_lines="GPT 6").content)
    with changeset(by=make_user("bob"), reason="Bolt joins"):
        make_provider("Bolt")

    for url, typed in (
        (address(row, "add"), {**shown, "following": "999999999999999999"}),
        (address(other, "add"), shown),
    ):
        answer = client.post(url, {**typed, "reason": "Because", "_do": ""})
        assert answer.context["confirmation"].refusal
    assert (models(row), models(other)) == (["GPT 5", "GPT 5 mini"], ["Kimi K3"])


@pytest.mark.slow
def test_a_choice_that_somebody_deleted_is_refused_and_names_that_person(client, row):
    shown = form_values(preview(client, row, "retire", rows=[listed(row, "GPT 5").pk]).content)
    with changeset(by=make_user("bob"), reason="Gone already"):
        listed(row, "GPT 5").delete()

    answer = client.post(address(row, "retire"), {**shown, "reason": "Old", "_do": ""})

    assert [(act.label, act.reason) for act in answer.context["confirmation"].overtaken] == [
        ("bob", "Gone already")
    ]
    assert "What you typed" in answer.content.decode() or said(answer)


@pytest.mark.slow
def test_a_busy_database_loses_nothing_that_was_typed(client, row):
    shown = form_values(preview(client, row, "add", model_lines="GPT 6").content)

    with patch(
        "compliance.models.changesets.changeset",
        side_effect=OperationalError("database is locked"),
    ):
        client.raise_request_exception = False
        answer = client.post(
            address(row, "add"),
            {**shown, "reason": "Because", "_do": ""},
            headers={"Sec-Fetch-Site": "same-origin"},
        )

    assert answer.status_code == 503
    assert BUSY in answer.content.decode()
    kept = form_values(answer.content)
    assert (kept["model_lines"], kept["reason"]) == ("GPT 6", "Because")


def test_an_action_on_a_model_deleted_meanwhile_shows_what_was_typed(client):
    model = make_model("GPT 4")
    typed = {
        **form_values(client.get(address(model, "rename")).content),
        "new_name": "GPT 4 classic",
        "reason": "Its new name",
    }
    with changeset(by=make_user("bob"), reason="A slip"):
        AIModel.objects.get(pk=model.pk).delete()

    answer = client.post(address(model, "rename"), {**typed, "_preview": ""})

    assert all(
        text in answer.content.decode() for text in ("GPT 4 classic", "Its new name", "A slip")
    )
    assert client.get(address(model, "rename")).status_code == 404


def test_a_key_that_is_too_large_for_the_database_is_an_invalid_choice(client, row):
    answer = client.post(address(row, "retire"), {"rows": "9" * 20, "_preview": ""})

    assert said(answer) == ["One of those is not there any more. Choose again."]


@pytest.mark.slow
def test_an_alias_of_a_model_is_not_added_as_a_new_model(client, row):
    make_model("Kimi K4", aliases="kimi-thinker")

    answer = preview(client, row, "add", model_lines="kimi-thinker")

    assert said(answer) == [
        "kimi-thinker is another name of Kimi K4. Write that; or, if it is another model, take the name away there."
    ]


@pytest.mark.slow
def test_a_new_row_with_a_provider_twice_is_refused(client, row):
    answer = preview(
        client, row, "split", rows=[listed(row, "GPT 5").pk], provider_lines="OpenAI\nOpenAI"
    )

    assert said(answer) == ["OpenAI would stand twice in one row. Name it once."]


@pytest.mark.slow
def test_selected_keys_that_no_record_can_have_are_ignored(client, row):
    for action in ("edit_together", "delete_selected"):
        answer = client.post(
            "/admin/compliance/listing/", {"action": action, "_selected_action": ["1", "\x00"]}
        )
        assert answer.status_code in (200, 302)


def test_an_action_can_be_left_without_doing_it(client, row):
    form = client.get(address(row, "add")).content.decode()

    assert (
        f'<a class="button quiet" href="/admin/compliance/listing/{row.pk}/change/">Cancel</a>'
        in form
    )
