"""Convert a page from one format to another; needs no database."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from compliance.management.inputs import read_file, refusal
from compliance.page.formats import FORMATS, FormatFault, Reading


class Command(BaseCommand):
    """Write a page, read from a file, to standard output in another format."""

    help = "Convert a page between formats. What was normalised is told on standard error."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the file and the formats."""
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
        """Convert; bad input ends with its sentence and exit code 2, and nothing on standard output."""
        try:
            reading = _read(source, syntax or ("json" if source.endswith(".json") else "md"))
            converted = FORMATS[target].render(reading.snapshot)
        except FormatFault as error:
            raise refusal(f"{source}: {error}") from error
        for note in reading.notes:
            self.stderr.write(f"{source}: {note}")
        sys.stdout.buffer.write(converted)
        sys.stdout.buffer.flush()


def _read(source: str, syntax: str) -> Reading:
    parse = FORMATS[syntax].parse
    if parse is None:
        raise refusal(f"{syntax} is only written. Give a page as Markdown or JSON.")
    return parse(read_file(source))
