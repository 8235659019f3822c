"""What is known about a model or provider besides its name, in words for the pages about it."""

from collections.abc import Iterable
from dataclasses import replace

from django_countries import countries

from compliance.page import inline
from compliance.page.snapshot import Model, Provider, Snapshot
from compliance.page.table import DocumentItem
from compliance.page.training import training_text
from compliance.page.urls import url_fault

# A label, and the words behind it.
Fact = tuple[str, str]


def model_facts(model: Model) -> list[Fact]:
    """Return what a page tells about a model, without what it leaves empty."""
    floor = model.retention_floor
    return _filled(
        ("Developer", model.developer),
        ("Also known as", ", ".join(model.aliases)),
        ("Listed before under the id", ", ".join(model.continues)),
        ("Kept at any provider for at least", inline.plain(floor.text) if floor else ""),
    )


def provider_facts(provider: Provider) -> list[Fact]:
    """Return what a page tells about a provider, without what it leaves empty."""
    return _filled(
        ("Legal entity", provider.legal_entity),
        ("Also known as", ", ".join(provider.aliases)),
        ("Processes prompts in", _country_names(provider.processing_countries)),
        ("Stores prompts in", _country_names(provider.storage_countries)),
    )


def declared_facts(provider: Provider) -> list[Fact]:
    """Return what a provider declares of all that it is sent; nothing where it declares nothing."""
    declared = provider.declared
    if declared is None:
        return []
    return _filled(
        ("Training", training_text(declared.training) if declared.training else ""),
        ("Retention", inline.plain(declared.retention.text) if declared.retention else ""),
    )


def documents(snapshot: Snapshot, provider: Provider) -> list[DocumentItem]:
    """Return the documents of a provider that a page lists, each once, in the order of the page.

    A document without an address that may be a link has none.
    """
    found: dict[str, DocumentItem] = {}
    for row in snapshot.rows():
        for item in row.documents:
            if item.provider == provider.id:
                found.setdefault(item.document, replace(item, url=_link(item.url or "") or None))
    return list(found.values())


def website(provider: Provider) -> str:
    """Return the address of a provider's website, "" where it has none that may be a link."""
    return _link(provider.website)


def _link(url: str) -> str:
    return url if url and url_fault(url) is None else ""


def _filled(*facts: Fact) -> list[Fact]:
    return [(label, words) for label, words in facts if words]


def _country_names(codes: Iterable[str]) -> str:
    # A code that the list of countries does not know stands for itself.
    return ", ".join(str(countries.name(code)) or code for code in codes)
