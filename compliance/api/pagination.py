"""How lists are cut with `limit` and `offset`; a value that makes no sense is refused."""

import re
from typing import Any

from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request

from compliance.api.problems import BadParameter

_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")


class Pagination(LimitOffsetPagination):
    """At most 200 entries at once, and 50 unless the client asks for more or fewer."""

    default_limit = 50
    max_limit = 200

    def get_limit(self, request: Request) -> int:
        """Return the limit; raises BadParameter if it is not from 1 to 200."""
        # The framework would silently use another limit instead.
        limit = _read_number(request, "limit", self.default_limit)
        if not 1 <= limit <= self.max_limit:
            raise BadParameter(
                f"limit={limit} is out of range. Use a number from 1 to {self.max_limit}."
            )
        return limit

    def get_offset(self, request: Request) -> int:
        """Return the offset; raises BadParameter if it is not a whole number."""
        return _read_number(request, "offset", 0)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the schema of one part of a list; `schema` is that of its entries."""
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "description": "A part of a list.",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {"type": "integer", "description": "How many entries the whole list has."},
                "next": {**link, "description": "Where the next part is, or null."},
                "previous": {**link, "description": "Where the part before is, or null."},
                "results": {**schema, "description": "The entries of this part."},
            },
        }


def _read_number(request: Request, name: str, default: int) -> int:
    value = request.query_params.get(name, str(default))
    if not _WHOLE_NUMBER.fullmatch(value):
        raise BadParameter(f"{name}={value[:40]} is not a whole number of at most nine digits.")
    return int(value)
