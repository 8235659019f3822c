"""manage.py check_register: what the rules find in a register's working copy, and against the page in force."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.utils import timezone

from compliance import publishing, rules
from compliance.importing import read_catalogue
from compliance.management.inputs import RegistryCommand, read_file, register_named


class Command(RegistryCommand):
    """Print what stands in the way of submitting a register, or asks for an answer; exit 1 when one is a blocker."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the register and the catalogue."""
        parser.add_argument("register", help="slug")
        parser.add_argument("--catalogue", metavar="FILE", help="what the product offers, JSON or CSV; - reads input")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a finding a line."""
        register, catalogue = register_named(options["register"]), None
        if options["catalogue"]:
            catalogue = read_catalogue(read_file(options["catalogue"]), fields=settings.CATALOGUE_FIELDS)
        findings = publishing.candidate(register, at=timezone.now(), catalogue=catalogue).findings
        for finding in findings:
            self.stdout.write(f"{finding.severity}: {finding.message}")
        if any(finding.severity == rules.Severity.BLOCKER for finding in findings):
            sys.exit(1)
        if not findings:
            self.stdout.write("The rules find nothing.")
