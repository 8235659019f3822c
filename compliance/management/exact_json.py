"""The JSON of dumpdata and loaddata, with moments as exact as they are stored.

Django's own JSON cuts them to milliseconds, as JavaScript does. The ledger seals microseconds, so a
record that came through that JSON would not be sound.
"""

from datetime import datetime
from typing import Any

from django.core.serializers import json
from django.core.serializers.json import DjangoJSONEncoder

Deserializer = json.Deserializer


class ExactEncoder(DjangoJSONEncoder):
    """Django's encoder, with all digits of a moment."""

    def default(self, o: Any) -> Any:
        """Return a value that JSON does not know as text."""
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


class Serializer(json.Serializer):
    """Django's serializer, with the exact encoder."""

    def _init_options(self) -> None:
        super()._init_options()  # type: ignore[misc]
        self.json_kwargs["cls"] = ExactEncoder
