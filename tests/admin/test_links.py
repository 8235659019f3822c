"""The links of the main screens: each leads where the person who reads it may go."""

import re
from html import unescape
from urllib.parse import urljoin

import pytest
from django.urls import reverse

from compliance.models import Changeset
from compliance.models.changesets import changeset
from tests.factories import (
    cite,
    make_document,
    make_footnote,
    make_listing,
    make_provider,
    make_term,
    make_user,
    state,
)
from tests.publications import HOUR, NOON, published, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
_LISTS = ("listing", "aimodel", "provider", "retentionterm", "footnote", "register", "publication")
_SCREENS = ("index", "documents", "agreements", "review_calendar", "offering", "audit_pack", "help")


def _screens(listing, publications):
    """Return the addresses of the main screens, with a record of each kind."""
    acme = listing.listed_providers.get().provider
    records = {
        "listing": listing,
        "provider": acme,
        "aimodel": listing.listed_models.get().model,
        "retentionterm": acme.declared_retention,
        "footnote": listing.register.footnotes.get(),
        "register": listing.register,
        "changeset": Changeset.objects.filter(kind=Changeset.Kind.EDIT).first(),
    }
    yield from (reverse(f"admin:{name}") for name in (*_SCREENS, "search"))
    yield from (reverse(f"admin:compliance_{name}_changelist") for name in (*_LISTS, "changeset"))
    for name, record in records.items():
        yield reverse(f"admin:compliance_{name}_change", args=[record.pk])
        if name != "changeset":
            yield reverse(f"admin:compliance_{name}_history", args=[record.pk])
    for name in ("page", "preview", "timeline"):
        yield reverse(f"admin:compliance_register_{name}", args=[listing.register.pk])
    for publication in publications:
        yield reverse("admin:compliance_publication_change", args=[publication.pk])
    yield f"{reverse('admin:search')}?q=Acme"


def _links(page, address):
    """Return the addresses in the admin that a page links to, without their fragments."""
    found = re.findall(r'<a\b[^>]*?\bhref="([^"#]+)', page)
    absolute = {urljoin(address, unescape(link)) for link in found}
    return {link for link in absolute if link.startswith("/admin/")}


@pytest.mark.parametrize("role", ["editor", "approver", "auditor", "administrator"])
def test_no_link_leads_where_the_person_may_not_go(client, editor, approver, role):
    acme = make_provider("Acme", declared_retention=make_term("30 days"))
    make_document(acme, valid_until=NOON.date())
    listing = make_listing(models=["GPT 6"], providers=[acme], training="never")
    cite(make_footnote(listing.register, text="A note."), listed_model=listing.listed_models.get())
    first = published(listing.register, editor, approver)
    with changeset(by=editor, reason="They wrote"):
        state(listing, training="opt_in")
    waiting = submitted(listing.register, editor, at=NOON + HOUR)
    with changeset(by=editor, reason="They wrote again"):
        state(listing, training="by_default")
    client.force_login(make_user("reader", **_account(role)))

    refused, followed = {}, set()
    for screen in _screens(listing, [first, waiting]):
        response = client.get(screen, follow=True)
        if response.status_code == 403:  # a screen that nothing leads this person to
            continue
        for link in _links(response.text, screen) - followed:
            followed.add(link)
            if client.get(link).status_code == 403:
                refused[link] = screen

    assert refused == {}
    assert len(followed) > 50


def _account(role):
    return {"is_superuser": True} if role == "administrator" else {"role": role}


@pytest.mark.parametrize(("role", "hint"), [("editor", "edit"), ("approver", "open")])
def test_a_cell_says_what_its_link_is_for(client, role, hint):
    listing = make_listing(models=["GPT 6"])
    client.force_login(make_user(role=role))

    page = client.get(reverse("admin:compliance_register_page", args=[listing.register.pk])).text

    assert set(re.findall(r"\((\w+)\s+Model of row 1\)", page)) == {hint}
