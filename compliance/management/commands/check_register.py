"""manage.py check_register: what the rules find in a register's working copy, and against the page in force."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from compliance import publishing, rules
from compliance.management.inputs import RegistryCommand, register_named


class Command(RegistryCommand):
    """Print what stands in the way of submitting a register, or asks for an answer; exit 1 when one is a blocker."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the register."""
        parser.add_argument("register", help="slug")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a finding a line."""
        findings = publishing.candidate(register_named(options["register"]), at=timezone.now()).findings
        for finding in findings:
            self.stdout.write(f"{finding.severity}: {finding.message}")
        if any(finding.severity == rules.Severity.BLOCKER for finding in findings):
            sys.exit(1)
        if not findings:
            self.stdout.write("The rules find nothing.")
