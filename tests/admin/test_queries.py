"""Each screen of the admin takes as many queries for fourteen rows as for two."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from compliance.models import (
    AIModel,
    Changeset,
    Footnote,
    Listing,
    Provider,
    Publication,
    Register,
    RetentionTerm,
)
from compliance.publishing.inserts import freeze
from compliance.workingcopy.resolve import capture
from tests.factories import (
    cell_of,
    cite,
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
from tests.forms import form_values

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# Every page of somebody who is no superuser asks for the session, the user, its own permissions and
# its groups'.
SIGNED_IN = 4


def fill(register: Register, rows: int) -> None:
    """Make a register with this many of everything, all with citations."""
    with recorded():
        for _ in range(rows):
            listing = make_listing(
                register,
                models=[make_model(), make_model()],
                providers=[make_provider(declared_retention=make_term()), make_provider()],
                training="never",
                retention=make_term(clauses=[{"kind": "duration", "duration": "P30D"}]),
            )
            note = register.footnotes.first() or make_footnote(register)
            make_footnote(register)
            cite(note, listed_model=listing.listed_models.first())
            cite(note, cell=cell_of(listing, "training"))
            cite(note, provider=listing.listed_providers.first().provider)
            make_document(listing.listed_providers.first().provider, owner=make_user())
        for _ in range(rows):
            make_document(Provider.objects.first(), owner=make_user())
    page = capture(register).canonical_bytes()
    for _ in range(rows):
        freeze(
            register,
            {"json": page},
            source=Publication.Source.IMPORTED,
            submitted_at=timezone.now(),
            label="me",
            reason="x",
        )


# What the name of a listing is made of: its section, that one's register and columns; its models,
# providers, documents and cells, each joined with what it refers to.
NAMES = 3 + 4

# What is pending about the parts of one register: its publications in review and ahead, the one in
# force, those that were rejected or called off, what they are, and whether something was edited
# since the process read the page.
STATES = 4 + 1

# The same of a register without publications: there are no pages to read.
UNPUBLISHED = STATES - 1

LISTS = {
    # twice the count, the page with sections and registers, the names without those two, the columns
    # of the cells, and the registers, sections and providers to filter by; the states of the rows
    "listing": 3 + NAMES - 2 + 1 + 3 + STATES,
    # twice the count, the page with terms
    "provider": 3,
    # twice the count, the page, its clauses
    "retentionterm": 4,
    # twice the count, the page with floors
    "aimodel": 3,
    # twice the count, the page with registers, the registers to filter by; the states of the notes
    "footnote": 4 + STATES,
    # twice the count, the page; the states of the first register, and of the other one
    "register": 3 + STATES + UNPUBLISHED,
    # who ever edited; the changesets; the rows of each of fifteen tracked classes; what was
    # reviewed; what they refer to, the owners among them, and the models of listings, for their
    # names; the publications that they are in
    "changeset": 31,
    # twice the count, the page with numbers, its decisions, its files, the registers to filter by
    "publication": 6,
}


@pytest.mark.parametrize("rows", [2, 14])
def test_lists_take_a_fixed_number_of_queries(client: Client, django_assert_num_queries, rows):
    fill(make_register(), rows)
    make_register()
    client.force_login(make_user(role="editor"))

    for name, queries in LISTS.items():
        client.get(f"/admin/compliance/{name}/")  # the process remembers the pages
        with django_assert_num_queries(SIGNED_IN + queries):
            client.get(f"/admin/compliance/{name}/")


# With the last reason of the person for each, and for what several registers may print the only
# register, to which it could be submitted.
FORMS = {
    # the listing with its section and register, the last changeset; its models, providers and cells
    # with citations, the clauses of declared and of stated terms; its documents; the columns; the
    # default documents of its providers, all documents for their names; the notes, and what is
    # marked everywhere in models and in providers; the sections to move it to, and their names; the
    # names of the listing without its register; the terms to choose from; its state; whether
    # a page is in force, as which it could be set back; the table beside the form, which the process
    # remembers, and the last reason; where what is found about it leads
    Listing: 2 + 8 + 1 + 1 + 2 + 3 + 1 + NAMES - 1 + 1 + STATES + 1 + 1 + 1 + 1,
    # the provider, the last changeset, its documents, the terms to choose from, the owners to choose
    # from for the provider and for its documents; where it is used: the listings with their
    # names, the listings that name its documents, the footnotes; whether rows state their own
    # claims, these cells with columns, terms and listings, and their names; the registers that print
    # it, and its state in the only one
    Provider: 6 + 3 + NAMES + 1 + 5 + NAMES + 1 + STATES + 2,
    # the term with its clauses, the last changeset, the clauses again for the formset, the owners to
    # choose from; where it is used: the listings, the providers, the models; the rows that
    # state another one, as for a provider
    RetentionTerm: 5 + 3 + 1 + 4 + NAMES + 2,
    # the model, the last changeset, the terms to choose from; where it is used: the listings with
    # their names, the footnotes; the rows that state their own retention, and its state, as for a
    # provider
    AIModel: 3 + 2 + NAMES + 1 + 4 + NAMES + STATES + 2,
    # the note, its register, the last changeset, what it marks everywhere; what it marks in
    # listings: the models with their names and the cells with their columns, each with its listing;
    # the names of these; the listings with their names; its state
    Footnote: 4 + 7 + NAMES + NAMES + STATES + 1,
    # the register, the last changeset, its sections and columns; for each of its two actions,
    # whether it has listings; the state of its texts
    Register: 6 + STATES,
}


# What the rules find about it, in the one register that prints from it: that register, its page in
# force, whether something was edited, and the four of the rules
FOUND = 1 + 1 + 1 + 4


@pytest.mark.parametrize("rows", [2, 14])
def test_forms_take_a_fixed_number_of_queries(client: Client, django_assert_num_queries, rows):
    fill(make_register(), rows)
    client.force_login(make_user(role="editor"))

    for model, queries in FORMS.items():
        url = f"/admin/compliance/{model._meta.model_name}/{model.objects.first().pk}/change/"
        client.get(url)  # Django remembers content types, and the process the pages
        with django_assert_num_queries(SIGNED_IN + queries + FOUND):
            client.get(url)


@pytest.mark.parametrize("rows", [2, 20])
def test_the_page_of_a_changeset_takes_a_fixed_number_of_queries(
    client: Client, django_assert_num_queries, rows
):
    fill(make_register(), rows)
    client.force_login(make_user(role="editor"))
    url = f"/admin/compliance/changeset/{Changeset.objects.latest('id').pk}/change/"
    client.get(url)  # Django remembers content types

    # the changeset; the rows of each of fifteen tracked classes; what it reviewed; the models of its
    # listings, for their names; what it refers to, in ten classes, and the owners
    with django_assert_num_queries(SIGNED_IN + 1 + 15 + 1 + 1 + 10 + 1):
        client.get(url)


@pytest.mark.parametrize("rows", [2, 14])
def test_the_preview_of_a_page_takes_a_fixed_number_of_queries(
    client: Client, django_assert_num_queries, rows
):
    register = make_register()
    fill(register, rows)
    client.force_login(make_user(role="editor"))

    url = f"/admin/compliance/register/{register.pk}/preview/"
    client.get(url)  # the process remembers the page

    # the register; whether something was edited since
    with django_assert_num_queries(SIGNED_IN + 1 + 1):
        client.get(url)


@pytest.mark.parametrize("lines", [2, 14])
def test_replacing_one_of_many_models_takes_a_fixed_number_of_queries(client: Client, lines):
    register = make_register()
    listing = make_listing(register, models=[f"Model {number:02}" for number in range(lines)])
    url = f"/admin/compliance/listing/{listing.pk}/change/"
    client.force_login(make_user(role="editor"))
    typed = form_values(client.get(url).content)
    typed |= {
        "cell_models": typed["cell_models"].replace("Model 00", "Model X"),
        "reason": "Replaced",
    }

    with CaptureQueriesContext(connection) as captured:
        client.post(url, typed)

    written = [
        query["sql"].split('"')[1]
        for query in captured
        if query["sql"].startswith(("INSERT", "UPDATE"))
    ]
    assert written == [
        "compliance_changeset",
        "compliance_aimodel",
        "compliance_historicalaimodel",
        "compliance_listing",  # its version alone
        "compliance_listedmodel",
        "compliance_historicallistedmodel",
        "compliance_ledgerentry",
    ]
    assert len(captured) < 60
