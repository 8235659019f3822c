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
# force, those that were rejected or called off, and whether something was edited since the process
# read the page.
STATES = 3 + 1

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
    "register": 3 + STATES + STATES,
    # who ever edited; the changesets; the rows of each of fifteen tracked classes; what was
    # reviewed; what they refer to, the owners among them, and the models of listings, for their
    # names; the publications that they are in
    # and eight of what happened to accounts
    "changeset": 39,
    # twice the count, the page with numbers, its decisions, its files, the registers to filter by
    "publication": 6,
}


@pytest.mark.parametrize("rows", [2, 14])
def test_lists_take_a_fixed_number_of_queries(client: Client, django_assert_num_queries, rows):
    client.force_login(make_user(role="editor"))
    fill(make_register(), rows)
    make_register()

    for name, queries in LISTS.items():
        client.get(f"/admin/compliance/{name}/")  # the process remembers the pages
        with django_assert_num_queries(SIGNED_IN + queries):
            client.get(f"/admin/compliance/{name}/")


# The record with its parts, what can be chosen in its fields, what is pending of it, what uses it,
# the last changeset that touched it, and the last reason of the person. Rows are called by their
# models, in one query for all of them.
FORMS = {Listing: 25, Provider: 24, RetentionTerm: 13, AIModel: 18, Footnote: 25, Register: 10}


# What the rules find about it, in the one register that prints from it: that register, its page in
# force, what is pending, whether something was edited, and the three of the rules
FOUND = 1 + 1 + 1 + 1 + 3


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
    client.force_login(make_user(role="editor"))
    fill(make_register(), rows)
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


# Into the form of each kind of record, what is typed before it is previewed.
TYPED = {
    Listing: {"position": "7"},
    Provider: {"name": "Somebody Else"},
    RetentionTerm: {"wording": "1 month"},
    AIModel: {"name": "Another Model"},
    Footnote: {"text": "Another text."},
    Register: {"title": "Another title"},
}


@pytest.mark.parametrize("model", TYPED)
@pytest.mark.parametrize("live", [{}, {"_live": "1"}])
def test_a_preview_takes_no_more_than_sixty_queries(client: Client, model, live):
    fill(make_register(), 14)
    client.force_login(make_user(role="editor"))
    url = f"/admin/compliance/{model._meta.model_name}/{model.objects.last().pk}/change/"
    typed = {**form_values(client.get(url).content), **TYPED[model], "_preview": "1", **live}
    client.post(url, typed)  # the process remembers the pages

    with CaptureQueriesContext(connection) as captured:
        response = client.post(url, typed)

    assert response.context["preview"].writes
    # Those of PostgreSQL that take the lock are left out.
    asked = [query for query in captured if "pg_advisory" not in query["sql"]]
    assert len(asked) <= 60
