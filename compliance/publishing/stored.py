"""What was frozen, read back from the record."""

from datetime import datetime

from compliance.models import Register


class NothingPublished(LookupError):
    """There is no such publication; says which was asked for."""


def published_content(
    register: Register, format: str, *, number: int | None = None, at: datetime
) -> bytes:
    """Return the stored bytes of publication `number`, or of the one in force at a moment; raises NothingPublished."""
    if number is not None:
        publication = register.publications.numbered(number)
        wanted = f"publication {number}"
    else:
        publication = register.publications.public_at(at)
        wanted = f"publication in force on {at:%Y-%m-%d}"
    if publication is None:
        raise NothingPublished(f"{register.title} has no {wanted}.")
    return bytes(publication.files.get(format=format).content)
