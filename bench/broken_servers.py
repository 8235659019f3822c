"""The application with a fault on purpose, which the benches of killed processes must detect.

gunicorn serves what each function returns: `bench.broken_servers:early_index()`.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from bench.staging import set_up_django

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_PAUSE = 2  # seconds between the fault and the commit, in which a kill reveals it


def early_index() -> Callable[..., Any]:
    """Write the index of an approval before its transaction commits."""
    set_up_django()
    from compliance.models import Record, Register
    from compliance.published import storage, writer
    from compliance.published.index import encode_index
    from compliance.published.projection import build_index
    from registry.wsgi import application

    write_files = writer.write_files

    def write_files_and_index(register_slug: str, *facts: Any, **others: Any) -> None:
        write_files(register_slug, *facts, **others)
        register = Register.objects.get(slug=register_slug)
        index = build_index(register, str(Record.identity()), known=None)
        if index:
            storage.save(storage.index_name(register_slug), encode_index(index))
            time.sleep(_PAUSE)

    writer.write_files = write_files_and_index
    return application


def early_answer() -> Callable[..., Any]:
    """Send the answer to a form before its transaction commits."""
    set_up_django()
    from django.conf import settings

    settings.MIDDLEWARE = ["bench.broken_servers.late_commit", *settings.MIDDLEWARE]
    from registry.wsgi import application

    return application


def waiting_for_the_database() -> Callable[..., Any]:
    """Let each request of staff wait for the database by itself, as long as it takes."""
    set_up_django()
    from django.conf import settings

    settings.MIDDLEWARE = [
        name for name in settings.MIDDLEWARE if not name.endswith(".refuse_without_database")
    ]
    from registry.wsgi import application

    return application


def late_commit(
    get_response: Callable[["HttpRequest"], "HttpResponse"],
) -> Callable[["HttpRequest"], "HttpResponse"]:
    """Open a transaction around each form, and commit it once the answer was sent."""
    from django.db import transaction

    def respond(request: "HttpRequest") -> "HttpResponse":
        if request.method != "POST":
            return get_response(request)
        opened = ExitStack()
        opened.enter_context(transaction.atomic())
        opened.callback(time.sleep, _PAUSE)  # before the commit: what was entered last ends first
        response = get_response(request)
        response._resource_closers.append(opened.close)
        return response

    return respond
