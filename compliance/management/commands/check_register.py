"""manage.py check_register: run the rules over a register's working copy."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.utils import timezone

from compliance import publishing
from compliance.management.annotations import FORMATS
from compliance.management.inputs import RegistryCommand, read_file, register_named
from compliance.page import rules
from compliance.workingcopy.importing import read_catalogue


class Command(RegistryCommand):
    help = (
        "Print what the rules find in a register: alone, and compared with the page in force. "
        "Exits with 1 if a finding is a blocker."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("register", help="slug")
        parser.add_argument(
            "--catalogue",
            metavar="FILE",
            help="the product's own list of models, JSON or CSV; - reads standard input",
        )
        parser.add_argument(
            "--format",
            choices=FORMATS,
            default="text",
            help="github: workflow commands, which Gitea reads too; gitlab: a Code Quality report",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        register = register_named(options["register"])
        catalogue = None
        if options["catalogue"]:
            catalogue = read_catalogue(
                read_file(options["catalogue"]), fields=settings.CATALOGUE_FIELDS
            )
        findings = publishing.candidate(register, at=timezone.now(), catalogue=catalogue).findings
        if report := FORMATS[options["format"]](findings, register.slug):
            self.stdout.write(report)
        if any(finding.severity == rules.Severity.BLOCKER for finding in findings):
            sys.exit(1)
