"""What commands are given: pages, registers, users; and how they say no."""

import getpass
import sys
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, DataError, IntegrityError

from compliance.models import Register, User
from compliance.models.changesets import ReasonRefused
from compliance.page.formats import FormatFault
from compliance.published.store import StoreFault
from compliance.workingcopy.importing import NotImportable

BAD_INPUT = 2


def refusal(sentence: str) -> CommandError:
    """Return the error that prints a sentence and ends with exit code 2: bad input, nothing changed."""
    return CommandError(sentence, returncode=BAD_INPUT)


class RegistryCommand(BaseCommand):
    """A command that ends with a sentence: exit code 2 for bad input, 1 where database or store cannot be used."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command; whatever was begun is taken back by its transaction before the sentence is printed."""
        try:
            return super().execute(*args, **options)
        except (FormatFault, NotImportable, ReasonRefused) as error:
            raise refusal(str(error)) from error
        except UnicodeEncodeError as error:
            raise refusal(f"{error.object[:40]!a} is no text: write it in UTF-8.") from error
        except DatabaseError as error:
            if isinstance(error, IntegrityError | DataError):
                raise
            said = str(error).strip().rstrip(".")
            raise CommandError(
                f"The database cannot be used: {said}. Is it there, and migrated?"
            ) from error
        except StoreFault as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"{error.filename or 'A file'} cannot be used: {error.strerror or error}."
            ) from error


def read_file(path: str) -> bytes:
    """Return the bytes of a file, or of standard input for `-`."""
    if path == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise refusal(f"{path} cannot be read: {error.strerror}.") from error


def register_named(slug: str) -> Register:
    """Return a register by its slug."""
    register: Register | None = Register.objects.filter(slug=slug).first()
    if register is None:
        known = ", ".join(Register.objects.values_list("slug", flat=True)) or "none yet"
        raise refusal(f"There is no register {slug}. The registers are: {known}.")
    return register


def user_named(username: str | None) -> User | None:
    """Return a user by name, None for no name."""
    if username is None:
        return None
    user = get_user_model().objects.filter(username=username, is_active=True).first()
    if user is None:
        raise refusal(f"There is no active user {username}.")
    return user


def operating_system_user() -> str:
    """Return who runs the command, as the operating system knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown operating system user"
