"""manage.py import_page: make a register's working copy equal to a page."""

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from compliance.accounts.actors import operating_system_user
from compliance.management.inputs import (
    RegistryCommand,
    add_page_arguments,
    column_settings,
    read_file,
    tell_columns,
    user_named,
)
from compliance.models import Changeset, Register
from compliance.page.ends import with_named_ends
from compliance.page.formats.recognition import recognised
from compliance.workingcopy.importing import import_page, read_page, write_page
from compliance.workingcopy.preview import dry_run


class Command(RegistryCommand):
    help = (
        "Make a register's working copy equal to a page with the fewest writes, "
        "and print the changes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a page in Markdown, JSON or CSV; - is standard input")
        parser.add_argument(
            "--register", required=True, help="slug; the first import creates the register"
        )
        add_page_arguments(parser)
        parser.add_argument("--reason", required=True, help="why the register changes")
        parser.add_argument(
            "--by",
            help="name of the user who imports; default: the operating system's user, as text",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="print the changes and write nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        source = read_file(options["file"])
        register = Register.objects.filter(slug=options["register"]).first()
        reading = read_page(
            source,
            register=register,
            syntax=options["syntax"] or recognised(source, name=options["file"]),
            title=options["title"],
            settings=column_settings(options["columns"]),
        )
        tell_columns(reading, path=options["file"], stream=self.stderr)
        for note in reading.notes:
            self.stderr.write(f"{options['file']}: {note}")
        snapshot = reading.snapshot
        if options["takes_ends"]:
            snapshot = with_named_ends(snapshot)
        who: dict[str, Any] = {"by": user_named(options["by"]), "label": operating_system_user()}
        page: dict[str, Any] = {"slug": options["register"], "with_facts": reading.has_facts}
        if options["dry_run"]:
            with dry_run(at=timezone.now(), source=Changeset.Source.IMPORT.value, **who):
                imported = write_page(snapshot, **page)
        else:
            imported = import_page(snapshot, reason=options["reason"], **page, **who)
        would = "Would create" if options["dry_run"] else "Created"
        if imported.created:
            self.stdout.write(f"{would} the register {options['register']}.")
        for change in imported.changes:
            self.stdout.write(change.sentence)
        if not imported.changes and not imported.created:
            self.stdout.write("Nothing differs.")
        elif options["dry_run"]:
            self.stdout.write("Dry run: nothing was changed.")
