"""manage.py check_register: what the rules find in a register's working copy."""

import sys
from argparse import ArgumentParser
from typing import Any

from compliance import rules
from compliance.capture import capture
from compliance.management.inputs import RegistryCommand, register_named


class Command(RegistryCommand):
    """Print what the rules find in a register's working copy; exit 1 when one is a blocker."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the register."""
        parser.add_argument("register", help="slug")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a finding a line."""
        findings = rules.findings(capture(register_named(options["register"])))
        for finding in findings:
            self.stdout.write(f"{finding.severity}: {finding.message}")
        if any(finding.severity == rules.Severity.BLOCKER for finding in findings):
            sys.exit(1)
        if not findings:
            self.stdout.write("The rules find nothing.")
