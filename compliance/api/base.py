"""What every view of the API does: check parameters, cut lists, set caching headers."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from compliance.api.pagination import EntryKeys, paginated
from compliance.api.problems import BadParameter
from compliance.api.throttling import Throttle
from compliance.page import canonical
from compliance.published.cache_headers import http_moment, short_caching
from compliance.published.index import Index
from compliance.published.parameters import repeated_parameter, unknown_parameter


class ReadView(APIView):
    """A view that only reads; it refuses query parameters that it does not know or gets twice.

    A misspelt parameter would otherwise select everything that the program meant to leave out.
    """

    http_method_names = ["get", "head"]
    throttle_classes = [Throttle]
    parameters: frozenset[str] = frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raise BadParameter for a query parameter that is unknown, repeated or has no value."""
        for name, value in request.query_params.items():
            if name not in self.parameters:
                raise BadParameter(unknown_parameter(name, self.parameters))
            if len(request.query_params.getlist(name)) > 1:
                raise BadParameter(repeated_parameter(name))
            if not value:
                raise BadParameter(f"{name} has no value. Give it one, or leave it out.")
        super().initial(request, *args, **kwargs)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Set the caching headers that the view has not set itself."""
        response.headers.setdefault("Cache-Control", "public, max-age=60")
        if isinstance(response, Response):
            response.add_post_render_callback(_add_etag)
        return super().finalize_response(request, response, *args, **kwargs)


class ListView(ReadView):
    """A view that answers with a part of a list."""

    parameters = frozenset({"limit", "after"})

    def answer(
        self,
        entries: Sequence[Any],
        keys: EntryKeys,
        headers: dict[str, str],
        *,
        make_shape: Callable[[Any], Any] = lambda entry: entry,
        publication: int | None = None,
    ) -> Response:
        """Return the part of a list that the request asks for; raises BadParameter.

        `make_shape` is called only for the entries of that part.
        """
        part = paginated(
            self.request, entries, keys, make_shape=make_shape, publication=publication
        )
        return Response(part, headers=headers)


# Which publication is asked for, where it is not the one in force.
PUBLICATION_PARAMETERS = frozenset({"publication", "as_of"})


def caching_headers(index: Index, at: datetime) -> dict[str, str]:
    """Return the headers of an answer about a register."""
    return {
        "Last-Modified": http_moment(index.changed_at(at)),
        "Cache-Control": short_caching(index, at),
    }


def _add_etag(response: HttpResponse) -> None:
    # Django's middleware adds it to answers of GET alone; HEAD must have the same headers.
    response.headers.setdefault("ETag", f'"{canonical.sha256(response.content)}"')
