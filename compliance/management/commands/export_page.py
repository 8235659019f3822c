"""manage.py export_page: a publication or the working copy to standard output."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from compliance.management.inputs import RegistryCommand, refusal, register_named
from compliance.models.publications import NotADay, as_of
from compliance.publishing import NothingPublished, published_content
from compliance.rendering.html import artefacts
from compliance.workingcopy.resolve import capture


class Command(RegistryCommand):
    """Write the bytes of a publication, or of the working copy, to standard output."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the register, which of its states, and the format."""
        parser.add_argument("--register", required=True, help="slug")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--publication", type=int, metavar="N", help="default: the one in force")
        which.add_argument(
            "--as-of", metavar="D", help="what was in force at the end of that day, UTC: 2026-08-14"
        )
        which.add_argument("--working", action="store_true", help="the working copy")
        parser.add_argument("--to", required=True, choices=["md", "json", "csv", "html"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the bytes; exit 2 for an unknown register, publication or day."""
        register = register_named(options["register"])
        if options["working"]:
            content = artefacts(capture(register))[options["to"]]
        else:
            now = timezone.now()
            try:
                at = as_of(options["as_of"], now=now) if options["as_of"] else now
                content = published_content(
                    register, options["to"], number=options["publication"], at=at
                )
            except (NotADay, NothingPublished) as error:
                raise refusal(str(error)) from error
        sys.stdout.buffer.write(content)
