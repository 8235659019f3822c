"""manage.py convert_page: convert a page from one format to another, without a database."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from compliance.management.inputs import read_file, refusal
from compliance.page.formats import FORMATS, FormatFault, Reading


class Command(BaseCommand):
    help = (
        "Convert a page to another format on standard output. "
        "Standard error names what was normalised. Exits with 2 for a page that cannot be read."
    )
    # Converting needs no configured installation, so Django's checks are not run.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        readable = [name for name, syntax in FORMATS.items() if syntax.parse]
        parser.add_argument("source", metavar="IN", help="the page; - is standard input")
        parser.add_argument(
            "--to", dest="target", required=True, choices=list(FORMATS), help="the format to write"
        )
        parser.add_argument(
            "--from",
            dest="syntax",
            choices=readable,
            help="the format of IN; by default json for a name that ends in .json, else md",
        )

    def handle(
        self, *args: Any, source: str, target: str, syntax: str | None, **options: Any
    ) -> None:
        syntax = syntax or ("json" if source.endswith(".json") else "md")
        try:
            reading = _read(source, syntax)
            converted = FORMATS[target].render(reading.snapshot)
        except FormatFault as error:
            raise refusal(f"{source}: {error}") from error
        for note in reading.notes:
            self.stderr.write(f"{source}: {note}")
        if syntax == "md" and target != "md":
            self.stderr.write(
                f"{source}: The ids are made of names and positions; they are no published ones."
            )
        # Bytes, because self.stdout would add a line end and encode as the terminal does.
        sys.stdout.buffer.write(converted)
        sys.stdout.buffer.flush()


def _read(source: str, syntax: str) -> Reading:
    parse = FORMATS[syntax].parse
    if parse is None:
        raise refusal(f"{syntax} can only be written, not read. Give a page as Markdown or JSON.")
    return parse(read_file(source))
