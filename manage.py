#!/usr/bin/env python
"""The command line of the registry."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry.settings")
    if "runserver" not in sys.argv[1:2]:
        os.environ.setdefault("DATABASE_TIMEOUT", "0")  # a migration may take its time
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as fault:  # a wrong variable of the environment
        print(f"ImproperlyConfigured: {fault}", file=sys.stderr)
        sys.exit(2)
