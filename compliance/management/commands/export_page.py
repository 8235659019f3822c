"""manage.py export_page: write a publication or the working copy to standard output."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from compliance.management.flavours import add_flavour_option, chosen_flavour
from compliance.management.inputs import RegistryCommand, refusal, register_named
from compliance.models import Publication, Register
from compliance.models.publications import NotADay, as_of
from compliance.page.formats import FORMATS, markdown
from compliance.page.formats.markdown import GFM
from compliance.rendering.html import artefacts
from compliance.workingcopy.resolve import capture


class Command(RegistryCommand):
    help = "Write the bytes of a publication, or of the working copy, to standard output."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--register", required=True, help="slug")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--publication", type=int, metavar="N", help="default: the one in force")
        which.add_argument(
            "--as-of", metavar="D", help="what was in force at the end of that day, UTC: 2026-08-14"
        )
        which.add_argument("--working", action="store_true", help="the working copy")
        parser.add_argument("--to", required=True, choices=[*FORMATS, "html"])
        add_flavour_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        flavour = chosen_flavour(options["flavour"], target=options["to"])
        register = register_named(options["register"])
        publication = None if options["working"] else _publication(register, options)
        if flavour is not GFM:
            # Only the canonical page is frozen; the others are written of the same snapshot.
            snapshot = publication.snapshot() if publication else capture(register)
            content = markdown.render(snapshot, flavour).encode()
        elif publication:
            content = _frozen_file(publication, options["to"])
        else:
            content = artefacts(capture(register))[options["to"]]
        # Bytes, because self.stdout would add a line end and encode as the terminal does.
        sys.stdout.buffer.write(content)


def _frozen_file(publication: Publication, format: str) -> bytes:
    """Return a file of a publication; exits with code 2 if it is older than the format."""
    formats = [file.format for file in publication.files.all()]
    if format not in formats:
        raise refusal(f"{publication} has no file in this format, only {', '.join(formats)}.")
    return publication.content(format)


def _publication(register: Register, options: dict[str, Any]) -> Publication:
    """Return the publication that was asked for; exits with code 2 if there is none."""
    number = options["publication"]
    if number is not None:
        publication = register.publications.numbered(number)
        if publication is None:
            raise refusal(f"{register.title} has no publication {number}.")
        return publication
    now = timezone.now()
    try:
        at = as_of(options["as_of"], now=now) if options["as_of"] else now
    except NotADay as error:
        raise refusal(str(error)) from error
    publication = register.publications.public_at(at)
    if publication is None:
        raise refusal(f"{register.title} has no publication in force on {at:%Y-%m-%d}.")
    return publication
