"""Two editors save one record: no text is lost, and the second one decides what is saved."""

from itertools import permutations, product
from unittest.mock import patch

import pytest
from django.contrib.admin import ModelAdmin
from django.contrib.messages import get_messages
from django.test import Client

from compliance.admin.conflicts.merge import merged
from compliance.models import Changeset, Listing, PolicyDocument, Provider
from tests.factories import (
    cell_of,
    make_document,
    make_footnote,
    make_listing,
    make_model,
    make_provider,
    make_register,
    make_term,
    make_user,
    recorded,
)
from tests.forms import form_values, post_form
from tests.forms import read as read_text

ADMIN = "/admin/compliance"
pytestmark = pytest.mark.django_db


def signed_in(name, role="editor"):
    client = Client()
    client.force_login(make_user(name, role=role))
    return client


@pytest.fixture
def mine():
    return signed_in("mia")


@pytest.fixture
def theirs():
    return signed_in("theo")


def url_of(record, view="change"):
    return f"{ADMIN}/{record._meta.model_name}/{record.pk}/{view}/"


def overtake(mine, theirs, record, *, my, their):
    """Open a form, let somebody else save theirs, then post mine; return the answer."""
    opened = form_values(mine.get(url_of(record)).content)
    saved = post_form(theirs, url_of(record), reason="Their reason", **their)
    assert saved.status_code == 302, "They could not save."
    return mine.post(url_of(record), {**opened, "reason": "My reason", **my})


def choices(conflict):
    """Return the chosen side and all sides of each difference, by its label."""
    assert "conflict" in (conflict.context or {}), conflict
    return {
        each.label: (each.chosen, set(each.sides))
        for each in conflict.context["conflict"].differences
    }


def settle(client, record, conflict, *, button="_save", **taken):
    """Post the conflict's own form, with choices by the name of the field."""
    values = form_values(conflict.content)
    # A browser posts a radio button only where it is chosen.
    values = {name: value for name, value in values.items() if not name.startswith("take-")}
    for each in conflict.context["conflict"].differences:
        if chosen := taken.pop(each.name.replace("-", "_"), each.chosen):
            values[f"take-{each.name}"] = chosen
    assert not taken, f"There is no choice {taken}."
    return client.post(url_of(record), {**values, button: "1"})


def lines_of(listing):
    return [str(row) for row in listing.listed_models.all()]


def texts(answer):
    return answer.content.decode()


@pytest.mark.slow
def test_a_conflict_shows_who_saved_when_and_why_and_keeps_what_was_typed(mine, theirs):
    listing = make_listing(models=["GPT 5"])
    changesets = Changeset.objects.count()

    conflict = overtake(
        mine,
        theirs,
        listing,
        my={"cell_models": "GPT 6", "cell_training": ""},
        their={"cell_models": "GPT 5\r\nKimi K3"},
    )

    page = texts(conflict)
    assert "theo" in page
    assert "Their reason" in page
    assert "Kimi K3" in page
    assert "GPT 6" in page
    assert "My reason</textarea>" in page
    assert lines_of(listing) == ["GPT 5", "Kimi K3"]
    assert Changeset.objects.count() == changesets + 1


@pytest.mark.slow
def test_a_save_while_the_form_is_being_opened_is_a_conflict(mine, theirs, provider):
    read = ModelAdmin.get_object

    def read_before_they_save(*args):
        record = read(*args)
        with patch.object(ModelAdmin, "get_object", read):
            post_form(theirs, url_of(provider), name="Theirs", reason="Their reason")
        return record

    with patch.object(ModelAdmin, "get_object", read_before_they_save):
        opened = form_values(mine.get(url_of(provider)).content)
    answer = mine.post(url_of(provider), {**opened, "name": "Mine", "reason": "My reason"})

    assert "Their reason" in read_text(answer)
    assert Provider.objects.get().name == "Theirs"


@pytest.mark.slow
def test_a_field_that_only_one_of_them_changed_is_chosen_already(mine, theirs):
    provider = make_provider("Acme", legal_entity="Acme Ltd.", website="https://acme.example/")

    conflict = overtake(
        mine,
        theirs,
        provider,
        my={"legal_entity": "Acme Inc."},
        their={"website": "https://acme.example.com/"},
    )
    assert {label: chosen for label, (chosen, _) in choices(conflict).items()} == {
        "Legal entity": "yours",
        "Website": "theirs",
    }
    settle(mine, provider, conflict)

    provider.refresh_from_db()
    assert (provider.legal_entity, provider.website) == ("Acme Inc.", "https://acme.example.com/")


@pytest.mark.slow
@pytest.mark.parametrize(("taken", "expected"), [("yours", "Acme Inc."), ("theirs", "Acme GmbH")])
def test_a_field_that_both_changed_must_be_decided(mine, theirs, taken, expected):
    provider = make_provider("Acme", legal_entity="Acme Ltd.")
    conflict = overtake(
        mine,
        theirs,
        provider,
        my={"legal_entity": "Acme Inc."},
        their={"legal_entity": "Acme GmbH"},
    )

    undecided = settle(mine, provider, conflict)
    assert choices(undecided) == {"Legal entity": ("", {"theirs", "yours"})}
    assert "1 choice is missing" in texts(undecided)
    settle(mine, provider, undecided, legal_entity=taken)

    assert Provider.objects.get().legal_entity == expected


@pytest.mark.slow
def test_rows_that_shall_follow_a_provider_are_kept_in_a_conflict(mine, theirs):
    provider = make_provider("Acme")
    listing = make_listing(providers=[provider], training="never")
    claim = cell_of(listing, "training")

    conflict = overtake(
        mine,
        theirs,
        provider,
        my={"declared_training": "by_default", "follow": [claim.pk]},
        their={"legal_entity": "Acme Inc."},
    )
    assert choices(conflict)["Let these follow the provider"] == ("yours", {"theirs", "yours"})
    settle(mine, provider, conflict)

    assert not listing.cells.exists()
    assert Provider.objects.get().declared_training == "by_default"


@pytest.mark.slow
def test_rows_that_shall_follow_a_model_are_kept_in_a_conflict(mine, theirs):
    model, term = make_model("GPT 6"), make_term("90 days")
    listing = make_listing(models=[model], retention="30 days")
    claim = cell_of(listing, "retention")

    conflict = overtake(
        mine,
        theirs,
        model,
        my={"retention_floor": term.wording, "follow": [claim.pk]},
        their={"developer": "Acme"},
    )
    settle(mine, model, conflict)

    assert not listing.cells.exists()
    model.refresh_from_db()
    assert (model.retention_floor, model.developer) == (term, "Acme")


@pytest.mark.slow
def test_lines_that_both_added_are_merged(mine, theirs):
    listing = make_listing(models=["GPT 5", "o3"])
    conflict = overtake(
        mine,
        theirs,
        listing,
        my={"cell_models": "GPT 6\r\no3"},
        their={"cell_models": "GPT 5\r\no3\r\nKimi K3"},
    )

    assert choices(conflict)["Model"] == ("both", {"theirs", "yours", "both"})
    settle(mine, listing, conflict)

    assert lines_of(listing) == ["GPT 6", "o3", "Kimi K3"]


@pytest.mark.slow
def test_a_line_that_both_changed_is_not_merged(mine, theirs):
    listing = make_listing(models=["GPT 5"])

    conflict = overtake(
        mine, theirs, listing, my={"cell_models": "GPT 6"}, their={"cell_models": "GPT 7"}
    )

    assert choices(conflict)["Model"] == ("", {"theirs", "yours"})


@pytest.mark.slow
def test_another_save_while_deciding_asks_for_the_decisions_again(mine, theirs):
    provider = make_provider("Acme")
    conflict = overtake(
        mine, theirs, provider, my={"legal_entity": "Mine"}, their={"legal_entity": "Theirs"}
    )
    post_form(theirs, url_of(provider), reason="Once more", legal_entity="Theirs again")

    again = settle(mine, provider, conflict, legal_entity="theirs")

    assert choices(again) == {"Legal entity": ("", {"theirs", "yours"})}
    assert "Theirs again" in texts(again)
    assert "Mine" in texts(again)
    assert Provider.objects.get().legal_entity == "Theirs again"


@pytest.mark.slow
def test_the_decisions_can_be_looked_at_in_the_form_before_saving(mine, theirs):
    provider = make_provider("Acme")
    conflict = overtake(
        mine,
        theirs,
        provider,
        my={"legal_entity": "Mine"},
        their={"website": "https://acme.example/"},
    )

    form = settle(mine, provider, conflict, button="_look")
    assert "not saved yet" in texts(form)
    assert Provider.objects.get().legal_entity == ""
    values = form_values(form.content)
    assert (values["legal_entity"], values["website"], values["reason"]) == (
        "Mine",
        "https://acme.example/",
        "My reason",
    )
    mine.post(url_of(provider), values)

    assert Provider.objects.get().legal_entity == "Mine"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pressed", "leads_to"),
    [
        ("_preview", f"{ADMIN}/provider/"),
        ("_save", f"{ADMIN}/provider/"),
        ("_addanother", f"{ADMIN}/provider/add/"),
        ("_continue", f"{ADMIN}/provider/{{}}/change/"),
    ],
)
def test_the_decisions_are_saved_whichever_button_was_pressed_first(
    mine, theirs, pressed, leads_to
):
    provider = make_provider("Acme")
    their = {"website": "https://acme.example/"}
    conflict = overtake(
        mine, theirs, provider, my={"legal_entity": "Mine", pressed: "1"}, their=their
    )

    saved = settle(mine, provider, conflict)

    assert (saved.status_code, saved.get("Location")) == (302, leads_to.format(provider.pk))
    assert Provider.objects.get().legal_entity == "Mine"


@pytest.mark.slow
def test_the_decisions_can_be_looked_at_in_the_form_also_after_a_preview(mine, theirs):
    provider = make_provider("Acme")
    their = {"website": "https://acme.example/"}
    conflict = overtake(
        mine, theirs, provider, my={"legal_entity": "Mine", "_preview": "1"}, their=their
    )

    form = settle(mine, provider, conflict, button="_look")

    assert "not saved yet" in texts(form)
    assert form_values(form.content)["legal_entity"] == "Mine"
    assert Provider.objects.get().legal_entity == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    "field", ["declared_training", "declared_retention", "processing_countries"]
)
def test_fields_of_every_kind_are_compared(mine, theirs, field):
    one, other = make_term("One"), make_term("Other")
    mine_and_theirs = {
        "declared_training": ("never", "opt_in"),
        "declared_retention": (one.wording, other.wording),
        "processing_countries": (["DE", "FR"], ["US"]),
    }[field]
    provider = make_provider("Acme")

    conflict = overtake(
        mine, theirs, provider, my={field: mine_and_theirs[0]}, their={field: mine_and_theirs[1]}
    )
    (_label, (chosen, _)), *others = choices(conflict).items()
    assert (chosen, others) == ("", [])
    settle(mine, provider, conflict, **{field: "theirs"})

    stored = getattr(Provider.objects.get(), field)
    assert (
        str(stored) if field != "processing_countries" else [c.code for c in stored]
    ) == mine_and_theirs[1]


def documents(provider):
    return [(each.kind, each.url) for each in provider.documents.all()]


@pytest.fixture
def provider():
    provider = make_provider("Acme")
    make_document(provider, url="https://acme.example/one", position=10)
    make_document(provider, url="https://acme.example/two", kind="faq", position=20)
    return provider


THIRD = {
    "documents-TOTAL_FORMS": "3",
    "documents-2-kind": "terms",
    "documents-2-review_interval": "12",
    "documents-2-url": "https://acme.example/third",
    "documents-2-position": "",
}


@pytest.mark.slow
def test_documents_added_by_both_all_stay(mine, theirs, provider):
    own = {**THIRD, "documents-2-url": "https://acme.example/mine"}

    conflict = overtake(mine, theirs, provider, my=own, their=THIRD)
    assert "was added meanwhile. It stays." in texts(conflict)
    settle(mine, provider, conflict)

    assert {url for _, url in documents(provider)} == {
        f"https://acme.example/{name}" for name in ("one", "two", "third", "mine")
    }


@pytest.mark.slow
def test_a_document_that_they_deleted_stays_deleted_unless_you_changed_it(mine, theirs, provider):
    conflict = overtake(
        mine, theirs, provider, my={"name": "Acme AI"}, their={"documents-0-DELETE": "on"}
    )
    assert "was deleted meanwhile. It stays deleted." in texts(conflict)
    settle(mine, provider, conflict)

    assert documents(provider) == [("faq", "https://acme.example/two")]
    assert Provider.objects.get().name == "Acme AI"


@pytest.mark.slow
@pytest.mark.parametrize(("taken", "expected"), [("theirs", 1), ("yours", 2)])
def test_a_document_that_they_deleted_and_you_changed_must_be_decided(
    mine, theirs, provider, taken, expected
):
    changed = {"documents-0-url": "https://acme.example/mine"}
    conflict = overtake(mine, theirs, provider, my=changed, their={"documents-0-DELETE": "on"})

    (each,) = conflict.context["conflict"].differences
    settle(mine, provider, conflict, **{each.name.replace("-", "_"): taken})

    assert provider.documents.count() == expected
    assert provider.documents.filter(url=changed["documents-0-url"]).exists() == (taken == "yours")


@pytest.mark.slow
@pytest.mark.parametrize(("taken", "expected"), [("theirs", 2), ("yours", 1)])
def test_a_document_that_you_deleted_and_they_changed_must_be_decided(
    mine, theirs, provider, taken, expected
):
    changed = {"documents-0-url": "https://acme.example/theirs"}
    conflict = overtake(mine, theirs, provider, my={"documents-0-DELETE": "on"}, their=changed)

    (each,) = conflict.context["conflict"].differences
    settle(mine, provider, conflict, **{each.name.replace("-", "_"): taken})

    assert provider.documents.count() == expected
    assert provider.documents.filter(url=changed["documents-0-url"]).exists() == (taken == "theirs")


@pytest.mark.slow
def test_each_field_of_a_document_is_decided_separately(mine, theirs, provider):
    conflict = overtake(
        mine,
        theirs,
        provider,
        my={"documents-1-url": "https://acme.example/mine"},
        their={"documents-1-label": "Questions"},
    )
    settle(mine, provider, conflict)

    assert PolicyDocument.objects.filter(
        url="https://acme.example/mine", label="Questions"
    ).exists()


@pytest.mark.slow
def test_a_document_added_meanwhile_before_the_others_mixes_none_up(mine, theirs, provider):
    first = {**THIRD, "documents-2-position": "5"}

    conflict = overtake(
        mine, theirs, provider, my={"documents-0-url": "https://acme.example/mine"}, their=first
    )
    settle(mine, provider, conflict)

    urls = ["https://acme.example/third", "https://acme.example/mine", "https://acme.example/two"]
    assert [url for _, url in documents(provider)] == urls


@pytest.mark.slow
def test_a_record_that_is_deleted_meanwhile_shows_what_was_typed(mine, theirs, provider):
    opened = form_values(mine.get(url_of(provider)).content)
    asked = theirs.get(url_of(provider, "delete"))
    theirs.post(
        url_of(provider, "delete"),
        {"post": "yes", "reason": "Contract ended", "version": asked.context["version"]},
    )
    assert not Provider.objects.exists()

    answer = mine.post(
        url_of(provider),
        {
            **opened,
            "legal_entity": "Typed with care",
            "documents-0-label": "Mine",
            "reason": "My reason",
        },
    )

    for text in ("theo", "Contract ended", "Typed with care", "Mine", "My reason", "to be copied"):
        assert text in texts(answer)


@pytest.mark.slow
def test_a_deleted_listing_shows_what_was_typed(mine):
    listing = make_listing()
    opened = form_values(mine.get(url_of(listing)).content)
    with recorded():
        Listing.objects.get().delete()

    answer = mine.post(
        url_of(listing), {**opened, "cell_models": "Kimi K3 [1]", "reason": "My reason"}
    )

    assert "Kimi K3 [1]" in texts(answer)


@pytest.mark.slow
def test_a_deletion_after_somebody_else_saved_is_refused_and_names_that_person(mine, theirs):
    provider = make_provider("Acme")
    asked = mine.get(url_of(provider, "delete"))
    post_form(theirs, url_of(provider), reason="Their reason", legal_entity="Acme Inc.")

    answer = mine.post(
        url_of(provider, "delete"),
        {"post": "yes", "reason": "Gone", "version": asked.context["version"]},
    )

    (said,) = [str(message) for message in get_messages(answer.wsgi_request)]
    assert "nothing was deleted" in said
    assert "theo (Their reason): Legal entity: – → Acme Inc." in said
    assert Provider.objects.exists()


@pytest.mark.slow
def test_deleting_selected_records_after_somebody_else_saved_names_that_person(mine, theirs):
    models = [make_model(name) for name in ("A", "B")]
    chosen = {"action": "delete_selected", "_selected_action": [model.pk for model in models]}
    version = mine.post(f"{ADMIN}/aimodel/", chosen).context_data["version"]
    asked = theirs.get(url_of(models[0], "delete"))
    theirs.post(
        url_of(models[0], "delete"),
        {"post": "yes", "reason": "Mine", "version": asked.context["version"]},
    )

    answer = mine.post(
        f"{ADMIN}/aimodel/", {**chosen, "post": "yes", "reason": "Over", "version": version}
    )

    (said,) = [str(message) for message in get_messages(answer.wsgi_request)]
    assert "theo (Mine)" in said


@pytest.mark.parametrize("role", ["auditor", ""])
def test_people_who_may_not_edit_see_no_conflict(role):
    listing = make_listing()
    client = signed_in("otto", role)

    assert (
        client.post(url_of(listing), {"version": "0", "opened": "0", "reason": "Try"}).status_code
        == 403
    )


@pytest.mark.parametrize("opened", ["", "x", "9" * 40, "0"])
@pytest.mark.parametrize("total", ["", "x", "-1", "9" * 30])
def test_a_form_with_nonsense_in_its_hidden_fields_is_answered(mine, provider, opened, total):
    with recorded():
        Provider.objects.get().set(legal_entity="Theirs")
    typed = {
        "version": "1",
        "opened": opened,
        "documents-TOTAL_FORMS": total,
        "against": "x",
        "name": "A\x00",
    }

    assert mine.post(url_of(provider), typed).status_code == 200


@pytest.mark.slow
def test_a_footnote_is_compared_together_with_what_it_marks(mine, theirs):
    note = make_footnote(make_register())
    make_provider("Acme")
    make_provider("Bolt")

    conflict = overtake(
        mine, theirs, note, my={"provider_lines": "Acme"}, their={"provider_lines": "Bolt"}
    )
    settle(mine, note, conflict)

    assert {str(each.provider) for each in note.citations.all()} == {"Acme", "Bolt"}


@pytest.mark.parametrize(("theirs", "yours", "expected"), [
    ("abcd", "xbc", "xbcd"), ("abcd", "abce", "abcde"), ("abcd", "abcd", "abcd"), ("ac", "ab", "a"), ("xbc", "ybc", None),
    ("abcde", "abcd", "abcde"), ("", "xabc", "x"), ("axc", "ac", None), ("abc", "abc", "abc"), ("bc", "abcz", "bcz"),
])  # fmt: skip
def test_lines_are_merged_where_they_do_not_collide(theirs, yours, expected):
    together = merged("abc", list(theirs), list(yours))

    assert together == (None if expected is None else list(expected))


@pytest.mark.slow
def test_no_merge_brings_back_or_repeats_a_line_that_somebody_moved():
    orders = [*permutations("abcd", 3), *permutations("abcd", 4)]

    merges = {
        (theirs, yours): merged("abcd", theirs, yours) for theirs, yours in product(orders, orders)
    }
    offered = {sides: together for sides, together in merges.items() if together is not None}

    assert offered
    for (theirs, yours), together in offered.items():
        assert sorted(together) == sorted(set(theirs) & set(yours)), (theirs, yours)


@pytest.mark.parametrize(("base", "theirs", "yours", "expected"), [
    ("abc", "bca", "bc", None), ("abc", "xabc", "abcx", None), ("a.b", "x.a.b", "a.b.y", "x.a.b.y"),
    ("a.b", "ab", "a.b.y", None),
])  # fmt: skip
def test_texts_whose_merge_would_bring_back_or_repeat_a_line_are_not_merged(
    base, theirs, yours, expected
):
    assert merged(base, theirs, yours) == (None if expected is None else list(expected))


def test_what_describes_a_new_provider_is_shown_and_saved_with_what_is_chosen(mine, theirs):
    row = make_listing(models=["GPT 5"], providers=["OpenAI"])
    my = {
        "cell_providers": "OpenAI\nMeta",
        "new_provider-0-name": "Meta",
        "new_provider-0-retention": "45 days",
    }

    conflict = overtake(mine, theirs, row, my=my, their={"cell_models": "GPT 6"})

    said = read_text(conflict)
    assert "New provider: Meta" in said
    assert "How long it keeps prompts45 days" in said
    assert settle(mine, row, conflict).status_code == 302
    assert Provider.objects.get(name="Meta").declared_retention.wording == "45 days"
