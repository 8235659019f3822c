"""The shapes of the API's answers, as the OpenAPI document describes them."""

from collections.abc import Container, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse
from rest_framework import serializers

from compliance.page.diff import AffectedChange
from compliance.page.formats import FORMATS
from compliance.page.policy import Verdict
from compliance.page.snapshot import Snapshot
from compliance.published.changelog import PublicationStep
from compliance.published.index import Index, PublishedEntry, StoredFile, moment_text


class FileSerializer(serializers.Serializer[Any]):
    """A publication in one format."""

    url = serializers.URLField(help_text="Where the file is.")
    media_type = serializers.CharField(help_text="Its media type.")
    sha256 = serializers.CharField(
        help_text="The SHA-256 of its bytes, 64 hex digits; also its ETag."
    )
    size = serializers.IntegerField(help_text="Its length in bytes.")


class PublicationSerializer(serializers.Serializer[Any]):
    """A register as it was approved to be public, under its number."""

    number = serializers.IntegerField(help_text="Its number in the register, from 1, without gaps.")
    title = serializers.CharField(help_text="The register's title in it.")
    source = serializers.ChoiceField(  # type: ignore[assignment]  # a field of every serializer is called so
        choices=["native", "imported"],
        help_text="imported: a page from before the registry; native: approved in it.",
    )
    effective_from = serializers.DateTimeField(help_text="When it takes or took effect.")
    approved_at = serializers.DateTimeField(
        help_text="When it was approved, or recorded if it is imported."
    )
    in_force = serializers.BooleanField(help_text="Whether it is the one in force now.")
    content_sha256 = serializers.CharField(
        help_text="The SHA-256 of its canonical JSON, 64 hex digits."
    )
    url = serializers.URLField(help_text="Its page for people.")
    files = serializers.DictField(
        child=FileSerializer(help_text="One file."), help_text="Its files by format: md, csv, json."
    )


class RegisterSerializer(serializers.Serializer[Any]):
    """A public list of the models that get users' prompts."""

    slug = serializers.CharField(help_text="Its name in URLs.")
    title = serializers.CharField(help_text="Its title.")
    language = serializers.CharField(help_text="The language of its texts, BCP 47.")
    publisher = serializers.CharField(
        allow_blank=True, help_text="Who answers for it; may be empty."
    )
    contact = serializers.CharField(allow_blank=True, help_text="Where to ask; may be empty.")
    licence = serializers.CharField(
        allow_blank=True, help_text="The licence of the data; may be empty."
    )
    url = serializers.URLField(help_text="Its page for people.")
    current = PublicationSerializer(help_text="The publication in force.")


class ProblemSerializer(serializers.Serializer[Any]):
    """An error, as RFC 9457 problem details."""

    type = serializers.CharField(help_text="Always about:blank: the status says the kind.")
    title = serializers.CharField(help_text="The name of the HTTP status.")
    status = serializers.IntegerField(help_text="The HTTP status.")
    detail = serializers.CharField(help_text="What is wrong and what to do.")


def register_object(index: Index, current: PublishedEntry, base: str) -> dict[str, Any]:
    """Return a register as RegisterSerializer describes it; `base` is the site's origin."""
    return {
        "slug": index.slug,
        "title": current.title,
        "language": current.language,
        "publisher": current.publisher,
        "contact": current.contact,
        "licence": current.licence,
        "url": base + reverse("public:register", kwargs={"slug": index.slug}),
        "current": publication_object(index, current, base, in_force=True),
    }


def publication_object(
    index: Index, entry: PublishedEntry, base: str, *, in_force: bool
) -> dict[str, Any]:
    """Return a publication as PublicationSerializer describes it; `base` is the site's origin."""
    page = base + reverse("public:publication", kwargs={"slug": index.slug, "number": entry.number})
    return {
        "number": entry.number,
        "title": entry.title,
        "source": entry.source,
        "effective_from": moment_text(entry.effective_from),
        "approved_at": moment_text(entry.approved_at),
        "in_force": in_force,
        "content_sha256": entry.content_sha256,
        "url": page,
        "files": {
            name: _file_object(
                entry.files[name], f"{page.rstrip('/')}.{name}", FORMATS[name].media_type
            )
            for name in FORMATS
            if name in entry.files
        },
    }


def _file_object(file: StoredFile, url: str, media_type: str) -> dict[str, Any]:
    return {"url": url, "media_type": media_type, "sha256": file.sha256, "size": file.size}


def offering_objects(snapshot: Snapshot, listings: Container[str]) -> Iterator[dict[str, Any]]:
    """Give every pair of model and provider in some listings as `offering_schema` describes it, from `register/1`."""
    for listing in snapshot.to_dict()["listings"]:
        if listing["id"] in listings:
            terms = {"training": listing["training"], "retention": listing["retention"]}
            for model in listing["models"]:
                for provider in listing["providers"]:
                    documents = [
                        each
                        for each in listing["documents"]
                        if each["provider"] in (provider["id"], None)
                    ]
                    parties = {"listing": listing["id"], "model": model, "provider": provider}
                    yield {**parties, **terms, "documents": documents}


def step_object(
    step: PublicationStep, changes: Iterable[AffectedChange], at: datetime, base: str
) -> dict[str, Any]:
    """Return a publication against the one before it, with some of its changes, as `step_schema` describes it."""
    path = reverse("public:step", kwargs={"slug": step.index.slug, "number": step.entry.number})
    return {
        "publication": step.entry.number,
        "before": step.before.number if step.before else None,
        "effective_from": moment_text(step.entry.effective_from),
        "announced": step.entry.effective_from > at,
        "url": base + path,
        "changes": [
            {
                "kind": told.change.kind,
                "effect": told.change.effect,
                "sentence": told.change.sentence,
                "listing": told.change.listing,
                "models": sorted(told.models),
                "providers": sorted(told.providers),
            }
            for told in changes
        ],
    }


def verdict_object(verdict: Verdict) -> dict[str, Any]:
    """Return the verdict on a model as `fit_schema` describes it."""
    reasons = [
        {
            "sentence": why.sentence,
            "providers": [{"id": each.id, "name": each.name} for each in why.providers],
        }
        for why in verdict.reasons
    ]
    return {"model": verdict.model, "name": verdict.name, "fits": not reasons, "reasons": reasons}
