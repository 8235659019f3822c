"""Setting back in the admin: discard the changes of a row, undo a save, restore what was deleted."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from compliance.models import AIModel, Changeset, Listing, PolicyDocument
from compliance.models.changesets import changeset
from compliance.publishing import withdraw
from compliance.workingcopy import listings
from compliance.workingcopy.listings import ModelRow
from compliance.workingcopy.resolve import capture
from tests.admin.doors import signed_in
from tests.factories import (
    cell_of,
    make_column,
    make_document,
    make_footnote,
    make_listing,
    make_provider,
    make_register,
    make_user,
    state,
)
from tests.forms import form_values, read
from tests.publications import published, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def edith(client: Client) -> Client:
    client.force_login(make_user("edith", role="editor"))
    return client


@pytest.fixture
def listing():
    return make_listing(models=["GPT 6", "GPT 7"], providers=["Acme AI"], training="never")


@pytest.fixture
def published_listing(listing, editor, approver):
    published(listing.register, editor, approver)
    return listing


def act(reason="A slip", by=None):
    return changeset(by=by, label="" if by else "tests", reason=reason)


def do(client, url):
    """Open an action, confirm exactly what it shows, and return both pages as text."""
    screen = client.get(url)
    shown = read(screen)
    assert b'name="_do"' in screen.content, shown
    done = client.post(
        url, {**form_values(screen.content), "_do": "1", "reason": "As it was"}, follow=True
    )
    return shown, read(done)


def refused(client, url):
    """Open an action that cannot be performed, and return its page as text."""
    screen = client.get(url)
    assert b'name="_do"' not in screen.content
    return read(screen)


def form_of(listing):
    return f"/admin/compliance/listing/{listing.pk}/change/"


def discard(listing):
    return f"/admin/compliance/listing/{listing.pk}/acts/discard/"


def undo(number):
    return f"/admin/compliance/changeset/{number}/undo/"


def test_the_changes_of_a_row_are_discarded(edith, published_listing):
    with act():
        published_listing.listed_models.last().delete()
        state(published_listing, training="by_default")

    assert discard(published_listing) in edith.get(form_of(published_listing)).content.decode()
    shown, done = do(edith, discard(published_listing))

    assert "GPT 7 is added" in shown
    assert "Discarded the changes of this row." in done
    published_page = published_listing.register.publications.get().snapshot()
    assert capture(published_listing.register) == published_page
    assert Changeset.objects.first().reason == "As it was"


def test_discarding_names_whose_edits_it_takes_back(edith, published_listing):
    for name, reason in (("bob", "Qwen 9 in"), ("ann", "Acme wrote to us")):
        with act(reason, by=make_user(name, role="editor")):
            published_listing.listed_models.last().delete()

    shown, _ = do(edith, discard(published_listing))

    assert "the edits of bob (“Qwen 9 in”) and ann (“Acme wrote to us”)." in shown


def test_a_row_that_no_page_shows_cannot_be_set_back_to_it(edith, published_listing, listing):
    new = make_listing(listing.register, models=["GPT 8"])

    assert "The page in force does not show this row" in refused(edith, discard(new))
    with act():
        state(published_listing, training="by_default")
    do(edith, discard(published_listing))


@pytest.mark.parametrize("is_emptied", [True, False])
def test_discarding_says_that_it_empties_a_row_that_was_split_off(
    edith, published_listing, is_emptied
):
    with act():
        new = listings.split(
            [published_listing.listed_models.last()],
            providers=[],
            copying_terms=False,
            after=published_listing,
        )
        if not is_emptied:
            listings.add(new, models=[ModelRow(AIModel(name="GPT 8"))], after=None)

    shown, done = do(edith, discard(published_listing))

    assert new.listed_models.exists() != is_emptied
    sentence = "All models of the row “GPT 7” come back to this row."
    assert (sentence in shown, sentence in done) == (is_emptied, is_emptied)


def test_discarding_is_only_offered_where_a_page_is_in_force(edith, listing, editor, approver):
    assert discard(listing) not in edith.get(form_of(listing)).content.decode()
    assert edith.get(discard(listing)).status_code == 404

    published(listing.register, editor, approver)
    assert edith.get(discard(listing)).status_code == 200


def test_a_row_held_back_is_set_back_to_what_the_page_shows_of_it(
    edith, published_listing, editor, approver
):
    other = make_listing(published_listing.register, models=["Kimi K3"])
    with act():
        state(published_listing, training="by_default")
    published(published_listing.register, editor, approver, listings=[other])

    do(edith, discard(published_listing))

    assert cell_of(published_listing, "training").use == "never"


def test_a_save_is_undone_from_its_own_page(edith, listing):
    with act() as opened:
        state(listing, training="by_default")
    number = opened.changeset.pk
    page = edith.get(f"/admin/compliance/changeset/{number}/change/")

    assert undo(number) in page.content.decode()
    do(edith, undo(number))

    assert cell_of(listing, "training").use == "never"


def test_a_save_with_a_later_one_of_the_same_row_is_not_undone(edith, listing):
    with act() as first:
        state(listing, training="by_default")
    with act("A correction", by=make_user("bob", role="editor")) as second:
        state(listing, training="opt_in")

    said = refused(edith, undo(first.changeset.pk))

    assert "bob changed" in said
    assert "(A correction). Undo that first." in said
    do(edith, undo(second.changeset.pk))
    assert cell_of(listing, "training").use == "by_default"


def test_a_save_that_added_what_is_used_is_not_undone(edith, listing):
    with act() as opened:
        bolt = make_provider("Bolt")
    make_listing(listing.register, models=["Kimi K3"], providers=[bolt])

    said = refused(edith, undo(opened.changeset.pk))

    assert "Bolt in the row of Kimi K3 on Models and privacy uses what would be deleted" in said


def test_what_a_page_in_force_was_published_from_is_not_undone(
    edith, published_listing, editor, approver
):
    with act() as shown:
        state(published_listing, training="by_default")
    published(published_listing.register, editor, approver)
    with act() as unseen:
        state(published_listing, training="opt_in")
    do(edith, undo(unseen.changeset.pk))

    assert "2 was published from it" in refused(edith, undo(shown.changeset.pk))


def scheduled_text(listing, both, editor, approver):
    """Schedule the editor's "by default" over the "opt in" that `both` wrote; return both saves."""
    with act(by=both):
        state(listing, training="opt_in")
    published(listing.register, editor, approver)
    with act(by=editor) as opened:
        state(listing, training="by_default")
    later = timezone.now() + timedelta(days=9)
    return published(listing.register, editor, approver, effective_from=later), opened.changeset


def test_what_a_scheduled_publication_shows_is_not_undone(edith, listing, editor, approver):
    both = make_user("both", role="approver")
    both.groups.add(*editor.groups.all())
    scheduled, saved = scheduled_text(listing, both, editor, approver)

    said = refused(edith, undo(saved.pk))

    assert "2 was published from it and is scheduled. Call that off first" in said
    withdraw(scheduled, by=approver, at=timezone.now(), reason="Not yet")
    do(edith, undo(saved.pk))
    assert cell_of(listing, "training").use == "opt_in"


def test_what_is_in_review_is_neither_undone_nor_discarded(
    edith, published_listing, editor, approver
):
    with act() as saved:
        state(published_listing, training="by_default")
    waiting = submitted(published_listing.register, editor)

    assert "It is in review (“Why”)" in refused(edith, undo(saved.changeset.pk))
    refusal = refused(edith, discard(published_listing))
    assert "This row is in review (“Why”), and could still be published" in refusal

    withdraw(waiting, by=editor, at=timezone.now(), reason="A slip")
    do(edith, undo(saved.changeset.pk))
    assert cell_of(published_listing, "training").use == "never"


def test_the_changes_of_a_scheduled_row_are_discarded_up_to_the_scheduled_ones(
    edith, listing, editor, approver
):
    both = make_user("both", role="approver")
    both.groups.add(*editor.groups.all())
    scheduled_text(listing, both, editor, approver)
    with act():
        state(listing, training="never")

    shown, done = do(edith, discard(listing))

    assert "It becomes what that publication will show" in shown
    assert "The publication still comes at its moment" in shown
    assert "The row is again as it is scheduled for" in done
    assert cell_of(listing, "training").use == "by_default"


def test_changesets_of_accounts_are_not_undone(edith):
    with changeset(by=None, label="tests", reason="Invited", kind="account") as opened:
        opened.ensure_saved()

    assert edith.get(undo(opened.changeset.pk)).status_code == 404


def test_a_deleted_row_is_restored_from_its_list_and_its_history(edith, listing):
    before = capture(listing.register)
    with act():
        Listing.objects.get(pk=listing.pk).delete()
    address = f"/admin/compliance/listing/{listing.pk}/restore/listing/"

    for screen in ("deleted/", f"{listing.pk}/history/"):
        assert address in edith.get(f"/admin/compliance/listing/{screen}").content.decode()
    shown, done = do(edith, address)

    assert "This changes 2 models in 1 row." in shown
    assert "The row of GPT 6 and GPT 7 was restored." in done
    assert capture(listing.register) == before
    assert edith.get(address).status_code == 404


def test_documents_and_columns_are_restored_from_the_list_of_their_kind(edith):
    document = make_document(make_provider("Acme"))
    column = make_column(make_register().sections.get(), label="Purpose")
    for kind, record in (("provider", document), ("register", column)):
        name, key = record._meta.model_name, record.pk
        with act():
            type(record).objects.get(pk=key).delete()
        address = f"/admin/compliance/{kind}/{key}/restore/{name}/"
        page = edith.get(f"/admin/compliance/{kind}/deleted/?kind={name}")
        assert address in page.content.decode()

        do(edith, address)

        assert type(record).objects.filter(pk=key).exists()


def test_what_a_deleted_record_needs_is_named(edith):
    document = make_document(make_provider("Acme"), label="Terms")
    with act():
        PolicyDocument.objects.get(pk=document.pk).provider.delete()

    said = refused(edith, f"/admin/compliance/provider/{document.pk}/restore/policydocument/")
    assert "Provider Acme was deleted, and is needed for it. Restore that first." in said
    do(edith, f"/admin/compliance/provider/{document.provider_id}/restore/provider/")
    assert PolicyDocument.objects.get(pk=document.pk).label == "Terms"


def test_a_taken_name_is_named(edith):
    provider = make_provider("Acme")
    with act():
        type(provider).objects.get(pk=provider.pk).delete()
    make_provider("Acme")

    said = refused(edith, f"/admin/compliance/provider/{provider.pk}/restore/provider/")

    assert "Provider Acme: Provider with this Name already exists." in said


@pytest.mark.parametrize("role", ["auditor", "approver", "staff"])
def test_only_editors_set_back(role, published_listing):
    with act() as opened:
        note = make_footnote(published_listing.register)
        state(published_listing, training="by_default")
    with act():
        type(note).objects.get(pk=note.pk).delete()
    addresses = (
        discard(published_listing),
        undo(opened.changeset.pk),
        f"/admin/compliance/footnote/{note.pk}/restore/footnote/",
    )
    client = signed_in(role)
    before = Changeset.objects.count()

    for address in addresses:
        assert client.get(address).status_code == 403
        assert client.post(address, {"_do": "1", "reason": "Try"}).status_code == 403
    deleted = client.get("/admin/compliance/footnote/deleted/")
    assert b"/restore/" not in deleted.content
    assert Changeset.objects.count() == before
    assert b"/restore/" in signed_in("editor").get("/admin/compliance/footnote/deleted/").content
