"""What the commands share: reading files, finding registers and users, and refusing bad input."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import (
    BaseCommand,
    CommandError,
    CommandParser,
    OutputWrapper,
    SystemCheckError,
)
from django.db import DatabaseError, DataError, IntegrityError, connection

from compliance.models import Register, User
from compliance.models.changesets import ReasonRefused
from compliance.models.ledger import ClockBehind
from compliance.page.formats import FORMATS, FormatFault, Reading
from compliance.page.formats.column_report import describe_columns, has_guessed_claims
from compliance.page.formats.columns import ColumnSetting, InvalidColumn
from compliance.published.errors import StoreFault
from compliance.workingcopy.importing import NotImportable

BAD_INPUT = 2
_INSUFFICIENT_PRIVILEGE = "42501"  # https://www.postgresql.org/docs/current/errcodes-appendix.html


def refusal(sentence: str) -> CommandError:
    """Return the error for bad input: it prints the sentence and exits with code 2."""
    return CommandError(sentence, returncode=BAD_INPUT)


class ExactCommand(BaseCommand):
    """A command whose options are given in full: `--for` must not be read as `--force-color`."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, allow_abbrev=False, **kwargs)


class RegistryCommand(ExactCommand):
    """A command that reports expected errors as one sentence.

    Exit code 2 means that it could not do its work: bad input, a wrong setting, a database or a
    store that cannot be used. Nothing is changed then: each command is one transaction. Exit code 1
    is left to what a command finds, such as a corrupt record.
    """

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except (FormatFault, NotImportable, ReasonRefused) as error:
            raise refusal(str(error)) from error
        # Python keeps bytes of an argument that are not UTF-8 as surrogates (PEP 383).
        except UnicodeEncodeError as error:
            raise refusal(f"{error.object[:40]!a} is not text in UTF-8.") from error
        except DatabaseError as error:
            # The database was reached: the traceback says which of its rules a row broke.
            if isinstance(error, IntegrityError | DataError):
                raise
            raise unusable_database(error) from error
        except StoreFault as error:
            raise refusal(str(error)) from error
        except ClockBehind as error:
            raise refusal(" ".join(error.messages)) from error
        except OSError as error:
            raise refusal(
                f"{error.filename or 'A file'} cannot be used: {error.strerror or error}."
            ) from error
        except SystemCheckError as error:
            error.returncode = BAD_INPUT
            raise


def refused_right(error: BaseException | None) -> str | None:
    """Return what PostgreSQL says if the role lacks a right, None for every other error."""
    while error is not None:
        if getattr(error, "sqlstate", None) == _INSUFFICIENT_PRIVILEGE:
            return _first_line(error)
        error = error.__cause__ or error.__context__
    return None


def unusable_database(error: DatabaseError) -> CommandError:
    """Return the refusal for a database that cannot be used, with what to do."""
    if right := refused_right(error):
        role = connection.settings_dict["USER"] or "of this command"
        return refusal(
            f"The role {role} may not do this in the database: {right}. Run migrate as the owner of"
            " the tables, with APPLICATION_ROLE set to the application's role"
            " (docs/operations.md, “Roles of the database”)."
        )
    return refusal(
        f"The database cannot be used: {_first_line(error)}. Does it exist, and is it migrated?"
    )


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")


def read_file(path: str) -> bytes:
    """Return the bytes of a file, or of standard input for `-`."""
    if path == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise refusal(f"{path} cannot be read: {error.strerror}.") from error


def add_page_arguments(parser: ArgumentParser) -> None:
    """Add what a command that reads a page has to know of its file."""
    parser.add_argument(
        "--from",
        dest="syntax",
        choices=list(FORMATS),
        help="the format of the page; by default told by its name or content",
    )
    parser.add_argument(
        "--title", default="", help="the title of a table in CSV, or of a page without one"
    )
    parser.add_argument(
        "--column",
        dest="columns",
        metavar="LABEL=ROLE[:ATTRIBUTE=VALUE…]",
        action="append",
        default=[],
        help="what the columns with a label mean, for example “Logs=retention:asks=is_kept”; "
        "may be given for several labels",
    )
    parser.add_argument(
        "--valid-until",
        dest="takes_ends",
        action="store_true",
        help="take the day on which a footnote says that it ends as its last day",
    )


def column_settings(sources: Iterable[str]) -> list[ColumnSetting]:
    """Return what the values of --column say; exits with code 2 if one says nothing."""
    try:
        return [ColumnSetting.parse(source) for source in sources]
    except InvalidColumn as error:
        raise refusal(f"--column: {error}") from error


def tell_columns(reading: Reading, *, path: str, stream: OutputWrapper) -> None:
    """Write how the columns of a page were read; nothing if its register has all of them."""
    if has_guessed_claims(reading.columns):
        stream.write(
            f"{path}: What the page claims was guessed from its labels. Check each line; "
            "--column sets one."
        )
    for sentence in describe_columns(reading.columns):
        stream.write(f"{path}: {sentence}")


def register_named(slug: str) -> Register:
    """Return a register by its slug; exits with code 2 if there is none."""
    register: Register | None = Register.objects.filter(slug=slug).first()
    if register is None:
        known = ", ".join(Register.objects.values_list("slug", flat=True)) or "none yet"
        raise refusal(f"There is no register {slug}. The registers are: {known}.")
    return register


def user_named(username: str | None) -> User | None:
    """Return an active user by name, None for None; exits with code 2 if there is none."""
    if username is None:
        return None
    user = get_user_model().objects.filter(username=username, is_active=True).first()
    if user is None:
        raise refusal(f"There is no active user {username}.")
    return user
