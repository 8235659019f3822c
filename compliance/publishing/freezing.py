"""The two inserts of publishing: a publication with its files, and a decision. Each is sealed in the record."""

from collections.abc import Iterable, Mapping
from typing import Any

from compliance import canonical
from compliance.models import Changeset, Contribution, Decision, Publication, PublishedFile, Register


def freeze(
    register: Register, files: Mapping[str, bytes], *, changesets: Iterable[Changeset] = (), **facts: Any
) -> Publication:
    """Insert a publication with its artefacts and the changesets in it, and return it.

    The frame's facts (publisher, contact, licence) are the register's own unless given.
    """
    frame = {name: getattr(register, name) for name in ("publisher", "contact", "licence")}
    publication = Publication.objects.create(
        register=register, content_sha256=canonical.sha256(files["json"]), **{**frame, **facts}
    )
    for format, content in files.items():
        sha256 = canonical.sha256(content)
        PublishedFile.objects.create(publication=publication, format=format, content=content, sha256=sha256)
    for changeset in changesets:
        Contribution.objects.create(publication=publication, changeset=changeset)
    return publication


def decide(publication: Publication, kind: Decision.Kind, **facts: Any) -> Decision:
    """Insert a decision of a publication and return it."""
    return Decision.objects.create(publication=publication, register=publication.register, kind=kind, **facts)
