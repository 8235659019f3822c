"""manage.py convert_page: convert a page from one format to another, without a database."""

import sys
from typing import Any

from django.core.management.base import CommandParser

from compliance.management.flavours import add_flavour_option, chosen_flavour
from compliance.management.inputs import (
    ExactCommand,
    add_page_arguments,
    column_settings,
    read_file,
    refusal,
    tell_columns,
)
from compliance.page.ends import with_named_ends
from compliance.page.formats import FORMATS, FormatFault, markdown
from compliance.page.formats.markdown import Flavour
from compliance.page.formats.reader import read
from compliance.page.formats.recognition import recognised
from compliance.page.snapshot import Snapshot


class Command(ExactCommand):
    help = (
        "Convert a page to another format on standard output. "
        "Standard error names what was normalised. Exits with 2 for a page that cannot be read."
    )
    # Converting needs no configured installation, so Django's checks are not run.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", metavar="IN", help="the page; - is standard input")
        parser.add_argument(
            "--to", dest="target", required=True, choices=list(FORMATS), help="the format to write"
        )
        add_flavour_option(parser)
        add_page_arguments(parser)

    def handle(
        self,
        *args: Any,
        source: str,
        target: str,
        syntax: str | None,
        title: str,
        **options: Any,
    ) -> None:
        settings = column_settings(options["columns"])
        flavour = chosen_flavour(options["flavour"], target=target)
        page = read_file(source)
        try:
            syntax = syntax or recognised(page, name=source)
            reading = read(page, syntax=syntax, title=title, settings=settings)
            snapshot = reading.snapshot
            if options["takes_ends"]:
                snapshot = with_named_ends(snapshot)
            converted = _written(snapshot, target, flavour)
        except FormatFault as error:
            raise refusal(f"{source}: {error}") from error
        tell_columns(reading, path=source, stream=self.stderr)
        for note in reading.notes:
            self.stderr.write(f"{source}: {note}")
        if not reading.has_facts and target != "md":
            self.stderr.write(
                f"{source}: The ids are made of names and positions; they are no published ones."
            )
        # Bytes, because self.stdout would add a line end and encode as the terminal does.
        sys.stdout.buffer.write(converted)
        sys.stdout.buffer.flush()


def _written(snapshot: Snapshot, target: str, flavour: Flavour) -> bytes:
    if target == "md":
        return markdown.render(snapshot, flavour).encode()
    return FORMATS[target].render(snapshot)
