"""What the page before did not show counts whole, whatever it was called and wherever it stood.

Each scene is an attack: an approver writes something where no page shows it, and somebody else brings
it onto the page later. Without the rule the approver approves their own text.
"""

import pytest

from compliance.models import Cell, ListedDocument, ListedProvider, RetentionClause, RetentionTerm
from compliance.models.changesets import changeset
from compliance.publishing import NotApprovable, approve, outlook
from compliance.publishing.row_histories import RowHistory
from tests.factories import (
    cell_of,
    cite,
    make_column,
    make_document,
    make_footnote,
    make_listing,
    make_provider,
    make_register,
    make_section,
    make_term,
    state,
)
from tests.publications import HOUR, NOON, published, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LATER = NOON + HOUR


@pytest.fixture
def listing():
    acme = make_provider("Acme", declared_retention=make_term("90 days"))
    make_document(acme, label="Privacy", url="https://example.com/privacy")
    make_term(
        "A while", clauses=[{"kind": "none"}, {"kind": "indefinite", "data_class": "feedback"}]
    )
    return make_listing(models=["GPT 6"], providers=[acme], training="never", retention="30 days")


def provider_of(listing):
    return listing.listed_providers.get().provider


def a_term_that_once_had_a_wording_of_the_page(listing):
    shown = cell_of(listing, "retention").term
    shown.set(wording="Another wording")
    hidden = make_term("30 days", clauses=[{"kind": "indefinite"}])
    hidden.set(wording="For ever")
    shown.set(wording="30 days")
    return lambda: state(listing, retention=hidden)


def a_term_that_has_a_wording_of_the_page_and_other_clauses(listing):
    cell = cell_of(listing, "retention")
    cell.set(text="[30 days](https://example.com/terms)")
    cell.term.set(wording="Some days")
    hidden = make_term("30 days", clauses=[{"kind": "indefinite"}])
    return lambda: cell.set(term=hidden)


def a_wording_under_a_text_of_the_cell(listing):
    cell = cell_of(listing, "retention")
    cell.set(text="[30 days](https://example.com/terms)")
    cell.term.set(wording="30 days, or longer if we like")
    return lambda: cell.set(text="")


def a_term_that_a_provider_declared_for_a_while(listing):
    acme = provider_of(listing)
    declared, hidden = acme.declared_retention, make_term("For ever")
    acme.set(declared_retention=hidden)
    acme.set(declared_retention=declared)
    return lambda: acme.set(declared_retention=hidden)


def a_floor_that_a_model_had_for_a_while(listing):
    model, hidden = listing.listed_models.get().model, make_term("At least a year")
    model.set(retention_floor=hidden)
    model.set(retention_floor=None)
    return lambda: model.set(retention_floor=hidden)


def a_clause_of_a_term_that_no_page_shows(listing):
    hidden = make_term("Elsewhere")
    clause = RetentionClause(term=hidden, kind="indefinite", data_class="feedback")
    clause.save()
    return lambda: clause.set(term=cell_of(listing, "retention").term)


def a_term_that_no_page_shows_without_one_of_its_clauses(listing):
    hidden = RetentionTerm.objects.get(wording="A while")
    hidden.clauses.get(kind="indefinite").delete()
    return lambda: state(listing, retention=hidden)


def a_second_document_of_the_same_kind_label_and_address(listing):
    acme = provider_of(listing)
    hidden = make_document(
        acme, label="Privacy", url="https://example.com/privacy", is_default=False
    )
    hidden.set(label="We keep nothing", url="https://example.com/nothing")
    return lambda: hidden.set(is_default=True)


def a_document_of_another_provider(listing):
    hidden = make_document(make_provider("Bolt"), label="We keep nothing")
    return lambda: hidden.set(provider=provider_of(listing))


def a_document_without_label_of_a_provider_that_no_page_names(listing):
    hidden = make_document(make_provider("We keep nothing"))
    return lambda: list_document(listing, hidden)


def list_document(listing, document):
    ListedDocument(listing=listing, document=document).save()


def a_provider_that_was_listed_for_a_while(listing):
    listed = ListedProvider(listing=listing, provider=make_provider("Bolt"), text="Bolt, the safe")
    listed.save()
    bolt = listed.provider
    listed.delete()
    bolt.set(legal_entity="Bolt (safe) Ltd.")
    return lambda: ListedProvider(listing=listing, provider=bolt).save()


def a_listed_model_of_another_register(listing):
    other = make_listing(make_register(), models=["Kimi", "Qwen"], providers=["Bolt"])
    listed = other.listed_models.first()
    listed.set(text="Kimi, the best")
    return lambda: listed.set(listing=listing, position=20)


def a_cell_of_another_register(listing):
    other = make_listing(make_register(), models=["Kimi"], training="by_default")
    cell = cell_of(other, "training")
    cell.set(text="Never, we promise")

    def move():
        cell_of(listing, "training").delete()
        cell.set(listing=listing, column=listing.section.columns.get(key="training"))

    return move


def a_footnote_of_another_register(listing):
    note = make_footnote(make_register(), text="All of this is certified.")
    return lambda: note.set(register=listing.register)


def a_mark_by_a_footnote_of_another_register(listing):
    note = make_footnote(listing.register)
    elsewhere = make_footnote(make_register())
    mark = cite(elsewhere, listed_model=listing.listed_models.get())
    return lambda: mark.set(footnote=note)


def a_mark_on_a_provider_that_no_page_lists(listing):
    mark = cite(make_footnote(listing.register), provider=make_provider("Bolt"))
    return lambda: mark.set(provider=provider_of(listing))


def a_mark_on_a_provider_that_is_only_named_as_an_author(listing):
    document = make_document(make_provider("Bolt"))
    list_document(listing, document)
    cite(make_footnote(listing.register), provider=document.provider)
    return lambda: ListedProvider(listing=listing, provider=document.provider).save()


def a_mark_on_a_part_of_another_register(listing):
    other = make_listing(make_register(), models=["Kimi"])
    mark = cite(make_footnote(listing.register), listed_model=other.listed_models.get())
    return lambda: mark.set(listed_model=listing.listed_models.get())


def a_provider_in_a_table_without_such_a_column(listing):
    other = make_section(listing.register, columns=[{"role": "models", "label": "Model"}])
    row = make_listing(other, models=["Kimi"])
    ListedProvider(listing=row, provider=provider_of(listing), text="Acme, the safe").save()
    return lambda: make_column(other, role="providers", label="Who")


def an_empty_cell_under_named_documents(listing):
    named = make_document(provider_of(listing), label="FAQ")
    list_document(listing, named)
    column = listing.section.columns.get(key="documents")
    Cell(listing=listing, column=column, is_blank=True).save()
    return lambda: listing.listed_documents.get().delete()


SCENES = [
    a_term_that_once_had_a_wording_of_the_page,
    a_term_that_has_a_wording_of_the_page_and_other_clauses,
    a_wording_under_a_text_of_the_cell,
    a_term_that_a_provider_declared_for_a_while,
    a_floor_that_a_model_had_for_a_while,
    a_clause_of_a_term_that_no_page_shows,
    a_term_that_no_page_shows_without_one_of_its_clauses,
    a_second_document_of_the_same_kind_label_and_address,
    a_document_of_another_provider,
    a_document_without_label_of_a_provider_that_no_page_names,
    a_provider_that_was_listed_for_a_while,
    a_listed_model_of_another_register,
    a_cell_of_another_register,
    a_footnote_of_another_register,
    a_mark_by_a_footnote_of_another_register,
    a_mark_on_a_provider_that_no_page_lists,
    a_mark_on_a_provider_that_is_only_named_as_an_author,
    a_mark_on_a_part_of_another_register,
    a_provider_in_a_table_without_such_a_column,
    an_empty_cell_under_named_documents,
]


@pytest.fixture(params=SCENES, ids=lambda scene: scene.__name__)
def waiting(request, listing, author, editor, approver):
    """Return what submits a page that shows for the first time what the author wrote before."""
    with changeset(by=author, reason="Write it where no page shows it"):
        bring_onto_the_page = request.param(listing)
    published(listing.register, editor, approver)
    with changeset(by=editor, reason="Bring it onto the page"):
        bring_onto_the_page()
    return lambda: submitted(listing.register, editor, at=LATER)


def test_whoever_wrote_what_no_page_showed_does_not_approve_its_first_appearance(
    waiting, author, approver
):
    publication = waiting()

    with pytest.raises(NotApprovable, match="Edits of yours are in it"):
        approve(publication, by=author, at=LATER, approval_sha256=publication.approval_sha256)

    assert outlook(publication, by=approver, at=LATER).obstacle == ""


def test_if_only_edits_since_the_page_before_counted_the_author_would_approve_it(
    waiting, author, monkeypatch
):
    for module in (
        "catalogue_edits",
        "listing_edits",
        "page_before",
        "register_edits",
        "term_edits",
    ):
        monkeypatch.setattr(
            f"compliance.publishing.{module}.last_published",
            lambda shown, *, is_printed, if_hidden: if_hidden,
        )
    # Several of them come back to a row that had them before.
    monkeypatch.setattr(RowHistory, "unseen_edits", RowHistory.edits_after)
    publication = waiting()

    approve(publication, by=author, at=LATER, approval_sha256=publication.approval_sha256)

    assert publication.number == 2
