"""manage.py check_register: what the rules find in a register's working copy, and against the page in force."""

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
    """Print what stands in the way of submitting a register, or asks for an answer; exit 1 when one is a blocker."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the register, the catalogue and the format."""
        parser.add_argument("register", help="slug")
        parser.add_argument(
            "--catalogue",
            metavar="FILE",
            help="what the product offers, JSON or CSV; - reads input",
        )
        parser.add_argument(
            "--format",
            choices=FORMATS,
            default="text",
            help="github: workflow commands, which Gitea reads too; gitlab: a Code Quality report",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the findings."""
        register, catalogue = register_named(options["register"]), None
        if options["catalogue"]:
            catalogue = read_catalogue(
                read_file(options["catalogue"]), fields=settings.CATALOGUE_FIELDS
            )
        findings = publishing.candidate(register, at=timezone.now(), catalogue=catalogue).findings
        if told := FORMATS[options["format"]](findings, register.slug):
            self.stdout.write(told)
        if any(finding.severity == rules.Severity.BLOCKER for finding in findings):
            sys.exit(1)
